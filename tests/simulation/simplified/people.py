"""What people do in stories of the simplified dialects, besides what they do in all stories."""

from typing import Any, Final

from tests.simulation.people import People

RECEIPTS: Final = ("m.read", "m.read", "m.read.private")
TAGS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"m.favourite": {}},
    {"m.lowpriority": {"order": 0.5}},
)


class Chatters(People):
    """They also read, tag, and send messages to devices.

    ``names_stay``: rooms keep some name, as clients of MSC3575 are told others of nameless ones.
    """

    names_stay = False

    def do_unname(self, room: int, user: int, *_: int) -> bool:
        """The room has no name any more."""
        if self.names_stay:
            return False
        room_id, who = self.room_and_user(room, user)
        return self.try_(self.world.send, room_id, who, "m.room.name", {}, state_key="")

    def do_avatar(self, room: int, user: int, on: int, *_: int) -> bool:
        room_id, who = self.room_and_user(room, user)
        content = {"url": f"mxc://hs/{self.text('avatar')}"} if on % 3 else {}
        return self.try_(self.world.send, room_id, who, "m.room.avatar", content, state_key="")

    def do_receipt(self, room: int, user: int, which: int, kind: int, *_: int) -> bool:
        """Somebody has read one of the newest events that they may see."""
        room_id, who = self.room_and_user(room, user)
        if self.truth.membership(who, room_id) != "join":
            return False
        seen = self.truth.seen(who, room_id)[-4:]
        self.world.tick()
        self.world.receipt(room_id, who, seen[which % len(seen)], RECEIPTS[kind % len(RECEIPTS)])
        return True

    def do_datum(self, user: int, which: int, *_: int) -> bool:
        """Account data that belongs to no room."""
        who = self.users[user % len(self.users)]
        self.world.set_account_data(who, f"org.test.{which % 3}", {"text": self.text("datum")})
        return True

    def do_tag(self, room: int, user: int, which: int, kind: int, *_: int) -> bool:
        room_id, who = self.room_and_user(room, user)
        if self.truth.membership(who, room_id) != "join":
            return False
        if kind % 3:
            tags = {"tags": TAGS[which % len(TAGS)]}
            self.world.set_account_data(who, "m.tag", tags, room_id)
        else:
            read = {"event_id": self.truth.seen(who, room_id)[-1]}
            self.world.set_account_data(who, "m.fully_read", read, room_id)
        return True

    def do_whisper(self, user: int, device: int, count: int, *_: int) -> bool:
        """Messages to one device: each has a number, beginning with 0."""
        devices = list(self.world.devices.values())
        home = devices[device % len(devices)]
        who = self.users[user % len(self.users)]
        for _n in range(1 + count % 3):
            content = {"number": len(home.inbox)}
            self.world.to_device(who, home.user_id, home.device_id, "m.test", content)
        return True

    def do_devices(self, user: int, left: int, *_: int) -> bool:
        """Somebody has a new device, or shares no encrypted room any more."""
        who = self.users[user % len(self.users)]
        others = [other for other in self.users if other != who]
        self.world.change_device_list(who, *others, left=left % 4 == 0)
        return True
