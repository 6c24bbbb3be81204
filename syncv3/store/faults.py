"""Which errors of the database are the database's own, and pass by themselves.

A full disk, a lost connection, a server that may not write just now: whoever meets these
waits and tries the same again. All else is a fault of the data or of the statement: tried
again unchanged it would fail for ever.
"""

from typing import Final

import asyncpg

# Classes of the driver's errors, as PostgreSQL sorts its own by SQLSTATE.
PASSING: Final = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a farewell that came before the connection was closed
    asyncpg.PostgresConnectionError,
    asyncpg.TransactionRollbackError,
    asyncpg.InvalidTransactionStateError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.FeatureNotSupportedError,  # a standby cannot read the fence
    asyncpg.InsufficientPrivilegeError,  # a file system that has become read-only
    asyncpg.InternalServerError,  # a quota, a damaged page: what the server has no name for
    asyncpg.UndefinedFunctionError,  # a newer version has replaced ours: until we are restarted
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
)


DATABASE_FAULTS: Final = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""All that the database, the way to it and the driver may raise."""

RIGID: Final = (
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.FeatureNotSupportedError,
    asyncpg.InternalClientError,
)
"""Sessions that may not write, or that the driver has lost its place in, stay so."""


async def let_sessions_go(pool: asyncpg.Pool, error: BaseException) -> None:
    """After an error that a session keeps: have every session of the pool made anew."""
    if isinstance(error, RIGID):
        await pool.expire_connections()


def is_passing(error: BaseException) -> bool:
    """Whether a fault passes; what the driver cannot encode is a ``ValueError`` too."""
    return isinstance(error, PASSING) and not isinstance(error, ValueError)


def of_the_database(error: BaseException) -> bool:
    """Whether a request failed by a passing fault of the database, and of nothing else.

    The way to the database raises ``OSError``, but so does every file. Only an error about a
    file names one; it is a bug that somebody should see.
    """
    return is_passing(error) and getattr(error, "filename", None) is None
