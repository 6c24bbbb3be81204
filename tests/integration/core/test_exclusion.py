"""Ways in which somebody outside a room could learn of it: each has leaked once."""

import json

import pytest

from syncv3.store.event_ids import pack_event_id
from syncv3.types import EventID, RoomID
from tests.integration.core.build import (
    ALICE,
    ALL_ROOMS,
    BOB,
    ROOM,
    World,
    chunk,
    event,
    founding,
    invite,
    left,
    member,
    messages,
    told,
    topic,
)

QUIET = RoomID("!quiet:hs")
M2 = pack_event_id(EventID("$m2"))


async def both_in(world: World) -> None:
    """Both are in the room; Alice has written once."""
    await world.poll(ALICE, 1, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await world.poll(BOB, 2, chunk(*messages("m1"), state=founding(ALICE, BOB)))


@pytest.mark.rules("X-4", "M-12")
async def test_a_new_join_behind_a_hole_does_not_show_what_was_in_the_hole(world: World) -> None:
    await both_in(world)
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 3, chunk(kick, *messages("secret")))
    await world.poll(BOB, 4, left={ROOM: left(kick)})
    again = member("again", BOB, before="leave")
    # History visibility "joined": the homeserver leaves out what is between the two.
    await world.poll(BOB, 5, chunk(*messages("m1"), kick, again, limited=True))
    assert told(await world.sync(BOB)) == ["again"]


@pytest.mark.rules("X-4", "M-12")
async def test_a_join_that_has_no_place_does_not_show_what_was_in_the_hole(world: World) -> None:
    await both_in(world)
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 3, chunk(kick, *messages("secret")))
    again = member("again", BOB, before="leave")
    await world.poll(ALICE, 4, chunk(*messages("m2"), state=(again,), limited=True))
    await world.poll(BOB, 5, chunk(*messages("m1"), kick, again, *messages("m2"), limited=True))
    user = await world.cache.user((await world.device(BOB)).user_key)
    (view,) = user.rooms.values()
    joined = await world.pool.fetchval("SELECT ord FROM ss_events WHERE event_id = $1", M2)
    assert view.joined_ord == joined
    assert told(await world.sync(BOB)) == ["m2"]


@pytest.mark.rules("X-4", "M-12")
async def test_a_late_report_does_not_come_to_lie_behind_a_newer_join(world: World) -> None:
    await both_in(world)
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    await world.poll(ALICE, 3, chunk(kick))
    again = member("again", BOB, before="leave")
    await world.poll(BOB, 6, chunk(*messages("m1"), kick, again, limited=True))
    await world.poll(ALICE, 5, chunk(*messages("secret")))
    assert told(await world.sync(BOB)) == ["again"]
    assert "secret" in told(await world.sync(ALICE))


@pytest.mark.rules("X-1", "X-5")
async def test_what_happens_in_a_room_does_not_touch_a_pending_invite(world: World) -> None:
    await both_in(world)
    await world.poll(ALICE, 3, joined={QUIET: chunk(*messages("q"), state=founding(ALICE))})
    await world.poll(BOB, 4, invited={QUIET: invite(BOB)})
    pos = (await world.sync(BOB)).pos
    user = await world.cache.user((await world.device(BOB)).user_key)
    before = list(user.touched_since(0)), world.cache.position
    await world.poll(ALICE, 5, joined={QUIET: chunk(topic("secret"))})
    assert world.cache.position > before[1]
    assert list(user.touched_since(before[1])) == []
    lists = {"all": {**ALL_ROOMS["lists"]["all"], "timeline_limit": 1}}
    assert QUIET not in (await world.sync(BOB, pos, {"lists": lists})).rooms


@pytest.mark.rules("X-1", "RD-1")
async def test_the_last_word_does_not_tell_of_a_later_redaction(world: World) -> None:
    await both_in(world)
    pos = (await world.sync(BOB)).pos
    kick = member("kick", BOB, "leave", sender=ALICE, before="join")
    redaction = event("gone", "m.room.redaction", content={"reason": "secret"}, redacts="m2")
    await world.poll(ALICE, 3, chunk(*messages("m2"), kick, redaction))
    found = (await world.sync(BOB, pos)).rooms[ROOM].timeline
    assert [json.loads(raw)["event_id"] for raw in found] == ["$m2", "$kick"]
    assert b"secret" not in b"".join(found)
    assert json.loads(found[0])["content"] == {}
