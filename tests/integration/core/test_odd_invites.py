"""Invites: when they came, and what is shown of those that say little."""

import json
from typing import Any

import pytest

from syncv3.batch import LeftRoom, StrippedRoom
from syncv3.protocol.response import SyncResponse
from syncv3.types import RoomID
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    account_data,
    chunk,
    event,
    founding,
    invite,
    member,
    messages,
    told,
)
from tests.integration.core.keeping import Client
from tests.integration.core.lost import OTHER, both_in

NOW_US = 1_900_000_000_000_000
NOW_MS = NOW_US // 1000


def stripped(own: bytes | None = None, **member: Any) -> StrippedRoom:
    """Bob's invite, named; ``own`` is his member event's content, as it is."""
    event = {"type": "m.room.member", "state_key": BOB, "sender": ALICE, **member}
    text = json.dumps(event | {"content": "@@"}).encode()
    named = {"type": "m.room.name", "state_key": "", "sender": ALICE, "content": {"name": "Told"}}
    content = b'{"membership":"invite"}' if own is None else own
    return StrippedRoom((json.dumps(named).encode(), text.replace(b'"@@"', content)))


@pytest.mark.rules("L-35")
@pytest.mark.parametrize(
    ("stamp", "read"),
    [
        (NOW_MS - 5, NOW_MS - 5),
        (NOW_MS, NOW_MS),
        (None, NOW_MS),
        (-67914, NOW_MS),
        (0, NOW_MS),
        (2**63, NOW_MS),
        (NOW_MS + 10**9, NOW_MS),
        ("5", NOW_MS),
        (True, NOW_MS),
        (1.5, NOW_MS),
        ([], NOW_MS),
    ],
)
async def test_the_time_of_an_invite_is_its_own_or_when_it_came(
    world: World, stamp: Any, read: int
) -> None:
    more = {} if stamp is None else {"origin_server_ts": stamp}
    invite = stripped(**more)
    await world.poll(BOB, NOW_US, invited={ROOM: invite})
    room = (await world.sync(BOB)).rooms[ROOM]
    assert room.timestamp == read
    assert room.stripped_state == invite.events


@pytest.mark.rules("L-35", "M-3")
async def test_an_invite_that_is_reported_again_does_not_move(
    world: World, database_url: str
) -> None:
    await world.poll(BOB, NOW_US, invited={ROOM: stripped()})
    await world.device(BOB, "LAPTOP")
    pos = (await world.sync(BOB)).pos
    later = NOW_US + 60_000_000
    await world.poll(BOB, later, invited={ROOM: stripped()}, device="LAPTOP")
    assert ROOM not in (await world.sync(BOB, pos)).rooms
    await world.poll(BOB, later, invited={ROOM: stripped(b'{"membership":"invite","x":1}')})
    assert (await world.sync(BOB, pos)).rooms[ROOM].timestamp == NOW_MS
    again = await World.start(database_url)
    try:
        assert (await again.sync(BOB)).rooms[ROOM].timestamp == NOW_MS
    finally:
        await again.stop()


@pytest.mark.rules("L-35")
async def test_an_invite_without_time_is_above_what_happened_before_it(world: World) -> None:
    await world.poll(BOB, NOW_US, chunk(event("m1", at=NOW_MS - 50), state=founding(BOB)))
    await world.poll(BOB, NOW_US, invited={OTHER: stripped()})
    assert listed(await world.sync(BOB)) == [OTHER, ROOM]


@pytest.mark.rules("L-35")
async def test_an_invite_that_was_stored_without_time_sorts_by_its_report(world: World) -> None:
    await world.poll(BOB, NOW_US, invited={ROOM: stripped()})
    for stored in (0, -67914):
        await world.pool.execute("UPDATE ss_user_rooms SET joined_ts = $1", stored)
        world.cache.users.clear()
        assert (await world.sync(BOB)).rooms[ROOM].timestamp == NOW_MS


def listed(answer: SyncResponse) -> list[RoomID]:
    return [room for window in answer.lists["all"].windows for room in window]


@pytest.mark.rules("X-5", "M-2", "D-26")
@pytest.mark.parametrize(
    "own", [b"{}", b'{"membership":5}', b'{"membership":""}', b'{"membership":null}', b"5", b"null"]
)
async def test_an_invite_without_a_membership_tells_nothing_of_the_room(
    world: World, own: bytes
) -> None:
    named = event("name", "m.room.name", content={"name": "Secret"}, key="")
    pictured = event("avatar", "m.room.avatar", content={"url": "mxc://hs/secret"}, key="")
    state = [*founding(ALICE, CAROL), named, pictured]
    await world.poll(ALICE, NOW_US, chunk(*messages("m1"), state=state))
    await world.poll(BOB, NOW_US + 1, invited={ROOM: stripped(own)})
    answer = await world.sync(BOB)
    assert ROOM not in answer.rooms and listed(answer) == []
    await world.poll(BOB, NOW_US + 2, invited={ROOM: stripped()})
    assert (await world.sync(BOB, answer.pos)).rooms[ROOM].name == "Told"


@pytest.mark.rules("X-5")
@pytest.mark.parametrize("kept", [b"[]", b"[5]", b"{", None])
async def test_an_invite_of_which_nothing_can_be_read_tells_nothing_of_the_room(
    world: World, kept: bytes | None
) -> None:
    """As an earlier version may have stored it."""
    named = event("name", "m.room.name", content={"name": "Secret"}, key="")
    await world.poll(ALICE, NOW_US, chunk(*messages("m1"), state=[*founding(ALICE, CAROL), named]))
    await world.poll(BOB, NOW_US + 1, invited={ROOM: stripped()})
    await world.pool.execute(
        "UPDATE ss_user_rooms SET stripped = $1 WHERE stripped IS NOT NULL", kept
    )
    world.cache.users.clear()
    room = (await world.sync(BOB)).rooms[ROOM]
    assert room.name is not None and "Secret" not in room.name and "2" not in room.name
    assert (room.joined_count, room.invited_count, room.avatar) == (1, 1, (None,))


async def test_an_invite_is_read_around_a_number_out_of_range(world: World) -> None:
    await world.poll(BOB, NOW_US, invited={ROOM: stripped(b'{"membership":"invite","x":1e400}')})
    assert (await world.sync(BOB)).rooms[ROOM].name == "Told"


@pytest.mark.rules("U-115", "M-6")
async def test_who_left_and_was_invited_again_in_one_answer_is_invited(world: World) -> None:
    _, bob = await both_in(world)
    gone = member("gone", BOB, "leave", before="join")
    await world.poll(BOB, 20, left={ROOM: LeftRoom(timeline=(gone,))}, invited={ROOM: stripped()})
    assert await world.membership(BOB) == "invite"
    assert (await world.sync(BOB, bob)).rooms[ROOM].stripped_state is not None
    await world.poll(ALICE, 30, chunk(*messages("secret")))
    assert told(await world.sync(BOB)) == []


@pytest.mark.rules("S-310", "S-312")
@pytest.mark.parametrize("own", [None, {"membership": 5}, 5])
async def test_a_knock_without_the_own_member_event_gets_one(world: World, own: object) -> None:
    client = Client(world, BOB)
    await client.sync()
    events: list[dict[str, object]] = [
        {"type": "m.room.name", "state_key": "", "sender": ALICE, "content": {"name": "A"}}
    ]
    if own is not None:
        events.append({"type": "m.room.member", "state_key": BOB, "sender": BOB, "content": own})
    knock = StrippedRoom(tuple(json.dumps(each).encode() for each in events))
    await world.poll(BOB, 10, knocked={ROOM: knock})
    room = await client.room()
    *told, last = [json.loads(each) for each in room.stripped_state or ()]
    assert (room.membership, room.name, told) == ("knock", "A", events)
    assert last == {"type": "m.room.member", "state_key": BOB, "sender": BOB,
                    "content": {"membership": "knock"}}  # fmt: skip
    await world.poll(BOB, 11, knocked={ROOM: knock})
    assert await client.rooms() == {}


@pytest.mark.rules("S-310")
async def test_who_has_invited_is_not_guessed(world: World) -> None:
    """The inviter's server writes what comes with an invite. Bob ignores Alice, who invites him and
    has Carol's member event in the stripped state: the invite would be shown as Carol's."""
    client = Client(world, BOB)
    ignored = account_data("m.ignored_user_list", {"ignored_users": {ALICE: {}}})
    await world.poll(BOB, 9, account_data=(ignored,))
    await client.sync()
    member = {"type": "m.room.member", "state_key": CAROL, "sender": CAROL,
              "content": {"membership": "join"}}  # fmt: skip
    forged = StrippedRoom((json.dumps(member).encode(),))
    await world.poll(BOB, 10, invited={ROOM: forged})
    assert await client.rooms() == {}
    await world.poll(BOB, 11, invited={ROOM: StrippedRoom((*forged.events, *invite(BOB).events))})
    assert await client.rooms() == {}
    await world.poll(BOB, 12, account_data=(account_data("m.ignored_user_list", {}),))
    assert (await client.room()).membership == "invite"
