"""Statements of extensions that hang: found out aside, so that nobody's commits wait for them.

A commit that takes too long makes the extensions suspect whose statements were in it. From
then on the statements of a suspect are tried before a commit, outside the stream's lock,
with a time limit, and undone; one that ends in time is no longer suspect.
"""

import json
import logging
from collections.abc import Callable
from typing import Final

import asyncpg

from syncv3.extension import HOOK_S
from syncv3.ingest.group import Columns, Group
from syncv3.ingest.hooks import HookFailed

log = logging.getLogger(__name__)

LIMITS: Final = f"""
SET LOCAL statement_timeout = {HOOK_S * 1000:.0f};
SET LOCAL lock_timeout = {HOOK_S * 500:.0f}
"""
TRY: Final = "SELECT ss_run_hook($1::ss_w_hook, (SELECT max(last_pos) FROM ss_stream_commits))"
SET_ROWS_ASIDE: Final = """
INSERT INTO ss_rejected_sections (extension, rows, error)
SELECT extension, rows, error
FROM json_to_recordset($1) AS r (extension text, rows text, error text)
"""
TOO_LONG: Final = f"a statement takes longer than {HOOK_S:g} s"


class Trial:
    """Knows the suspects of one committer."""

    def __init__(self, on_failure: Callable[[str], None]) -> None:
        self._on_failure = on_failure
        self._suspects: set[str] = set()

    def suspect(self, group: Group) -> None:
        """The commit of this group took too long."""
        self._suspects.update(name for name, *_ in group.hooks)

    async def check(self, db: asyncpg.Connection, group: Group) -> None:
        """Sets aside what the statements of a group that hang would write.

        Raises ``HookFailed`` if one is a durable extension's.
        """
        for n, write in enumerate(group.hooks):
            name, _statement, rows, durable, _tells = write
            if name not in self._suspects:
                continue
            if await _ends(db, write):
                self._suspects.discard(name)
                continue
            log.error("Extension %s: %s", name, TOO_LONG)
            self._on_failure(name)
            if durable:
                raise HookFailed(name, TOO_LONG)
            row = {"extension": name, "rows": rows, "error": TOO_LONG}
            group.hooks[n] = (name, SET_ROWS_ASIDE, json.dumps([row]), False, False)


async def _ends(db: asyncpg.Connection, write: Columns) -> bool:
    """Whether a statement ends in time; what it does is undone. How it ends, the commit finds.

    Raises ``LockNotAvailableError`` if it only waits for somebody else.
    """
    transaction = db.transaction()
    await transaction.start()
    try:
        await db.execute(LIMITS)
        await db.fetchval(TRY, write)
    except asyncpg.QueryCanceledError:
        return False
    except asyncpg.LockNotAvailableError:
        raise
    except asyncpg.PostgresError as error:
        log.info("A statement on trial ended: %s", error)
    finally:
        await transaction.rollback()
    return True
