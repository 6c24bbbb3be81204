"""What one user has fetched nobody else is shown, and syncs know nothing of it."""

import json
from dataclasses import replace

import pytest

from syncv3.types import Event, RoomID
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    event,
    founding,
    left,
    member,
    messages,
    names,
    told,
    visibility,
)
from tests.integration.history.stage import Stage

TEN = [f"m{n}" for n in range(10)]
KICK = member("kick", ALICE, "leave", sender=BOB, before="join")

pytestmark = pytest.mark.rules("S-601", "X-1")


async def follow(stage: Stage, *events: Event, at: int, user: str = BOB) -> None:
    """The room goes on, and a user's sync brings it."""
    first = len(stage.home.events)
    stage.home.events += events
    room = replace(stage.chunk(first), limited=False)
    await stage.world.poll(BOB if user == BOB else ALICE, at, room)


async def test_another_member_is_not_shown_what_one_has_fetched(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9, ALICE, BOB)
    assert await stage.filled(ALICE) == TEN
    assert await stage.told(BOB) == ["m9"]


async def test_two_members_are_shown_what_the_homeserver_shows_each(stage: Stage) -> None:
    """Bob came back to a room that hides what was while he was out; he ignores nobody."""
    await stage.open(messages(*TEN), 9, ALICE, BOB)
    stage.home.hidden[BOB] = {"m3", "m4", "m5"}
    stage.home.hidden[ALICE] = {"m7"}
    for user in (BOB, ALICE, BOB):
        await stage.filled(user)
    assert await stage.told(ALICE) == [m for m in TEN if m != "m7"]
    assert await stage.told(BOB) == [m for m in TEN if m not in ("m3", "m4", "m5")]
    assert [asked.who for asked in stage.home.asked] == [BOB, ALICE]


async def test_an_event_that_two_have_fetched_is_stored_once(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9, ALICE, BOB)
    await stage.filled(ALICE)
    await stage.filled(BOB)
    assert await stage.world.pool.fetchval("SELECT count(*) FROM ss_events WHERE ord IS NULL"
                                           " AND history") == 9  # fmt: skip


@pytest.mark.parametrize("rule", ["joined", "invited", "shared"])
async def test_who_joins_later_is_shown_nothing_of_it(stage: Stage, rule: str) -> None:
    await stage.open(messages(*TEN), 9, ALICE)
    await stage.filled(ALICE)
    join = member("bob-in", BOB, before="invite")
    stage.home.events += [join, event("m10")]
    for user, at in ((ALICE, 20), (BOB, 21)):
        room = replace(stage.chunk(10, state=(visibility(rule),)), limited=False)
        await stage.world.poll(user, at, room)
    assert await stage.filled(BOB) == ["bob-in", "m10"]
    assert await stage.told(ALICE) == [*TEN, "bob-in", "m10"]
    assert [asked.who for asked in stage.home.asked] == [ALICE]


@pytest.mark.parametrize("membership", ["leave", "ban"])
async def test_who_is_out_is_shown_nothing_of_it(stage: Stage, membership: str) -> None:
    await stage.open(messages(*TEN), 9, ALICE, BOB)
    pos = (await stage.sync(ALICE)).pos
    await stage.fill()
    end = member("end", ALICE, membership, sender=BOB, before="join")
    await follow(stage, event("m10"), end, event("m11"), at=20)
    assert told(await stage.world.sync(ALICE, pos)) == ["m10", "end"]
    assert ROOM not in (await stage.sync(ALICE)).rooms


async def test_who_is_kicked_while_it_is_fetched_is_shown_nothing(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9, ALICE, BOB)
    await stage.sync(ALICE)
    stage.home.meanwhile = lambda: follow(stage, KICK, at=20)
    assert await stage.fill() == 0
    assert await stage.stored("ss_history") == []


async def test_after_a_return_the_history_of_the_earlier_stay_is_not_shown(stage: Stage) -> None:
    """Nor is it fetched: what is shown begins with the join."""
    await stage.open(messages(*TEN), 9, ALICE, BOB)
    await stage.filled(ALICE)
    await follow(stage, KICK, event("m10"), at=20)
    join = member("back", ALICE, before="leave")
    await follow(stage, join, event("m11"), at=30)
    await stage.world.poll(ALICE, 31, replace(stage.chunk(12), limited=False))
    assert await stage.filled(ALICE) == ["back", "m11"]
    assert await stage.told(BOB) == ["m9", "kick", "m10", "back", "m11"]


async def test_who_returns_while_it_is_fetched_is_not_shown_the_earlier_stay(
    stage: Stage,
) -> None:
    await stage.open(messages(*TEN), 9, ALICE, BOB)
    await stage.sync(ALICE)

    async def out_and_in() -> None:
        await follow(stage, KICK, at=20)
        await stage.world.poll(ALICE, 21, left={ROOM: left(KICK)})
        await follow(stage, member("back", ALICE, before="leave"), at=30)
        await stage.world.poll(ALICE, 31, replace(stage.chunk(11), limited=False))

    stage.home.meanwhile = out_and_in
    assert await stage.fill() == 0
    assert await stage.told(ALICE) == ["back"]


async def test_behind_a_new_gap_the_past_is_fetched_anew_and_joins_up(stage: Stage) -> None:
    """What of it is stored already is stored once, and the other one's view is as it was."""
    stage.home.events = list(messages(*[f"m{n}" for n in range(30)]))
    for user, at in ((ALICE, 10), (BOB, 11)):
        room = stage.chunk(9, 11, state=founding(ALICE, BOB))
        await stage.world.poll(user, at, room)
    await stage.filled(ALICE, limit=5)
    await stage.world.poll(ALICE, 20, stage.chunk(28))
    await stage.world.poll(BOB, 21, stage.chunk(28))
    gaps = await stage.stored("ss_gaps")
    assert await stage.told(ALICE) == ["m28", "m29"]
    assert await stage.filled(ALICE, limit=25) == [f"m{n}" for n in range(5, 30)]
    assert (await stage.sync(ALICE, limit=2)).rooms[ROOM].prev_batch == "t28"
    assert await stage.told(BOB) == ["m28", "m29"]
    assert await stage.stored("ss_gaps") == gaps
    known = await stage.world.pool.fetch("SELECT json FROM ss_events WHERE type <> 'm.room.member'"
                                         " AND type <> 'm.room.create'")  # fmt: skip
    ids = [json.loads(row["json"])["event_id"] for row in known]
    assert sorted(ids) == sorted(set(ids))


async def test_a_gap_that_opens_while_it_is_fetched_makes_it_useless(stage: Stage) -> None:
    """It precedes what is not shown any more; what precedes the rest is fetched then."""
    rest = messages(*[f"m{n}" for n in range(10, 30)])
    await stage.open(messages(*TEN), 9, ALICE)
    await stage.sync(ALICE)

    async def gap() -> None:
        stage.home.events += rest
        await stage.world.poll(ALICE, 20, stage.chunk(28))

    stage.home.meanwhile = gap
    await stage.fill()
    assert [asked.start for asked in stage.home.asked] == ["t9", "t28"]
    assert await stage.told(ALICE) == [f"m{n}" for n in range(10, 30)]


async def test_nothing_is_fetched_behind_a_gap_that_the_user_is_not_known_to_be_behind(
    stage: Stage,
) -> None:
    await stage.open(messages(*TEN), 8, ALICE, BOB)
    stage.home.events += messages(*[f"n{n}" for n in range(10)])
    await stage.world.poll(BOB, 20, stage.chunk(18))
    assert await stage.fill(entries=[await stage.entry(ALICE)]) == 0
    assert stage.home.asked == []


# -- syncs know nothing of it --------------------------------------------------------


async def test_an_event_that_was_fetched_is_news_when_a_sync_brings_it(stage: Stage) -> None:
    """It was sent long ago by a server that could not be reached, and comes only now."""
    await stage.open(messages(*TEN), 9, ALICE, BOB)
    stage.home.events.insert(5, event("late", sender=CAROL))
    stage.home.events[9:] = [stage.home.events[10]]  # the token t9 leads to it
    pos = (await stage.sync(ALICE)).pos
    other = (await stage.sync(BOB)).pos
    assert await stage.fill() == 18
    newest = event("m10", sender=CAROL)
    stage.home.events.append(newest)
    room = stage.chunk(10)
    late = replace(room, timeline=(event("late", sender=CAROL), newest), limited=False)
    await stage.world.poll(BOB, 20, late)
    assert told(await stage.world.sync(BOB, other)) == ["late", "m10"]
    assert told(await stage.world.sync(ALICE, pos)) == ["late", "m10"]
    assert (await stage.told(ALICE)).count("late") == 1
    assert (await stage.told(ALICE))[-2:] == ["late", "m10"]


async def test_a_fetched_event_does_not_make_a_chunk_known(stage: Stage) -> None:
    """A chunk that touches nothing but what was fetched opens a gap like any other."""
    await stage.open(messages(*TEN), 9, ALICE, BOB)
    await stage.filled(ALICE)
    room = replace(stage.chunk(8), timeline=(event("m8"), event("m20")))
    await stage.world.poll(BOB, 20, room)
    assert await stage.told(BOB) == ["m8", "m20"]
    assert len(await stage.stored("ss_gaps")) == 1


async def test_a_fetched_join_lets_nobody_in(stage: Stage) -> None:
    await stage.open([*messages("m1"), member("bob-in", BOB), *messages("m2")], 2, ALICE)
    await stage.filled(ALICE)
    await stage.world.device(BOB)
    await stage.world.poll(BOB, 20)
    assert not (await stage.sync(BOB)).rooms


async def test_a_fetched_leave_ends_no_membership(stage: Stage) -> None:
    out = member("bob-out", BOB, "leave", before="join")
    await stage.open([*messages("m1"), out, *messages("m2")], 2, ALICE, BOB)
    await stage.filled(ALICE)
    assert await stage.world.membership(BOB) == "join"
    assert await stage.told(BOB) == ["m2"]


async def test_an_id_that_was_fetched_is_not_taken_from_whom_a_sync_gives_it(
    stage: Stage,
) -> None:
    """Who forges an ID in an old room version must not keep a room from getting its event."""
    await stage.open([*messages("victim"), *messages("m1")], 1, ALICE)
    await stage.filled(ALICE)
    other = RoomID("!other:hs")
    forged = replace(stage.chunk(0, 1), state=founding(ALICE), limited=False)
    await stage.world.poll(ALICE, 20, joined={other: forged})
    answer = await stage.sync(ALICE)
    assert names(answer.rooms[other]) == ["victim"]
    assert names(answer.rooms[ROOM]) == ["m1"]


# -- redactions ----------------------------------------------------------------------


async def bodies(stage: Stage) -> dict[str, str | None]:
    room = (await stage.sync(ALICE)).rooms[ROOM]
    found = [json.loads(raw) for raw in room.timeline]
    return {e["event_id"][1:]: e["content"].get("body") for e in found}


REDACTION = event("redaction", "m.room.redaction", content={}, redacts="m5")


async def test_a_later_redaction_is_applied(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9, ALICE)
    await stage.filled(ALICE)
    assert (await bodies(stage))["m5"] == "m5"
    await follow(stage, REDACTION, at=20, user=ALICE)
    assert (await bodies(stage))["m5"] is None


async def test_a_redaction_that_comes_while_it_is_fetched_is_applied(stage: Stage) -> None:
    await stage.open(messages(*TEN), 9, ALICE)
    await stage.sync(ALICE)
    stage.home.meanwhile = lambda: follow(stage, REDACTION, at=20, user=ALICE)
    await stage.fill()
    assert (await bodies(stage))["m5"] is None
    assert (await bodies(stage))["m4"] == "m4"
