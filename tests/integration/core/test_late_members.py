"""The user's own member event in a report that is taken in after a newer one of somebody else."""

import pytest

from syncv3.types import Event
from tests.integration.core.build import (
    ALICE,
    BOB,
    CAROL,
    World,
    chunk,
    event,
    founding,
    member,
    messages,
)


async def both_in(world: World) -> None:
    """Alice and Bob are in the room, and were told everything up to m1."""
    room = chunk(*messages("m1"), state=founding(ALICE, BOB))
    await world.poll(ALICE, 10, room)
    await world.poll(BOB, 11, room)


def bob(name: str, at: int, *, before: str = "join") -> Event:
    """Bob's member event of that time, while he is in the room."""
    made = event(name, "m.room.member", BOB, content={"membership": "join"}, key=BOB,
                 before=before, at=at)  # fmt: skip
    return made


async def behind_alices_gap(world: World, *own: Event, known: Event | None = None) -> None:
    """Alice's answer has a gap, and an event (m5) that Bob's has, too; his was made before it,
    with ``own`` in its state block. ``known`` comes with Alice's."""
    news = messages("m5", "m6") if known is None else (*messages("m5"), known)
    await world.poll(ALICE, 21, chunk(*news, limited=True))
    await world.poll(BOB, 20, chunk(*messages("m5"), state=own, limited=True))


@pytest.mark.rules("U-82")
async def test_a_late_report_of_a_return_tells_the_own_member_event(world: World) -> None:
    """Bob was kicked and came back, which the gaps of both hide."""
    await both_in(world)
    await behind_alices_gap(world, bob("back", 15, before="leave"))
    assert await world.state("m.room.member", BOB) == "back"


@pytest.mark.rules("U-82")
async def test_a_late_report_of_a_return_after_a_kick_that_is_known(world: World) -> None:
    await both_in(world)
    await world.poll(ALICE, 12, chunk(member("kick", BOB, "leave", sender=ALICE)))
    await behind_alices_gap(world, bob("back", 15, before="leave"))
    assert await world.membership(BOB) == "join"
    assert await world.state("m.room.member", BOB) == "back"


@pytest.mark.rules("U-82")
async def test_a_late_report_does_not_bring_back_an_older_profile(world: World) -> None:
    """Alice's answer has the newest one in its timeline."""
    await both_in(world)
    await behind_alices_gap(world, bob("older", 15), known=bob("newer", 16))
    assert await world.state("m.room.member", BOB) == "newer"


@pytest.mark.rules("U-82", "M-8")
async def test_a_late_report_does_not_undo_a_newer_kick(world: World) -> None:
    await both_in(world)
    kick = member("kick", BOB, "leave", sender=ALICE)
    await behind_alices_gap(world, bob("older", 15), known=kick)
    assert await world.state("m.room.member", BOB) == "kick"


@pytest.mark.rules("U-82", "X-4")
async def test_a_late_report_tells_of_no_other_member(world: World) -> None:
    """Where another's membership lies in the gap of a late report is not known."""
    await both_in(world)
    await world.poll(ALICE, 12, chunk(member("in", CAROL)))
    await behind_alices_gap(world, member("out", CAROL, "leave"))
    assert await world.state("m.room.member", CAROL) == "in"


@pytest.mark.rules("U-82", "X-1")
@pytest.mark.parametrize("kicked", [True, False])
async def test_a_late_report_that_is_history_tells_of_a_return(world: World, kicked: bool) -> None:
    """Bob's answer has nothing that Alice's has: his next one opens the room for him."""
    await both_in(world)
    if kicked:
        await world.poll(ALICE, 12, chunk(member("kick", BOB, "leave", sender=ALICE)))
    await world.poll(ALICE, 21, chunk(*messages("m5", "m6"), limited=True))
    back = bob("back", 15, before="leave")
    await world.poll(BOB, 20, chunk(*messages("m4"), state=(back,), limited=True))
    await world.poll(BOB, 22, chunk(*messages("m5", "m6", "m7")))
    assert await world.membership(BOB) == "join"
    assert await world.state("m.room.member", BOB) == "back"


@pytest.mark.rules("U-82", "S-242")
async def test_a_first_report_that_precedes_all_tells_the_own_join_in_its_timeline(
    world: World,
) -> None:
    """Alice's first answer was made later, came first, and begins behind what Bob's has."""
    await world.poll(ALICE, 20, chunk(*messages("m5"), state=founding(ALICE), limited=True))
    state = founding(ALICE)[:1]
    await world.poll(BOB, 10, chunk(bob("join", 5, before=""), state=state, limited=True))
    await world.poll(BOB, 30, chunk(*messages("m5"), limited=True))
    assert await world.membership(BOB) == "join"
    assert await world.state("m.room.member", BOB) == "join"
