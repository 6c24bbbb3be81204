"""Typing: one poller is heard, silence ends it, repeating it costs nothing."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import asyncpg
import pytest

from extensions.typing import Typing
from syncv3.batch import JoinedRoom, LeftRoom
from syncv3.extension import Answer, Shown
from syncv3.types import RoomID
from tests.integration.extensions.stage import Stage


@pytest.fixture
async def stage(pool: asyncpg.Pool) -> AsyncIterator[Stage]:
    async with Stage(pool, Typing(stopped_s=-1, silent_s=3600)) as stage:
        yield stage


def typing(room: RoomID, *users: str) -> dict[RoomID, JoinedRoom]:
    event = {"type": "m.typing", "content": {"user_ids": list(users)}}
    return {room: JoinedRoom(ephemeral=(json.dumps(event).encode(),))}


def told(answer: Answer, room: str = "!room:hs") -> list[str] | None:
    rooms: Mapping[str, Any] = (answer.body or {}).get("rooms", {})
    if room not in rooms:
        return None
    users: list[str] = json.loads(bytes(rooms[room]))["content"]["user_ids"]
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
    assert (answer.body, answer.news) == (None, False)


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


@pytest.mark.rules("TY-4")
async def test_typing_ends_when_the_poller_has_ended(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    extension: Any = stage.extension
    await stage.report(alice, joined=typing(room, "@bob:hs"))
    pos = stage.cache.position
    running = "UPDATE ss_pollers SET generated_us = extract(epoch FROM now()) * 1000000"
    await stage.pool.execute(running)
    await extension.end_silent(stage.pool, stage.committer.publish)
    await stage.cache.refresh()
    assert told(await stage.ask(alice, since=pos)) is None
    await stage.pool.execute("UPDATE ss_pollers SET owner = NULL, generated_us = 0")
    await extension.end_silent(stage.pool, stage.committer.publish)
    await stage.cache.refresh()
    assert told(await stage.ask(alice, since=pos)) == []


@pytest.mark.rules("TY-4")
async def test_typing_ends_when_the_homeserver_falls_silent(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    extension: Any = stage.extension
    await stage.report(alice, joined=typing(room, "@bob:hs"))
    pos = stage.cache.position
    await stage.pool.execute("UPDATE ss_pollers SET generated_us = 0")
    await extension.end_silent(stage.pool, stage.committer.publish)
    await stage.cache.refresh()
    assert told(await stage.ask(alice, since=pos)) == []


@pytest.mark.rules("E-3", "TY-6")
async def test_rooms_out_of_scope_are_not_told(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    pos = stage.cache.position
    await stage.report(alice, joined=typing(room, "@bob:hs"))
    assert (await stage.ask(alice, since=pos, rooms=[])).body is None


async def test_what_is_no_typing_is_left_out(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    odd = (b'{"type":"m.typing","content":7}', b'{"type":"m.other","content":{"m.typing":1}}')
    await stage.report(alice, joined={room: JoinedRoom(ephemeral=odd)})
    assert stage.changes == []
