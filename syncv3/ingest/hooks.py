"""Runs the extensions' ingest hooks, and turns what they give into a group's rows.

An extension is somebody else's code, and what it is given was written by strangers. What it cannot
take in is *set aside* (``aside``), so that the poll goes on and everything else arrives. It does
not matter whether the hook raises, hangs or gives rows that its statement fails on.

Say to-device messages A, B and C come in one part, and the hook raises because of B. A *durable*
extension is one whose data comes only once, such as these messages. For it B is found by trying
halves (``narrow``), and only B is set aside: A and C are taken in. Of another extension, say one
for typing, all that the part has for it is set aside as one: nobody looks for what is to blame.

If the extension cannot even take in a part with nothing in it, it is not the data that is to blame,
and nothing is looked for.
"""

import asyncio
import json
import logging
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Self

import asyncpg

from syncv3.batch import Part
from syncv3.complaints import Hourly
from syncv3.extension import HOOK_S, Extension, Touched, Write
from syncv3.ingest.aside import ENDED, Aside, OnSetAside
from syncv3.ingest.group import Columns, Group, hook_row
from syncv3.ingest.items import Failure, Item, items_of, only
from syncv3.ingest.narrow import BUDGET_S, Parted, narrow
from syncv3.ingest.trial import Trial, state_of
from syncv3.store.pieces import FORGET, NOTE
from syncv3.types import RoomID
from syncv3.watchdog import HookHung, Watchdog

HUNG: Final = "it hangs"

log = logging.getLogger(__name__)

CORE: Final = ""
"""In place of an extension's name: a statement of our own."""
HANG_BUDGET_S: Final = 2 * HOOK_S
"""Seconds. A hook that hangs holds up everybody, so what is to blame is looked for no longer."""


class Rows(NamedTuple):
    """A statement with its rows as JSON. ``tells``: whoever follows the stream is to hear of it.
    ``core``: the statement is ours, not the extension's, and sets something aside."""

    statement: str
    rows: tuple[str, ...]
    tells: bool
    core: bool = False

    @classmethod
    def of(cls, write: Write, *, core: bool = False) -> Self:
        rows = tuple(map(json.dumps, write.rows))
        return cls(str(write.statement), rows, bool(write.tells), core)


@dataclass(frozen=True, slots=True)
class Gave:
    """What the extension ``name`` made of a part: its statements, and those that set something
    of the part aside; and what clients may have to be told of."""

    name: str
    writes: tuple[Rows, ...] = ()
    touched: tuple[Touched, ...] = ()

    def hooks(self) -> list[Columns]:
        """The extension's own statements as ``ss_run_hook`` takes them."""
        return [
            hook_row(self.name, rows.statement, dict.fromkeys(rows.rows), rows.tells)
            for rows in self.writes
            if not rows.core
        ]


class HookFailed(Exception):
    """A statement of the extension ``name`` failed in a commit. ``reason`` begins with the
    SQLSTATE, and may have content in it."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name)
        self.name = name
        self.reason = reason


class Hooks:
    """The ingest hooks of a committer's extensions, in their configured order."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        extensions: Sequence[Extension],
        watchdog: Watchdog,
        *,
        on_failure: Callable[[str], None],
        on_set_aside: OnSetAside,
    ) -> None:
        self._extensions = extensions
        self._watchdog = watchdog
        self._on_failure = on_failure
        self._told = Hourly()
        self._trial = Trial(pool)
        self._aside = Aside(pool, on_set_aside)

    async def start(self) -> None:
        await self._trial.start()

    @property
    def names(self) -> list[str]:
        return [extension.name for extension in self._extensions]

    async def take_in(self, part: Part) -> tuple[Gave, ...]:
        """What each extension makes of a part, and what must be set aside of it.

        Raises only what is a fault of the database.
        """
        return tuple([await self._take_in(extension, part) for extension in self._extensions])

    async def examine(
        self, part: Part, gave: Sequence[Gave], names: Iterable[str]
    ) -> tuple[Gave, ...]:
        """Runs the hooks of these extensions anew, whose statements were in a commit that failed.

        They are suspects now, so their statements are tried aside. ``gave`` is what all extensions
        made of the part before, in their order; the result is the same with these replaced.
        """
        self._trial.suspect(names)
        return tuple(
            [
                await self._take_in(extension, part)
                if self._trial.suspects(extension.name)
                else given
                for extension, given in zip(self._extensions, gave, strict=True)
            ]
        )

    async def give_up(
        self, part: Part, gave: Sequence[Gave], name: str, reason: str
    ) -> tuple[Gave, ...]:
        """Sets aside all that a part has for the extension ``name``, though its statements ran well
        aside: they fail in the commit because of ``reason``."""
        failure = Failure(reason, state_of(reason))
        self._on_failure(name)
        return tuple(
            [
                await self._set_aside(extension, part, [(i, failure) for i in items_of(part)])
                if extension.name == name
                else given
                for extension, given in zip(self._extensions, gave, strict=True)
            ]
        )

    async def _take_in(self, extension: Extension, part: Part) -> Gave:
        """What an extension makes of a part, without the items that it cannot take in."""
        given = await self._try(extension, part)
        if isinstance(given, Gave):
            return given
        self._on_failure(extension.name)
        if self._told.due((extension.name, given.place)):
            log.warning("Extension %s failed in ingest", extension.name, extra={"at": given.place})
        items = items_of(part)
        hopeless = not extension.durable or await self._fails(extension, only(part, ()))
        if hopeless:
            return await self._set_aside(extension, part, [(item, given) for item in items])
        narrowed = await self._narrow(extension, part, given)
        # What was well together a moment ago may fail now, say in a hook that goes by the time.
        rest = await self._try(extension, only(part, narrowed.good))
        if not isinstance(rest, Gave):
            return await self._set_aside(extension, part, [(item, rest) for item in items])
        aside = await self._set_aside(extension, part, narrowed.bad)
        return replace(rest, writes=(*rest.writes, *aside.writes))

    async def _narrow(
        self, extension: Extension, part: Part, failure: Failure
    ) -> Parted[Item, Failure]:
        async def fails(items: Sequence[Item]) -> Failure | None:
            await asyncio.sleep(0)  # hooks do not wait, so others get their turn between tries
            return await self._fails(extension, only(part, items))

        budget_s = HANG_BUDGET_S if failure.place == HUNG else BUDGET_S
        return await narrow(items_of(part), failure, fails, budget_s)

    async def _fails(self, extension: Extension, part: Part) -> Failure | None:
        given = await self._try(extension, part)
        return None if isinstance(given, Gave) else given

    async def _try(self, extension: Extension, part: Part) -> Gave | Failure:
        """What an extension makes of a part, or why it cannot take it in. Only a fault of the
        database is raised."""
        try:
            given = self._watchdog.call(take_in, extension, part)
        except HookHung as error:
            return Failure(str(error), HUNG)
        except Exception as error:
            return Failure(f"{type(error).__name__}: {error}", _place(error))
        # Statements of an extension that has not failed are not tried: each part would pay for it.
        if given.writes and self._trial.suspects(extension.name):
            return await self._trial.failure(extension.name, given.hooks()) or given
        return given

    async def _set_aside(
        self, extension: Extension, part: Part, bad: Sequence[tuple[Item, Failure]]
    ) -> Gave:
        """Sets items of a part aside: of a durable extension one by one, so that each can be
        replayed by itself; of another all of them as one."""
        pieces = [(only(part, [item]), failure) for item, failure in bad]
        if bad and not extension.durable:
            pieces = [(only(part, [item for item, _ in bad]), bad[0][1])]
        write = await self._aside.keep(extension.name, pieces)
        rows = (Rows.of(write, core=True),) if write is not None else ()
        return Gave(extension.name, rows)


def take_in(extension: Extension, part: Part) -> Gave:
    """Raises what the hook raises, and what comes of values that the contract does not allow."""
    given = extension.ingest(part)
    return Gave(extension.name, tuple(map(Rows.of, given.writes)), tuple(given.touched))


def ended(number: int) -> Gave:
    """The statement by which what was set aside under this number ends: it was taken in."""
    return Gave("", (Rows.of(Write(ENDED, [{"id": number}]), core=True),))


def _place(error: BaseException) -> str:
    """Where an error was raised, without its message, which may have content in it."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} {where}"


def add_hooks(
    group: Group,
    entries: Iterable[tuple[Part, Sequence[Gave]]],
    rooms: Mapping[RoomID, int],
) -> None:
    """Adds what the hooks gave to a group. ``rooms`` has the keys of the group's rooms.

    The rows of all parts for one statement are written by one execution of it; of equal
    rows, as several pollers bring them, only the first is.
    """
    written: dict[tuple[str, str, bool], dict[str, None]] = {}
    changes: dict[tuple[str, int | None, int | None, int | None], None] = {}
    for part, gave in entries:
        for given in gave:
            for statement, rows, tells, core in given.writes:
                key = (CORE if core else given.name, statement, tells)
                written.setdefault(key, {}).update(dict.fromkeys(rows))
            for touched in given.touched:
                changes.update(_changes(given.name, part, touched, rooms))
        for note in _notes(part):
            written.setdefault((CORE, note.statement, note.tells), {}).update(
                dict.fromkeys(note.rows)
            )
    for (name, statement, tells), found in written.items():
        group.hooks.append(hook_row(name, statement, found, tells))
    group.changes.extend(changes)


def _notes(part: Part) -> Iterator[Rows]:
    """The statements that note messages as taken in, or end such notes
    (``syncv3.ingest.pieces``)."""
    device_key = part.lease.device_key
    if part.noted is not None:
        note = {"device_key": device_key, "since": part.since or "", "digests": part.noted.hex()}
        yield Rows.of(Write(NOTE, [note]), core=True)
    if part.forgets_notes and part.next_since is not None:
        yield Rows.of(Write(FORGET, [{"device_key": device_key}]), core=True)


def _changes(
    name: str, part: Part, touched: Touched, rooms: Mapping[RoomID, int]
) -> dict[tuple[str, int | None, int | None, int | None], None]:
    user = None if touched.everyone else part.user_key
    device = part.lease.device_key if touched.device_only else None
    if touched.rooms is None:
        return {(name, user, device, None): None}
    return {(name, user, device, rooms[room]): None for room in touched.rooms if room in rooms}
