"""A client that knows only the protocol, and notices at once what cannot be.

What it has is a value (``Has``): a lost answer is never applied, and a client that goes back
to an older ``pos`` has again what it had then.

The rule for timelines: a room's copy begins with an answer that is ``initial`` and must from
then on be a run of what the user may see, in order and without holes. An event that is not
among it is a leak; one that comes again is a repetition; one left out is lost.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from syncv3.types import Device
from tests.simulation.truth import MEMBER, Truth
from tests.support.listing import ListCopy

ENDED: Final = ("leave", "ban")
STATE: Final = [["m.room.topic", ""], ["m.room.member", "$LAZY"]]


class Violation(AssertionError):
    """A promise is broken."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One room as the client has it.

    ``live``: it has been in a window or subscription in every answer since. ``ended``: the
    end of the membership was told. ``lost``: it left a list that shows everything, though
    nothing was said of it.
    """

    events: tuple[str, ...] = ()
    members: frozenset[str] = frozenset()
    topic: str | None = None
    name: str | None = None
    counts: tuple[int, int] = (0, 0)
    invite: bool = False
    live: bool = True
    ended: bool = False
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Has:
    """All that the client has been told; ``pos`` None: nothing on this connection.

    ``token`` is the delta token that came with it, for a client that stores what it has.
    """

    pos: str | None = None
    token: str = ""
    lists: Mapping[str, ListCopy] = field(default_factory=dict)
    rooms: Mapping[str, Copy] = field(default_factory=dict)


class Reader:
    """One connection of a device."""

    def __init__(
        self,
        device: Device,
        conn_id: str,
        truth: Truth,
        lists: dict[str, Any],
        gapped: Collection[str],
        filled: Collection[str] = (),
        *,
        stores: bool = False,
    ) -> None:
        self.stores = stores
        self.device = device
        self.user: str = device.user_id
        self.conn_id = conn_id
        self.truth = truth
        self.lists = lists
        self.subscriptions: dict[str, Any] = {}
        self.unsubscribed: set[str] = set()
        self.acknowledged = False  # the server has surely taken in these parameters
        self.sure = True  # who answered last would know of lost parameters
        self.has = Has()
        self.earlier: list[Has] = []
        self.overlapping: list[tuple[str | None, bytes]] = []
        self.gapped = gapped  # rooms in which events were hidden by a gap
        self.filled = filled  # rooms of which older messages have been fetched
        self.checked = 0
        self.met = False  # all senders of older messages are known, too
        self.named: set[str] = set()  # own events that came with their transaction ID
        self.made = 0  # connections begun so far
        self.again: set[str] = set()  # rooms of which lost events may be told once more
        self.unheard: set[str] = set()  # rooms that a backup which was put back does not know of
        self.lost = False  # the connection is younger than a backup that was put back
        self.unused = False  # for so long that the connection may have been deleted
        self.kept = 0  # the one that the backup has
        self.kept_rooms: set[str] = set()  # and its rooms
        self.kept_asks: tuple[Any, Any] | None = None  # and what it wants, if that is sure

    def start_anew(self) -> None:
        self.has = Has()
        self.lost = self.unused = False
        self.earlier.clear()
        self.overlapping.clear()
        self.acknowledged = False

    def come_back(self) -> None:
        """A new connection for a client that has stored the rooms, and a token."""
        before = self.has
        self.start_anew()
        self.has = Has(token=before.token, rooms=before.rooms)

    def rewind(self, number: int) -> None:
        """Back to an older state, as a client that did not store the newer ones."""
        if self.earlier:
            del self.earlier[number % len(self.earlier) + 1 :]
            self.has = self.earlier.pop()
            self.overlapping.clear()
            self.acknowledged = False

    def keep(self) -> None:
        """A backup is made: of the connection, and of what the server knows that it wants."""
        self.kept = self.made if self.has.pos is not None and not self.lost else 0
        self.kept_rooms = {room_id for room_id, copy in self.has.rooms.items() if not copy.ended}
        self.kept_asks = (self.lists, self.subscriptions) if self.acknowledged else None

    def lose(self) -> None:
        """The backup was put back: what the client has wanted since is said again."""
        self.lost = self.made != self.kept
        self.again = set(self.has.rooms)
        self.unheard = self.again - self.kept_rooms
        if self.kept_asks != (self.lists, self.subscriptions):
            self.acknowledged = False
            self.unsubscribed |= set(self.truth.world.rooms) - self.subscriptions.keys()

    def request(self) -> bytes:
        """The body: parameters until they are acknowledged, then nothing."""
        body: dict[str, Any] = {"conn_id": self.conn_id} if self.conn_id else {}
        if not self.acknowledged:
            body["lists"] = self.lists
            body["room_subscriptions"] = self.subscriptions
            body["unsubscribe_rooms"] = sorted(self.unsubscribed)
            if self.stores:
                body["delta_token"] = self.has.token
        return json.dumps(body).encode()

    def take(self, raw: bytes) -> bool:
        """Applies an answer to the ``pos`` that the client has. Whether there was news."""
        answer = json.loads(raw)
        if self.lost and answer["pos"] == self.has.pos:
            return False  # could not be stored, and says nothing
        self.acknowledged = self.sure
        if self.sure:
            self.unsubscribed.clear()
        before = self.has
        lists = self._lists(answer["lists"])
        shown = self._shown(lists)
        rooms = dict(before.rooms)
        for room_id, told in answer["rooms"].items():
            rooms[room_id] = self._room(room_id, told, rooms.get(room_id), room_id in shown)
        whole = self._whole(before.lists) and self._whole(lists)
        for room_id, copy in rooms.items():
            if copy.live and room_id not in shown and not copy.ended:
                rooms[room_id] = replace(
                    copy, live=False, lost=whole and not self.replaced(room_id)
                )
        self.earlier.append(before)
        if ("delta_token" in answer) != self.stores:
            raise Violation(f"{self.user} was given {answer.get('delta_token')} as a delta token")
        self.has = Has(answer["pos"], answer.get("delta_token", ""), lists, rooms)
        said = any(entry.get("ops") for entry in answer["lists"].values())
        return bool(answer["rooms"]) or said

    # -- lists -----------------------------------------------------------------------

    def _lists(self, told: Mapping[str, Any]) -> dict[str, ListCopy]:
        lists = {}
        for name, entry in told.items():
            copy = ListCopy()
            before = self.has.lists.get(name)
            if before is not None:
                copy.rooms = dict(before.rooms)
            copy.configure(self.lists[name])
            copy.apply(entry["count"], entry.get("ops", ()))
            lists[name] = copy
        if lists.keys() != self.lists.keys():
            raise Violation(f"lists {sorted(lists)} were answered for {sorted(self.lists)}")
        return lists

    def window(self, lists: Mapping[str, ListCopy], name: str) -> list[str]:
        """The rooms inside the ranges of a list."""
        copy = lists[name]
        return [
            copy.rooms[i]
            for first, last in self.lists[name]["ranges"]
            for i in range(first, last + 1)
            if i in copy.rooms and i < copy.count
        ]

    def _shown(self, lists: Mapping[str, ListCopy]) -> set[str]:
        listed = {room for name in lists for room in self.window(lists, name)}
        return listed | self.subscriptions.keys()

    def _whole(self, lists: Mapping[str, ListCopy]) -> bool:
        """Whether some list shows every room there is."""
        return any(
            not self.lists[name].get("filters")
            and self.lists[name]["ranges"][0][0] == 0
            and self.lists[name]["ranges"][0][1] >= copy.count
            for name, copy in lists.items()
        )

    def replaced(self, room_id: str) -> bool:
        """Whether the room may be hidden by the one that has replaced it."""
        return ("m.room.tombstone", "") in self.truth.world.rooms[room_id].current

    def limit_of(self, room_id: str) -> int:
        limits = [
            self.lists[name]["timeline_limit"]
            for name in self.has.lists
            if room_id in self.window(self.has.lists, name)
        ]
        if room_id in self.subscriptions:
            limits.append(self.subscriptions[room_id]["timeline_limit"])
        return max(limits, default=0)

    # -- rooms -----------------------------------------------------------------------

    def _room(
        self, room_id: str, told: Mapping[str, Any], before: Copy | None, shown: bool
    ) -> Copy:
        events = [event["event_id"] for event in told.get("timeline", ())]
        if told.get("initial"):
            self.again.discard(room_id)
            self.unheard.discard(room_id)
            copy = Copy(tuple(events), invite="invite_state" in told, live=shown)
            if before is not None and "invite_state" not in told:
                # Parameters that changed in place send only their part (L-53).
                copy = replace(copy, members=before.members, topic=before.topic)
            self._check_limited(room_id, events, bool(told.get("limited")))
        elif self._ended(told) and (before is None or not before.live or told.get("limited")):
            # The end is told to whoever may have had the room, rather once too often; what
            # a gap hides of it cannot be told.
            copy = Copy(tuple(events), members=before.members if before else frozenset())
        elif before is None:
            if events:
                raise Violation(f"{self.user} has no {room_id} yet to which {events} belong")
            return Copy(live=False)
        else:
            told_before = before.events
            if room_id in self.again and self._ended(told):  # a left room is not sent anew
                told_before = tuple(event for event in told_before if event not in events)
            copy = replace(before, events=(*told_before, *events))
        self._check_transactions(room_id, told)
        copy = self._state(room_id, told, copy)
        copy = self._counts(told, copy)
        self._check_run(room_id, copy)
        self._check_senders(room_id, told, copy)
        self.checked += len(events)
        ended = self._ended(told)
        return replace(copy, ended=ended, live=copy.live and not ended, lost=False)

    def _ended(self, told: Mapping[str, Any]) -> bool:
        own = [event for event in told.get("timeline", ())
               if event["type"] == MEMBER and event["state_key"] == self.user]  # fmt: skip
        return bool(own) and own[-1]["content"]["membership"] in ENDED

    def _state(self, room_id: str, told: Mapping[str, Any], copy: Copy) -> Copy:
        """Takes over state, after looking whether the user may see it."""
        room = self.truth.world.rooms[room_id]
        if (name := told.get("name")) is not None:
            if name not in self.truth.names_of(self.user, room_id):
                raise Violation(f"leak: {self.user} was told the name {name!r} of {room_id}")
            copy = replace(copy, name=name)
        timeline = told.get("timeline", ())
        for event in (*timeline, *told.get("required_state", ())):  # the latter is that at the end
            if "state_key" not in event:
                continue
            stored = room.find(event["event_id"])
            if stored is None or not self.truth.was_in_force(self.user, room_id, stored):
                raise Violation(f"leak: {self.user} was sent the state {event} of {room_id}")
            if event["type"] == "m.room.topic":
                copy = replace(copy, topic=event["event_id"])
            if event["type"] == MEMBER:
                copy = replace(copy, members=copy.members | {event["state_key"]})
        return copy

    def _counts(self, told: Mapping[str, Any], copy: Copy) -> Copy:
        notified = told.get("notification_count", copy.counts[0])
        return replace(copy, counts=(notified, told.get("highlight_count", copy.counts[1])))

    def _check_run(self, room_id: str, copy: Copy) -> None:
        if copy.invite and not copy.events:
            return
        places = self.truth.places(self.user, room_id)
        if strange := [event for event in copy.events if event not in places]:
            raise Violation(f"leak: {self.user} was sent {strange} of {room_id}")
        if len(set(copy.events)) < len(copy.events):
            raise Violation(f"repeated: {self.user} has {self.tell(room_id, copy.events)}")
        found = [places[event] for event in copy.events]
        if found != list(range(found[0], found[0] + len(found))) if found else False:
            raise Violation(
                f"lost or out of order: {self.user} has places {found} of {room_id}:"
                f" {self.tell(room_id, copy.events)}"
            )

    def tell(self, room_id: str, events: Iterable[str]) -> list[str]:
        room = self.truth.world.rooms[room_id]
        return [describe(room.find(event)) for event in events]

    def _check_limited(self, room_id: str, events: list[str], limited: bool) -> None:
        """``limited`` says whether the user may see older events of this stay."""
        places = self.truth.places(self.user, room_id)
        if not events or events[0] not in places:
            return
        older = places[events[0]] > self.truth.joined_at(self.user, room_id, events[0])
        if older and not limited:
            began = self.tell(room_id, self.truth.seen(self.user, room_id))
            raise Violation(
                f"{self.user}: {room_id} began with {self.tell(room_id, events)},"
                f" not limited, though there was {began}"
            )

    def _check_transactions(self, room_id: str, told: Mapping[str, Any]) -> None:
        """A transaction ID is told to the device that sent the event, and to no other."""
        for event in told.get("timeline", ()):
            txn_id = event.get("unsigned", {}).get("transaction_id")
            if txn_id is None:
                continue
            stored = self.truth.world.rooms[room_id].find(event["event_id"])
            mine = stored is not None and stored.owner == (self.user, self.device.device_id)
            if stored is None or not mine or stored.txn_id != txn_id:
                raise Violation(f"leak: {self.user} was sent the transaction ID {txn_id}")
            self.named.add(event["event_id"])

    def _check_senders(self, room_id: str, told: Mapping[str, Any], copy: Copy) -> None:
        """With lazily loaded members each sender's member event has come, at the latest now."""
        if self._ended(told):
            return
        if room_id in self.filled and not self.met:
            return  # who wrote older messages is asked about later
        for event in told.get("timeline", ()):
            if event["sender"] not in copy.members:
                raise Violation(f"{self.user}: no member event of {event['sender']} in {room_id}")


def describe(stored: Any) -> str:
    """An event in a few words."""
    if stored is None:
        return "nothing"
    content = stored.event["content"]
    what = content.get("body") or content.get("membership") or content.get("name") or ""
    who = f" {stored.event['state_key']}" if stored.event.get("state_key") else ""
    return f"{stored.position}:{stored.event['type'].removeprefix('m.room.')}{who} {what}".strip()
