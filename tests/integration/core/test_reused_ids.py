"""Event IDs that come again, and stored events that cannot be read, fail no request."""

import pytest

from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    chunk,
    member,
    messages,
    names,
    state_told,
    told,
    topic,
)
from tests.integration.core.lost import OTHER, both_in, gaps


@pytest.mark.rules("U-192")
async def test_an_id_that_comes_again_in_another_room_is_a_gap_there_and_no_failure(
    world: World,
) -> None:
    """Bob's member event is used again: asking for all members failed for good."""
    await both_in(world)
    again = chunk(
        member(f"in-{BOB}", BOB),
        *messages("o1", sender=CAROL),
        state=[member("alice-other", ALICE)],
    )
    await world.poll(ALICE, 20, joined={OTHER: again})
    everybody = {"ranges": [[0, 20]], "required_state": [["*", "*"]], "timeline_limit": 20}
    for user in (ALICE, BOB):
        answer = await world.sync(user, body={"lists": {"all": everybody}})
        assert f"in-{BOB}" in state_told(answer)
    other = (await world.sync(ALICE)).rooms[OTHER]
    assert names(other) == ["o1"] and other.limited


@pytest.mark.rules("U-192")
async def test_an_id_that_comes_again_is_told_once(world: World) -> None:
    await both_in(world)
    first = chunk(*messages("o1", sender=CAROL), state=[member("alice-other", ALICE)])
    await world.poll(ALICE, 20, joined={OTHER: first})
    await world.poll(BOB, 21, joined={OTHER: first})
    again = chunk(*messages("o2", "m1", sender=CAROL))
    await world.poll(ALICE, 30, joined={OTHER: again})
    known = await gaps(world)
    await world.poll(BOB, 31, joined={OTHER: again})
    assert await gaps(world) == known == 1


@pytest.mark.rules("U-192")
async def test_an_id_that_comes_again_as_another_kind_of_event_changes_no_state(
    world: World,
) -> None:
    await both_in(world)
    for again in (member("m1", BOB, "leave"), topic("m1")):
        await world.poll(ALICE, 20, chunk(state=[again]))
        await world.poll(ALICE, 21, chunk(again, *messages("m2", sender=CAROL)))
    assert await world.membership(BOB) == "join"
    assert await world.state("m.room.topic") is None
    assert "m2" in told(await world.sync(ALICE))


@pytest.mark.rules("U-192")
async def test_a_member_event_that_is_stored_with_another_room_fails_no_request(
    world: World,
) -> None:
    """As an earlier version stored it."""
    await both_in(world)
    await world.poll(
        ALICE, 20, joined={OTHER: chunk(*messages("o1"), state=[member("alice-other", ALICE)])}
    )
    await world.pool.execute(
        "UPDATE ss_room_state SET event_key = (SELECT event_key FROM ss_events"
        " WHERE state_key = $1) WHERE state_key = $2 AND room_key ="
        " (SELECT room_key FROM ss_rooms WHERE room_id = $3)", BOB, ALICE, OTHER,
    )  # fmt: skip
    everybody = {"ranges": [[0, 20]], "required_state": [["*", "*"]], "timeline_limit": 20}
    answer = await world.sync(ALICE, body={"lists": {"all": everybody}})
    assert {ROOM, OTHER} <= answer.rooms.keys()


@pytest.mark.rules("U-192")
@pytest.mark.parametrize(
    "json",
    [b"", b"{", b"5", b"[]", b'{"a":' * 500 + b"1" + b"}" * 500, b'{"sender":1e400}'],
    ids=["empty", "half", "number", "list", "deep", "odd"],
)
async def test_a_stored_event_that_cannot_be_read_costs_itself(
    world: World, json: bytes, database_url: str
) -> None:
    await both_in(world)
    await world.poll(ALICE, 20, chunk(topic("t1"), *messages("m2", "m3", sender=CAROL)))
    for kind in ("m.room.topic", "m.room.message"):
        await world.pool.execute(
            "UPDATE ss_events SET json = $1 WHERE event_key ="
            " (SELECT max(event_key) FROM ss_events WHERE type = $2)", json, kind,
        )  # fmt: skip
    fresh = await World.start(database_url)
    try:
        answer = await fresh.sync(ALICE)
        room = answer.rooms[ROOM]
        assert b'"$m2"' in b"".join(room.timeline)
        readable = json.startswith(b'{"sender"')
        assert len(room.timeline) == (4 if readable else 2)
        await world.poll(ALICE, 30, chunk(*messages("m4", sender=CAROL)))
        await fresh.cache.refresh()
        assert told(await fresh.sync(ALICE, answer.pos)) == ["m4"]
    finally:
        await fresh.stop()
