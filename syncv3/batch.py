"""What one answer of the homeserver's ``/sync`` holds, as values.

A *batch* is one ``/sync`` v2 answer. A large one is handed over in several *parts*,
whole rooms at a time, most recently active rooms first; only the last part carries the
new ``since`` token and everything that must be durable together with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from syncv3.types import DeviceID, DeviceKey, Event, EventID, RoomID, UserID, UserKey


class Hole(NamedTuple):
    """Where a timeline lacks an event that could not be used.

    It stood before the usable event number ``at`` (behind all of them: ``at`` is their
    number). ``event_id`` is a name made up for it, the same in every poller's answer.
    """

    at: int
    event_id: EventID


@dataclass(frozen=True, slots=True)
class Summary:
    """``rooms.join.*.summary``; None where the homeserver said nothing."""

    heroes: tuple[UserID, ...] | None = None
    joined: int | None = None
    invited: int | None = None


@dataclass(frozen=True, slots=True)
class AccountData:
    """One account data event: its type and its whole object as JSON."""

    type: str
    json: bytes


@dataclass(frozen=True, slots=True)
class JoinedRoom:
    """One room of ``rooms.join``. ``timeline`` is oldest first, without duplicates.

    ``holes``, in order, tells where events could not be used.
    """

    state: tuple[Event, ...] = ()
    state_after: bool = False  # ``state`` came as ``state_after`` (MSC4222)
    timeline: tuple[Event, ...] = ()
    limited: bool = False
    prev_batch: str | None = None
    notification_count: int | None = None
    highlight_count: int | None = None
    summary: Summary = Summary()
    account_data: tuple[AccountData, ...] = ()
    ephemeral: tuple[bytes, ...] = ()  # whole events as JSON
    holes: tuple[Hole, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftRoom:
    """One room of ``rooms.leave``."""

    state: tuple[Event, ...] = ()
    timeline: tuple[Event, ...] = ()
    limited: bool = False
    prev_batch: str | None = None
    holes: tuple[Hole, ...] = ()


@dataclass(frozen=True, slots=True)
class StrippedRoom:
    """One room of ``rooms.invite`` or ``rooms.knock``: its stripped state, verbatim."""

    events: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceData:
    """What a batch says about the polling device alone; None = not mentioned."""

    to_device: tuple[bytes, ...] = ()
    changed: tuple[UserID, ...] = ()
    left: tuple[UserID, ...] = ()
    one_time_keys: bytes | None = None  # device_one_time_keys_count as JSON
    fallback_key_types: bytes | None = None  # device_unused_fallback_key_types as JSON


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write one device's batches: fenced by owner, number and ``since``."""

    device_key: DeviceKey
    owner: str
    number: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a batch: the unit that ingest takes in at once.

    ``generated_us`` is the database's clock (microseconds since the epoch) when the
    first byte of the answer arrived: it orders batches by when the homeserver made them.
    ``next_since`` is None in every part but the last. ``next_batch`` is the answer's token
    in all of them: it leads back to all that the answer tells of. ``ahead`` has state of rooms
    that come with a later part: a slice of what is too much to be written at once.
    ``one_time_keys_given`` is False when the whole answer has no one-time key counts, not even
    known ones. ``noted`` has digests of messages that must not be taken in again,
    ``forgets_notes`` says that it ends what was noted (``syncv3.ingest.pieces``). ``repeats``:
    an answer before it was perhaps given and not taken in. ``begins_anew`` is True in the last part
    of a whole first answer to a device that was synced before: the homeserver has refused its
    ``since``, so what it tells only as a difference may have been missed. ``pausing``: its device
    is polled at pauses, or soon will be (``syncv3.ingest.pauses``): it speaks for no room.
    ``anew``: it was asked for without ``since``, though one is stored, as the rooms up to there
    have not come.
    """

    user_id: UserID
    device_id: DeviceID
    user_key: UserKey
    lease: Lease
    since: str | None
    next_since: str | None
    generated_us: int
    ahead: Mapping[RoomID, JoinedRoom] = field(default_factory=dict)
    joined: Mapping[RoomID, JoinedRoom] = field(default_factory=dict)
    left: Mapping[RoomID, LeftRoom] = field(default_factory=dict)
    invited: Mapping[RoomID, StrippedRoom] = field(default_factory=dict)
    knocked: Mapping[RoomID, StrippedRoom] = field(default_factory=dict)
    account_data: tuple[AccountData, ...] = ()
    device: DeviceData = DeviceData()
    presence: tuple[bytes, ...] = ()  # only when an extension's upstream filter asks for it
    next_batch: str | None = None
    one_time_keys_given: bool = True
    noted: bytes | None = None
    forgets_notes: bool = False
    repeats: bool = False
    begins_anew: bool = False
    pausing: bool = False
    anew: bool = False

    @property
    def imports(self) -> bool:
        """Whether it is of a first answer about rooms: what it tells happened before we looked."""
        return self.since is None or self.anew
