"""The hooks: everything an extension of the service may use.

An extension is a class registered under the entry-point group ``syncv3.extensions`` and
switched on by ``SYNCV3_EXTENSIONS``. It hooks two pipelines. *Ingest* (what a homeserver
said): ``ingest`` reads a part of a ``/sync`` answer and gives rows and changes, which the
core writes in the same transaction as the ``since`` token. *Answer* (what a client asks):
``configure`` and ``accept`` when a request arrives, ``wakes`` while it waits, ``load`` and
``respond`` while it is answered.

Hooks get frozen values and give values; no hook sees a dialect of the protocol. A hook
that raises loses no data: see docs/extensions.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import asyncpg

from syncv3.batch import Part
from syncv3.types import Device, EventID, RoomID, UserID

API_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Write:
    """Rows for the extension's own tables, written in the group's transaction.

    ``statement`` is one SQL statement; ``$1`` is the rows as a ``json`` array of objects,
    ``$2`` the position at which they become visible (``bigint``).
    """

    statement: str
    rows: Sequence[Mapping[str, Any]]


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
    """What ``ingest`` gives: rows to write and whom they concern."""

    writes: tuple[Write, ...] = ()
    touched: tuple[Touched, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Something an extension stored became visible at ``pos``; None = not narrowed."""

    pos: int
    user_key: int | None
    device_key: int | None
    room_key: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A room of the answer being made: how it is shown, and the events of its timeline."""

    initial: bool
    timeline: tuple[EventID, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What an extension may speak about in one answer.

    ``since`` is the position up to which this connection has been answered, None on its
    first answer; the answer covers what lies in (since, upto]. ``rooms`` are those in the
    extension's scope by the dialect's rule, each with its key; ``shown`` those of them that
    are in this answer.
    """

    device: Device
    config: Any
    since: int | None
    upto: int
    rooms: Mapping[RoomID, int] = field(default_factory=dict)
    shown: Mapping[RoomID, Shown] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """One extension's part of an answer.

    ``body`` is its object (None: nothing to say, the key is left out). ``news`` tells
    whether it ends a long poll. ``members`` are users whose member events must be shown.
    """

    body: Mapping[str, Any] | None = None
    news: bool = False
    members: Mapping[RoomID, frozenset[UserID]] = field(default_factory=dict)


class Extension:
    """The base class: override the hooks that you need, the others do nothing."""

    name: ClassVar[str]
    api_version: ClassVar[int] = API_VERSION
    durable: ClassVar[bool] = False
    """Its section must not be lost: if ``ingest`` fails the poller stops."""
    upstream_filter: ClassVar[Mapping[str, Any]] = {}
    """Merged into the filter of the upstream ``/sync``."""
    needs_timeline: ClassVar[bool] = False
    """``respond`` looks at the events shown, so it runs after the rooms are made."""

    async def start(self, pool: asyncpg.Pool) -> None:
        """The service starts."""

    async def stop(self) -> None:
        """The service stops."""

    def configure(self, request: Mapping[str, Any]) -> Any:
        """The validated config of a request's merged object.

        Raises ``InvalidParam`` for what the client must mend.
        """
        return request

    async def accept(self, config: Any, device: Device, pool: asyncpg.Pool) -> None:
        """A request arrived: acknowledgements happen here, also if the answer gets lost."""

    def ingest(self, part: Part) -> Ingested:
        """What this part of a ``/sync`` answer means for the extension. Pure."""
        return Ingested()

    def wakes(self, change: Change, scope: Scope) -> bool:
        """Whether a waiting connection has something new to hear. Pure."""
        return True

    async def load(self, scope: Scope, pool: asyncpg.Pool) -> Any:
        """Fetches what ``respond`` needs, bounded by ``scope.upto``."""
        return None

    def respond(self, scope: Scope, loaded: Any) -> Answer:
        """The extension's part of the answer."""
        return Answer()

    async def cleanup(self, floor: int, pool: asyncpg.Pool) -> None:
        """Deletes what nobody can ask for any more: nothing below position ``floor``."""
