"""One answer to /sync as parts: what ingest takes in at once (rules U-38, U-170 to U-176).

The body is first cut into one ``Raw`` per room, then read room by room. A large answer
becomes several parts of about ``PART_EVENTS`` events, whole rooms at a time: invites and
knocks first, they are small; then joined and left rooms, most recently active first. Of a
room that is larger than a part most of the state goes ahead of it, in parts of its own.
Global account data is in the first part, because lists need ``m.direct``; what belongs to
the device and ``next_since`` are in the last, because they must become durable together.
Account data may safely arrive twice when a batch is repeated, to-device messages may not.

Why two steps: to decode all of a large answer would take seconds, in which nobody is served, and
hold all its rooms in memory. So ``Raw`` values are cut out first, which is cheap, and each room is
decoded only when its part is made, with pauses in between (a None where a part could be).

One bad event, section or room never spoils the rest: it is left out and reported; a joined
room of which nothing can be read is told as one with a hole. Everything in a part is a
copy: no part holds a view into the body.
"""

from collections.abc import Callable, Container, Generator
from dataclasses import dataclass, field, replace
from mmap import mmap
from time import perf_counter
from typing import NamedTuple, TypeVar

import msgspec
from msgspec import Raw

from syncv3.batch import (
    AccountData,
    DeviceData,
    JoinedRoom,
    Lease,
    LeftRoom,
    Part,
    StrippedRoom,
)
from syncv3.errors import HomeserverError
from syncv3.types import DeviceID, RoomID, UserID, UserKey
from syncv3.untrusted import (
    BREATH_S,
    UNREADABLE,
    copy_json,
    copy_text,
    is_id,
    is_storable,
    list_of,
    prune,
    with_whole_pairs,
)
from syncv3.upstream.ahead import cut_ahead, without_bulk
from syncv3.upstream.rooms import (
    Unusable,
    decode_account_data,
    decode_joined,
    decode_left,
    decode_list,
    decode_stripped,
    lost_room,
    newest_timestamp,
    tells_of_room,
)
from syncv3.upstream.stripped import trimmed

PART_EVENTS = 500  # as many as a group has: see ``syncv3.ingest.entries``
PART_BYTES = 1024 * 1024
"""Of stripped state: servers of strangers may send any amount with an invite."""
ROOM_EVENTS = 2
"""How many events a room counts as at least."""
INVITE, KNOCK = "invite_state", "knock_state"
_SORT_FROM_ROOMS = 20  # below, the order of rooms inside one or two parts is nobody's gain

_T = TypeVar("_T")


class Loss(NamedTuple):
    """Something of an answer that could not be used: ``number`` things of ``kind``.

    ``room_id`` is None for what belongs to no room. ``reason`` has no event content.
    """

    kind: str  # "event", "room" or "section"
    number: int
    room_id: str | None
    reason: str


Report = Callable[[Loss], None]


@dataclass(frozen=True, slots=True)
class Frame:
    """What every part of one batch has in common. See ``Part``."""

    user_id: UserID
    device_id: DeviceID
    user_key: UserKey
    lease: Lease
    since: str | None
    generated_us: int
    pausing: bool = False
    anew: bool = False


class _Rooms(msgspec.Struct):
    join: Raw = Raw(b"")
    leave: Raw = Raw(b"")
    invite: Raw = Raw(b"")
    knock: Raw = Raw(b"")


class _Body(msgspec.Struct):
    next_batch: str
    rooms: Raw = Raw(b"")
    account_data: Raw = Raw(b"")
    to_device: Raw = Raw(b"")
    presence: Raw = Raw(b"")
    device_lists: Raw = Raw(b"")
    device_one_time_keys_count: Raw = Raw(b"")
    device_unused_fallback_key_types: Raw = Raw(b"")
    unstable_fallback_types: Raw = msgspec.field(
        default=Raw(b""), name="org.matrix.msc2732.device_unused_fallback_key_types"
    )


_OPTIONAL = tuple(
    name for name in _Body.__struct_fields__ if name not in ("next_batch", "rooms", "account_data")
)

_body = msgspec.json.Decoder(_Body)
_rooms = msgspec.json.Decoder(_Rooms | None)
_table = msgspec.json.Decoder(dict[str, Raw] | None)


@dataclass(slots=True)
class _Gathered:
    """Rooms of the part that is being filled."""

    ahead: dict[RoomID, JoinedRoom] = field(default_factory=dict)
    joined: dict[RoomID, JoinedRoom] = field(default_factory=dict)
    left: dict[RoomID, LeftRoom] = field(default_factory=dict)
    invited: dict[RoomID, StrippedRoom] = field(default_factory=dict)
    knocked: dict[RoomID, StrippedRoom] = field(default_factory=dict)
    events: int = 0
    stripped_bytes: int = 0

    def add_stripped(self, room_id: RoomID, key: str, room: StrippedRoom) -> None:
        """Adds a room of which only stripped state is known; ``key`` says whether as invite or
        knock."""
        (self.invited if key == INVITE else self.knocked)[room_id] = room
        self.stripped_bytes += sum(map(len, room.events))

    @property
    def is_full_of_stripped(self) -> bool:
        rooms = len(self.invited) + len(self.knocked)
        return ROOM_EVENTS * rooms >= PART_EVENTS or self.stripped_bytes >= PART_BYTES


class TooNested(Exception):
    """Something in an answer is nested more deeply than the reader can follow; ``open_answer``
    mends that."""


class SyncAnswer:
    """One answer to /sync, cut into its sections and rooms. What is in a room is read in
    ``parts``."""

    def __init__(
        self,
        body: bytes | mmap,
        *,
        state_after: bool = False,
        report: Report | None = None,
        sections: Container[str] | None = None,
    ) -> None:
        """Raises ``HomeserverError`` when ``body`` is no answer to /sync at all, and
        ``TooNested``.

        ``state_after`` says that it was asked for; ``report`` is told of each loss. Of the
        sections that only extensions read those in ``sections`` are read; None: all.
        """
        self._report: Report = report or (lambda loss: None)
        self._state_after = state_after
        self._body = _open(body)
        if sections is not None:
            for name in _OPTIONAL:
                if name not in sections:
                    setattr(self._body, name, Raw(b""))
        rooms = self._section("rooms", self._body.rooms, _rooms) or _Rooms()
        self._joined = self._room_table("join", rooms.join)
        left, invited, knocked = (
            self._room_table(name, getattr(rooms, name)) for name in ("leave", "invite", "knock")
        )
        # A homeserver may name a room in two sections. A join with events of the room is stronger
        # than a leave or an invite; one without (Dendrite, a broken section) decides nothing.
        elsewhere = self._joined.keys() & {*left, *invited, *knocked}
        told = {room_id for room_id in elsewhere if tells_of_room(self._joined[room_id])}
        self._beaten = elsewhere - told
        self._left = _without(left, told)
        self._invited = _without(invited, told)
        self._knocked = _without(knocked, told, self._invited)

    @property
    def next_batch(self) -> str:
        return self._body.next_batch

    @property
    def room_count(self) -> int:
        return sum(map(len, (self._joined, self._left, self._invited, self._knocked)))

    def close(self) -> None:
        """Let go of the body, also when not all parts were read."""
        for table in (self._joined, self._left, self._invited, self._knocked):
            table.clear()
        self._body = _Body(self._body.next_batch)

    def parts(self, frame: Frame) -> Generator[Part | None, None, None]:
        """The parts of the batch, in order; at least one, and only the last has
        ``next_since``.

        A None in between is a breath: ``BREATH_S`` of reading have passed, let others run.
        """
        filling = _Gathered()
        first = True
        for room_id in [*self._invited, *self._knocked]:
            if room_id in self._left:
                continue  # the invite came after the leave: it goes into the same part, behind it
            if filling.is_full_of_stripped:
                yield self._part(frame, filling, first=first, last=False)
                filling, first = _Gathered(), False
            self._read_stripped(room_id, frame.user_id, filling)
        order = yield from self._by_recency()
        for room_id in order:
            room = yield from self._read_room(room_id)
            if isinstance(room, LeftRoom):
                room = without_bulk(room, frame.user_id)
            else:
                slices, room = cut_ahead(room, frame.user_id)
                for ahead in slices:
                    yield self._ahead(frame, room_id, ahead)
            size = max(ROOM_EVENTS, len(room.state) + len(room.timeline))
            full = filling.events + size > PART_EVENTS or filling.is_full_of_stripped
            if filling.events and full:
                yield self._part(frame, filling, first=first, last=False)
                filling, first = _Gathered(), False
            filling.events += size
            if isinstance(room, JoinedRoom):
                filling.joined[RoomID(room_id)] = room
            else:
                filling.left[RoomID(room_id)] = room
                self._read_stripped(room_id, frame.user_id, filling)
        yield self._part(frame, filling, first=first, last=True)

    def _part(self, frame: Frame, rooms: _Gathered, *, first: bool, last: bool) -> Part:
        return Part(
            user_id=frame.user_id,
            device_id=frame.device_id,
            user_key=frame.user_key,
            lease=frame.lease,
            since=frame.since,
            next_since=self._body.next_batch if last else None,
            generated_us=frame.generated_us,
            pausing=frame.pausing,
            ahead=rooms.ahead,
            joined=rooms.joined,
            left=rooms.left,
            invited=rooms.invited,
            knocked=rooms.knocked,
            account_data=self._account_data() if first else (),
            device=self._device_data() if last else DeviceData(),
            presence=self._event_list("presence", self._body.presence) if last else (),
            next_batch=self._body.next_batch,
            anew=frame.anew,
        )

    def _by_recency(self) -> Generator[None, None, list[str]]:
        """Joined and left rooms, most recently active first. A room is in both if no event of its
        joined section can be used; it comes twice then, the leave last.
        """
        order = [*self._joined, *self._left]
        if len(order) < _SORT_FROM_ROOMS:
            return order
        newest: dict[str, int] = {}
        pause_at = perf_counter() + BREATH_S
        for room_id in order:
            newest[room_id] = newest_timestamp(self._joined.get(room_id) or self._left[room_id])
            if perf_counter() > pause_at:
                yield
                pause_at = perf_counter() + BREATH_S
        return sorted(order, key=lambda room_id: newest[room_id], reverse=True)

    def _read_room(self, room_id: str) -> Generator[None, None, JoinedRoom | LeftRoom]:
        """One room, whose raw form is given up (rule U-171).

        A joined section that is weaker than another of the same room has no event that can be used;
        then its holes are no news, either.
        """
        joined = room_id in self._joined
        raw = self._joined.pop(room_id) if joined else self._left.pop(room_id)
        try:
            room: JoinedRoom | LeftRoom
            if joined:
                room, malformed = yield from decode_joined(raw, state_after=self._state_after)
            else:
                room, malformed = yield from decode_left(raw)
        except Unusable as error:
            self._report(Loss("room", 1, room_id, str(error)))
            room = lost_room(raw) if joined else LeftRoom()
            malformed = 0
        if malformed:
            self._report(Loss("event", malformed, room_id, "malformed"))
        if joined and room_id in self._beaten:  # what follows in the other section is no loss
            return replace(room, holes=())
        return room

    def _ahead(self, frame: Frame, room_id: str, slice_: JoinedRoom) -> Part:
        """The part with a slice of a room's state, which comes before the part with the room."""
        gathered = _Gathered(ahead={RoomID(room_id): slice_})
        return self._part(frame, gathered, first=False, last=False)

    def _read_stripped(self, room_id: str, user_id: UserID, into: _Gathered) -> None:
        """Adds the room to ``into`` if it is an invite or knock; its raw form is given up."""
        for table, key in ((self._invited, INVITE), (self._knocked, KNOCK)):
            raw = table.pop(room_id, None)
            if raw is None:
                continue
            try:
                room = trimmed(decode_stripped(raw, key), user_id)
            except Unusable as error:
                self._report(Loss("room", 1, room_id, str(error)))
            else:
                into.add_stripped(RoomID(room_id), key, room)

    def _account_data(self) -> tuple[AccountData, ...]:
        try:
            events, malformed = decode_account_data(self._body.account_data)
        except Unusable as error:
            self._report(Loss("section", 1, None, f"account_data: {error}"))
            return ()
        if malformed:
            self._report(Loss("event", malformed, None, "malformed account data"))
        return events

    def _device_data(self) -> DeviceData:
        body = self._body
        lists = self._section("device_lists", body.device_lists, _table) or {}
        return DeviceData(
            # Who takes these in sets aside what clients cannot be sent: they come only once.
            to_device=self._event_list("to_device", body.to_device, copy_text),
            changed=self._users("changed", lists),
            left=self._users("left", lists),
            one_time_keys=self._json_value(body.device_one_time_keys_count, b"{"),
            fallback_key_types=self._json_value(
                body.device_unused_fallback_key_types or body.unstable_fallback_types, b"["
            ),
        )

    def _users(self, name: str, lists: dict[str, Raw]) -> tuple[UserID, ...]:
        """One of the lists of ``device_lists``, without values that cannot be user IDs."""
        found = list_of(lists.get(name, Raw(b"")))
        if found is None and name in lists:
            self._report(Loss("section", 1, None, f"device_lists.{name}"))
        return tuple(
            UserID(user) for user in found or () if isinstance(user, str) and is_storable(user)
        )

    def _event_list(
        self, name: str, raw: Raw, copy: Callable[[Raw], bytes] = copy_json
    ) -> tuple[bytes, ...]:
        try:
            events, malformed = decode_list(raw, copy)
        except Unusable as error:
            self._report(Loss("section", 1, None, f"{name}: {error}"))
            return ()
        if malformed:
            self._report(Loss("event", malformed, None, f"malformed in {name}"))
        return events

    def _json_value(self, raw: Raw, opening: bytes) -> bytes | None:
        """A copy of a JSON object or array; None when absent or of another kind."""
        try:
            copied = copy_json(raw)
        except UNREADABLE:
            return None
        return copied if copied.startswith(opening) else None

    def _room_table(self, name: str, raw: Raw) -> dict[str, Raw]:
        table = self._section(name, raw, _table) or {}
        for room_id in [room_id for room_id in table if not is_id(room_id)]:
            del table[room_id]
            self._report(Loss("room", 1, None, "room ID that cannot be stored"))
        return table

    def _section(
        self, name: str, raw: Raw, decoder: "msgspec.json.Decoder[_T | None]"
    ) -> _T | None:
        """One section of the answer; None when it is absent or unusable."""
        if not raw:
            return None
        try:
            return decoder.decode(raw)
        except RecursionError as error:
            raise TooNested(name) from error
        except UNREADABLE as error:
            self._report(Loss("section", 1, None, f"{name}: {error}"))
            return None


def _without(table: dict[str, Raw], *stronger: Container[str]) -> dict[str, Raw]:
    """The rooms of a section that no ``stronger`` section of the same answer has (rule U-115)."""
    return {key: raw for key, raw in table.items() if not any(key in s for s in stronger)}


def open_answer(
    body: bytes | mmap,
    *,
    state_after: bool = False,
    report: Report | None = None,
    sections: Container[str] | None = None,
) -> Generator[None, None, SyncAnswer]:
    """The answer in ``body``; see ``SyncAnswer`` for the arguments and errors.

    One that is nested too deeply is mended first; meanwhile it yields None, so that others run.
    """
    try:
        return SyncAnswer(body, state_after=state_after, report=report, sections=sections)
    except TooNested:
        shallow = yield from prune(body)
    return SyncAnswer(shallow, state_after=state_after, report=report, sections=sections)


def _open(body: bytes | mmap) -> _Body:
    """Cuts the body into its sections. Raises ``HomeserverError`` for what is no answer, and
    ``TooNested``."""
    try:
        return _read(body)
    except UNREADABLE as error:
        mended = with_whole_pairs(body)
        if mended is None:
            raise HomeserverError(f"not an answer to /sync: {error}") from error
    try:
        return _read(mended)
    except UNREADABLE as error:
        raise HomeserverError(f"not an answer to /sync: {error}") from error


def _read(body: bytes | mmap) -> _Body:
    try:
        read = _body.decode(body)
    except RecursionError as error:
        raise TooNested("body") from error
    if not read.next_batch or not is_storable(read.next_batch):
        raise HomeserverError("not an answer to /sync: next_batch is no token")
    return read
