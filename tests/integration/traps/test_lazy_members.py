"""Members that become known later: knowledge for whoever asks, and news for nobody."""

from collections.abc import Mapping, Sequence
from typing import Any

from syncv3.ingest.findings import Listeners
from syncv3.store.insiders import newest_inside
from syncv3.types import DeviceKey, EventID, RoomID, UserID
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    World,
    chunk,
    founding,
    member,
    messages,
    state_told,
    told,
)

LAZY: Mapping[str, Any] = {
    "lists": {
        "all": {
            "ranges": [[0, 9]],
            "timeline_limit": 9,
            "required_state": [["m.room.member", "$LAZY"]],
        }
    }
}
ALL: Mapping[str, Any] = {
    "lists": {
        "all": {
            "ranges": [[0, 9]],
            "timeline_limit": 9,
            "required_state": [["m.room.member", "*"]],
        }
    }
}
CROWD = tuple(member(f"in-{n}", UserID(f"@crowd{n}:hs"), before="invite") for n in range(50))


async def alice_in(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE)))


def strangers_of(world: World) -> list[tuple[RoomID, Mapping[UserID, EventID]]]:
    """What the committer will say of senders without member event."""
    said: list[tuple[RoomID, Mapping[UserID, EventID]]] = []

    def note(_device: DeviceKey, room_id: RoomID, senders: Mapping[UserID, EventID]) -> None:
        said.append((room_id, dict(senders)))

    world.committer.listen(Listeners(strangers=note))
    return said


async def test_a_sender_without_member_event_is_noticed_with_the_newest_message(
    world: World,
) -> None:
    await alice_in(world)
    said = strangers_of(world)
    await world.poll(ALICE, 20, chunk(*messages("m2", "m3", sender=BOB), *messages("m4")))
    assert said == [(ROOM, {BOB: EventID("$m3")})]


async def test_a_sender_who_comes_with_a_member_event_is_no_stranger(world: World) -> None:
    await alice_in(world)
    said = strangers_of(world)
    carol = member("carol", CAROL, before="invite")
    block = [member("bob", BOB, before="invite")]
    timeline = (*messages("m2", sender=BOB), carol, *messages("m3", sender=CAROL))
    await world.poll(ALICE, 20, chunk(*timeline, state=block))
    await world.poll(ALICE, 30, chunk(*messages("m4", sender=BOB)))
    assert said == []


def doubted_in(world: World) -> list[tuple[RoomID, Mapping[UserID, EventID], str]]:
    """What the committer will say of senders who may have changed in a gap."""
    said: list[tuple[RoomID, Mapping[UserID, EventID], str]] = []

    def note(
        _device: DeviceKey, room_id: RoomID, senders: Mapping[UserID, EventID], upto: str
    ) -> None:
        said.append((room_id, dict(senders), upto))

    world.committer.listen(Listeners(doubtful=note))
    return said


async def test_known_senders_behind_a_gap_are_doubted_if_an_answer_got_lost(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB, CAROL)))
    said = doubted_in(world)
    whole = chunk(*messages("m2", sender=BOB))
    await world.poll(ALICE, 20, whole, repeats=True)  # nothing can have changed
    behind = (*messages("m8", sender=CAROL), *messages("m9", sender=BOB))
    await world.poll(ALICE, 30, chunk(*behind, limited=True))  # this comes with what changed
    assert said == []
    told_of = member("carol-2", CAROL, before="join")
    gap = chunk(*messages("m20", sender=CAROL), *messages("m21", "m22", sender=BOB),
                state=[told_of], limited=True)  # fmt: skip
    part = await world.part(ALICE, 40, gap, repeats=True)
    await world.committer.commit(part)
    assert said == [(ROOM, {BOB: EventID("$m22")}, part.next_batch)]


async def test_a_doubted_member_that_has_changed_is_told(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await world.poll(ALICE, 20, chunk(*messages("m9", sender=BOB), limited=True), repeats=True)
    first = await world.sync(ALICE, body=LAZY)
    renamed = member("renamed", BOB, before="join")
    await world.learning.learn_senders(ROOM, [renamed], EventID("$m9"))
    await world.cache.refresh()
    assert await world.state("m.room.member", BOB) == "renamed"
    assert "renamed" in state_told(await world.sync(ALICE, first.pos))


async def test_what_a_timeline_brought_behind_the_gap_wins_over_a_doubt(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await world.poll(ALICE, 20, chunk(*messages("m9", sender=BOB), limited=True), repeats=True)
    await world.poll(ALICE, 30, chunk(member("newest", BOB, before="join")))
    await world.learning.learn_senders(
        ROOM, [member("renamed", BOB, before="join")], EventID("$m9")
    )
    assert await world.state("m.room.member", BOB) == "newest"


async def test_a_doubt_from_before_another_gap_changes_nothing(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await world.poll(ALICE, 20, chunk(*messages("m9", sender=BOB), limited=True), repeats=True)
    newest = member("newest", BOB, before="join")
    await world.poll(ALICE, 30, chunk(*messages("m20", sender=BOB), state=[newest], limited=True))
    await world.learning.learn_senders(
        ROOM, [member("renamed", BOB, before="join")], EventID("$m9")
    )
    assert await world.state("m.room.member", BOB) == "newest"


async def test_a_member_list_looks_like_no_change_to_those_in_the_room(world: World) -> None:
    await alice_in(world)
    for asked in (LAZY, ALL):
        first = await world.sync(ALICE, body=asked)
        await world.learning.learn_members(ROOM, (*founding(ALICE)[1:], *CROWD))
        await world.cache.refresh()
        answer = await world.sync(ALICE, first.pos)
        assert told(answer) == [] and state_told(answer) == []
    found = await world.pool.fetch("SELECT from_pos, learned_pos FROM ss_room_state"
                                   " WHERE state_key LIKE '@crowd%'")  # fmt: skip
    assert len(found) == len(CROWD)
    assert all(row["from_pos"] == 0 and row["learned_pos"] > 0 for row in found)


async def test_who_asks_for_all_members_after_the_list_came_has_them_all(world: World) -> None:
    await alice_in(world)
    await world.learning.learn_members(ROOM, (*founding(ALICE)[1:], *CROWD))
    await world.cache.refresh()
    assert len(state_told(await world.sync(ALICE, body=ALL))) == 1 + len(CROWD)


async def test_who_was_answered_before_the_list_came_is_sent_the_rest_of_it_once(
    world: World,
) -> None:
    await alice_in(world)
    first = await world.sync(ALICE, body=ALL)
    await world.poll(ALICE, 20, chunk(*messages("m2")))
    second = await world.sync(ALICE, first.pos)
    await world.learning.learn_members(ROOM, (*founding(ALICE)[1:], *CROWD))
    await world.cache.refresh()
    third = await world.sync(ALICE, second.pos)
    await world.poll(ALICE, 30, chunk(*messages("m3")))
    fourth = await world.sync(ALICE, third.pos)
    sizes = [len(state_told(answer)) for answer in (first, second, third, fourth)]
    assert sizes == [1, 0, 1 + len(CROWD), 0]
    assert told(fourth) == ["m3"]


async def test_a_list_that_comes_while_its_request_waits_is_sent_once(world: World) -> None:
    async def complete(rooms: Sequence[int]) -> None:
        await world.learning.learn_members(ROOM, (*founding(ALICE)[1:], *CROWD))

    await alice_in(world)
    world.everybody.complete = complete  # type: ignore[method-assign]
    first = await world.sync(ALICE, body=ALL)
    await world.cache.refresh()
    assert len(state_told(first)) == 1 + len(CROWD)
    assert (await world.sync(ALICE, first.pos)).rooms == {}


async def test_a_learned_sender_is_told_to_those_who_have_the_message(world: World) -> None:
    await alice_in(world)
    await world.poll(ALICE, 20, chunk(*messages("m2", sender=BOB)))
    lazily = await world.sync(ALICE, body=LAZY)
    wholly = await world.sync(ALICE, device="LAPTOP")
    before = await world.pool.fetchval("SELECT joined FROM ss_rooms")
    await world.learning.learn_senders(ROOM, [member("in-bob", BOB, before="invite")])
    await world.cache.refresh()
    answer = await world.sync(ALICE, lazily.pos)
    assert state_told(answer) == ["in-bob"] and told(answer) == []
    assert state_told(await world.sync(ALICE, wholly.pos, device="LAPTOP")) == []
    assert await world.pool.fetchval("SELECT joined FROM ss_rooms") == before


async def test_a_learned_sender_is_told_once(world: World) -> None:
    await alice_in(world)
    await world.poll(ALICE, 20, chunk(*messages("m2", sender=BOB)))
    first = await world.sync(ALICE, body=LAZY)
    await world.learning.learn_senders(ROOM, [member("in-bob", BOB, before="invite")])
    await world.cache.refresh()
    second = await world.sync(ALICE, first.pos)
    await world.poll(ALICE, 30, chunk(*messages("m3", sender=BOB)))
    assert state_told(second) == ["in-bob"]
    assert state_told(await world.sync(ALICE, second.pos)) == []


async def test_what_a_timeline_brought_wins_over_a_sender_learned_late(world: World) -> None:
    await alice_in(world)
    await world.poll(ALICE, 20, chunk(*messages("m2", sender=BOB)))
    await world.poll(ALICE, 30, chunk(member("gone", BOB, "leave", before="join")))
    await world.learning.learn_senders(ROOM, [member("in-bob", BOB, before="invite")])
    assert await world.state("m.room.member", BOB) == "gone"


async def test_a_list_that_is_older_than_the_timeline_brings_no_ghost(world: World) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await world.poll(ALICE, 20, chunk(member("gone", BOB, "leave", before="join")))
    await world.learning.learn_members(ROOM, founding(ALICE, BOB)[1:])
    await world.cache.refresh()
    assert await world.state("m.room.member", BOB) == "gone"


async def test_a_list_from_before_a_gap_is_not_taken(world: World) -> None:
    """Bob left in the gap, of which the list knows nothing."""
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    gone = member("gone", BOB, "leave", before="join")
    await world.poll(ALICE, 20, chunk(*messages("m9"), state=[gone], limited=True))
    assert not await world.learning.learn_members(ROOM, founding(ALICE, BOB)[1:], None)
    assert await world.state("m.room.member", BOB) == "gone"
    assert not await world.pool.fetchval("SELECT members_complete FROM ss_rooms")


async def test_a_list_is_fetched_as_of_the_newest_answer_to_somebody_in_the_room(
    world: World,
) -> None:
    await world.poll(ALICE, 10, chunk(*messages("m1"), state=founding(ALICE, BOB)))
    await world.poll(BOB, 11, chunk(*messages("m1")))
    await world.poll(CAROL, 99)
    await world.pool.execute(
        "INSERT INTO ss_tokens (hash, device_key, token, last_seen, created)"
        " SELECT id::text, id, '', now(), now() FROM ss_devices"
    )
    part = await world.part(ALICE, 20, chunk(*messages("m9"), limited=True), last=False)
    await world.committer.commit(part)
    assert await newest_inside(world.pool, ROOM) is None  # the rest of this answer may take long
    await world.committer.commit(await world.part(ALICE, 20))
    gap = await world.pool.fetchval("SELECT gap_ord FROM ss_rooms")
    alice = await world.device(ALICE)
    since = world.since[alice.device_key]
    assert await newest_inside(world.pool, ROOM) == (alice.device_key, since, gap)


async def test_only_a_gap_makes_a_complete_list_partial(world: World) -> None:
    await alice_in(world)
    await world.learning.learn_members(ROOM, founding(ALICE)[1:])
    complete = "SELECT members_complete FROM ss_rooms"
    await world.poll(ALICE, 20, chunk(*messages("m1", "m2"), limited=True))
    assert await world.pool.fetchval(complete)
    await world.poll(ALICE, 30, chunk(*messages("m9"), limited=True))
    assert not await world.pool.fetchval(complete)
