"""What a client has from account data, receipts and device lists, and whether that can be."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.simulation.reader import Violation
from tests.simulation.simplified.asks import Asks
from tests.simulation.simplified.copies import Copy
from tests.simulation.simplified.sight import Sight, Sights
from tests.simulation.simplified.speech import Told
from tests.support.world import Receipt

Reading = tuple[str, str, str]
"""Room, user and type of a receipt."""


@dataclass(frozen=True, slots=True)
class Extras:
    """``receipts`` maps to the event that was read. ``devices`` maps users to the position of
    the world at which they were last told as changed or left; ``began``: that at which device
    lists were first asked for on this connection, None: never, or not all the time since."""

    account_data: Mapping[str, Any] = field(default_factory=dict)
    room_data: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    receipts: Mapping[Reading, str] = field(default_factory=dict)
    devices: Mapping[str, int] = field(default_factory=dict)
    began: int | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """One answer and what it is judged by. ``first``: there was no ``pos``."""

    who: str
    user: str
    sights: Sights
    asks: Asks
    told: Told
    rooms: Mapping[str, Copy]
    first: bool

    def part(self, name: str) -> Mapping[str, Any]:
        part: Mapping[str, Any] = self.told.extensions.get(name, {})
        return part


def take(scene: Scene, before: Extras) -> Extras:
    """Raises ``Violation`` for what cannot be."""
    extras = replace(before, devices={}, began=None) if scene.first else before
    extras = _account_data(scene, extras)
    extras = replace(extras, receipts={**extras.receipts, **dict(_receipts(scene))})
    return _devices(scene, extras)


def _account_data(scene: Scene, extras: Extras) -> Extras:
    told = scene.part("account_data")
    listed = {e["type"]: e["content"] for e in told.get("global", ())}
    if len(listed) < len(told.get("global", ())):
        raise Violation(f"repeated: {scene.who}: {told['global']}")
    rooms: dict[tuple[str, str], Any] = {}
    for room_id, events in told.get("rooms", {}).items():
        if scene.sights.of(scene.user, room_id).own is None:
            raise Violation(f"leak: {scene.who}: account data of {room_id}")
        rooms |= {(room_id, event["type"]): event["content"] for event in events}
    for (room, kind), content in [((None, k), c) for k, c in listed.items()] + list(rooms.items()):
        values = [d.content for d in scene.sights.world.account_data
                  if (d.user_id, d.room_id, d.type) == (scene.user, room, kind)]  # fmt: skip
        if content not in values:
            raise Violation(f"leak: {scene.who}: {kind} of {room} is {content}")
    return replace(
        extras,
        account_data={**extras.account_data, **listed},
        room_data={**extras.room_data, **rooms},
    )


def _receipts(scene: Scene) -> list[tuple[Reading, str]]:
    """S-385, S-388: real receipts of people in the room, of a time when the user was there."""
    found = []
    for room_id, event in scene.part("receipts").get("rooms", {}).items():
        if event.keys() - {"type", "content"} or event["type"] != "m.receipt":
            raise Violation(f"unreadable: {scene.who}: receipts {event}")
        for event_id, kinds in event["content"].items():
            for kind, users in kinds.items():
                for user, read in users.items():
                    receipt = _find(scene, (room_id, user, kind), event_id, read)
                    found.append(((room_id, user, kind), receipt))
    return [(reading, receipt.event_id) for reading, receipt in found]


def _find(scene: Scene, reading: Reading, event_id: str, read: Mapping[str, Any]) -> Receipt:
    room_id, user, kind = reading
    receipts = [r for r in scene.sights.world.receipts
                if (r.room_id, r.user_id, r.type) == reading
                and (r.event_id, r.ts) == (event_id, read["ts"])]  # fmt: skip
    sight = scene.sights.of(scene.user, room_id)
    if not receipts or not sight.began or (kind == "m.read.private" and user != scene.user):
        raise Violation(f"leak: {scene.who}: {kind} of {user} in {room_id}")
    if not sight.is_joined and receipts[0].position > (sight.until or 0):
        raise Violation(f"leak: {scene.who}: {kind} of {user} from after the end in {room_id}")
    return receipts[-1]


def _devices(scene: Scene, extras: Extras) -> Extras:
    """S-366, S-367."""
    if "e2ee" not in scene.asks.extensions:
        return replace(extras, began=None)
    told, now = scene.part("e2ee"), scene.sights.world.position
    if "device_unused_fallback_key_types" not in told or not told["device_one_time_keys_count"]:
        raise Violation(f"absent: {scene.who}: keys are not told (S-366): {told}")
    lists = told.get("device_lists")
    if scene.first and lists is not None and any(lists.values()):
        raise Violation(f"unasked: {scene.who}: device lists {lists} in a first answer")
    if "signed_curve25519" not in told["device_one_time_keys_count"]:
        raise Violation(f"unreadable: {scene.who}: keys {told}")
    changed, left = ((lists or {}).get(name, ()) for name in ("changed", "left"))
    if both := set(changed) & set(left):
        raise Violation(f"unreadable: {scene.who}: {both} both changed and left")
    devices = {**extras.devices, **dict.fromkeys((*changed, *left), now)}
    began = now if extras.began is None else extras.began
    return replace(extras, devices=devices, began=began)


def mark_receipts(told: Told, asks: Asks, rooms: Mapping[str, Copy]) -> dict[str, Copy]:
    """Of rooms that begin with an answer that has receipts, all receipts must come from now on.

    A client that cannot know what is in its windows is only held to extensions for all rooms.
    """
    asked = asks.extensions.get("receipts")
    whole = asked is not None and "*" in asked.get("rooms", ["*"])
    begun = {room_id for room_id, entry in told.rooms.items() if entry.get("initial")}
    return {
        room_id: replace(copy, receipts=whole) if room_id in begun else copy
        for room_id, copy in rooms.items()
    }


def newest_receipts(sights: Sights, user: str, room_id: str) -> dict[Reading, Receipt]:
    """What the user may see of who has read what in a room."""
    newest: dict[Reading, Receipt] = {}
    for receipt in sights.world.receipts:
        private = receipt.type == "m.read.private" and receipt.user_id != user
        if receipt.room_id == room_id and not private:
            newest[(room_id, receipt.user_id, receipt.type)] = receipt
    return newest


def is_owed(copy: Copy, sight: Sight, user: str, receipt: Receipt) -> bool:
    """Whether a client that has this copy must have the receipt (S-386, S-387)."""
    return sight.is_joined and (receipt.user_id == user or receipt.event_id in copy.events)
