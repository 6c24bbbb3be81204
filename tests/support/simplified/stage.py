"""Carries out what happens at the homeserver in a story, and keeps what is true of the account."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.account import Account, ApiError
from tests.support.simplified.story import AT_THE_HOMESERVER, Action

TALK: Final = 12
"""How many messages somebody sends in a row at most: more than any timeline of a story holds."""
KNOCKING: Final = {
    "type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "knock"}
}  # fmt: skip
KINDS: Final = (None, None, None, "m.space")
TAGS: Final = ("m.favourite", "u.work")


@dataclass(slots=True)
class Stage:
    """``membership`` has for each room that the account ever had to do with its membership,
    and whether that was its own doing: ``("leave", True)`` is a room that it left itself.
    ``entered`` are the rooms that it ever was in, ``joined_anew`` those that it joined after an
    invite, a knock, or the end of a stay; of ``outside_data`` some account data changed while
    it was not in the room.
    """

    me: Account
    others: tuple[Account, ...]
    rooms: list[str] = field(default_factory=list)
    events: dict[str, list[str]] = field(default_factory=dict)
    membership: dict[str, tuple[str, bool]] = field(default_factory=dict)
    entered: set[str] = field(default_factory=set)
    joined_anew: set[str] = field(default_factory=set)
    outside_data: set[str] = field(default_factory=set)
    direct: list[str] = field(default_factory=list)

    async def carry_out(self, action: Action) -> None:
        """An action that the homeserver refuses does nothing."""
        a, b, c, d = action.numbers
        assert action.kind in AT_THE_HOMESERVER, action
        if action.kind == "create":
            return await self._create(a, b, c)
        if not self.rooms:
            return None
        room = self.rooms[a % len(self.rooms)]
        act: Callable[..., Awaitable[None]] = getattr(self, f"_{action.kind}")
        try:
            await act(room, b, c, d)
        except ApiError as refused:
            assert 400 <= refused.status < 500, refused
        return None

    @property
    def joined(self) -> list[str]:
        return [room for room, (membership, _) in self.membership.items() if membership == "join"]

    def left_itself(self, room: str) -> bool:
        return self.membership.get(room) == ("leave", True)

    def _somebody(self, number: int) -> Account:
        return (self.me, *self.others)[number % (1 + len(self.others))]

    def _other(self, number: int) -> Account:
        return self.others[number % len(self.others)]

    def _is(self, room: str, membership: str, *, own: bool = False) -> None:
        if membership == "join":
            if room in self.membership and room not in self.joined:
                self.joined_anew.add(room)
            self.entered.add(room)
        self.membership[room] = (membership, own)

    # Rooms and members

    async def _create(self, a: int, b: int, c: int) -> None:
        """A room of the account's own, or of another who may invite it."""
        creator = self.me if a % 3 else self._other(b)
        state = [] if c % 4 else [KNOCKING]
        name = f"Room {len(self.rooms)}" if b % 3 else None
        room = await creator.create_room(
            name, public=bool(c % 4), state=state, room_type=KINDS[c % len(KINDS)]
        )
        self.rooms.append(room)
        self.events[room] = []
        if creator is self.me:
            self._is(room, "join", own=True)
        elif b % 2:
            await creator.invite(room, self.me)
            self._is(room, "invite")

    async def _chat(self, room: str, b: int, c: int, d: int) -> None:
        other = self._other(b)
        made = await self.me.create_dm(other)
        self.rooms.append(made)
        self.events[made] = []
        self.direct = [made]
        self._is(made, "join", own=True)

    async def _join(self, room: str, b: int, c: int, d: int) -> None:
        await self.me.join(room)
        self._is(room, "join", own=True)

    async def _leave(self, room: str, b: int, c: int, d: int) -> None:
        await self.me.leave(room)
        self._is(room, "leave", own=True)

    async def _knock(self, room: str, b: int, c: int, d: int) -> None:
        await self.me.knock(room)
        self._is(room, "knock", own=True)

    async def _invite(self, room: str, b: int, c: int, d: int) -> None:
        await self._other(b).invite(room, self.me)
        self._is(room, "invite")

    async def _kick(self, room: str, b: int, c: int, d: int) -> None:
        await self._other(b).kick(room, self.me)
        self._is(room, "leave")

    async def _ban(self, room: str, b: int, c: int, d: int) -> None:
        await self._other(b).ban(room, self.me)
        self._is(room, "ban")

    async def _unban(self, room: str, b: int, c: int, d: int) -> None:
        await self._other(b).unban(room, self.me)
        self._is(room, "leave")

    async def _others_come(self, room: str, b: int, c: int, d: int) -> None:
        await self._other(b).join(room)

    async def _others_go(self, room: str, b: int, c: int, d: int) -> None:
        other = self._other(b)
        await (self._somebody(d).kick(room, other) if c % 2 else other.leave(room))

    async def _others_invite(self, room: str, b: int, c: int, d: int) -> None:
        await self._somebody(b).invite(room, self._other(c))

    async def _others_rename(self, room: str, b: int, c: int, d: int) -> None:
        """In this room only: a name of the whole profile arrives when it likes."""
        other = self._other(b)
        content = {"membership": "join", "displayname": f"Name {c}"}
        joined = await other.call("GET", "/joined_rooms")
        if room in joined["joined_rooms"]:
            await other.set_state(room, "m.room.member", content, other.user_id)

    # Events

    async def _message(self, room: str, b: int, c: int, d: int) -> None:
        self.events[room].append(await self._somebody(b).send(room, f"message {c}"))

    async def _talk(self, room: str, b: int, c: int, d: int) -> None:
        for number in range(c % TALK + 1):
            await self._message(room, b, number, d)

    async def _reaction(self, room: str, b: int, c: int, d: int) -> None:
        event = self._event(room, d)
        relation = {"rel_type": "m.annotation", "event_id": event, "key": f"{c}"}
        await self._somebody(b).send(room, {"m.relates_to": relation}, kind="m.reaction")

    async def _redact(self, room: str, b: int, c: int, d: int) -> None:
        await self._somebody(b).redact(room, self._event(room, c))

    def _event(self, room: str, number: int) -> str:
        events = self.events[room] or ["$none"]
        return events[number % len(events)]

    async def _name(self, room: str, b: int, c: int, d: int) -> None:
        await self._somebody(b).rename(room, f"Name {c}")

    async def _unname(self, room: str, b: int, c: int, d: int) -> None:
        await self._somebody(b).rename(room, "")

    async def _topic(self, room: str, b: int, c: int, d: int) -> None:
        await self._somebody(b).set_state(room, "m.room.topic", {"topic": f"Topic {c}"})

    async def _avatar(self, room: str, b: int, c: int, d: int) -> None:
        content = {"url": f"mxc://localhost/{c}"} if c % 3 else {}
        await self._somebody(b).set_state(room, "m.room.avatar", content)

    async def _mark(self, room: str, b: int, c: int, d: int) -> None:
        await self._somebody(b).set_state(room, "org.example.mark", {"n": c}, f"k{d % 3}")

    async def _encrypt(self, room: str, b: int, c: int, d: int) -> None:
        await self._somebody(b).encrypt(room)

    # What belongs to the account

    async def _direct(self, room: str, b: int, c: int, d: int) -> None:
        rooms = [*self.direct, room] if c % 3 else [one for one in self.direct if one != room]
        await self.me.mark_direct(self._other(b), *rooms)
        self.direct = rooms

    def _changes_data(self, room: str) -> None:
        if room not in self.joined:
            self.outside_data.add(room)

    async def _tag(self, room: str, b: int, c: int, d: int) -> None:
        self._changes_data(room)
        await self.me.tag(room, TAGS[b % 2])

    async def _untag(self, room: str, b: int, c: int, d: int) -> None:
        self._changes_data(room)
        await self.me.untag(room, TAGS[b % 2])

    async def _room_data(self, room: str, b: int, c: int, d: int) -> None:
        self._changes_data(room)
        await self.me.set_account_data(f"org.example.{b % 2}", {"n": c}, room)

    async def _data(self, room: str, b: int, c: int, d: int) -> None:
        await self.me.set_account_data(f"org.example.{b % 2}", {"n": c})

    async def _read(self, room: str, b: int, c: int, d: int) -> None:
        if self.events[room]:
            kind = "m.read" if c % 3 else "m.read.private"
            if self._somebody(b) is self.me:
                self._changes_data(room)
            await self._somebody(b).read(room, self._event(room, d), kind)


async def history(account: Account, room: str) -> list[str] | None:
    """The IDs of all events of a room that the account may see, oldest first.

    None when the homeserver does not tell: Synapse lets nobody read who is banned.
    """
    events: list[str] = []
    query: dict[str, str | int] = {"dir": "b", "limit": 200}
    while True:
        try:
            page: Any = await account.call("GET", f"/rooms/{room}/messages", None, **query)
        except ApiError as refused:
            assert refused.status == 403, refused
            return None
        events += [event["event_id"] for event in page["chunk"]]
        if not page["chunk"] or page.get("end") is None:
            return events[::-1]
        query["from"] = page["end"]
