"""The histories: how somebody comes to be outside a room, and what happens there then."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from syncv3.batch import DeviceData, Part
from syncv3.types import RoomID, UserID
from tests.integration.core.build import account_data
from tests.integration.leaks.house import House, direct
from tests.integration.leaks.stage import NAMES, Case

SECRET = "secret"
VISIBILITIES = ("world_readable", "shared", "invited", "joined", "changing")
ORDERS = ("others first", "own first", "own never", "others alone", "one answer", "others late")


@dataclass
class Tale:
    """One case's cast. ``alice`` stays in the room, ``bob`` is the one who is outside."""

    house: House
    visibility: str
    space: bool

    def __post_init__(self) -> None:
        tag = self.house.case
        self.alice, self.bob, self.carol, self.dave = (
            UserID(f"@{name}-{tag}:hs") for name in ("alice", "bob", "carol", "dave")
        )
        self.room, self.quiet, self.other, self.next = (
            RoomID(f"!{name}-{tag}:hs") for name in ("room", "quiet", "other", "next")
        )
        self.earlier = ""

    def say(self, kind: str, content: Mapping[str, Any], key: str | None = None, *,
            by: UserID | None = None, room: RoomID | None = None, **how: Any) -> str:  # fmt: skip
        return self.house.say(room or self.room, kind, by or self.alice, content, key, **how)

    def text(self, body: str, **how: Any) -> str:
        return self.say("m.room.message", {"body": body}, **how)

    def member(self, user: UserID, membership: str, **how: Any) -> str:
        content = {"membership": membership, "displayname": user[1:4], **how.pop("profile", {})}
        by = how.pop("by", user if membership in ("join", "knock") else None)
        return self.say("m.room.member", content, user, by=by, **how)

    def found(self, room: RoomID, *, users: tuple[UserID, ...], **content: Any) -> None:
        self.say("m.room.create", {"room_version": "10", **content}, "", room=room)
        for user in users:
            self.member(user, "join", room=room)

    def opening(self) -> None:
        """Alice and Carol are in the room; Bob shares two other rooms with Alice."""
        kind = {"type": "m.space"} if self.space else {}
        self.found(self.quiet, users=(self.alice, self.bob))
        self.found(self.other, users=(self.alice, self.bob))
        self.found(self.room, users=(self.alice, self.carol), **kind)
        rule = "joined" if self.visibility == "changing" else self.visibility
        self.say("m.room.history_visibility", {"history_visibility": rule}, "")
        self.say("m.room.name", {"name": "First"}, "")
        self.say("m.room.topic", {"topic": "first"}, "")
        self.text("before you")

    def opens_up(self, *, hidden: bool) -> None:
        """Of the changing visibilities."""
        if self.visibility == "changing":
            content = {"history_visibility": "world_readable"}
            self.say("m.room.history_visibility", content, "", hidden=hidden)

    def closes_again(self) -> None:
        """What an invite shows of the state, and who may look back, is as it is in both."""
        rule = "joined" if self.visibility == "changing" else self.visibility
        for kind, content in (
            ("m.room.name", {"name": "Back"}),
            ("m.room.avatar", {"url": "mxc://back"}),
            ("m.room.join_rules", {"join_rule": "knock"}),
            ("m.room.history_visibility", {"history_visibility": rule}),
        ):
            self.say(kind, content, "")

    # -- what the excluded must not see ----------------------------------------------

    def messages(self) -> None:
        for n in range(3):
            self.text(f"{SECRET} {n}", hidden=True)
        self.text(SECRET, by=self.carol, hidden=True)

    def many(self) -> None:
        for n in range(60):
            self.text(f"{SECRET} {n}", hidden=True)

    def state(self) -> None:
        child = {"via": ["hs"], SECRET: True}
        for kind, content, key in (
            ("m.room.name", {"name": SECRET}, ""),
            ("m.room.topic", {"topic": SECRET}, ""),
            ("m.room.avatar", {"url": f"mxc://{SECRET}"}, ""),
            ("m.room.canonical_alias", {"alias": f"#{SECRET}:hs"}, ""),
            ("m.room.encryption", {"algorithm": SECRET}, ""),
            ("m.room.join_rules", {"join_rule": "public", SECRET: 1}, ""),
            ("m.room.power_levels", {"users": {self.alice: 99}}, ""),
            ("m.space.child", child, self.quiet),
            ("org.example", {SECRET: 1}, SECRET),
        ):
            self.say(kind, content, key, hidden=True)

    def members(self) -> None:
        self.member(self.dave, "invite", hidden=True)
        self.member(self.dave, "join", profile={"displayname": SECRET}, hidden=True)
        self.member(self.alice, "join", profile={"displayname": SECRET}, hidden=True)
        self.member(self.carol, "leave", profile={"reason": SECRET}, by=self.carol, hidden=True)
        self.member(UserID(f"@{SECRET}:hs"), "invite", hidden=True)

    def redactions(self) -> None:
        for name in (self.earlier, self.text(SECRET, hidden=True)):
            content = {"redacts": f"${name}", "reason": SECRET}
            self.say("m.room.redaction", content, redacts=name, hidden=True)

    def besides(self) -> None:
        """Typing, receipts, tags, what is for one device, rooms marked as direct."""
        alice, room = self.alice, self.room
        typing = {"type": "m.typing", "content": {"user_ids": [alice]}}
        marks = {alice: {"ts": 7, SECRET: 1}}
        read = {f"${self.earlier}": {"m.read": marks, "m.read.private": marks}}
        tags = {"type": "m.tag", "content": {"tags": {SECRET: {}}}}
        self.text(SECRET, hidden=True)
        self.house.ephemeral(room, typing, hidden=True)
        self.house.ephemeral(room, {"type": "m.receipt", "content": read}, hidden=True)
        self.house.ephemeral(room, tags, alice, hidden=True)
        message = json.dumps({"type": "m.x", "sender": alice, "content": {SECRET: 1}}).encode()
        data = DeviceData((message,), (self.carol,), (self.dave,), b'{"c":1}', b'["c"]')
        told = (*direct(alice, room), account_data("m.x", {SECRET: 1}))
        self.house.tell(alice, device=data, account_data=told, hidden=True)

    def upgrade(self) -> None:
        self.say("m.room.tombstone", {"replacement_room": self.next, "body": SECRET}, "",
                 hidden=True)  # fmt: skip
        before = {"room_id": self.room, "event_id": "$x"}
        content = {"room_version": "11", "predecessor": before}
        self.say("m.room.create", content, "", room=self.next, hidden=True)
        self.member(self.alice, "join", room=self.next, hidden=True)
        self.say("m.room.name", {"name": SECRET}, "", room=self.next, hidden=True)

    def all(self) -> None:
        for happen in (self.messages, self.members, self.redactions, self.besides, self.state):
            happen()


Happening = Callable[[Tale], object]
SECRETS: Mapping[str, Happening] = {
    "messages": Tale.messages,
    "many": Tale.many,
    "state": Tale.state,
    "members": Tale.members,
    "redactions": Tale.redactions,
    "besides": Tale.besides,
    "upgrade": Tale.upgrade,
    "all": Tale.all,
}


@dataclass(frozen=True)
class Transition:
    """``enter`` lets Bob in (or near), ``end`` is his way out; both may do nothing."""

    enter: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    afresh: bool = False


TRANSITIONS: Mapping[str, Transition] = {
    "never a member": Transition(),
    "banned before": Transition(end=("ban",)),
    "invited": Transition(enter=("invite",)),
    "knocking": Transition(enter=("knock",)),
    "knock refused": Transition(enter=("knock",), end=("kick",)),
    "invite rejected": Transition(enter=("invite",), end=("leave",)),
    "invite revoked": Transition(enter=("invite",), end=("kick",)),
    "invited then banned": Transition(enter=("invite",), end=("ban",)),
    "left": Transition(enter=("join",), end=("leave",)),
    "kicked": Transition(enter=("invite", "join"), end=("kick",)),
    "banned": Transition(enter=("join",), end=("ban",)),
    "unbanned": Transition(enter=("join",), end=("ban", "kick")),
    "left and joined again": Transition(enter=("join",), end=("leave",), back=("join",)),
    "kicked, invited, joined": Transition(
        enter=("join",), end=("kick",), back=("invite", "join")
    ),
    "left and invited again": Transition(enter=("join",), end=("leave",), back=("invite",)),
    "rejected and invited again": Transition(
        enter=("invite",), end=("leave",), back=("invite",)
    ),
    "forgotten": Transition(enter=("join",), end=("leave",), afresh=True),
}  # fmt: skip


def step(tale: Tale, what: str) -> None:
    """One change of Bob's membership."""
    bob = tale.bob
    if what in ("join", "knock", "leave"):
        tale.member(bob, what, by=bob)
    else:
        tale.member(bob, {"kick": "leave"}.get(what, what), by=tale.alice)


# -- what clients ask ----------------------------------------------------------------


def whole(tale: Tale) -> dict[str, Any]:
    """Everything that a request can ask for, of this room by name too."""
    everything = {"timeline_limit": 20, "required_state": [["*", "*"]]}
    old = {"timeline_limit": 5, "required_state": [["*", "*"]]}
    lists: dict[str, Any] = {
        "recent": {"ranges": [[0, 20]], "sort": ["by_recency"], "include_old_rooms": old,
                   "bump_event_types": ["m.room.message"], **everything},
        "named": {"sort": ["by_name"], "slow_get_all_rooms": True,
                  "required_state": [["m.room.member", "$LAZY"], ["m.room.name", ""]]},
        "like": {"ranges": [[0, 9]], "filters": {"room_name_like": SECRET}},
        "encrypted": {"ranges": [[0, 9]], "filters": {"is_encrypted": True}},
        "plain": {"ranges": [[0, 9]], "filters": {"is_encrypted": False, "is_dm": False},
                  "sort": ["by_notification_level", "by_recency"]},
        "tombstoned": {"ranges": [[0, 9]], "filters": {"is_tombstoned": True}},
        "invites": {"ranges": [[0, 9]], "filters": {"is_invite": True}, "sort": ["by_name"]},
        "children": {"ranges": [[0, 9]], "filters": {"spaces": [tale.room]}},
        "spaces": {"ranges": [[0, 9]], "filters": {"room_types": ["m.space"]}},
        "tagged": {"ranges": [[0, 9]], "filters": {"tags": [SECRET]}},
    }  # fmt: skip
    rooms = [tale.room, tale.next, tale.quiet]
    extensions = {name: {"enabled": True, "lists": ["recent"], "rooms": rooms} for name in NAMES}
    subscriptions = {room: {**everything, "include_old_rooms": old} for room in rooms[:2]}
    return {"lists": lists, "room_subscriptions": subscriptions, "extensions": extensions}


def thin(tale: Tale) -> dict[str, Any]:
    """A window of one room, no subscriptions, extensions for all of it."""
    lists = {"one": {"ranges": [[0, 0]], "sort": ["by_recency"], "timeline_limit": 1}}
    return {"lists": lists, "extensions": {name: {"enabled": True} for name in NAMES}}


def wider(tale: Tale) -> dict[str, Any]:
    """More of everything on a thin connection."""
    state = [["m.room.member", "*"], ["m.room.topic", ""], ["*", SECRET]]
    more = {"timeline_limit": 50, "required_state": state}
    lists = {
        "one": {"ranges": [[0, 20]], "filters": {"not_room_types": [None, "m.x"]}, **more},
        "two": {"ranges": [[0, 20]], "sort": ["by_name"], **more},
    }
    rooms = {"rooms": [tale.room, tale.next]}
    extensions = {name: {"enabled": True, **rooms} for name in NAMES}
    return {
        "lists": lists,
        "extensions": extensions,
        "room_subscriptions": {room: more for room in (tale.room, tale.next)},
    }


async def listen(case: Case, tale: Tale, fresh: str) -> None:
    """Bob's and Alice's clients go on, and a new connection is opened."""
    for user in (tale.bob, tale.alice):
        await case.ask(user, "whole")
        await case.ask(user, "thin")
        await case.ask(user, "whole", back=1)
        await case.ask(user, fresh, whole(tale))
        await case.ask(user, fresh)


Play = Callable[[Case, Tale], Awaitable[None]]


def play(transition: Transition, secrets: Happening, order: str) -> Play:
    """The whole story of a case, told to one world."""

    async def out(case: Case, tale: Tale) -> Part | None:
        """Bob goes, and what he must not see happens, in one of the orders."""
        alice, bob = tale.alice, tale.bob
        for what in transition.end:
            step(tale, what)
            if order != "one answer":
                await case.poll(*((bob, alice) if order == "own first" else (alice,)))
                await case.ask(bob, "thin")
        tale.opens_up(hidden="join" not in transition.back)
        secrets(tale)
        late = await case.report(alice)
        if order != "others late":
            await case.deliver(late)
        await case.ask(bob, "whole")
        if order not in ("own never", "others alone"):
            await case.poll(bob)
        return late if order == "others late" else None

    async def told(case: Case, tale: Tale) -> None:
        alice, bob = tale.alice, tale.bob
        tale.opening()
        await case.poll(alice, bob)
        for what in transition.enter:
            step(tale, what)
            if order == "own first":
                await case.poll(bob, alice)
            else:
                await case.poll(alice, bob)
        tale.earlier = tale.text("one")
        await case.poll(alice, bob)
        for user in (bob, alice):
            await case.ask(user, "whole", whole(tale))
            await case.ask(user, "thin", thin(tale))
        if order != "one answer":
            tale.text("two")
        if order != "others alone":
            await case.poll(bob, alice)
        late = await out(case, tale)
        await listen(case, tale, "second")
        if transition.afresh:
            case.house.forgets(bob)
            await case.poll(bob)
        for user in (bob, alice):
            await case.ask(user, "thin", wider(tale))
        tale.text("elsewhere", room=tale.quiet)
        if late is None:
            await case.poll(alice)
        if order != "own never":
            await case.poll(bob)
        for what in transition.back:
            # Who comes back is told what the state is then: it is the same in both.
            tale.closes_again()
            step(tale, what)
            if order in ("own first", "others late"):
                await case.poll(bob, *((alice,) if late is None else ()))
            else:
                await case.poll(alice, bob)
            await case.ask(bob, "whole")
        await case.deliver(late)
        await case.ask(bob, "whole")
        if transition.back == ("invite",) or not transition.back:
            secrets(tale)
        else:
            tale.text("welcome")
        await case.poll(alice, bob)
        await listen(case, tale, "third")

    return told
