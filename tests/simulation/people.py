"""What people do: they write, join, leave, invite, kick and ban each other.

Numbers choose a room and a user; what the homeserver refuses is not done.
"""

from typing import Any, Final

from tests.simulation.story import Setting
from tests.simulation.truth import Truth
from tests.support.world import Refused, World

MOST_ROOMS: Final = 6


class People:
    """The homeserver's side of a story: its rooms and users, and what they do."""

    def __init__(self, world: World, truth: Truth, setting: Setting) -> None:
        self.world = world
        self.truth = truth
        self.users: list[str] = []
        self.rooms: list[str] = []
        self.texts = 0
        # Without ``state_after`` a homeserver cannot say what a reset inside a chunk came to.
        self.resets = setting.state_after
        self.found_world(setting)

    def found_world(self, setting: Setting) -> None:
        self.users = [self.world.create_user(f"u{n}") for n in range(setting.users)]
        for n in range(setting.rooms):
            creator = self.users[n % len(self.users)]
            self.rooms.append(
                self.world.create_room(
                    creator,
                    name=self.text("name"),
                    preset="public_chat",
                    room_id=f"!r{n}:{self.world.server_name}",
                )
            )
        for user, room in sorted(setting.joined):
            if room % len(self.users) != user:
                self.world.member(self.rooms[room], self.users[user], self.users[user], "join")

    def text(self, what: str) -> str:
        self.texts += 1
        return f"{what}{self.texts}"

    def room_and_user(self, room: int, user: int) -> tuple[str, str]:
        return self.rooms[room % len(self.rooms)], self.users[user % len(self.users)]

    def try_(self, act: Any, *arguments: Any, **more: Any) -> bool:
        try:
            act(*arguments, **more)
        except Refused:
            return False
        return True

    def do_message(self, room: int, user: int, device: int, txn: int, *_: int) -> bool:
        room_id, who = self.room_and_user(room, user)
        devices = [d for d in self.world.devices.values() if d.user_id == who]
        sent = {"device": devices[device % len(devices)], "txn_id": self.text("t")} if (
            txn % 2 and devices) else {}  # fmt: skip
        body = {"body": self.text("m")}
        return self.try_(self.world.send, room_id, who, "m.room.message", body, **sent)

    def do_talk(self, room: int, user: int, count: int, *_: int) -> bool:
        """Many messages at once: more than a chunk has room for."""
        room_id, who = self.room_and_user(room, user)
        return any([
            self.try_(self.world.send, room_id, who, "m.room.message", {"body": self.text("m")})
            for _ in range(2 + count % 6)
        ])  # fmt: skip

    def do_name(self, room: int, user: int, *_: int) -> bool:
        room_id, who = self.room_and_user(room, user)
        content = {"name": self.text("name")}
        return self.try_(self.world.send, room_id, who, "m.room.name", content, state_key="")

    def do_topic(self, room: int, user: int, *_: int) -> bool:
        room_id, who = self.room_and_user(room, user)
        content = {"topic": self.text("topic")}
        return self.try_(self.world.send, room_id, who, "m.room.topic", content, state_key="")

    def do_join(self, room: int, user: int, *_: int) -> bool:
        room_id, who = self.room_and_user(room, user)
        if self.truth.membership(who, room_id) == "join":
            return False
        return self.try_(self.world.member, room_id, who, who, "join")

    def do_profile(self, room: int, user: int, *_: int) -> bool:
        room_id, who = self.room_and_user(room, user)
        if self.truth.membership(who, room_id) != "join":
            return False
        return self.try_(
            self.world.member, room_id, who, who, "join", displayname=self.text("display")
        )

    def do_leave(self, room: int, user: int, *_: int) -> bool:
        room_id, who = self.room_and_user(room, user)
        return self.try_(self.world.member, room_id, who, who, "leave")

    def other(self, membership: str, room: int, by: int, whom: int, *before: str) -> bool:
        room_id, who = self.room_and_user(room, by)
        target = self.users[whom % len(self.users)]
        if who == target or self.truth.membership(target, room_id) not in before:
            return False
        return self.try_(self.world.member, room_id, who, target, membership)

    def do_kick(self, room: int, by: int, whom: int, *_: int) -> bool:
        return self.other("leave", room, by, whom, "join", "invite")

    def do_ban(self, room: int, by: int, whom: int, *_: int) -> bool:
        return self.other("ban", room, by, whom, "join", "invite", "leave")

    def do_unban(self, room: int, by: int, whom: int, *_: int) -> bool:
        return self.other("leave", room, by, whom, "ban")

    def do_invite(self, room: int, by: int, whom: int, *_: int) -> bool:
        room_id, _who = self.room_and_user(room, by)
        target = self.users[whom % len(self.users)]
        if self.truth.membership(target, room_id) in ("join", "invite", "ban"):
            return False
        return self.try_(
            self.world.member, room_id, self.room_and_user(room, by)[1], target, "invite"
        )

    def do_redact(self, room: int, user: int, which: int, *_: int) -> bool:
        room_id, who = self.room_and_user(room, user)
        said = [s.event["event_id"] for s in self.world.rooms[room_id].timeline
                if s.event["type"] == "m.room.message"]  # fmt: skip
        if not said:
            return False
        return self.try_(self.world.redact, room_id, who, said[which % len(said)])

    def do_visibility(self, room: int, user: int, which: int, *_: int) -> bool:
        """Who may see the history from now on."""
        room_id, who = self.room_and_user(room, user)
        rules = ("shared", "world_readable", "invited", "joined")
        content = {"history_visibility": rules[which % len(rules)]}
        kind = "m.room.history_visibility"
        return self.try_(self.world.send, room_id, who, kind, content, state_key="")

    def do_upgrade(self, room: int, user: int, *_: int) -> bool:
        """A room is replaced by another one, which nobody else has joined yet."""
        room_id, who = self.room_and_user(room, user)
        replaced = ("m.room.tombstone", "") in self.world.rooms[room_id].current
        if replaced or len(self.rooms) >= MOST_ROOMS:
            return False
        if self.truth.membership(who, room_id) != "join":
            return False
        self.rooms.append(self.world.upgrade(room_id, who, "10"))
        return True

    def do_reset(self, room: int, which: int, *_: int) -> bool:
        """A name or topic is an older one again, without an event that says so."""
        older = [
            (found, values[:-1])
            for found in self.world.rooms.values()
            for key in (("m.room.name", ""), ("m.room.topic", ""))
            if len(values := found.history.get(key, ())) > 1
        ]
        if not self.resets or not older:
            return False
        found, values = older[room % len(older)]
        found.reset(self.world.advance(), values[which % len(values)])
        return True

    def do_direct(self, room: int, user: int, on: int, *_: int) -> bool:
        room_id, who = self.room_and_user(room, user)
        rooms = self.truth.direct(who) - {room_id} | ({room_id} if on % 2 else set())
        self.world.set_account_data(who, "m.direct", {who: sorted(rooms)})
        return True

    def do_unread(self, room: int, user: int, count: int, high: int, *_: int) -> bool:
        room_id, who = self.room_and_user(room, user)
        if self.truth.membership(who, room_id) != "join":
            return False
        self.world.set_unread(who, room_id, count % 3, high % 2)
        return True
