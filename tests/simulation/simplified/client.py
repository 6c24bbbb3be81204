"""One connection of a device, in one of the simplified dialects, as matrix-rust-sdk keeps it.

What it has is a value (``Has``): a lost answer is never applied, and a client that goes back to
an older ``pos`` has again what it had then.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from syncv3.types import Device
from tests.simulation.reader import Violation
from tests.simulation.simplified import extensions
from tests.simulation.simplified.asks import MEMBER, Asks, Shape
from tests.simulation.simplified.checks import check_entry, check_live
from tests.simulation.simplified.copies import Copy, Telling, apply, stranger, tells_end
from tests.simulation.simplified.extensions import Extras
from tests.simulation.simplified.inbox import Inbox
from tests.simulation.simplified.sight import Sights
from tests.simulation.simplified.speech import Speech, Told

MOST_MESSAGES: Final = 100


@dataclass(frozen=True, slots=True)
class Has:
    """All that the client has been told; ``pos`` None: nothing. ``at``: when, by the clock.

    ``windows`` has those that the answer named. ``asks`` is what was asked then.
    """

    pos: str | None = None
    at: int = 0
    asks: Asks = field(default_factory=Asks)
    counts: Mapping[str, int] = field(default_factory=dict)
    windows: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    rooms: Mapping[str, Copy] = field(default_factory=dict)
    extras: Extras = field(default_factory=Extras)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer on its way: to which ``pos`` and request, and when it was made."""

    pos: str | None
    asks: Asks
    acknowledged: int
    at: int
    raw: bytes


class Clock:
    """Counts what happens. ``heard`` says when the service was told of an event first."""

    def __init__(self) -> None:
        self.now = 0
        self.heard: dict[str, int] = {}

    def tick(self) -> int:
        self.now += 1
        return self.now

    def hear(self, event_id: str) -> None:
        self.heard.setdefault(event_id, self.tick())


class Client:
    """One connection."""

    def __init__(
        self,
        device: Device,
        conn_id: str,
        speech: Speech,
        sights: Sights,
        asks: Asks,
        inbox: Inbox,
        clock: Clock,
        gapped: Collection[str],
    ) -> None:
        self.device = device
        self.user: str = device.user_id
        self.conn_id = conn_id
        self.speech = speech
        self.sights = sights
        self.asks = asks
        self.inbox = inbox
        self.clock = clock
        self.gapped = gapped
        self.prompt = False  # the server has heard of everything that has happened
        self.has = Has()
        self.earlier: list[Has] = []
        self.presented: set[str | None] = set()  # positions with which it has asked
        self.late: list[Reply] = []
        self.doubted = False
        self.again: set[str] = set()  # rooms of which something may be told once more
        self.unheard: set[str] = set()  # rooms that a backup which was put back does not know of
        self.lost = False  # the connection is younger than a backup that was put back
        self.unused = False  # for so long that the connection may have been deleted
        self.made = 0
        self.kept = 0
        self.kept_rooms: set[str] = set()
        self.checked = 0

    def __str__(self) -> str:
        return f"{self.user} ({self.device.device_id}, {self.conn_id!r}, {self.speech})"

    # -- what happens to it ------------------------------------------------------------

    def start_anew(self) -> None:
        self.has = Has()
        self.lost = self.unused = False
        self.earlier.clear()
        self.late.clear()
        self.again.clear()

    def rewind(self, number: int) -> None:
        """Back to an older state, as a client that did not store the newer ones.

        The server may have dropped what it knew of a position when a newer one came back
        (S-55): then it is right to send rooms anew. Say the client got A, asked with it, got B
        and lost B: what it has of A must still be known. If it had asked with B, it need not.
        """
        if self.earlier:
            at = number % len(self.earlier)
            newer = [has.pos for has in (*self.earlier[at + 1 :], self.has)]
            self.has = self.earlier[at]
            del self.earlier[at:]
            self.late.clear()
            if self.presented.intersection(newer):
                self.again |= set(self.has.rooms)

    def excuse(self) -> None:
        """A worker was killed: what it had not stored yet may be told once more.

        It may also have forgotten which rooms the client was sent, and tell ends of others.
        """
        self.again |= set(self.has.rooms)
        self.doubted = True

    def keep(self) -> None:
        """A backup is made."""
        self.kept = self.made if self.has.pos is not None and not self.lost else 0
        self.kept_rooms = {r for r, copy in self.has.rooms.items() if not copy.is_ended}

    def lose(self) -> None:
        """The backup was put back."""
        self.lost = self.made != self.kept
        self.excuse()
        self.unheard = set(self.has.rooms) - self.kept_rooms

    # -- requests and answers ----------------------------------------------------------

    def request(self) -> tuple[dict[str, str], bytes]:
        since = self.inbox.ask() if "to_device" in self.asks.extensions else None
        self.presented.add(self.has.pos)
        return self.speech.write(self.asks, self.conn_id, self.has.pos, since, me=self.user)

    def reply(self, raw: bytes) -> Reply:
        """What came back for the request, not taken yet. Its messages are looked at once."""
        acknowledged = self.inbox.acknowledged
        reply = Reply(self.has.pos, self.asks, acknowledged, self.clock.tick(), raw)
        told = self.speech.read(raw, self.asks).extensions.get("to_device")
        if told is not None:
            limit = self.asks.extensions["to_device"].get("limit", MOST_MESSAGES)
            self.inbox.check(told, acknowledged, limit)
        return reply

    def take(self, reply: Reply) -> bool:
        """Applies an answer to the ``pos`` that the client has. Whether there was news."""
        assert reply.pos == self.has.pos
        told = self._with_windows(self.speech.read(reply.raw, reply.asks), reply.asks)
        before, first = self.has, self.has.pos is None
        rooms = dict(before.rooms)
        for room_id, entry in told.rooms.items():
            self._check_shown(room_id, reply.asks, told)
            shapes = self._shapes(room_id, reply.asks, told)
            lazy = self._is_lazy(room_id, reply.asks, told)
            rooms[room_id] = self._room(room_id, entry, shapes, first=first, lazy=lazy)
        if (messages := told.extensions.get("to_device")) is not None:
            self.inbox.take(messages)
        extras = extensions.take(self._scene(reply, told, rooms), before.extras)
        rooms = extensions.mark_receipts(told, reply.asks, rooms)
        self.earlier.append(before)
        self.has = Has(
            told.pos,
            reply.at,
            reply.asks,
            {name: count for name, (count, _) in told.lists.items()},
            {name: window for name, (_, window) in told.lists.items()},
            rooms,
            extras,
        )
        self.late.clear()
        return told.is_news

    def _with_windows(self, told: Told, asks: Asks) -> Told:
        """A window of which nothing is said is the one that the client has. (One of all rooms is
        never told, and whatever the client had of the list before is none of it.)"""
        known = {n: w for n, w in self.has.windows.items() if n in asks.with_ranges}
        lists = {
            name: (count, window if window is not None else known.get(name))
            for name, (count, window) in told.lists.items()
        }
        return replace(told, lists=lists)

    def _room(
        self, room_id: str, entry: Mapping[str, Any], shapes: Sequence[Shape],
        *, first: bool, lazy: bool,
    ) -> Copy:  # fmt: skip
        before = self.has.rooms.get(room_id)
        telling = Telling(
            self.user, room_id, entry, self.sights.of(self.user, room_id),
            again=room_id in self.again, gapped=room_id in self.gapped, lazy=lazy,
        )  # fmt: skip
        if self.doubted and (before is None or telling.again):
            unknown = stranger(telling)
            before = before or unknown
            shapes = shapes if unknown is None else ()  # not even a list of all rooms has it
        copy = apply(telling, before, stable=self.speech.stable)
        check_entry(self.sights, telling, self.speech, before, shapes)
        self._check_members(telling, before)
        self._check_owner(telling)
        known = frozenset(before.events if before else ())
        check_live(telling, first=first, surely=self._surely_live(telling), known=known)
        if self.prompt and not first and entry.get("num_live", 0) > self._surely_live(telling):
            raise telling.fail("live", "the first of the live events is no news")
        if before and before.bump and copy.bump and copy.bump < before.bump and not entry.get(
            "initial"
        ):  # fmt: skip
            raise telling.fail("bump", f"{copy.bump} after {before.bump}")
        self.checked += len(entry.get("timeline", ()))
        if entry.get("initial"):
            self.again.discard(room_id)
            self.unheard.discard(room_id)
        return copy

    def _shapes(self, room_id: str, asks: Asks, told: Told) -> list[Shape]:
        """How the room is wanted: an answer says which windows it is in."""
        named = told.rooms[room_id].get("lists", ())
        windows = {
            name: (room_id,)
            if (name in named if self.speech.stable else window is None)
            else window or ()
            for name, (_, window) in told.lists.items()
        }
        return asks.shapes_of(room_id, windows)

    def _is_lazy(self, room_id: str, asks: Asks, told: Told) -> bool:
        """Whether members are loaded lazily, wherever the room is.

        Which rooms a list of all rooms has is not told in the older dialect: it must not have
        this one, unless it has all that there are.
        """
        doubtful = {
            name for name, ask in asks.lists.items()
            if ask.ranges is None and ask.filters and not self.speech.stable
        }  # fmt: skip
        surely = replace(asks, lists={n: a for n, a in asks.lists.items() if n not in doubtful})
        shapes = self._shapes(room_id, surely, told)
        return any(shape.selection.is_lazy(excluding=self.speech.stable) for shape in shapes)

    def _check_shown(self, room_id: str, asks: Asks, told: Told) -> None:
        """Only rooms of windows and subscriptions are told, and ends (S-120, S-83): also one after
        which the user came back, of which the service has not been told yet."""
        if self.sights.of(self.user, room_id).is_ended or room_id in asks.subscriptions:
            return
        if tells_end(told.rooms[room_id], self.user):
            return
        if not self._shapes(room_id, asks, told):
            raise Violation(f"unasked: {self}: {room_id} is in no window")

    def _surely_live(self, telling: Telling) -> int:
        """How many events at the end the service was told of after it had answered last."""
        count = 0
        began = telling.sight.began if telling.told.get("initial") else 0
        for event in reversed(telling.told.get("timeline", ())):
            stored = telling.sight.events[telling.sight.places[event["event_id"]]]
            late = self.clock.heard.get(event["event_id"], 0) > self.has.at
            if not late or stored.position < began:
                break
            count += 1
        return count

    def _check_members(self, telling: Telling, before: Copy | None) -> None:
        """Lazily loaded members who have not changed do not come again (S-261).

        What the homeserver told with an end comes whole: nobody knows since when it has been so.
        """
        told = telling.told
        if telling.sight.is_ended or tells_end(told, self.user):
            return
        if before is None or told.get("initial") or telling.again or not telling.lazy:
            return
        for event in told.get("required_state", ()):
            known = before.state.get((MEMBER, event["state_key"]))
            own = event["state_key"] == self.user
            if event["type"] == MEMBER and not own and known and (
                known["event_id"] == event.get("event_id")
            ):  # fmt: skip
                raise telling.fail("repeated", f"the unchanged member {event['state_key']}")

    def _check_owner(self, telling: Telling) -> None:
        """A transaction ID is told to the device that sent the event, and to no other (S-608)."""
        for event in telling.told.get("timeline", ()):
            if "transaction_id" not in event.get("unsigned", {}):
                continue
            stored = telling.sight.events[telling.sight.places[event["event_id"]]]
            if stored.owner != (self.user, self.device.device_id):
                raise telling.fail("leak", "a transaction ID of another device")

    def _scene(self, reply: Reply, told: Told, rooms: Mapping[str, Copy]) -> extensions.Scene:
        return extensions.Scene(
            str(self), self.user, self.sights, reply.asks, told, rooms, first=reply.pos is None
        )
