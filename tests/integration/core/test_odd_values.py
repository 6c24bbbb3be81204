"""What one value of an event or of account data spoils: nothing but itself."""

import pytest

from syncv3.batch import Summary
from syncv3.types import Event, EventID, UserID
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    account_data,
    chunk,
    event,
    member,
    messages,
    told,
)
from tests.integration.core.lost import OTHER, both_in


def described(content: bytes) -> Event:
    """A room's name event, with this content as it is."""
    raw = b'{"event_id":"$n","type":"m.room.name","sender":"@a:hs","state_key":"","content":%s}'
    return Event(
        event_id=EventID("$n"), type="m.room.name", sender=ALICE, timestamp=1,
        json=raw % content, state_key="",
    )  # fmt: skip


@pytest.mark.rules("D-21")
@pytest.mark.parametrize(
    ("content", "name"),
    [
        (rb'{"name":"a\u0000b"}', None),
        (b'{"name":5}', None),
        (b'{"name":null}', None),
        (b'{"name":"good","x":1e400}', "good"),
        (b'{"name":1e400,"x":1}', None),
        (b"5", None),
        (b'{"name":"first","name":"last"}', "last"),
    ],
)
async def test_a_bad_name_is_no_name_and_costs_no_event(
    world: World, content: bytes, name: str | None
) -> None:
    alice, _ = await both_in(world)
    around = messages("m2", "m3", sender=CAROL)
    await world.poll(ALICE, 20, chunk(around[0], described(content), around[1]))
    answer = await world.sync(ALICE, alice)
    assert told(answer) == ["m2", "n", "m3"]
    assert await world.pool.fetchval("SELECT name FROM ss_rooms") == name
    good = event("good", "m.room.name", content={"name": "healed"}, key="")
    await world.poll(ALICE, 30, chunk(good))
    assert (await world.sync(ALICE, answer.pos)).rooms[ROOM].name == "healed"


@pytest.mark.rules("U-192")
async def test_a_sender_that_nobody_can_be_is_not_looked_for(world: World) -> None:
    await both_in(world)
    raw = rb'{"event_id":"$odd","type":"m.x","sender":"@a\u0000b:hs","content":{}}'
    odd = Event(event_id=EventID("$odd"), type="m.x", sender=UserID(""), timestamp=1, json=raw)
    await world.poll(ALICE, 20, chunk(odd, *messages("m2", sender=BOB)))
    shown = {
        "ranges": [[0, 9]],
        "timeline_limit": 5,
        "required_state": [["m.room.member", "$LAZY"]],
    }
    answer = await world.sync(ALICE, None, {"lists": {"all": shown}})
    assert told(answer)[-2:] == ["odd", "m2"]


async def test_own_tags_and_direct_rooms_are_read_around_a_bad_one(world: World) -> None:
    await both_in(world)
    tags = {"tags": {"a\x00b": {}, "m.favourite": {"order": "x"}, "u.good": 5}}
    data = (
        account_data("m.direct", {BOB: ["\x00", 5, OTHER], "x": 5, "\x00": [ROOM]}),
        account_data("m.ignored_user_list", {"ignored_users": {"\x00": {}, CAROL: 5}}),
    )
    tagged = chunk(account_data=(account_data("m.tag", tags),))
    await world.poll(ALICE, 20, tagged, account_data=data)
    user = await world.pool.fetchrow("SELECT * FROM ss_users WHERE user_id = $1", ALICE)
    view = await world.pool.fetchval(
        "SELECT tags FROM ss_user_rooms WHERE user_key = $1", user["id"]
    )
    assert (user["direct"], user["ignored"]) == ([OTHER, ROOM], [CAROL])
    assert view == ["m.favourite", "u.good"]


async def test_counts_of_members_stay_within_their_column(world: World) -> None:
    await both_in(world)
    full = Summary(joined=2**31 - 1, invited=0)
    await world.poll(ALICE, 20, chunk(*messages("m2"), summary=full))
    alice = (await world.sync(ALICE)).pos
    await world.poll(ALICE, 30, chunk(member("in-carol", CAROL, before="leave")))
    assert told(await world.sync(ALICE, alice)) == ["in-carol"]
