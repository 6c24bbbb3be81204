"""The extensions of the naive server: to-device messages, devices, account data, receipts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncv3.types import Device
from tests.simulation.simplified.asks import Asks
from tests.simulation.simplified.sight import Sights
from tests.support.room import JSON

MOST: int = 100


@dataclass(frozen=True, slots=True)
class Marks:
    """Up to which position of the world each extension has told: of a room, or (room None) of
    what belongs to none."""

    told: Mapping[tuple[str, str | None], int] = field(default_factory=dict)
    position: int = 0

    def of(self, name: str, room_id: str | None = None) -> int | None:
        return self.told.get((name, room_id))

    def tell(self, name: str, room_id: str | None, position: int) -> "Marks":
        return replace(self, told={**self.told, (name, room_id): position})


class Extending:
    """All extensions. ``acknowledged`` maps devices to the position up to which they have what
    was sent to them."""

    def __init__(self, sights: Sights, fault: str) -> None:
        self.sights = sights
        self.world = sights.world
        self.fault = fault
        self.acknowledged: dict[tuple[str, str], int] = {}

    def broken(self, fault: str) -> bool:
        return self.fault == fault

    def extend(
        self, device: Device, asks: Asks, windows: Mapping[str, Sequence[str]],
        rooms: Mapping[str, JSON], marks: Marks, since: str | None, *, first: bool,
    ) -> tuple[JSON, Marks]:  # fmt: skip
        answers: JSON = {}
        wanted = set(asks.extensions)
        if self.broken("an extension that nobody asked for"):
            wanted.add("typing")
            answers["typing"] = {"rooms": {}}
        if "to_device" in wanted:
            limit = asks.extensions["to_device"].get("limit", MOST)
            answers["to_device"] = self.to_device(device, since, limit)
        if "e2ee" in wanted:
            answers["e2ee"] = self.e2ee(device, marks, first=first)
        if "account_data" in wanted:
            scope = asks.scope_of("account_data", windows)
            answers["account_data"], marks = self.account_data(device, scope, marks)
        elif self.broken("what comes while an extension is off is lost"):
            marks = self.forget(marks)
        if "receipts" in wanted:
            scope = asks.scope_of("receipts", windows)
            answers["receipts"], marks = self.receipts(device, scope, rooms, marks)
        if self.broken("data of rooms outside the windows counts as told"):
            marks = self.forget(marks)
        return answers, replace(marks, position=self.world.position)

    def forget(self, marks: Marks) -> Marks:
        return replace(marks, told=dict.fromkeys(marks.told, self.world.position))

    def to_device(self, device: Device, since: str | None, limit: int) -> JSON:
        key = (str(device.user_id), str(device.device_id))
        done = self.acknowledged.get(key, 0)
        if since is not None:
            done = max(done, int(since.removeprefix("td")))
        if not self.broken("to-device messages are never acknowledged"):
            self.acknowledged[key] = done
        else:
            done = int(since.removeprefix("td")) - 3 if since else 0
        waiting = [(p, e) for p, e in self.world.devices[key].inbox if p > done]
        told = waiting[:limit]
        end = told[-1][0] if told else done
        if self.broken("what exceeds the limit is lost") and waiting:
            end = waiting[-1][0]
        return {"next_batch": f"td{end}", "events": [event for _, event in told]}

    def e2ee(self, device: Device, marks: Marks, *, first: bool) -> JSON:
        home = self.world.devices[(device.user_id, device.device_id)]
        answer: JSON = {
            "device_one_time_keys_count": home.one_time_keys,
            "device_unused_fallback_key_types": home.fallback_types,
        }
        if first:
            return answer
        changes = {c.target: c.left for c in self.world.device_lists
                   if c.observer == device.user_id and c.position > marks.position}  # fmt: skip
        if self.broken("changed devices are not told"):
            changes.clear()
        return answer | {"device_lists": {
            "changed": [user for user, left in changes.items() if not left],
            "left": [user for user, left in changes.items() if left],
        }}  # fmt: skip

    def account_data(self, device: Device, scope: set[str], marks: Marks) -> tuple[JSON, Marks]:
        answer: JSON = {"global": [], "rooms": {}}
        joined = {r for r in scope if self.sights.of(device.user_id, r).is_joined}
        for room_id in (None, *sorted(joined)):
            since = marks.of("account_data", room_id) or 0
            data = {
                d.type: {"type": d.type, "content": d.content}
                for d in self.world.account_data
                if d.user_id == device.user_id and d.room_id == room_id and d.position > since
            }
            marks = marks.tell("account_data", room_id, self.world.position)
            if room_id is None:
                answer["global"] = list(data.values())
            elif data:
                answer["rooms"][room_id] = list(data.values())
        return answer, marks

    def receipts(
        self, device: Device, scope: set[str], rooms: Mapping[str, JSON], marks: Marks
    ) -> tuple[JSON, Marks]:
        told: JSON = {}
        for room_id in sorted(r for r in scope if self.sights.of(device.user_id, r).is_joined):
            entry = rooms.get(room_id, {})
            content = self.read(str(device.user_id), room_id, entry, marks)
            marks = marks.tell("receipts", room_id, self.world.position)
            if content:
                told[room_id] = {"type": "m.receipt", "content": content}
        return {"rooms": told}, marks

    def read(self, user: str, room_id: str, entry: JSON, marks: Marks) -> JSON:
        """The newest receipts of a room that are to be told."""
        since = marks.of("receipts", room_id)
        anew = entry.get("initial") or entry.get("expanded_timeline") or entry.get(
            "unstable_expanded_timeline")  # fmt: skip
        shown = {event["event_id"] for event in entry.get("timeline", ())}
        newest = {(r.user_id, r.type): r for r in self.world.receipts if r.room_id == room_id}
        content: JSON = {}
        for receipt in newest.values():
            private = receipt.type == "m.read.private" and receipt.user_id != user
            if private and not self.broken("private receipts are told to all"):
                continue
            new = since is not None and receipt.position > since and not entry.get("initial")
            own = receipt.user_id == user
            if own and since is None and self.broken("own receipts are forgotten"):
                continue
            owed = own or receipt.event_id in shown
            if new or (owed and (since is None or anew)):
                kinds = content.setdefault(receipt.event_id, {})
                kinds.setdefault(receipt.type, {})[receipt.user_id] = {"ts": receipt.ts}
        return content
