"""Connections for tests, set up as those of the service."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import asyncpg

from syncv3.store.pool import SETTINGS

Kinds = tuple[Sequence[asyncpg.Record], "Said"]


@dataclass(frozen=True, slots=True)
class Said:
    """In place of the statement that asked: one that leaves the unnamed statement alone."""

    name: str = "remembered"


class Remembering(asyncpg.Connection):  # type: ignore[misc]  # which has no types
    """A connection that looks up what each type is made of once for all databases of a server.

    Such a question costs 20 ms, five are asked by each new connection, and most tests have one.
    Clones of one template have the same types by the same numbers, which is why this is not for
    a database whose types are changed.
    """

    known: ClassVar[dict[tuple[Any, frozenset[int]], Kinds]] = {}

    async def _introspect_types(
        self,
        typeoids: Sequence[int],
        timeout: float | None,  # noqa: ASYNC109 as asyncpg has it
    ) -> Kinds:
        key = self._addr, frozenset(typeoids)
        if key not in self.known:
            types, _ = await super()._introspect_types(typeoids, timeout)
            self.known[key] = types, Said()
            return types, _
        return self.known[key]


def pool(url: str, *, least: int = 1, most: int = 4) -> asyncpg.Pool:
    """A pool over a clone of the template; to be entered or awaited."""
    return asyncpg.create_pool(
        url, min_size=least, max_size=most, connection_class=Remembering,
        server_settings=SETTINGS, reset=_leave_as_it_is,
    )  # fmt: skip


async def _leave_as_it_is(_connection: asyncpg.Connection) -> None:
    """As the service does."""
