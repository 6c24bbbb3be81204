"""The hooks: everything an extension of the service may use.

An extension is a class registered under the entry-point group ``syncv3.extensions`` and
switched on by ``SYNCV3_EXTENSIONS``. It hooks two pipelines. *Ingest* (what a homeserver
said): ``ingest`` reads a part of a ``/sync`` answer and gives rows, which the core writes in
the same transaction as the ``since`` token, and whom they concern. *Answer* (what a client
asks): ``configure`` and ``accept`` when a request arrives, ``load`` and ``respond`` while it
is answered, ``wakes`` while it waits.

Hooks get frozen values, to which fields may be added, and give values. No hook sees a
dialect of the protocol. What happens when one raises or hangs: docs/extensions.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol

import asyncpg
from prometheus_client import CollectorRegistry

from syncv3.batch import Part
from syncv3.types import Device, DeviceKey, EventID, RoomID, UserID

API_VERSION: Final = 1

COUNTED: Final = frozenset({"d", "ag", "dl_c", "dl_l"})
"""What the access line has of extensions: to-device messages, account data events of no room, users
whose devices have changed, and users who are not shared with any more (O-66 to O-68)."""
HOOK_S: Final = 2.0
"""How long ``accept`` and ``load`` may take before they count as failed."""


# Ingest


@dataclass(frozen=True, slots=True)
class Write:
    """Rows for the extension's own tables, written in the group's transaction.

    ``statement`` is one SQL statement; ``$1`` is the rows as a ``json`` array of objects,
    ``$2`` the position at which they become visible (``bigint``). Rows of several parts are
    written by one execution, in their order; of equal rows only the first is.

    ``tells``: the statement returns ``(user_key, device_key, room_key)`` of what it really
    changed, all ``int``, null for "not narrowed": these are the changes, and they wake.
    """

    statement: str
    rows: Sequence[Mapping[str, Any]]
    tells: bool = False


@dataclass(frozen=True, slots=True)
class Touched:
    """For whom an extension's data changed: the polling user, perhaps this device only.

    ``everyone`` widens it to whoever shares the rooms. ``rooms`` None: no room in particular.
    """

    device_only: bool = False
    everyone: bool = False
    rooms: frozenset[RoomID] | None = None


@dataclass(frozen=True, slots=True)
class Ingested:
    """What ``ingest`` gives: rows to write, and whom they concern if ``tells`` does not say."""

    writes: tuple[Write, ...] = ()
    touched: tuple[Touched, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Something an extension stored became visible at ``pos``; None = not narrowed."""

    pos: int
    user_key: int | None
    device_key: int | None
    room_key: int | None


# Answers


class Watermarks(Protocol):
    """What this process knows of an extension's changes without asking the database."""

    def changed(self, after: int, room_key: int | None = None) -> bool:
        """Whether something may have changed after a position: in one room, or (None)
        anything that concerns the scope. True also when that is not known (any more)."""

    def rooms(self, after: int) -> Mapping[RoomID, int] | None:
        """The rooms of the scope in which something has changed after a position, with their
        keys; None if that is not known: then ask ``changed`` about each."""


class Unknown:
    """Watermarks that know nothing."""

    def changed(self, after: int, room_key: int | None = None) -> bool:
        return True

    def rooms(self, after: int) -> Mapping[RoomID, int] | None:
        return None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request as it arrives.

    ``acknowledged`` is the position up to which the client shows to have the extension's
    answers on this connection; None when it shows none.
    """

    device: Device
    config: Any
    acknowledged: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A room of the answer being made: whether it is sent whole, and its timeline's events.

    ``expanded``: it is not sent whole, but its timeline goes back behind what the client had.
    """

    initial: bool
    timeline: tuple[EventID, ...] = ()
    expanded: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """What an extension may speak about in one answer.

    The answer covers what lies in (``since``, ``upto``]; ``since`` None: it is the first of
    the connection. ``told`` is False until the extension has answered on this connection
    (it was just switched on, or that is not known any more). ``rooms`` are those it may
    speak about, with their keys, all of which the user is joined to; ``shown`` those of them
    that are in this answer. ``epoch`` is the stream's. ``ignored`` are the people whom the
    user ignores now, of whom nothing but state is to be told.

    ``bounds`` has those of ``rooms`` of which the client was told less than up to ``since``, and
    up to where; None: nothing was told of the room, so all is. They are only given to extensions
    that ``catches_up``. ``complete``: the object is always there, with all fields that can be
    known. ``counts_wake``: other numbers are news by themselves. ``repeats``: what is true of a
    room comes with each of its entries, not only with whole ones or when it has changed.
    ``keeps``: of a room that is sent whole once more, as the user has joined it again, the client
    keeps what belongs to the user and not to the stay; ``bounds`` has it if the client has nothing.
    """

    device: Device
    config: Any
    since: int | None
    upto: int
    epoch: int = 1
    told: bool = True
    rooms: Mapping[RoomID, int] = field(default_factory=dict)
    shown: Mapping[RoomID, Shown] = field(default_factory=dict)
    watermarks: Watermarks = field(default_factory=Unknown)
    ignored: frozenset[UserID] = frozenset()
    bounds: Mapping[RoomID, int | None] = field(default_factory=dict)
    complete: bool = False
    counts_wake: bool = True
    repeats: bool = True
    keeps: bool = False

    @property
    def changed(self) -> bool:
        """Whether something in the scope may have changed since the last answer."""
        return self.since is None or self.watermarks.changed(self.since)

    def changed_since(self, position: int) -> Mapping[RoomID, int]:
        """The rooms in which something may have changed after a position, with their keys."""
        known = self.watermarks.rooms(position)
        if known is not None:
            return known
        changed = self.watermarks.changed
        return {room_id: key for room_id, key in self.rooms.items() if changed(position, key)}

    @property
    def initial(self) -> list[RoomID]:
        """The rooms that this answer sends whole."""
        return [room_id for room_id, shown in self.shown.items() if shown.initial]

    @property
    def expanded(self) -> list[RoomID]:
        """The rooms whose timelines go back, in this answer, behind what the client had."""
        return [room_id for room_id, shown in self.shown.items() if shown.expanded]


@dataclass(frozen=True, slots=True)
class Answer:
    """One extension's part of an answer.

    ``body`` is its object (None: nothing to say, the key is left out). ``news`` tells
    whether it ends a long poll; None: it does if ``body`` has a field that is not one of
    the extension's ``constant``. ``members`` are users whose member events must be shown.
    ``counts`` are numbers for the access line, by the names in ``COUNTED``; zeros are left out.
    """

    body: Mapping[str, Any] | None = None
    news: bool | None = None
    members: Mapping[RoomID, frozenset[UserID]] = field(default_factory=dict)
    counts: Mapping[str, int] | None = None


# Around them


class Publish(Protocol):
    """Writes rows and changes into the stream, outside any homeserver's answer."""

    async def __call__(self, name: str, writes: Sequence[Write]) -> None: ...


class AskHomeserver(Protocol):
    """Asks the homeserver in a device's name."""

    async def __call__(
        self,
        device_key: DeviceKey,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The body of the answer to GET ``path``, e.g. ``/_matrix/client/v3/pushrules/``.

        With a ``body`` it is POSTed, as JSON: for questions that the specification asks so.
        At most 1 MiB, within 30 s; eight questions of all extensions run at a time. Raises
        ``HomeserverError`` (its ``status`` says what the homeserver answered, if it did)
        and ``UnknownToken`` when no token of the device is known, or that one is dead.
        """


@dataclass(frozen=True, slots=True)
class Services:
    """What an extension may use while it runs. ``registry`` takes its own metrics."""

    pool: asyncpg.Pool
    publish: Publish
    registry: CollectorRegistry
    ask: AskHomeserver


@dataclass(frozen=True, slots=True)
class Schema:
    """Tables of an extension: its module of Tortoise models and its folder of migrations.

    Both belong to the extension's ``name`` in aerich's history.
    """

    models: str
    migrations: Path


class Extension:
    """The base class: override the hooks that you need, the others do nothing."""

    name: ClassVar[str]
    api_version: ClassVar[int] = API_VERSION
    durable: ClassVar[bool] = False
    """Its data comes once: what cannot be taken in is set aside item by item."""
    sections: ClassVar[frozenset[str]] = frozenset()
    """Sections of a ``/sync`` answer that it reads, of those that the core does not need:
    ``to_device``, ``device_lists``, ``device_one_time_keys_count``,
    ``device_unused_fallback_key_types``, ``unstable_fallback_types``, ``presence``."""
    upstream_filter: ClassVar[Mapping[str, Any]] = {}
    """Merged into the filter of the upstream ``/sync``."""
    schema: ClassVar[Schema | None] = None
    needs_timeline: ClassVar[bool] = False
    """Runs in the second round, after the extensions whose members go into the rooms."""
    always: ClassVar[bool] = False
    """``load`` and ``respond`` are called for every answer. Otherwise only when the scope has
    changed, a room is sent whole, or the extension has not answered here yet."""
    with_rooms: ClassVar[bool] = False
    """The same for every answer that has rooms."""
    catches_up: ClassVar[bool] = False
    """What it has to say of a room is not lost while the room is out of its scope: it is told
    when the room is in it again (``Scope.bounds``)."""
    has_whole: ClassVar[bool] = False
    """It always has something to say where objects are ``complete``, so it is always asked."""
    constant: ClassVar[frozenset[str]] = frozenset()
    """Fields of its object that are no news by themselves."""

    def features(self, upstream: Mapping[str, Any]) -> Mapping[str, Any]:
        """What clients are told of it by ``/versions``: keys of ``unstable_features``. Pure.

        ``upstream`` is what the homeserver's own answer to the same client has there. A key
        that is given here replaces the homeserver's.
        """
        return {}

    async def start(self, services: Services) -> None:
        """The service starts."""

    async def stop(self) -> None:
        """The service stops."""

    def configure(self, request: Mapping[str, Any]) -> Any:
        """The validated config of a request's object, stickiness applied.

        Raises ``InvalidParam`` for what the client must mend. None: the request is to be
        treated as if the extension were not enabled.
        """
        return request

    async def accept(self, arrival: Arrival, pool: asyncpg.Pool) -> None:
        """A request arrived: acknowledgements happen here, also if its answer gets lost."""

    def ingest(self, part: Part) -> Ingested:
        """What this part of a ``/sync`` answer means for the extension. Pure."""
        return Ingested()

    def wakes(self, change: Change, scope: Scope) -> bool:
        """Whether a change inside the scope is news for a waiting connection. Pure."""
        return True

    async def load(self, scope: Scope, pool: asyncpg.Pool) -> Any:
        """Fetches what ``respond`` needs, bounded by ``scope.upto``."""
        return None

    def respond(self, scope: Scope, loaded: Any) -> Answer:
        """The extension's part of the answer. Pure."""
        return Answer()

    async def cleanup(self, floor: int, pool: asyncpg.Pool) -> None:
        """Deletes what nobody can ask for any more: nothing above position ``floor``."""
