"""Older messages are fetched for who opens a room, and are there the next time."""

from dataclasses import replace

import pytest

from syncv3.batch import Hole
from syncv3.history.asking import PAGE_LEAST
from syncv3.types import EventID
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    event,
    founding,
    member,
    messages,
    told,
    topic,
)
from tests.integration.history.stage import Page, Stage

TEN = [f"m{n}" for n in range(10)]

pytestmark = pytest.mark.rules("S-611")


async def test_a_room_shows_a_screenful_when_its_history_has_come(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9)
    answer = await stage.sync(limit=5)
    assert told(answer) == ["m9"]
    assert (answer.rooms[ROOM].limited, answer.rooms[ROOM].prev_batch) == (True, "t9")
    assert await stage.fill() == 9
    assert await stage.told(limit=5) == TEN[5:]


async def test_what_was_fetched_once_costs_nothing(stage: Stage) -> None:
    await stage.open(messages(*[f"m{n}" for n in range(40)]), 39)
    assert len(await stage.filled(limit=15)) == 15
    assert len(stage.home.asked) == 1
    for limit in (15, 3, 1 + PAGE_LEAST):
        assert len(await stage.told(limit=limit)) == limit
        assert stage.wanted() == []


async def test_a_larger_limit_goes_on_where_the_last_page_ended(stage: Stage) -> None:
    await stage.open(messages(*[f"m{n}" for n in range(60)]), 59)
    await stage.filled(limit=10)
    assert await stage.filled(limit=45) == [f"m{n}" for n in range(15, 60)]
    assert [asked.start for asked in stage.home.asked] == ["t59", "t39"]


async def test_a_room_that_has_enough_is_not_asked_about(stage: Stage) -> None:
    await stage.open(messages(*TEN), 5)
    await stage.sync(limit=5)
    assert stage.wanted() == []


@pytest.mark.parametrize("limit", [3, 50])
async def test_a_room_that_began_with_the_stored_stretch_is_not_asked_about(
    stage: Stage, limit: int
) -> None:
    await stage.open([founding()[0], *messages("m1")], 0)
    await stage.sync(limit=limit)
    assert stage.wanted() == []


async def test_the_rooms_creation_ends_it_for_good(stage: Stage) -> None:
    await stage.open([founding()[0], *messages("m1", "m2")], 2)
    await stage.sync()
    await stage.fill()
    answer = await stage.sync()
    assert told(answer) == ["create", "m1", "m2"]
    assert not answer.rooms[ROOM].limited
    assert stage.wanted() == []


async def test_an_empty_page_ends_it_for_good(stage: Stage) -> None:
    await stage.open(messages("m1", "m2"), 1)
    stage.home.hidden[ALICE] = {"m1"}
    await stage.sync()
    assert await stage.fill() == 0
    answer = await stage.sync()
    assert (told(answer), answer.rooms[ROOM].limited) == (["m2"], False)
    assert stage.wanted() == []


async def test_the_own_join_ends_it(stage: Stage) -> None:
    """As in timelines from syncs: what was before the join is not shown."""
    join = member("joins", ALICE, before="invite")
    await stage.open([*messages("m1"), join, *messages("m2", "m3")], 3)
    assert await stage.filled() == ["joins", "m2", "m3"]
    assert stage.wanted() == []


async def test_a_change_of_the_own_profile_does_not_end_it(stage: Stage) -> None:
    renamed = member("renamed", ALICE, before="join")
    await stage.open([*messages("m1"), renamed, *messages("m2", "m3")], 3)
    assert await stage.filled() == ["m1", "renamed", "m2", "m3"]


async def test_behind_a_leave_whose_join_is_hidden_nothing_is_shown(stage: Stage) -> None:
    left = member("left", ALICE, "leave", before="join")
    await stage.open([*messages("m1"), left, *messages("m2", "m3")], 3)
    await stage.sync()
    await stage.fill()
    answer = await stage.sync()
    assert (told(answer), answer.rooms[ROOM].limited) == (["m2", "m3"], True)
    assert stage.wanted() == []


@pytest.mark.rules("S-605", "D-33")
async def test_the_token_skips_nothing_wherever_a_timeline_begins(stage: Stage) -> None:
    names = [f"m{n}" for n in range(70)]
    await stage.open(messages(*names), 67)
    await stage.filled(limit=10)
    await stage.filled(limit=40)
    for limit in range(1, 45):
        room = (await stage.sync(limit=limit)).rooms[ROOM]
        assert room.prev_batch is not None
        assert stage.home.place(room.prev_batch) >= 70 - limit, limit
    chunks = await stage.world.pool.fetch("SELECT next FROM ss_history ORDER BY number")
    assert len(chunks) == 2
    for (token,) in chunks:  # exact where a page has ended
        limit = 70 - int(token[1:])
        assert (await stage.sync(limit=limit)).rooms[ROOM].prev_batch == token


async def test_a_page_that_begins_within_the_timeline_is_used_from_behind_it(
    stage: Stage,
) -> None:
    """The oldest event that is stored has no token, so the page repeats some."""
    await stage.open(messages(*TEN), 9)
    room = replace(stage.chunk(9, state=founding(ALICE)), prev_batch=None)
    await stage.world.pool.execute("UPDATE ss_events SET prev_batch = NULL")
    stage.home.events.append(event("m10"))
    await stage.world.poll(ALICE, 20, replace(room, timeline=(stage.home.events[10],), state=(),
                                              limited=False, prev_batch="t10"))  # fmt: skip
    assert await stage.filled(limit=4) == ["m7", "m8", "m9", "m10"]
    assert stage.home.asked[0].start == "t10"


async def test_of_a_page_all_within_the_timeline_the_next_one_is_used(stage: Stage) -> None:
    await stage.open(messages(*TEN), 7)
    await stage.world.pool.execute("UPDATE ss_events SET prev_batch = NULL")
    await stage.world.pool.execute("UPDATE ss_rooms SET head_token = 't10'")
    await stage.world.cache.refresh()

    def short(page: Page) -> Page:
        keep = page.events[:3] if page.events[0].event_id == "$m9" else page.events
        return Page(keep, "t7" if len(keep) < len(page.events) else page.end)

    stage.home.twist = short
    assert await stage.filled(limit=6) == TEN[4:]
    assert [asked.start for asked in stage.home.asked] == ["t10", "t7"]


async def test_pages_that_show_nothing_are_passed(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9)
    empty = iter([Page((), "t8"), Page((), "t6")])
    stage.home.twist = lambda page: next(empty, page)
    assert await stage.filled(limit=4) == ["m3", "m4", "m5", "m9"]


async def test_a_homeserver_that_gets_nowhere_is_not_asked_for_ever(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9)
    turns = iter(range(1000))
    stage.home.twist = lambda page: Page((), f"t{9 - next(turns) % 2}")
    for _ in range(30):
        await stage.filled(limit=4)
    assert len(stage.home.asked) <= 20


async def test_an_event_that_cannot_be_used_ends_what_is_shown(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9)
    stage.home.twist = lambda page: page._replace(holes=(Hole(2, EventID("lost:x")),))
    await stage.sync()
    await stage.fill()
    answer = await stage.sync()
    assert told(answer) == ["m7", "m8", "m9"]
    assert (answer.rooms[ROOM].limited, answer.rooms[ROOM].prev_batch) == (True, "t9")
    assert stage.wanted() == []


async def test_an_id_of_another_event_ends_what_is_shown(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9)
    await stage.world.poll(BOB, 20, joined={"!other:hs": stage.chunk(0, 1)})
    await stage.world.pool.execute("UPDATE ss_events SET event_id = '$m5' WHERE event_id = '$m0'")
    await stage.sync()
    await stage.fill()
    assert await stage.told() == ["m6", "m7", "m8", "m9"]


async def test_of_more_than_was_asked_for_only_that_is_used(stage: Stage) -> None:
    names = [f"m{n}" for n in range(200)]
    await stage.open(messages(*names), 199)
    older = tuple(reversed(stage.home.events[:199]))
    stage.home.twist = lambda page: Page(older, "t0")
    await stage.filled(limit=4)
    asked = stage.home.asked[0].limit
    room = (await stage.sync(limit=50)).rooms[ROOM]
    assert (len(room.timeline), room.limited, room.prev_batch) == (1 + asked, True, "t199")


async def test_a_fill_changes_nothing_but_the_users_own_history(stage: Stage) -> None:
    """State events in it are old: neither the state nor counts, names or stamps follow them."""
    past = [topic("old"), member("in", CAROL), member("out", CAROL, "leave", before="join")]
    await stage.open([*past, *messages("m1", "m2")], 4, ALICE, BOB)
    tables = ("ss_room_state", "ss_user_rooms", "ss_gaps", "ss_txns")
    before = [await stage.stored(table) for table in tables]
    row = "SELECT to_jsonb(r) - 'version' FROM ss_rooms r"
    room = await stage.world.pool.fetchval(row)
    assert await stage.filled() == ["old", "in", "out", "m1", "m2"]
    assert [await stage.stored(table) for table in tables] == before
    assert await stage.world.pool.fetchval(row) == room


async def test_a_fill_ends_no_wait_and_moves_no_list(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9)
    pos = (await stage.sync()).pos
    await stage.fill()
    answer = await stage.world.sync(ALICE, pos)
    assert not answer.rooms
    assert not answer.lists["all"].moved


@pytest.mark.rules("D-33")
async def test_a_live_message_in_a_room_that_lacks_history_has_it_wanted(stage: Stage) -> None:
    """As the worker that was asked for it may have been killed."""
    await stage.open(messages(*TEN), 9)
    pos = (await stage.sync()).pos
    stage.wanted()
    stage.home.events.append(event("m10"))
    await stage.world.poll(ALICE, 20, replace(stage.chunk(10), limited=False))
    assert told(await stage.world.sync(ALICE, pos)) == ["m10"]
    assert [entry.depth for entry in stage.wanted()] == [18]


async def test_an_opened_room_is_wanted_as_such(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9)
    await stage.sync()
    assert [entry.opened for entry in stage.wanted()] == [False]
    await stage.sync(subscribe=True)
    assert [entry.opened for entry in stage.wanted()] == [True]
