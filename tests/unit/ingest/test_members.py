"""Which member event is learned of a sender about whom syncs have said nothing."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from syncv3.ingest.members import MemberLists
from syncv3.store.insiders import Inside
from syncv3.types import DeviceKey, Event, EventID, RoomID, UserID
from syncv3.upstream.client import Page

ROOM = RoomID("!r:x")
BOB = UserID("@bob:x")
DEVICE = DeviceKey(1)


def member(event_id: str, membership: str, timestamp: int = 1) -> Event:
    content = {"content": {"membership": membership}}
    return Event(
        event_id=EventID(event_id), type="m.room.member", sender=BOB, timestamp=timestamp,
        json=json.dumps(content).encode(), state_key=BOB,
    )  # fmt: skip


@dataclass
class Telling:
    """A homeserver with these answers, and what was learned from them."""

    at_the_event: Event | None = None
    now: Event | None = None
    learned: list[EventID] = field(default_factory=list)

    async def members(
        self, token: str, room_id: RoomID, *, at: str | None = None
    ) -> tuple[Event, ...]:
        raise AssertionError("one sender is no reason to fetch a list")

    async def joined_members(self, token: str, room_id: RoomID) -> Mapping[UserID, object]:
        return {}

    async def sender_of(
        self, token: str, room_id: RoomID, event_id: EventID, user_id: UserID
    ) -> Event | None:
        return self.at_the_event

    async def member(self, token: str, room_id: RoomID, user_id: UserID) -> Event | None:
        return self.now

    async def tokens_of(self, device_key: DeviceKey) -> list[str]:
        return ["token"]

    async def confirm(self, room_id: RoomID, gap_ord: int, user_ids: Sequence[UserID]) -> None:
        return None

    async def learn_members(
        self, room_id: RoomID, members: Sequence[Event], gap_ord: int | None
    ) -> bool:
        return True

    async def messages(self, token: str, room_id: RoomID, *, start: str | None, limit: int) -> Page:
        assert self.now is not None
        hello = Event(
            event_id=EventID("$1"), type="m.room.message", sender=BOB, timestamp=5, json=b"{}"
        )
        return Page((hello,), (self.now,), None)

    async def learn_senders(
        self, room_id: RoomID, members: Sequence[Event], behind: EventID | None = None
    ) -> None:
        self.learned += [event.event_id for event in members]


async def nobody(room_id: RoomID) -> Inside | None:
    return None


async def no_doubt(room_id: RoomID) -> tuple[int, list[UserID]]:
    return 0, []


@pytest.mark.rules("D-60", "D-61")
@pytest.mark.parametrize(
    ("at_the_event", "now", "learned"),
    [
        pytest.param("join", "join", ["$then"], id="as it was at the event, if that is told"),
        pytest.param("leave", "join", ["$then"], id="whatever it was"),
        pytest.param(None, "join", ["$now"], id="as it is now, if the other is not told"),
        pytest.param(None, "leave", [], id="no leave that a sync has still to bring"),
        pytest.param(None, None, [], id="nothing is told"),
    ],
)
async def test_a_sender_is_learned(
    at_the_event: str | None, now: str | None, learned: list[str]
) -> None:
    telling = Telling(
        member("$then", at_the_event) if at_the_event else None,
        member("$now", now) if now else None,
    )  # fmt: skip
    lists = MemberLists(telling, telling, telling, lambda key: None, nobody, no_doubt)
    lists.meet(DEVICE, ROOM, {BOB: EventID("$1")})
    async with asyncio.timeout(5):
        await asyncio.gather(*lists._asking)
    assert telling.learned == learned


@pytest.mark.parametrize(("made_at", "learned"), [(4, ["$now"]), (6, [])])
async def test_of_a_doubtful_sender_nothing_is_learned_that_a_sync_has_still_to_bring(
    made_at: int, learned: list[str]
) -> None:
    telling = Telling(now=member("$now", "join", made_at))
    lists = MemberLists(telling, telling, telling, lambda key: None, nobody, no_doubt)
    lists.check(DEVICE, ROOM, {BOB: EventID("$1")}, "s1")
    async with asyncio.timeout(5):
        await asyncio.gather(*lists._asking)
    assert telling.learned == learned
