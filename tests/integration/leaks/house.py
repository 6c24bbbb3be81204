"""A model homeserver for one case: what each user's ``/sync`` says, and nothing else.

It is told a history and keeps, for each user, how much of it was told. A ``House`` without
``hidden`` leaves out what is marked so; times and event names go on all the same, so that
the two histories differ in these events alone.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from syncv3.batch import (
    AccountData,
    DeviceData,
    JoinedRoom,
    LeftRoom,
    StrippedRoom,
    Summary,
)
from syncv3.types import Event, RoomID, UserID
from tests.integration.core.build import account_data, event

JOIN_LIMIT = 8
MEMBER = "m.room.member"
Content = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """Typing, a receipt or account data: an event ``raw`` of a room at ``at`` of its log."""

    at: int
    raw: bytes
    reader: UserID | None = None  # None: for all who are in the room


@dataclass
class Room:
    """A room's events in order, and what is said in it besides."""

    room_id: RoomID
    log: list[Event] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    told: dict[UserID, int] = field(default_factory=dict)
    heard: dict[UserID, int] = field(default_factory=dict)

    def value(self, upto: int, kind: str, key: str = "") -> Event | None:
        """The state event that is in force before the event at ``upto``."""
        for found in reversed(self.log[:upto]):
            if found.type == kind and found.state_key == key:
                return found
        return None

    def membership(self, user: UserID, upto: int) -> str:
        found = self.value(upto, MEMBER, user)
        return str(content(found)["membership"]) if found else "leave"

    def state(self, upto: int) -> tuple[Event, ...]:
        """The whole state before the event at ``upto``."""
        now = {(e.type, e.state_key): e for e in self.log[:upto] if e.state_key is not None}
        return tuple(now.values())

    def members(self, membership: str) -> list[UserID]:
        end = len(self.log)
        everybody = dict.fromkeys(e.state_key for e in self.log if e.type == MEMBER)
        return [UserID(u) for u in everybody if u and self.membership(UserID(u), end) == membership]

    def may_see(self, user: UserID, at: int) -> bool:
        """Whether somebody who is in the room now is shown the event at ``at``."""
        if self.log[at].type == MEMBER and self.log[at].state_key == user:
            return True
        found = self.value(at, "m.room.history_visibility")
        rule = content(found)["history_visibility"] if found else "shared"
        membership = self.membership(user, at)
        allowed = {"joined": ("join",), "invited": ("join", "invite")}
        return rule not in allowed or membership in allowed[rule]

    def last_own(self, user: UserID) -> int:
        """Where the user's own newest member event is; -1 if there is none."""
        own = [i for i, e in enumerate(self.log) if e.type == MEMBER and e.state_key == user]
        return own[-1] if own else -1


def content(found: Event) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(found.json)["content"]
    return whole


@dataclass
class House:
    """``case`` goes into all names; ``hidden`` says whether what is marked so happens."""

    case: str
    hidden: bool
    rooms: dict[RoomID, Room] = field(default_factory=dict)
    clock: int = 1_000
    private: dict[UserID, dict[str, Any]] = field(default_factory=dict)

    def say(
        self,
        room_id: RoomID,
        kind: str,
        sender: UserID,
        what: Content,
        key: str | None = None,
        *,
        redacts: str | None = None,
        hidden: bool = False,
    ) -> str:
        """Something happens in a room; the name of the event."""
        self.clock += 1
        name = f"{self.case}-{self.clock}"
        if hidden and not self.hidden:
            return name
        room = self.rooms.setdefault(room_id, Room(room_id))
        before = None
        if kind == MEMBER:
            was = room.membership(UserID(key or ""), len(room.log))
            before = was if room.value(len(room.log), MEMBER, key or "") else None
        room.log.append(
            event(name, kind, sender, content=what, key=key, redacts=redacts, before=before,
                  at=self.clock, transaction_id=f"txn-{name}")
        )  # fmt: skip
        return name

    def ephemeral(self, room_id: RoomID, whole: Content, reader: UserID | None = None,
                  *, hidden: bool = False) -> None:  # fmt: skip
        if self.hidden or not hidden:
            room = self.rooms[room_id]
            room.said.append(Said(len(room.log), json.dumps(whole).encode(), reader))

    def tell(self, user: UserID, *, hidden: bool = False, **sections: Any) -> None:
        """Global account data and what is for the user's device alone."""
        if self.hidden or not hidden:
            self.private.setdefault(user, {}).update(sections)

    def forgets(self, user: UserID) -> None:
        """The user's poller begins anew: everything that is still theirs is told again."""
        for room in self.rooms.values():
            room.told.pop(user, None)
            room.heard.pop(user, None)

    # -- /sync -----------------------------------------------------------------------

    def answer(self, user: UserID, *, newest: int | None = None) -> dict[str, Any]:
        """The sections of the user's next answer. ``newest``: no more events of a room."""
        joined: dict[RoomID, JoinedRoom] = {}
        left: dict[RoomID, LeftRoom] = {}
        stripped: dict[str, dict[RoomID, StrippedRoom]] = {"invite": {}, "knock": {}}
        for room_id, room in self.rooms.items():
            since, end = room.told.get(user, 0), len(room.log)
            before, now = room.membership(user, since), room.membership(user, end)
            own = room.last_own(user)
            if now == "join":
                found = self._joined(room, user, since, before, newest)
                if found is not None:
                    joined[room_id] = found
            elif own >= since and now in stripped:
                stripped[now][room_id] = _stripped(room, user, own)
            elif own >= since and user in room.told:
                left[room_id] = _left(room, user, since, own)
            room.told[user] = end
        private = self.private.pop(user, {})
        return {
            "joined": joined,
            "left": left,
            "invited": stripped["invite"],
            "knocked": stripped["knock"],
            "account_data": tuple(private.get("account_data", ())),
            "device": private.get("device", DeviceData()),
        }

    def _joined(
        self, room: Room, user: UserID, since: int, before: str, newest: int | None
    ) -> JoinedRoom | None:
        end = len(room.log)
        was_out = any(
            e.type == MEMBER and e.state_key == user and content(e)["membership"] != "join"
            for e in room.log[since:]
        )
        entered = before != "join" or was_out
        seen = [i for i in range(0 if entered else since, end) if room.may_see(user, i)]
        most = JOIN_LIMIT if entered else newest
        picked = seen if most is None else seen[-most:]
        limited = entered or len(picked) < len(seen)
        heard = room.heard.get(user, 0)
        said = [
            s.raw
            for s in room.said[heard:]
            if s.reader in (None, user) and room.membership(user, s.at) == "join"
        ]
        room.heard[user] = len(room.said)
        if not picked and not said:
            return None
        timeline = tuple(room.log[i] for i in picked)
        return JoinedRoom(
            timeline=timeline,
            state=room.state(picked[0]) if limited and picked else (),
            limited=limited,
            prev_batch=f"before-{timeline[0].event_id}" if timeline else None,
            summary=_summary(room, user),
            notification_count=_unread(room, user),
            highlight_count=0,
            ephemeral=tuple(raw for raw in said if b'"m.tag"' not in raw),
            account_data=_room_data(said),
        )


def _unread(room: Room, user: UserID) -> int:
    """Messages since the user's latest join."""
    since = max(i for i, e in enumerate(room.log) if e.type == MEMBER and e.state_key == user)
    return sum(e.type == "m.room.message" for e in room.log[since:])


def _room_data(said: Iterable[bytes]) -> tuple[AccountData, ...]:
    return tuple(AccountData("m.tag", raw) for raw in said if b'"m.tag"' in raw)


def _left(room: Room, user: UserID, since: int, own: int) -> LeftRoom:
    was_in = any(room.membership(user, i) == "join" for i in range(since, own + 1))
    shown: Sequence[int] = [own]
    if was_in:
        shown = [i for i in range(since, own + 1) if room.may_see(user, i)]
    timeline = tuple(room.log[i] for i in shown)
    return LeftRoom(timeline=timeline, prev_batch=f"before-{timeline[0].event_id}")


def _stripped(room: Room, user: UserID, own: int) -> StrippedRoom:
    kinds = ("m.room.create", "m.room.name", "m.room.avatar", "m.room.join_rules")
    state = [found for kind in kinds if (found := room.value(own, kind))]
    return StrippedRoom(tuple(e.json for e in (*state, room.log[own])))


def _summary(room: Room, user: UserID) -> Summary:
    joined, invited = room.members("join"), room.members("invite")
    others = tuple(u for u in (*joined, *invited) if u != user)
    return Summary(heroes=others[:5], joined=len(joined), invited=len(invited))


def direct(user: UserID, *room_ids: str) -> tuple[AccountData, ...]:
    return (account_data("m.direct", {user: list(room_ids)}),)
