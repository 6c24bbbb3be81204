"""A naive server of the simplified dialects over the model homeserver. It has everything at
once, computes everything anew, and remembers of each ``pos`` all that its client was told.

It exists to develop the oracle: unbroken it must pass, and with each of the ``FAULTS`` of
``faults.py`` it must not.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncv3.errors import UnknownPosition
from syncv3.types import Device
from tests.simulation.simplified.asks import Asks, Shape
from tests.simulation.simplified.extras_of_reference import Extending, Marks
from tests.simulation.simplified.room_of_reference import Asked, Room, Sent, id_of
from tests.simulation.simplified.sight import Sights
from tests.simulation.simplified.speech import Speech
from tests.support.room import JSON


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one ``pos`` stands for."""

    owner: tuple[str, str, str, str]
    position: int
    rooms: Mapping[str, Sent] = field(default_factory=dict)
    marks: Marks = field(default_factory=Marks)


class Reference:
    """``fault``: the one thing that it does wrong; empty: nothing."""

    def __init__(self, sights: Sights, fault: str = "") -> None:
        self.sights = sights
        self.world = sights.world
        self.fault = fault
        self.extending = Extending(sights, fault)
        self.snapshots: dict[str, Snapshot] = {}
        self.newest: dict[tuple[str, str, str, str], str] = {}

    def broken(self, fault: str) -> bool:
        return self.fault == fault

    def sync(
        self, device: Device, speech: Speech, conn_id: str, pos: str | None, asks: Asks,
        since: str | None,
    ) -> bytes:  # fmt: skip
        """Raises ``UnknownPosition``."""
        owner = (device.user_id, device.device_id, conn_id, speech.name)
        before = self.snapshots.get(pos) if pos is not None else None
        if pos is not None and (before is None or before.owner != owner):
            if not (self.broken("a pos of somebody else is taken") and pos in self.snapshots):
                raise UnknownPosition("not given to this connection")
            before = self.snapshots[pos]
        if before is not None and self.broken("a lost answer counts as taken"):
            before = self.snapshots[self.newest[owner]]
        answering = Answering(self, device, speech, asks, before)
        answer, snapshot = answering.answer(owner, since)
        name = f"p{len(self.snapshots)}"
        self.snapshots[name] = snapshot
        self.newest[owner] = name
        return json.dumps({"pos": name, **answer}).encode()


class Answering(Asked):
    """One answer being made."""

    def __init__(
        self, server: Reference, device: Device, speech: Speech, asks: Asks,
        before: Snapshot | None,
    ) -> None:  # fmt: skip
        self.server = server
        self.broken = server.broken
        self.sights, self.world = server.sights, server.world
        self.device = device
        self.user: str = device.user_id
        self.speech = speech
        self.asks = asks
        self.before = before
        self.position = before.position if before else None

    def answer(
        self, owner: tuple[str, str, str, str], since: str | None
    ) -> tuple[JSON, Snapshot]:  # fmt: skip
        orders = {
            name: self.sights.order(self.user, self.speech.heard(ask), stable=self.speech.stable)
            for name, ask in self.asks.lists.items()
        }
        windows = {name: self.speech.heard(self.asks.lists[name]).window(order)
                   for name, order in orders.items()}  # fmt: skip
        sent = dict(self.before.rooms) if self.before else {}
        rooms: dict[str, JSON] = {}
        for room_id, shapes in self.due(windows, sent).items():
            telling = Room(self, room_id, shapes, sent.get(room_id), windows)
            entry, sent[room_id] = telling.tell()
            if entry is not None:
                rooms[room_id] = entry
        if self.broken("a room outside the windows counts as told"):
            now = self.world.position
            sent = {room_id: replace(told, upto=now) for room_id, told in sent.items()}
        answer: JSON = {"rooms": rooms, "extensions": {}}
        if self.asks.lists:
            answer["lists"] = {n: self.list_of(n, orders[n], windows[n]) for n in orders}
        marks = self.before.marks if self.before else Marks()
        answer["extensions"], marks = self.server.extending.extend(
            self.device, self.asks, windows, rooms, marks, since, first=self.before is None
        )
        return answer, Snapshot(owner, self.world.position, sent, marks)

    def due(
        self, windows: Mapping[str, Sequence[str]], sent: Mapping[str, Sent]
    ) -> dict[str, list[Shape]]:
        """The rooms to look at: all that are shown, and those whose end is owed."""
        shown = {room for rooms in windows.values() for room in rooms}
        known = {r for r in self.asks.subscriptions
                 if r in self.world.rooms and self.sights.of(self.user, r).own}  # fmt: skip
        due = {r: self.asks.shapes_of(r, windows) for r in sorted(shown | known)}
        if not self.asks.wants_rooms or self.broken("an end outside the windows is not told"):
            return due
        for room_id, told in sent.items():
            sight = self.sights.of(self.user, room_id)
            assert sight.own is not None
            if room_id not in due and sight.is_ended and told.own != id_of(sight.own):
                due[room_id] = [Shape(told.limit, each) for each in told.selections]
        return due

    def list_of(self, name: str, order: Sequence[str], window: Sequence[str]) -> JSON:
        count = len(window if self.broken("count is that of the window") else order)
        if self.speech.stable:
            return {"count": count}
        ranges = self.asks.lists[name].ranges
        ops = [
            {"op": "SYNC", "range": [a, b], "room_ids": order[a : b + 1]} for a, b in ranges or ()
        ]
        whole = {"op": "SYNC", "range": [0, max(0, len(order) - 1)], "room_ids": order}
        return {"count": count, "ops": ops if ranges is not None else [whole]}
