"""Homeservers that hide more of people than others, or less."""

from collections.abc import Iterator

import pytest

from tests.integration.service.test_room_extensions import ALL, on, receipt, shared_room, typing
from tests.support.account import Account
from tests.support.fixtures import Connect, caught_up, quiet
from tests.support.homeserver import FakeHomeserver

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def odd(homeserver: FakeHomeserver) -> Iterator[FakeHomeserver]:
    world = homeserver.world
    world.hides_ignored = world.leaks_invites = True
    yield homeserver
    world.hides_ignored = world.leaks_invites = False


@pytest.mark.rules("U-131")
async def test_what_is_hidden_from_one_is_told_to_the_others(
    odd: FakeHomeserver, alice: Account, bob: Account, carol: Account, connect: Connect
) -> None:
    """Alice, who ignores Bob, is there first, and her poll speaks first each time."""
    room = await shared_room(alice, bob, carol)
    await alice.ignore(bob)
    event = await alice.send(room, "hello")
    mine, theirs = connect(alice), connect(carol)
    await mine.sync(lists=ALL, extensions=on("typing", "receipts"))
    await caught_up(mine, alice)
    await theirs.sync(lists=ALL, extensions=on("typing", "receipts"))
    odd.lag(carol.user_id, carol.device_id, 0.3)
    await bob.type_in(room)
    await bob.read(room, event)
    await theirs.until(lambda: any(typing(a, room) == [bob.user_id] for a in theirs.answers))
    await theirs.until(lambda: any(receipt(a, room, event, bob) for a in theirs.answers))
    await quiet(mine, alice)
    assert bob.user_id not in str([answer.extensions for answer in mine.answers])


@pytest.mark.rules("U-17R", "IG-3", "IG-1")
async def test_an_invite_from_somebody_ignored_is_not_shown_though_it_is_leaked(
    odd: FakeHomeserver, alice: Account, bob: Account, carol: Account, connect: Connect
) -> None:
    client = connect(alice)
    await client.sync(lists=ALL)
    shown = await bob.create_room("Before", public=False, invite=[alice])
    await client.until(lambda: shown in client.order())
    await alice.ignore(bob)
    await client.until(lambda: shown not in client.order())
    hidden = await bob.create_room("While", public=False, invite=[alice])
    other = await carol.create_room("Carol's", public=False, invite=[alice])
    await client.until(lambda: other in client.order())
    await quiet(client, alice)
    invites = {"invites": ALL["all"] | {"filters": {"is_invite": True}}}
    answer = await connect(alice, conn_id="new").sync(lists=ALL | invites)
    assert answer.count("invites") == 1
    assert answer.count("all") == client.answers[-1].count("all") == len(client.order())
    assert {shown, hidden}.isdisjoint(answer.rooms.keys() | client.order())
    await alice.ignore()
    await client.until(lambda: {shown, hidden} <= set(client.order()))
    assert client.rooms[hidden].fields["invite_state"]


@pytest.mark.rules("RR-3", "X-6")
async def test_a_private_receipt_that_its_owner_is_told_as_m_read_stays_private(
    homeserver: FakeHomeserver, alice: Account, bob: Account, connect: Connect
) -> None:
    room = await shared_room(alice, bob)
    event, later = await alice.send(room, "hello"), await alice.send(room, "again")
    own, others = connect(bob), connect(alice)
    for client in (own, others):
        await client.sync(lists=ALL, extensions=on("receipts"))
    await bob.read(room, event)
    await others.until(lambda: receipt(others.answers[-1], room, event, bob) is not None)
    homeserver.world.calls_private_read = True
    try:
        await bob.read(room, later, "m.read.private")
        await own.until(lambda: receipt(own.answers[-1], room, later, bob) is not None)
        await caught_up(others, alice)
    finally:
        homeserver.world.calls_private_read = False
    anew = await connect(alice, conn_id="anew").sync(lists=ALL, extensions=on("receipts"))
    for answer in (*others.answers, anew):
        assert receipt(answer, room, later, bob) is None
    assert receipt(anew, room, event, bob) is not None
