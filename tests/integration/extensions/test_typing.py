"""Typing: one poller is heard, silence ends it, repeating it costs nothing."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import asyncpg
import pytest

from extensions.typing import TYPISTS_MOST, Typing
from syncv3.batch import JoinedRoom, LeftRoom
from syncv3.extension import Answer, Shown
from syncv3.types import Device, RoomID
from tests.integration.extensions.stage import Stage


@pytest.fixture
async def stage(pool: asyncpg.Pool) -> AsyncIterator[Stage]:
    async with Stage(pool, Typing(stopped_s=-1)) as stage:
        stage.clock_us = int(time.time() * 1_000_000)
        yield stage


def typing(room: RoomID, *users: str) -> dict[RoomID, JoinedRoom]:
    event = {"type": "m.typing", "content": {"user_ids": list(users)}}
    return {room: JoinedRoom(ephemeral=(json.dumps(event).encode(),))}


def told(answer: Answer, room: str = "!room:hs") -> list[str] | None:
    rooms: Mapping[str, Any] = (answer.body or {}).get("rooms", {})
    if room not in rooms:
        return None
    users: list[str] = list(rooms[room]["content"]["user_ids"])
    return users


@pytest.mark.rules("TY-1", "TY-7")
async def test_a_room_comes_with_who_is_typing(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    await stage.report(alice, joined=typing(room, "@bob:hs"))
    answer = await stage.ask(alice, shown={room: Shown(True)})
    assert told(answer) == ["@bob:hs"]
    assert answer.members == {room: {"@bob:hs"}}


@pytest.mark.rules("TY-2")
async def test_the_latest_change_is_news(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    pos = stage.cache.position
    await stage.report(alice, joined=typing(room, "@bob:hs"))
    await stage.report(alice, joined=typing(room))
    answer = await stage.ask(alice, since=pos)
    assert (told(answer), answer.news) == ([], True)
    answer = await stage.ask(alice, since=stage.cache.position)
    assert (answer.body, answer.news or False) == (None, False)


@pytest.mark.rules("TY-3")
async def test_it_goes_with_other_news_of_the_room_at_no_cost(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    await stage.report(alice, joined=typing(room, "@bob:hs"))
    await stage.ask(alice, shown={room: Shown(True)})
    stage.queries.statements.clear()
    answer = await stage.ask(alice, since=stage.cache.position, shown={room: Shown(False)})
    assert (told(answer), answer.news) == (["@bob:hs"], False)
    assert stage.queries.statements == []


@pytest.mark.rules("TY-5", "U-131")
async def test_equal_reports_are_one_change(stage: Stage) -> None:
    room = await stage.room()
    for n in range(3):
        await stage.report(await stage.device(f"@u{n}:hs"), joined=typing(room, "@bob:hs"))
    assert [(c.user_key, c.room_key) for c in stage.changes] == [(None, 1)]


@pytest.mark.rules("U-131")
async def test_a_poller_that_lags_behind_is_not_heard(stage: Stage) -> None:
    alice, bob = await stage.device(), await stage.device("@bob:hs")
    room = await stage.room()
    pos = stage.cache.position
    await stage.report(alice, joined=typing(room, "@carol:hs"))
    await stage.report(alice, joined=typing(room))
    await stage.report(bob, joined=typing(room, "@carol:hs"))
    assert told(await stage.ask(alice, since=pos)) == []


@pytest.mark.rules("U-131")
async def test_who_left_or_ended_is_not_heard_any_more(stage: Stage) -> None:
    alice, bob = await stage.device(), await stage.device("@bob:hs")
    room = await stage.room()
    pos = stage.cache.position
    await stage.report(alice, joined=typing(room, "@carol:hs"))
    await stage.report(alice, left={room: LeftRoom()})
    await stage.report(bob, joined=typing(room, "@bob:hs"))
    assert told(await stage.ask(bob, since=pos)) == ["@bob:hs"]
    await stage.pool.execute("UPDATE ss_pollers SET owner = NULL")
    await stage.report(alice, joined=typing(room))
    assert told(await stage.ask(bob, since=pos)) == []


@pytest.mark.rules("U-131")
async def test_who_pauses_soon_speaks_for_no_room(stage: Stage) -> None:
    alice, bob = await stage.device(), await stage.device("@bob:hs")
    room = await stage.room()
    pos = stage.cache.position
    await stage.report(alice, joined=typing(room, "@carol:hs"))
    await stage.report(bob, joined=typing(room))
    assert told(await stage.ask(bob, since=pos)) == ["@carol:hs"]
    await stage.report(alice, joined=typing(room, "@carol:hs", "@dan:hs"), pausing=True)
    assert told(await stage.ask(bob, since=pos)) == ["@carol:hs", "@dan:hs"]
    await stage.report(bob, joined=typing(room, "@dan:hs"))
    assert told(await stage.ask(bob, since=pos)) == ["@dan:hs"]
    await stage.report(alice, joined=typing(room), pausing=True)
    assert told(await stage.ask(bob, since=pos)) == ["@dan:hs"]


@pytest.mark.rules("TY-4")
async def test_typing_ends_when_the_poller_has_ended(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    extension: Any = stage.extension
    await stage.report(alice, joined=typing(room, "@bob:hs"))
    pos = stage.cache.position
    running = "UPDATE ss_pollers SET generated_us = extract(epoch FROM now()) * 1000000"
    await stage.pool.execute(running)
    await extension.end_silent(stage.pool, stage.publishing.publish)
    await stage.cache.refresh()
    assert told(await stage.ask(alice, since=pos)) is None
    await stage.pool.execute("UPDATE ss_pollers SET owner = NULL, generated_us = 0")
    await extension.end_silent(stage.pool, stage.publishing.publish)
    await stage.cache.refresh()
    assert told(await stage.ask(alice, since=pos)) == []


async def later(stage: Stage, seconds: float) -> None:
    """So much time goes by: all reports are older by it."""
    await stage.pool.execute(
        "UPDATE ss_typing SET generated_us = generated_us - $1::float8 * 1000000", seconds
    )


@pytest.mark.rules("TY-4")
async def test_typing_ends_two_minutes_after_the_last_report_that_named_somebody(
    stage: Stage,
) -> None:
    alice, room = await stage.device(), await stage.room()
    extension: Any = stage.extension
    await stage.report(alice, joined=typing(room, "@bob:hs"))
    await later(stage, 100)
    pos = stage.cache.position
    stage.clock_us += 100_000_000
    await stage.report(alice, joined=typing(room, "@bob:hs"))  # still: it is no change
    assert stage.cache.position > pos and len(stage.changes) == 1
    stage.clock_us -= 100_000_000
    await stage.pool.execute("UPDATE ss_pollers SET generated_us = 2 * generated_us")
    await later(stage, 190)
    await extension.end_silent(stage.pool, stage.publishing.publish)
    await stage.cache.refresh()
    assert told(await stage.ask(alice, since=pos)) is None
    await later(stage, 30)
    await extension.end_silent(stage.pool, stage.publishing.publish)
    await stage.cache.refresh()
    assert told(await stage.ask(alice, since=pos)) == []


@pytest.mark.rules("TY-4")
async def test_a_new_connection_is_told_of_nobody_whose_time_is_over(
    stage: Stage, pool: asyncpg.Pool
) -> None:
    """Also before anybody has looked for it, and in a process that knows the list."""
    alice, room = await stage.device(), await stage.room()
    await stage.report(alice, joined=typing(room, "@bob:hs"))
    await later(stage, 119.5)
    assert told(await stage.ask(alice, shown={room: Shown(True)})) == ["@bob:hs"]
    await asyncio.sleep(1.6)  # the report was made a second from now
    assert told(await stage.ask(alice, shown={room: Shown(True)})) == []
    async with Stage(pool, Typing()) as after:
        after.rooms = stage.rooms
        assert told(await after.ask(alice, shown={room: Shown(True)})) == []


@pytest.mark.rules("U-131")
async def test_a_poller_that_says_nothing_any_more_does_not_silence_the_room(
    stage: Stage,
) -> None:
    alice, bob = await stage.device(), await stage.device("@bob:hs")
    room = await stage.room()
    pos = stage.cache.position
    await stage.report(alice, joined=typing(room))
    await stage.report(bob, joined=typing(room, "@carol:hs"))  # alice's is heard just now
    assert told(await stage.ask(bob, since=pos)) == []
    stage.clock_us += 60_000_000
    await stage.report(alice)  # about other rooms
    await stage.report(bob, joined=typing(room, "@carol:hs"))
    assert told(await stage.ask(bob, since=pos)) == ["@carol:hs"]


async def ignore(stage: Stage, who: Device, *others: str) -> None:
    statement = "UPDATE ss_users SET ignored = $2 WHERE id = $1"
    await stage.pool.execute(statement, who.user_key, list(others))


@pytest.mark.rules("U-131")
async def test_a_poller_from_which_somebody_is_hidden_silences_nobody(stage: Stage) -> None:
    """The homeserver tells Alice, who ignores Bob, that nobody is typing."""
    alice, carol = await stage.device(), await stage.device("@carol:hs")
    room = await stage.room()
    await ignore(stage, alice, "@bob:hs")
    pos = stage.cache.position
    await stage.report(alice, joined=typing(room))
    await stage.report(carol, joined=typing(room, "@bob:hs"))
    await stage.report(alice, joined=typing(room))
    assert told(await stage.ask(carol, since=pos)) == ["@bob:hs"]
    assert told(await stage.ask(alice, since=pos, ignored=["@bob:hs"])) == []


@pytest.mark.rules("U-131", "IG-1")
async def test_whoever_is_ignored_is_not_told_and_is_no_news(stage: Stage) -> None:
    alice, carol = await stage.device(), await stage.device("@carol:hs")
    room = await stage.room()
    await stage.report(carol, joined=typing(room, "@dave:hs"))
    pos = stage.cache.position
    await stage.report(carol, joined=typing(room, "@dave:hs", "@bob:hs"))
    ignoring = {"since": pos, "ignored": ["@bob:hs"]}
    answer = await stage.ask(alice, **ignoring)
    assert (answer.body, answer.news) == (None, False)
    answer = await stage.ask(alice, shown={room: Shown(False)}, **ignoring)
    assert (told(answer), answer.news) == (["@dave:hs"], False)
    assert answer.members == {room: {"@dave:hs"}}
    assert told(await stage.ask(alice, since=pos)) == ["@dave:hs", "@bob:hs"]
    await stage.report(carol, joined=typing(room, "@bob:hs"))
    assert told(await stage.ask(alice, **ignoring)) == []  # of what came between nothing is known


@pytest.mark.rules("E-3", "TY-6")
async def test_rooms_out_of_scope_are_not_told(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    pos = stage.cache.position
    await stage.report(alice, joined=typing(room, "@bob:hs"))
    assert (await stage.ask(alice, since=pos, rooms=[])).body is None


async def test_what_is_no_typing_is_left_out(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    odd = (
        b'{"type":"m.typing","content":7}',
        b'{"type":"m.other","content":{"m.typing":1}}',
        b'{"type":"m.typing","content":{"user_ids":"\\ud800"}}',
        b'{"type":"m.typing"',
    )
    await stage.report(alice, joined={room: JoinedRoom(ephemeral=odd)})
    assert stage.changes == []


async def test_whom_nobody_can_be_called_is_left_out(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    odd = ["@\x00:hs", "@" + "x" * 4_000, "@bob:hs", *(f"@u{n}:hs" for n in range(1_000))]
    json_ = json.dumps({"type": "m.typing", "content": {"user_ids": [*odd, 7, None, {}]}})
    raw = json_.replace("null", "1e400").encode()
    pos = stage.cache.position
    await stage.report(alice, joined={room: JoinedRoom(ephemeral=(raw,))})
    named = told(await stage.ask(alice, since=pos))
    assert named is not None
    assert named[:2] == ["@bob:hs", "@u0:hs"] and len(named) == TYPISTS_MOST
