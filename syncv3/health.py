"""Whether clients can be served, for orchestrators and people."""

import asyncio
from functools import cache
from typing import Any, Final

from syncv3.store.functions import FOLDER, applied_functions, digest_of
from syncv3.store.migrate import APP, LOCATION, applied, files

REMEMBERED_S: Final = 1.0
"""For how long an answer is given again: nobody who asks often has the database asked as often."""


class Readiness:
    """Looks at the database, at most once a second, however many ask."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._look: asyncio.Task[str] | None = None
        self._looked = float("-inf")

    async def schema(self) -> str:
        """``ok`` if the schema is that of this version, else ``newer`` or ``older``.

        It is ``newer`` once a later version has started on the same database: this process
        must be restarted, as its statements fit no longer. Raises when there is no database.
        """
        now = asyncio.get_running_loop().time()
        # A look that hangs is waited for by all: they do not start one each.
        if self._look is None or (self._look.done() and now - self._looked >= REMEMBERED_S):
            self._looked = now
            self._look = asyncio.create_task(state_of_schema(self._pool))
        return await asyncio.shield(self._look)

    async def close(self) -> None:
        """Ends a look that is under way."""
        if self._look is not None:
            self._look.cancel()
            await asyncio.gather(self._look, return_exceptions=True)


async def state_of_schema(db: Any) -> str:
    """What ``Readiness.schema`` gives, asked of a pool or connection."""
    migrations, functions = _known()
    done = set(await applied(db, APP))
    if done - migrations:
        return "newer"
    if migrations - done:
        return "older"
    return "ok" if await applied_functions(db) == functions else "newer"


@cache
def _known() -> tuple[frozenset[str], str]:
    """The migrations of this version, and the digest of its functions: read once."""
    return frozenset(files(LOCATION, APP)), digest_of(FOLDER)
