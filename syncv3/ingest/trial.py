"""Extensions' statements, tried aside: what is wrong with them is no matter for others.

Usually an extension's statement runs in the commit for the first time, under the stream lock. If it
fails or takes too long there, everybody waits. So a commit in which that happened makes the
extension *suspect*. For five minutes its statements are then tried before each commit: those of one
part by themselves, without the stream lock, with a time limit, in a transaction that is undone.

The hard question is whether an error is of the data or of the database. A corrupted index never
is of the data. A missing table is the database's fault if the schema has changed since we started.
Of errors that may be either (``AMBIGUOUS``) it is found out by writing something harmless.
"""

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Final

import asyncpg

from syncv3.extension import HOOK_S
from syncv3.ingest.group import Columns
from syncv3.ingest.items import Failure

SUSPECT_S: Final = 300.0
"""How long an extension is suspect after it last failed."""
LIMITS: Final = f"""
SET LOCAL statement_timeout = {HOOK_S * 1000:.0f};
SET LOCAL lock_timeout = {HOOK_S * 500:.0f}
"""
TRY: Final = "SELECT ss_run_hook($1::ss_w_hook, (SELECT max(last_pos) FROM ss_stream_commits))"
HOOK_REFUSED: Final = "SS001"
"""What ``ss_run_hook`` raises for a statement that fails on its data, or is wrong."""
TOO_LONG: Final = f"a statement takes longer than {HOOK_S:g} s"
AMBIGUOUS: Final = (
    asyncpg.InternalServerError,
    asyncpg.OutOfMemoryError,
    asyncpg.ConfigurationLimitExceededError,
    asyncpg.QueryCanceledError,
)
"""What the data of a statement may bring about, but also a fault of the database."""
NEVER_CONTENT: Final = (asyncpg.DataCorruptedError, asyncpg.IndexCorruptedError)
UNDEFINED: Final = ("42P01", "42703", "42883", "42704", "42P10")
"""A table, column, function, type or unique index that is not there."""
# A harmless row, which is never committed: can the database write at all?
PROBE: Final = """
INSERT INTO ss_set_aside (extension, device_key, generated_us, item, error)
VALUES ('', 0, 0, '', '')
"""
# What changes with every migration and every function that is replaced.
SCHEMA: Final = """
SELECT (SELECT coalesce(string_agg(digest, ',' ORDER BY name), '') FROM ss_functions)
    || (SELECT count(*) FROM aerich)
"""


class Outdated(OSError):
    """A newer version has changed the schema. It counts as a fault that passes: what is tried waits
    until this process is restarted, and nothing is set aside."""


class Trial:
    """Knows which extensions of one committer are suspect, and tries their statements."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._suspects: dict[str, float] = {}
        self._schema: str | None = None

    async def start(self) -> None:
        """Notes what the schema is like, to know later whether somebody has changed it."""
        self._schema = await self._pool.fetchval(SCHEMA)

    def suspect(self, names: Iterable[str]) -> None:
        until = monotonic() + SUSPECT_S
        self._suspects.update(dict.fromkeys(names, until))

    def suspects(self, name: str) -> bool:
        until = self._suspects.get(name)
        if until is None:
            return False
        if until < monotonic():
            del self._suspects[name]
            return False
        return True

    async def failure(self, name: str, hooks: Sequence[Columns]) -> Failure | None:
        """Why these statements of one extension cannot be run; None: they can.

        What they do is undone. Raises what is the database's own fault, and
        ``LockNotAvailableError`` if a statement only waits for somebody else.
        """
        async with self._pool.acquire() as db:
            reason = await _run(db, hooks)
            if reason is not None and reason.startswith(UNDEFINED):
                await self._look_at_schema(db)
        if reason is None:
            return None
        self.suspect([name])
        return Failure(reason, state_of(reason))

    async def _look_at_schema(self, db: asyncpg.Connection) -> None:
        if self._schema is not None and await db.fetchval(SCHEMA) != self._schema:
            raise Outdated("a newer version of the service has changed the schema")


def state_of(reason: str) -> str:
    """The SQLSTATE with which a reason begins, which may be told to the log; the rest may be
    content."""
    return TOO_LONG if reason == TOO_LONG else f"SQLSTATE {reason[:5]}"


async def _run(db: asyncpg.Connection, hooks: Sequence[Columns]) -> str | None:
    """Runs statements and undoes them. Why they fail, beginning with the SQLSTATE; None: they do
    not. Raises what is the database's own fault."""
    transaction = db.transaction()
    await transaction.start()
    try:
        await db.execute(LIMITS)
        for hook in hooks:
            await db.execute(TRY, hook)
        return None
    except NEVER_CONTENT:
        raise
    except AMBIGUOUS as error:
        doubtful: asyncpg.PostgresError = error
    except asyncpg.PostgresError as error:
        if error.sqlstate != HOOK_REFUSED:
            raise
        return str(error).partition(": ")[2]
    finally:
        await transaction.rollback()
    if isinstance(doubtful, asyncpg.QueryCanceledError):
        return TOO_LONG
    await _probe(db)  # the database can write, so the statement's data is to blame
    return f"{doubtful.sqlstate} {doubtful}"


async def _probe(db: asyncpg.Connection) -> None:
    """Raises if the database cannot write just now."""
    transaction = db.transaction()
    await transaction.start()
    try:
        await db.execute(PROBE)
    finally:
        await transaction.rollback()
