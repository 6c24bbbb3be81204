"""Lists: which rooms are in them, in which order, how many, and what a range selects."""

import pytest

from tests.e2e.simplified.conftest import Raise, Sync
from tests.support.account import Account
from tests.support.room import JSON
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import room_config, window

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = {"all": window()}
OWN = [("m.room.member", "$ME")]


async def rooms_of(account: Account, number: int) -> list[str]:
    """New rooms in the order of a list: the first is the most recent."""
    made = [await account.create_room(f"Room {n}") for n in range(number, 0, -1)]
    return made[::-1]


@pytest.mark.rules("S-115", "S-117", "S-170", "S-320")
async def test_a_range_selects_rooms_and_the_count_says_how_many_there_are(
    alice: Account, sync: Sync
) -> None:
    rooms = await rooms_of(alice, 3)
    answer = await sync(lists={"all": window(0, 1)})
    assert set(answer.rooms) == set(rooms[:2])
    assert answer.count() == 3


@pytest.mark.only("U")
@pytest.mark.rules("S-113", "S-118", "S-110")
async def test_operations_repeat_the_range_and_name_its_rooms_in_order(
    alice: Account, sync: Sync
) -> None:
    rooms = await rooms_of(alice, 3)
    answer = await sync(lists={"all": window(0, 1), "long": window(1, 50)})
    assert answer.raw["lists"]["all"]["ops"] == [
        {"op": "SYNC", "range": [0, 1], "room_ids": rooms[:2]}
    ]
    assert answer.raw["lists"]["long"]["ops"] == [
        {"op": "SYNC", "range": [1, 50], "room_ids": rooms[1:]}
    ]


@pytest.mark.only("U")
@pytest.mark.rules("S-116")
async def test_several_ranges_select_a_room_once(alice: Account, sync: Sync) -> None:
    rooms = await rooms_of(alice, 4)
    answer = await sync(lists={"all": window(0, 1, (1, 2))})
    assert set(answer.rooms) == set(rooms[:3])
    assert [one["room_ids"] for one in answer.raw["lists"]["all"]["ops"]] == [
        rooms[:2], rooms[1:3]
    ]  # fmt: skip


@pytest.mark.rules("S-115")
@pytest.mark.parametrize(("first", "last"), [(5, 9), (1, 0)], ids=["outside", "backwards"])
async def test_a_range_of_no_rooms_selects_nothing(
    alice: Account, sync: Sync, first: int, last: int
) -> None:
    await rooms_of(alice, 2)
    answer = await sync(lists={"all": window(first, last)})
    assert not answer.rooms
    assert answer.count() == 2


@pytest.mark.only("U")
@pytest.mark.rules("S-24")
async def test_an_empty_list_of_ranges_selects_nothing_but_counts(
    alice: Account, sync: Sync
) -> None:
    await rooms_of(alice, 2)
    answer = await sync(lists={"all": window() | {"ranges": []}})
    assert not answer.rooms
    assert answer.count() == 2


@pytest.mark.differs("Synapse returns the count and no rooms, against its documentation")
@pytest.mark.rules("S-24")
async def test_a_list_without_a_range_selects_all_rooms(alice: Account, sync: Sync) -> None:
    rooms = await rooms_of(alice, 3)
    every = window()
    del every["ranges"]
    answer = await sync(lists={"all": every})
    assert set(answer.rooms) == set(rooms)


@pytest.mark.only("U")
@pytest.mark.differs("Synapse reads slow_get_all_rooms and ignores it")
@pytest.mark.rules("S-24")
async def test_slow_get_all_rooms_selects_all_rooms(alice: Account, sync: Sync) -> None:
    rooms = await rooms_of(alice, 3)
    answer = await sync(lists={"all": window(0, 0, slow_get_all_rooms=True)})
    assert set(answer.rooms) == set(rooms)


@pytest.mark.rules("S-119", "S-6", "S-320")
async def test_a_request_for_nothing_is_answered_with_nothing(alice: Account, sync: Sync) -> None:
    await alice.create_room("Kitchen")
    answer = await sync()
    assert {k: v for k, v in answer.raw.items() if k != "pos"} == {"rooms": {}, "extensions": {}}


@pytest.mark.rules("S-110", "S-120", "S-171")
async def test_any_event_moves_its_room_to_the_top(
    alice: Account, target: Target, sync: Sync
) -> None:
    rooms = await rooms_of(alice, 3)
    lists = {"all": window(), "top": window(0, 0)}
    await sync(lists=lists)
    topic = {"topic": "not an event that bumps"}
    await alice.set_state(rooms[2], "m.room.topic", topic)
    answer = await sync()
    assert set(answer.rooms) == {rooms[2]}, "a room that moved only because of another is not sent"
    fresh = await target.connect(alice, "fresh").sync(lists={"top": window(0, 0)})
    assert set(fresh.rooms) == {rooms[2]}


@pytest.mark.rules("S-110")
async def test_receipts_typing_and_account_data_move_nothing(
    alice: Account, bob: Account, sync: Sync
) -> None:
    low, top = (await rooms_of(alice, 2))[::-1]
    await bob.join(low)
    event = await alice.send(low, "hello")
    await alice.send(top, "hello")
    await bob.read(low, event)
    await bob.type_in(low)
    await alice.tag(low, "m.favourite")
    answer = await sync(lists={"top": window(0, 0)})
    assert set(answer.rooms) == {top}


@pytest.mark.rules("S-111")
@pytest.mark.parametrize("how", ["invite", "kick", "ban"])
async def test_a_room_that_one_is_not_in_stays_where_its_membership_put_it(
    alice: Account, bob: Account, sync: Sync, raise_to_top: Raise, how: str
) -> None:
    own = await alice.create_room("Mine")
    await sync()  # of an invite from before the first contact nobody says when it was sent
    room = await bob.create_room("Bob's")
    if how == "invite":
        await bob.invite(room, alice)
    else:
        await alice.join(room)
        await (bob.kick if how == "kick" else bob.ban)(room, alice)
    await raise_to_top(own)
    await bob.send(room, "later")
    answer = await sync(lists={"all": window(0, 0)})
    assert set(answer.rooms) == {own}
    assert answer.count() == 2


@pytest.mark.rules("S-115", "S-150")
async def test_lists_have_windows_of_their_own(alice: Account, sync: Sync) -> None:
    rooms = await rooms_of(alice, 4)
    answer = await sync(lists={"first": window(0, 0), "third": window(2, 2)})
    assert set(answer.rooms) == {rooms[0], rooms[2]}
    assert (answer.count("first"), answer.count("third")) == (4, 4)


@pytest.mark.rules("S-171", "S-115")
async def test_a_range_that_grows_brings_only_the_added_rooms(alice: Account, sync: Sync) -> None:
    rooms = await rooms_of(alice, 4)
    await sync(lists={"all": window(0, 1)})
    answer = await sync(lists={"all": window(0, 9)})
    assert set(answer.rooms) == set(rooms[2:])
    assert all(entry.initial for entry in answer.rooms.values())


@pytest.mark.rules("S-171", "S-172")
async def test_rooms_without_news_do_not_come_again(
    alice: Account, conn: Connection, sync: Sync
) -> None:
    rooms = await rooms_of(alice, 2)
    await sync(lists={"all": window(timeline_limit=1)})
    event = await alice.send(rooms[0], "hello")
    answer = await sync()
    assert set(answer.rooms) == {rooms[0]}
    assert answer.rooms[rooms[0]].event_ids == [event]
    assert not (await conn.sync()).rooms


@pytest.mark.rules("S-173", "S-190", "S-282")
async def test_an_initial_room_comes_even_if_there_is_nothing_to_show(
    alice: Account, sync: Sync
) -> None:
    room = await alice.create_room()
    answer = await sync(lists={"all": window(timeline_limit=0)})
    entry = answer.rooms[room]
    assert entry.initial
    assert not entry.state and not entry.timeline
    assert "bump_stamp" in entry.raw


@pytest.mark.rules("S-80", "S-602")
@pytest.mark.parametrize("contact", ["before", "after"])
async def test_kicked_and_banned_members_see_the_room_in_lists(
    alice: Account, bob: Account, sync: Sync, conn: Connection, contact: str
) -> None:
    if contact == "before":
        await sync()
    kicked, banned = [await bob.create_room(name) for name in ("Kicked", "Banned")]
    await alice.join(kicked)
    await alice.join(banned)
    if contact == "before":
        await sync()  # the service knows that she was in
    await bob.kick(kicked, alice)
    await bob.ban(banned, alice)
    answer = await sync(lists={"all": window(required_state=OWN)})
    assert set(answer.rooms) == {kicked, banned}
    assert {r: known.membership for r, known in conn.rooms.items()} == {
        kicked: "leave", banned: "ban"
    }  # fmt: skip


@pytest.mark.rules("S-80", "S-81")
async def test_a_room_that_one_left_or_never_entered_is_in_no_list(
    alice: Account, bob: Account, sync: Sync
) -> None:
    left = await bob.create_room("Left")
    rejected = await bob.create_room("Rejected", public=False, invite=[alice])
    await bob.create_room("Never entered")
    await alice.join(left)
    await alice.leave(left)
    await alice.leave(rejected)
    own = await alice.create_room("Mine")
    answer = await sync(lists=ALL)
    assert set(answer.rooms) == {own}
    assert answer.count() == 1


@pytest.mark.rules("S-80", "S-196", "S-161")
@pytest.mark.only("U")
async def test_who_is_banned_without_having_been_a_member_sees_the_ban(
    alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    await sync()
    room = await bob.create_room("Bob's")
    await bob.send(room, "before")
    await bob.ban(room, alice)
    answer = await sync(lists={"all": window(required_state=OWN)})
    assert set(answer.rooms) == {room}
    assert conn.rooms[room].membership == "ban"
    assert "before" not in answer.rooms[room].bodies


@pytest.mark.rules("S-80")
@pytest.mark.only("S")
async def test_a_ban_of_who_was_never_a_member_is_in_no_list_of_the_stable_form(
    alice: Account, bob: Account, sync: Sync
) -> None:
    room = await bob.create_room("Bob's")
    await bob.ban(room, alice)
    answer = await sync(lists=ALL)
    assert not answer.rooms
    assert answer.count() == 0


@pytest.mark.rules("S-85", "S-161")
@pytest.mark.parametrize("how", ["left", "kicked", "banned"])
async def test_a_room_that_was_forgotten_is_neither_listed_nor_shown(
    alice: Account, bob: Account, sync: Sync, how: str
) -> None:
    room = await bob.create_room("Bob's")
    await alice.join(room)
    acts = {"left": lambda: alice.leave(room), "kicked": lambda: bob.kick(room, alice),
            "banned": lambda: bob.ban(room, alice)}  # fmt: skip
    await acts[how]()
    await alice.forget(room)
    answer = await sync(lists=ALL, subscriptions={room: room_config()})
    assert not answer.rooms
    assert answer.count() == 0


@pytest.mark.rules("S-85")
@pytest.mark.parametrize("again", ["join", "invite"])
async def test_a_forgotten_room_is_back_with_the_next_membership(
    alice: Account, bob: Account, sync: Sync, conn: Connection, again: str
) -> None:
    room = await bob.create_room("Bob's")
    await alice.join(room)
    await alice.leave(room)
    await alice.forget(room)
    assert not (await sync(lists={"all": window(required_state=OWN)})).rooms
    await (alice.join(room) if again == "join" else bob.invite(room, alice))
    answer = await sync()
    assert set(answer.rooms) == {room}
    assert answer.rooms[room].initial
    assert conn.rooms[room].membership == again


@pytest.mark.rules("S-82", "S-83", "S-81")
async def test_a_room_that_one_leaves_comes_once_more_and_is_gone(
    alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    room = await bob.create_room("Bob's")
    await alice.join(room)
    await sync(lists={"all": window(required_state=OWN)})
    await alice.leave(room)
    answer = await sync()
    assert set(answer.rooms) == {room}
    assert not answer.rooms[room].initial
    assert conn.rooms[room].membership == "leave"
    after = await sync()
    assert not after.rooms
    assert after.count() == 0


@pytest.mark.differs("Synapse tells a leave once, and only if the room is in a range then")
@pytest.mark.rules("S-82", "S-83")
async def test_a_leave_is_told_wherever_the_room_is_in_the_list(
    alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    room = await bob.create_room("Bob's")
    await alice.join(room)
    state: JSON = {"required_state": OWN}
    await sync(lists={"all": window(0, 0, **state)})
    await alice.leave(room)
    await rooms_of(alice, 2)
    answer = await sync(lists={"all": window(0, 0, filters={"is_dm": False}, **state)})
    assert room in answer.rooms
    assert conn.rooms[room].membership == "leave"
    assert room not in (await sync()).rooms


@pytest.mark.differs("Synapse tells a leave once, whether or not the answer arrived")
@pytest.mark.rules("S-82")
async def test_a_leave_whose_answer_was_lost_is_told_again(
    alice: Account, bob: Account, sync: Sync, conn: Connection, target: Target
) -> None:
    room = await bob.create_room("Bob's")
    await alice.join(room)
    await sync(lists={"all": window(required_state=OWN)})
    await alice.leave(room)
    await target.caught_up(alice)
    assert room in (await conn.ask()).rooms
    assert room in (await conn.ask()).rooms
    conn.take(await conn.ask())
    assert conn.rooms[room].membership == "leave"


@pytest.mark.differs("Synapse sends rooms that were never sent when they were just left")
@pytest.mark.rules("S-82")
async def test_a_room_that_was_never_sent_is_not_sent_because_one_left(
    alice: Account, bob: Account, sync: Sync
) -> None:
    await sync(lists=ALL)
    room = await bob.create_room("Bob's")
    await alice.join(room)
    await alice.leave(room)
    answer = await sync()
    assert room not in answer.rooms


@pytest.mark.rules("S-86")
async def test_invites_of_ignored_users_are_not_there_at_first(
    alice: Account, bob: Account, sync: Sync
) -> None:
    shared = await bob.create_room("Shared")
    await alice.join(shared)
    await bob.create_room("Bad", public=False, invite=[alice])
    await alice.ignore(bob)
    answer = await sync(lists=ALL)
    assert set(answer.rooms) == {shared}, "ignoring somebody hides no room that one is in"
    assert answer.count() == 1


@pytest.mark.rules("S-86")
async def test_invites_of_ignored_users_do_not_come_later(
    alice: Account, bob: Account, carol: Account, sync: Sync
) -> None:
    await alice.ignore(bob)
    await sync(lists=ALL)
    await bob.create_room("Bad", public=False, invite=[alice])
    good = await carol.create_room("Good", public=False, invite=[alice])
    answer = await sync()
    assert set(answer.rooms) == {good}
    assert answer.count() == 1


@pytest.mark.rules("S-90")
async def test_spaces_are_rooms(alice: Account, sync: Sync) -> None:
    space = await alice.create_room("Space", room_type="m.space")
    assert set((await sync(lists=ALL)).rooms) == {space}


@pytest.mark.rules("S-91")
async def test_an_upgraded_room_stays_in_the_list(alice: Account, sync: Sync) -> None:
    old = await alice.create_room("Kitchen")
    new = await alice.upgrade(old)
    assert set((await sync(lists=ALL)).rooms) == {old, new}
