"""Windows, the operations that change them, sorting and filters."""

import pytest

from tests.support.account import Account, text
from tests.support.client import SyncError, room_config, window
from tests.support.fixtures import Connect, caught_up, nothing_more

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def rooms_of(account: Account, number: int) -> list[str]:
    """New rooms in the order of a list by recency: the first is the most recent."""
    made = [await account.create_room(f"Room {n}") for n in range(number, 0, -1)]
    return made[::-1]


@pytest.mark.rules("L-50", "L-31", "L-61", "MSC3575-S-4")
async def test_a_new_list_is_one_sync_of_its_window(alice: Account, connect: Connect) -> None:
    rooms = await rooms_of(alice, 4)
    client = connect(alice)
    first = await client.sync(lists={"all": window(0, 1)})
    assert first.ops("all") == [("SYNC", 0, 1, tuple(rooms[:2]))]
    assert first.count("all") == 4
    assert set(first.rooms) == set(rooms[:2])


@pytest.mark.rules("L-51", "L-61")
async def test_scrolling_sends_only_the_added_rows(alice: Account, connect: Connect) -> None:
    rooms = await rooms_of(alice, 5)
    client = connect(alice)
    await client.sync(lists={"all": window(0, 1)})
    answer = await client.sync(lists={"all": {"ranges": [[0, 9]]}})
    assert answer.ops("all") == [("SYNC", 2, 4, tuple(rooms[2:]))]
    assert set(answer.rooms) == set(rooms[2:])


@pytest.mark.rules("L-51")
async def test_rows_that_scroll_away_are_invalidated(alice: Account, connect: Connect) -> None:
    rooms = await rooms_of(alice, 5)
    client = connect(alice)
    await client.sync(lists={"all": window(0, 2)})
    answer = await client.sync(lists={"all": {"ranges": [[2, 4]]}})
    assert answer.ops("all") == [("INVALIDATE", 0, 1), ("SYNC", 3, 4, tuple(rooms[3:]))]


@pytest.mark.rules("L-64", "L-56")
async def test_two_ranges_may_become_their_union(alice: Account, connect: Connect) -> None:
    await rooms_of(alice, 4)
    client = connect(alice)
    await client.sync(lists={"all": window(0, 1, (2, 3))})
    answer = await client.sync(lists={"all": {"ranges": [[0, 3]]}})
    assert answer.ops("all") == []


@pytest.mark.rules("L-90", "L-74", "D-9")
async def test_activity_moves_a_room_to_the_top(alice: Account, connect: Connect) -> None:
    rooms = await rooms_of(alice, 4)
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9)})
    answers = await client.until_event(rooms[3], await alice.send(rooms[3], "hello"))
    assert answers[-1].ops("all") == [("DELETE", 3), ("INSERT", 0, rooms[3])]
    assert not answers[-1].rooms[rooms[3]].initial
    assert answers[-1].rooms[rooms[3]].raw["num_live"] == 1


@pytest.mark.rules("L-91", "L-75")
async def test_activity_in_the_top_room_moves_nothing(alice: Account, connect: Connect) -> None:
    rooms = await rooms_of(alice, 3)
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9)})
    answers = await client.until_event(rooms[0], await alice.send(rooms[0], "hello"))
    assert answers[-1].ops("all") == []


@pytest.mark.rules("L-92", "L-79")
async def test_a_room_that_enters_the_window_comes_with_its_data(
    alice: Account, connect: Connect
) -> None:
    rooms = await rooms_of(alice, 5)
    client = connect(alice)
    await client.sync(lists={"all": window(0, 2)})
    answers = await client.until_event(rooms[4], await alice.send(rooms[4], "hello"))
    assert answers[-1].ops("all") == [("DELETE", 2), ("INSERT", 0, rooms[4])]
    assert answers[-1].rooms[rooms[4]].initial


@pytest.mark.rules("L-94", "L-79")
async def test_a_room_that_jumps_over_the_window_shifts_it(
    alice: Account, connect: Connect
) -> None:
    rooms = await rooms_of(alice, 5)
    client = connect(alice)
    await client.sync(lists={"all": window(1, 3)})
    await alice.send(rooms[4], "hello")
    await client.until(lambda: client.lists["all"].rooms.get(1) == rooms[0])
    assert client.answers[-1].ops("all") == [("DELETE", 3), ("INSERT", 1, rooms[0])]
    assert client.answers[-1].rooms[rooms[0]].initial


@pytest.mark.rules("L-105", "W-9", "L-110", "Z-10")
async def test_activity_below_the_window_is_silent(
    alice: Account, bob: Account, connect: Connect
) -> None:
    rooms = await rooms_of(alice, 3)
    by_name = window(0, 0, sort=["by_name"], timeline_limit=5)
    client = connect(alice)
    await client.sync(lists={"all": by_name})
    await alice.send(rooms[2], "nobody looks")
    await caught_up(connect(alice, conn_id="other"), alice)
    answer = await client.sync()
    assert rooms[2] not in answer.rooms


@pytest.mark.rules("L-100", "L-82", "M-8")
async def test_a_room_that_is_left_shifts_the_rows_below(alice: Account, connect: Connect) -> None:
    rooms = await rooms_of(alice, 4)
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9)})
    await alice.leave(rooms[1])
    await client.until(lambda: len(client.order()) == 3)
    assert client.order() == [rooms[0], rooms[2], rooms[3]]
    assert client.answers[-1].ops("all") == [("DELETE", 1)]


@pytest.mark.rules("L-101", "L-80", "L-82")
async def test_a_removal_pulls_the_next_room_into_the_window_with_its_data(
    alice: Account, connect: Connect
) -> None:
    rooms = await rooms_of(alice, 4)
    client = connect(alice)
    await client.sync(lists={"all": window(0, 2)})
    await alice.leave(rooms[1])
    await client.until(lambda: client.order() == [rooms[0], rooms[2], rooms[3]])
    assert client.answers[-1].rooms[rooms[3]].initial


@pytest.mark.rules("L-82", "L-77")
async def test_the_last_room_of_a_list_can_be_removed(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Only")
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9)})
    await alice.leave(room)
    await client.until(lambda: client.order() == [])
    assert client.lists["all"].count == 0


@pytest.mark.rules("L-82", "L-96")
async def test_several_windows_stay_right_under_much_activity(
    alice: Account, connect: Connect
) -> None:
    rooms = await rooms_of(alice, 8)
    client = connect(alice)
    await client.sync(lists={"all": window(0, 1, (4, 5))})
    for index in (7, 4, 0, 5, 2, 6, 2):
        await alice.send(rooms[index], "hello")
    expected = [rooms[i] for i in (2, 6, 5, 0, 4, 7, 1, 3)]
    await client.until(lambda: client.order() == expected[0:2] + expected[4:6])


@pytest.mark.rules("L-32", "L-52")
async def test_changing_the_sort_order_sends_the_window_anew(
    alice: Account, connect: Connect
) -> None:
    rooms = [await alice.create_room(name) for name in ("b", "#a", "C")]
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9)})
    answer = await client.sync(lists={"all": {"sort": ["by_name"]}})
    by_name = (rooms[1], rooms[0], rooms[2])
    assert answer.ops("all") == [("INVALIDATE", 0, 2), ("SYNC", 0, 2, by_name)]


@pytest.mark.rules("L-32", "D-22")
async def test_a_renamed_room_moves_in_a_list_by_name(alice: Account, connect: Connect) -> None:
    rooms = [await alice.create_room(name) for name in ("a", "b", "c")]
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9, sort=["by_name"])})
    await alice.rename(rooms[0], "z")
    await client.until(lambda: client.order() == [rooms[1], rooms[2], rooms[0]])


@pytest.mark.needs("highlights", "prompt-unread-counts")
@pytest.mark.rules("L-33", "L-47", "D-42")
async def test_highlights_come_before_messages_before_silence(
    alice: Account, bob: Account, connect: Connect
) -> None:
    rooms = await rooms_of(alice, 3)
    for room in rooms:
        await bob.join(room)
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9, sort=["by_notification_level", "by_name"])})
    await bob.send(rooms[1], "hello")
    mention = text("you", **{"m.mentions": {"user_ids": [alice.user_id]}})
    await bob.send(rooms[2], mention)
    await client.until(lambda: client.order() == [rooms[2], rooms[1], rooms[0]])


@pytest.mark.rules("L-44", "L-48", "D-45")
async def test_only_bump_events_move_a_room(alice: Account, connect: Connect) -> None:
    rooms = await rooms_of(alice, 2)
    client = connect(alice)
    bumping = window(0, 9, bump_event_types=["m.room.message"])
    for room in reversed(rooms):
        await alice.send(room, "hello")
    await client.sync(lists={"all": bumping})
    await client.until_event(rooms[1], await alice.rename(rooms[1], "New name"))
    assert client.order() == rooms
    await client.until_event(rooms[1], await alice.send(rooms[1], "bump"))
    assert client.order() == rooms[::-1]


@pytest.mark.rules("L-10")
async def test_lists_divide_direct_chats_from_rooms(
    alice: Account, bob: Account, connect: Connect
) -> None:
    dm, group = await alice.create_dm(bob), await alice.create_room("Group")
    client = connect(alice)
    await client.sync(lists={"dms": window(0, 9, filters={"is_dm": True}),
                             "groups": window(0, 9, filters={"is_dm": False})})  # fmt: skip
    assert (client.order("dms"), client.order("groups")) == ([dm], [group])


@pytest.mark.rules("Z-8", "L-4", "L-10")
async def test_marking_a_room_as_direct_moves_it_between_lists_at_once(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Group")
    client = connect(alice)
    await client.sync(lists={"dms": window(0, 9, filters={"is_dm": True}),
                             "groups": window(0, 9, filters={"is_dm": False})})  # fmt: skip
    await alice.mark_direct(bob, room)
    await client.until(lambda: client.order("dms") == [room] and client.order("groups") == [])


@pytest.mark.rules("L-11")
async def test_encrypted_rooms_can_be_listed(alice: Account, connect: Connect) -> None:
    plain, secret = await alice.create_room("Plain"), await alice.create_room("Secret")
    await alice.encrypt(secret)
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9, filters={"is_encrypted": True})})
    assert client.order() == [secret]
    await alice.encrypt(plain)
    await client.until(lambda: set(client.order()) == {plain, secret})


@pytest.mark.rules("L-14")
async def test_rooms_can_be_found_by_a_part_of_their_name(alice: Account, connect: Connect) -> None:
    await alice.create_room("Kitchen")
    parlour = await alice.create_room("The PARLOUR")
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9, filters={"room_name_like": "parl"})})
    assert client.order() == [parlour]


@pytest.mark.rules("L-15", "L-16", "U-138")
async def test_tags_choose_rooms_and_changes_take_effect_at_once(
    alice: Account, connect: Connect
) -> None:
    room, other = await alice.create_room("One"), await alice.create_room("Two")
    await alice.tag(room, "m.favourite")
    client = connect(alice)
    tagged, untagged = {"tags": ["m.favourite"]}, {"not_tags": ["m.favourite"]}
    await client.sync(
        lists={"yes": window(0, 9, filters=tagged), "no": window(0, 9, filters=untagged)}
    )
    assert (client.order("yes"), client.order("no")) == ([room], [other])
    await alice.untag(room, "m.favourite")
    await client.until(lambda: client.order("yes") == [] and len(client.order("no")) == 2)


@pytest.mark.rules("L-17", "L-18")
async def test_rooms_can_be_chosen_by_type(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Room")
    space = await alice.create_room("Space", room_type="m.space")
    client = connect(alice)
    await client.sync(lists={"spaces": window(0, 9, filters={"room_types": ["m.space"]}),
                             "rooms": window(0, 9, filters={"room_types": [None]}),
                             "not": window(0, 9, filters={"not_room_types": [None]})})  # fmt: skip
    assert client.order("spaces") == client.order("not") == [space]
    assert client.order("rooms") == [room]


@pytest.mark.rules("R-12", "L-52")
async def test_empty_filters_show_everything_again(alice: Account, connect: Connect) -> None:
    rooms = await rooms_of(alice, 2)
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9, filters={"is_dm": True})})
    assert client.order() == []
    await client.sync(lists={"all": {"filters": {}}})
    assert client.order() == rooms


@pytest.mark.rules("R-19", "L-55")
async def test_a_deleted_list_is_gone(alice: Account, connect: Connect) -> None:
    await alice.create_room("Room")
    client = connect(alice)
    await client.sync(lists={"a": window(0, 9), "b": window(0, 9)})
    await client.sync(lists={"a": {"deleted": True}})
    assert set((await client.sync()).raw["lists"]) == {"b"}


@pytest.mark.rules("L-3", "R-10")
async def test_a_list_without_ranges_only_counts(alice: Account, connect: Connect) -> None:
    await rooms_of(alice, 2)
    answer = await connect(alice).sync(lists={"all": {"timeline_limit": 1}})
    assert answer.raw["lists"] == {"all": {"count": 2}}
    assert answer.raw["rooms"] == {}


@pytest.mark.rules("L-60")
async def test_a_range_past_the_end_is_silent(alice: Account, connect: Connect) -> None:
    await rooms_of(alice, 2)
    client = connect(alice)
    answer = await client.sync(lists={"all": window(5, 9)})
    assert answer.ops("all") == []
    answer = await client.sync(lists={"all": {"ranges": [[0, 1]]}})
    assert [op[0] for op in answer.ops("all")] == ["SYNC"]


@pytest.mark.rules("R-20", "H-23")
@pytest.mark.parametrize("ranges", [[[3, 1]], [[-1, 2]], [[0, 20], [20, 40]]])
async def test_wrong_ranges_are_refused(
    alice: Account, connect: Connect, ranges: list[list[int]]
) -> None:
    with pytest.raises(SyncError) as refused:
        await connect(alice).sync(lists={"all": {"ranges": ranges}})
    assert refused.value.status == 400


@pytest.mark.rules("L-120", "L-121", "L-122")
async def test_all_rooms_can_be_asked_for_at_once(alice: Account, connect: Connect) -> None:
    rooms = await rooms_of(alice, 3)
    client = connect(alice)
    everything = {"slow_get_all_rooms": True, "timeline_limit": 1}
    answer = await client.sync(lists={"all": everything})
    assert answer.ops("all") == [("SYNC", 0, 2, tuple(rooms))]
    await client.until_event(rooms[2], await alice.send(rooms[2], "hello"))
    assert client.answers[-1].ops("all") == []


@pytest.mark.rules("W-7", "W-4", "L-56")
async def test_a_quiet_list_is_answered_with_its_count_after_the_timeout(
    alice: Account, connect: Connect
) -> None:
    await alice.create_room("Room")
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9)})
    await nothing_more(client)
    assert client.answers[-1].raw["lists"] == {"all": {"count": 1}}


# Requests that multiply


@pytest.mark.rules("Z-18")
async def test_lists_that_ask_for_too_much_together_are_refused_with_a_reason(
    alice: Account, connect: Connect
) -> None:
    await alice.create_room("Kitchen")

    def lists(count: int) -> dict[str, object]:
        state = [[f"m.{n}", ""] for n in range(100)]
        return {
            f"l{n}": window(0, 9, required_state=[*state[:-1], [f"m.own.{n}", ""]])
            for n in range(count)
        }

    client = connect(alice)
    await client.sync(lists=lists(40))  # type: ignore[arg-type]
    with pytest.raises(SyncError) as refused:
        await connect(alice, conn_id="more").sync(lists=lists(100))  # type: ignore[arg-type]
    assert (refused.value.status, refused.value.errcode) == (400, "M_INVALID_PARAM")
    assert "required_state" in refused.value.body["error"]
    await client.sync()


@pytest.mark.rules("Z-18", "R-3")
async def test_what_real_clients_ask_for_is_never_too_much(
    alice: Account, connect: Connect
) -> None:
    """Many lists of one kind, and subscriptions to many rooms in two ways."""
    room = await alice.create_room("Kitchen")
    state = [[f"m.room.{n}", ""] for n in range(30)]
    lists = {f"l{n}": window(0, 20, required_state=state, bump_event_types=["m.room.message"])
             for n in range(100)}  # fmt: skip
    ways = [room_config(20, required_state=[*state, ["*", str(way)]]) for way in range(2)]
    others = {f"!{n}:elsewhere": ways[n % 2] for n in range(500)}
    client = connect(alice)
    answer = await client.sync(lists=lists, subscriptions={room: ways[0], **others})
    assert set(answer.rooms) == {room}
