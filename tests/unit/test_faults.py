"""Which errors of the database are waited for, and which are the data's own."""

import asyncpg
import pytest

from syncv3.store.faults import let_sessions_go, passes


@pytest.mark.rules("U-42")
@pytest.mark.parametrize(
    "error",
    [
        asyncpg.DiskFullError("53100"),
        asyncpg.ReadOnlySQLTransactionError("25006"),
        asyncpg.FeatureNotSupportedError("0A000"),  # the fence, on a standby
        asyncpg.InsufficientPrivilegeError("42501"),  # a file system became read-only
        asyncpg.UndefinedFunctionError("42883"),  # a newer version has changed the schema
        asyncpg.UndefinedColumnError("42703"),
        asyncpg.InternalServerError("XX000"),  # a quota, a limit of file sizes
        asyncpg.CannotConnectNowError("57P03"),
        asyncpg.DeadlockDetectedError("40P01"),
        asyncpg.ConnectionDoesNotExistError("08003"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("another operation (2) is in progress"),
        TimeoutError(),
        ConnectionRefusedError(),
    ],
    ids=repr,
)
def test_faults_of_the_database_pass(error: Exception) -> None:
    assert passes(error)


@pytest.mark.rules("U-44")
@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UniqueViolationError("23505"),
        asyncpg.CharacterNotInRepertoireError("22021"),
        asyncpg.ProgramLimitExceededError("54000"),
        asyncpg.DataError("what the driver cannot encode"),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
        KeyError(),
    ],
    ids=repr,
)
def test_faults_of_the_data_do_not(error: Exception) -> None:
    assert not passes(error)


class Pool:
    expired = 0

    async def expire_connections(self) -> None:
        self.expired += 1


@pytest.mark.parametrize(
    ("error", "times"),
    [
        (asyncpg.ReadOnlySQLTransactionError("25006"), 1),
        (asyncpg.InternalClientError("another operation (2) is in progress"), 1),
        (asyncpg.DiskFullError("53100"), 0),
    ],
    ids=["read-only", "out of step", "full"],
)
async def test_sessions_that_stay_unusable_are_made_anew(error: Exception, times: int) -> None:
    pool = Pool()
    await let_sessions_go(pool, error)
    assert pool.expired == times
