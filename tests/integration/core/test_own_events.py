"""Events that a client has sent itself: they wait for their transaction IDs."""

import asyncio
import time

import pytest

from syncv3.protocol.response import SyncResponse
from tests.integration.core.build import (
    ALICE,
    BOB,
    ROOM,
    World,
    both_in,
    chunk,
    event,
    messages,
    told,
)
from tests.support.waiting import still


@pytest.mark.rules("TX-3", "U-136")
async def test_own_events_wait_for_their_transaction_ids_together(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    own = messages("a1", "a2", "a3", sender=ALICE)
    await world.poll(BOB, 20, chunk(*own))
    started = time.monotonic()
    seen: list[str] = []
    while len(seen) < 3 and time.monotonic() < started + 4:
        answer = await world.sync(ALICE, pos, timeout_ms=4000)
        pos, seen = answer.pos, seen + told(answer)
    assert seen == ["a1", "a2", "a3"]
    assert time.monotonic() - started < 1.9


@pytest.mark.rules("TX-3", "U-135")
async def test_an_own_event_is_sent_once_with_its_transaction_id(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    waiting = asyncio.create_task(world.sync(ALICE, pos, timeout_ms=3000))
    await world.until_waiting(ALICE)
    await world.poll(BOB, 20, chunk(*messages("a1", sender=ALICE)))
    await still(waiting, for_s=0.05)
    await world.poll(ALICE, 21, chunk(event("a1", sender=ALICE, transaction_id="mine")))
    answer = await waiting
    assert told(answer) == ["a1"]
    assert b'"transaction_id":"mine"' in answer.rooms[ROOM].timeline[0]
    assert told(await world.sync(ALICE, answer.pos)) == []


@pytest.mark.rules("TX-3", "P-12")
async def test_a_held_event_is_sent_again_when_the_answer_that_had_it_is_lost(
    world: World,
) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    await world.poll(BOB, 20, chunk(*messages("a1", sender=ALICE)))
    held = await world.sync(ALICE, pos)
    lost = await world.sync(ALICE, held.pos, timeout_ms=3000)
    again = await world.sync(ALICE, held.pos, timeout_ms=3000)
    assert (told(held), told(lost), told(again)) == ([], ["a1"], ["a1"])


@pytest.mark.rules("TX-3")
async def test_what_else_changed_in_a_room_is_told_once_while_an_own_event_waits(
    world: World,
) -> None:
    await both_in(world)
    pos = (await world.sync(ALICE)).pos
    await world.poll(ALICE, 19, chunk(notification_count=3))
    await world.poll(BOB, 20, chunk(*messages("a1", sender=ALICE)))
    answers: list[SyncResponse] = []
    started = time.monotonic()
    while time.monotonic() < started + 0.8:
        answers.append(await world.sync(ALICE, pos, timeout_ms=300))
        pos = answers[-1].pos
    assert sum(ROOM in answer.rooms for answer in answers) == 1
