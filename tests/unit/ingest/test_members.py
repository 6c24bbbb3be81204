"""Which member event is learned of a sender about whom syncs have said nothing."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from syncv3.ingest import members
from syncv3.ingest.members import RECALLS_MOST, MemberLists
from syncv3.store.insiders import Inside
from syncv3.types import DeviceKey, Event, EventID, RoomID, UserID
from syncv3.upstream.client import Page
from tests.support.tasks import others, settled

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
    await settled()
    assert telling.learned == learned


@pytest.mark.parametrize(("made_at", "learned"), [(4, ["$now"]), (6, [])])
async def test_of_a_doubtful_sender_nothing_is_learned_that_a_sync_has_still_to_bring(
    made_at: int, learned: list[str]
) -> None:
    telling = Telling(now=member("$now", "join", made_at))
    lists = MemberLists(telling, telling, telling, lambda key: None, nobody, no_doubt)
    lists.check(DEVICE, ROOM, {BOB: EventID("$1")}, "s1")
    await settled()
    assert telling.learned == learned


@pytest.mark.rules("S-611", "D-60")
@pytest.mark.parametrize(
    ("now", "made_at", "learned"),
    [
        pytest.param("join", 4, ["$now"], id="who is there"),
        pytest.param("leave", 4, ["$now"], id="who has left since"),
        pytest.param("join", 6, [], id="not what a sync has still to bring"),
        pytest.param(None, 0, [], id="nothing is told"),
    ],
)
async def test_a_sender_of_older_messages_is_learned_as_they_are_now(
    now: str | None, made_at: int, learned: list[str]
) -> None:
    telling = Telling(member("$then", "join"), member("$now", now, made_at) if now else None)
    lists = MemberLists(telling, telling, telling, lambda key: None, nobody, no_doubt)
    lists.recall(DEVICE, ROOM, [BOB], 5)
    await settled()
    assert telling.learned == learned


class Hanging(Telling):
    """A homeserver that says at once who is in a room, and nothing of one member for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = asyncio.Event()
        self.asked = 0

    async def member(self, token: str, room_id: RoomID, user_id: UserID) -> Event | None:
        self.asked += 1
        await self.goes_on.wait()
        return None

    async def members(
        self, token: str, room_id: RoomID, *, at: str | None = None
    ) -> tuple[Event, ...]:
        return ()


async def in_there(room_id: RoomID) -> Inside | None:
    return Inside(DEVICE, "s1", None)


@pytest.mark.rules("S-611")
async def test_a_list_does_not_wait_for_senders_of_older_messages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(members, "WAIT_S", 60.0)
    telling = Hanging()
    lists = MemberLists(telling, telling, telling, lambda key: ROOM, in_there, no_doubt)
    for number in range(100):
        lists.recall(DEVICE, RoomID(f"!{number}:x"), [BOB], 5)
    async with asyncio.timeout(5):
        await lists.complete([1])
    await lists.stop()


@pytest.mark.rules("S-611")
async def test_not_more_senders_of_older_messages_wait_than_may(
    caplog: pytest.LogCaptureFixture,
) -> None:
    telling = Hanging()
    lists = MemberLists(telling, telling, telling, lambda key: ROOM, in_there, no_doubt)
    for number in range(RECALLS_MOST + 100):
        lists.recall(DEVICE, RoomID(f"!{number}:x"), [BOB], 5)
    assert len(others()) == RECALLS_MOST
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    telling.goes_on.set()
    await settled()
    lists.recall(DEVICE, ROOM, [BOB], 5)
    await settled()
    assert telling.asked == RECALLS_MOST + 1
