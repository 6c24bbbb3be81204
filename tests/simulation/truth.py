"""What a user may see, straight from the homeserver's rooms. Deliberately naive.

A user *sees* the events from a join up to and including the event that ends the
membership, and their own member events always. State is seen if it was in force at some
time while the user was in the room.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.support.room import JSON, Room, Stored
from tests.support.v2 import Filter, Syncer
from tests.support.world import World

MEMBER = "m.room.member"
HIDING = ("invited", "joined")


@dataclass(slots=True)
class Truth:
    """Questions about a world. Nothing here knows of pollers, positions or connections."""

    world: World
    invites: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    """What rooms are called to users who are invited, and when that was said: later names are
    not told before they join. Of other invites it is the name of now."""
    _seen: dict[tuple[str, str], tuple[int, list[str], dict[str, int]]] = field(
        default_factory=dict
    )

    def seen(self, user: str, room_id: str) -> list[str]:
        """The IDs of the events which the user may see, in room order."""
        return self._look(user, room_id)[1]

    def places(self, user: str, room_id: str) -> dict[str, int]:
        """Where in ``seen`` each of its events is."""
        return self._look(user, room_id)[2]

    def _look(self, user: str, room_id: str) -> tuple[int, list[str], dict[str, int]]:
        room = self.world.rooms[room_id]
        known = self._seen.get((user, room_id))
        if known is None or known[0] != len(room.timeline):
            seen: list[str] = []
            inside = False
            for stored in room.timeline:
                own = stored.key == (MEMBER, user)
                was, inside = inside, stored.membership == "join" if own else inside
                if was or inside or own:
                    seen.append(stored.event["event_id"])
            known = (len(room.timeline), seen, {e: i for i, e in enumerate(seen)})
            self._seen[(user, room_id)] = known
        return known

    def membership(self, user: str, room_id: str) -> str | None:
        return self.world.rooms[room_id].membership(user, self.world.position)

    def joined_at(self, user: str, room_id: str, event_id: str) -> int:
        """The place in ``seen`` of the join that began the stay with this event."""
        seen = self.seen(user, room_id)
        room = self.world.rooms[room_id]
        began = 0
        for place, other in enumerate(seen[: self.places(user, room_id)[event_id] + 1]):
            stored = room.find(other)
            assert stored is not None
            if stored.key == (MEMBER, user) and stored.membership == "join":
                before = (stored.replaces or {"content": {}})["content"].get("membership")
                began = began if before == "join" else place
        return began

    def was_in_force(self, user: str, room_id: str, stored: Stored) -> bool:
        """Whether a state event was current at some time while the user could see it.

        Where history is hidden the homeserver itself may tell who comes what was before,
        and not what it hides since.
        """
        room = self.world.rooms[room_id]
        if stored.key == (MEMBER, user):
            return True
        if self.hides(room) and room.visible(stored, user, self.world.position):
            return True
        stays = self.stays(user, room)
        return any(
            start < until and since <= end
            for since, until in self._in_force(room, stored)
            for start, end in stays
        )

    def hides(self, room: Room) -> bool:
        """Whether some of the room's history is or was not visible to all members."""
        rules = room.history.get(("m.room.history_visibility", ""), ())
        return any(s.event["content"]["history_visibility"] in HIDING for s in rules)

    def _in_force(self, room: Room, stored: Stored) -> Iterator[tuple[int, int]]:
        """From and up to which positions a state event was current; the latter exclusive."""
        assert stored.key is not None
        values = room.history[stored.key]
        ends = [s.position for s in values[1:]] + [self.world.position + 1]
        for value, end in zip(values, ends, strict=True):
            if value.event is stored.event:
                yield value.position, end

    def stays(self, user: str, room: Room) -> list[tuple[int, int]]:
        """When the user was in the room or invited: positions, both inclusive."""
        stays: list[tuple[int, int]] = []
        began: int | None = None
        for stored in room.timeline:
            if stored.key != (MEMBER, user):
                continue
            if stored.membership in ("join", "invite"):
                began = stored.position if began is None else began
            elif began is not None:
                stays.append((began, stored.position))
                began = None
        if began is not None:
            stays.append((began, self.world.position))
        return stays

    # -- lists -----------------------------------------------------------------------

    def order(self, user: str, asked: JSON) -> list[str]:
        """The rooms of a list, filtered and sorted."""
        rooms = [
            room_id
            for room_id in self.world.rooms
            if self.membership(user, room_id) in ("join", "invite")
            and not self._replaced(user, room_id)
            and self._passes(user, room_id, asked.get("filters", {}))
        ]
        return sorted(rooms, key=lambda room_id: self._key(user, room_id, asked["sort"]))

    def _replaced(self, user: str, room_id: str) -> bool:
        """Whether the user, who is in the room, is in the room that has replaced it."""
        room = self.world.rooms[room_id]
        new = room.content_at(self.world.position, "m.room.tombstone").get("replacement_room")
        joined = self.membership(user, room_id) == "join"
        return joined and new is not None and self.membership(user, new) == "join"

    def _passes(self, user: str, room_id: str, filters: JSON) -> bool:
        return all(
            {
                "is_dm": lambda: room_id in self.direct(user),
                "is_invite": lambda: self.membership(user, room_id) == "invite",
            }[name]()
            == wanted
            for name, wanted in filters.items()
        )

    def _key(self, user: str, room_id: str, sort: list[str]) -> tuple[int | str, ...]:
        invited = self.membership(user, room_id) == "invite"
        notified, highlighted = self.unread(user, room_id)
        tier = 0 if invited or highlighted else 2 if notified else 3
        activity = (
            0 if invited else self.world.rooms[room_id].timeline[-1].event["origin_server_ts"]
        )
        keys: dict[str, int | str] = {
            "by_recency": -activity,
            "by_name": self._sorted_as(user, room_id, invited=invited).lower(),
            "by_notification_level": tier,
        }
        return (*(keys[name] for name in sort), room_id)

    def _sorted_as(self, user: str, room_id: str, *, invited: bool) -> str:
        said = self.invites.get((user, room_id)) if invited else None
        return said[1] if said is not None else self.name(room_id)

    def direct(self, user: str) -> set[str]:
        content = self.world.account_datum(user, "m.direct")
        return {room for rooms in content.values() for room in rooms}

    def name(self, room_id: str) -> str:
        name: str = self.world.rooms[room_id].content_at(self.world.position, "m.room.name")["name"]
        return name

    def unread(self, user: str, room_id: str) -> tuple[int, int]:
        device = next(d for d in self.world.devices.values() if d.user_id == user)
        syncer = Syncer(self.world, device, None, self.world.position, Filter())
        return syncer.unread(self.world.rooms[room_id], self.world.position)

    def names_of(self, user: str, room_id: str) -> set[str]:
        """All names of the room that the user could have seen."""
        room = self.world.rooms[room_id]
        return {
            stored.event["content"].get("name", "")
            for stored in room.timeline
            if stored.key == ("m.room.name", "") and self.was_in_force(user, room_id, stored)
        }
