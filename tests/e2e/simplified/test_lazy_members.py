"""Members that come lazily: those whom the shown events need, each once."""

import pytest

from tests.e2e.simplified.conftest import Sync
from tests.e2e.simplified.test_required_state import LAZY, asking, kitchen, member
from tests.support.account import Account
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.only("U")
@pytest.mark.rules("S-230")
async def test_lazy_selects_nothing_but_members(alice: Account, sync: Sync) -> None:
    room = await kitchen(alice)
    await alice.set_state(room, "org.example.a", {}, alice.user_id)
    entry = (await sync(lists=asking(("org.example.a", "$LAZY")))).rooms[room]
    assert not entry.state


@pytest.mark.only("U")
@pytest.mark.rules("S-231")
async def test_all_state_together_with_lazy_members_has_all_members(
    alice: Account, bob: Account, sync: Sync
) -> None:
    room = await kitchen(alice, bob)
    await alice.send(room, "hello")
    entry = (await sync(lists=asking(("*", "*"), LAZY))).rooms[room]
    assert {member(alice), member(bob)} <= set(entry.state)


@pytest.mark.rules("S-260", "S-261", "S-235")
async def test_lazily_the_senders_of_the_timeline_come_once(
    alice: Account, bob: Account, carol: Account, sync: Sync
) -> None:
    room = await kitchen(alice, bob, carol)
    await bob.send(room, "1")
    first = (await sync(lists=asking(LAZY))).rooms[room]
    assert set(first.state) == {member(bob)}
    await bob.send(room, "2")
    again = (await sync()).rooms[room]
    assert not again.state
    await carol.send(room, "3")
    second = (await sync()).rooms[room]
    assert set(second.state) == {member(carol)}


@pytest.mark.rules("S-260", "S-261")
@pytest.mark.parametrize("how", ["leave", "kick", "ban", "rename", "invite"])
async def test_lazily_changed_members_come(
    alice: Account, bob: Account, carol: Account, sync: Sync, conn: Connection, how: str
) -> None:
    room = await kitchen(alice, bob)
    await sync(lists=asking(LAZY, timeline_limit=5))
    if how == "leave":
        await bob.leave(room)
    elif how == "rename":
        await bob.rename_self("Bob the Great")
    elif how == "invite":
        await alice.invite(room, carol)
    else:
        await (alice.kick if how == "kick" else alice.ban)(room, bob)
    who = member(carol if how == "invite" else bob)
    known = conn.rooms[room]

    def told() -> bool:
        last = known.timeline.events[-1]
        return last.get("state_key") == who[1] and known.state[who]["event_id"] == last["event_id"]

    await conn.until(told)


@pytest.mark.needs("knocking")
@pytest.mark.rules("S-260")
async def test_lazily_somebody_who_knocks_comes(alice: Account, bob: Account, sync: Sync) -> None:
    rule = {"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "knock"}}
    room = await alice.create_room("Kitchen", public=False, state=[rule])
    await sync(lists=asking(LAZY))
    await bob.knock(room)
    entry = (await sync()).rooms[room]
    assert entry.state[member(bob)]["content"]["membership"] == "knock"


@pytest.mark.rules("S-262", "S-260", "S-267")
async def test_a_member_who_changed_behind_a_hole_comes_when_he_appears(
    alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    room = await kitchen(alice, bob)
    await bob.send(room, "1")
    await sync(lists=asking(LAZY))
    await bob.rename_self("Bob the Great")
    await alice.send_all(room, ["2", "3"])
    await sync()
    assert conn.rooms[room].timeline.inner_holes
    await bob.send(room, "4")
    entry = (await sync()).rooms[room]
    assert entry.state[member(bob)]["content"]["displayname"] == "Bob the Great"


@pytest.mark.rules("S-261", "S-50")
async def test_lazy_members_are_remembered_for_each_room_and_connection(
    alice: Account, bob: Account, sync: Sync, target: Target
) -> None:
    one, two = await kitchen(alice, bob), await kitchen(alice, bob)
    await bob.send(one, "1")
    await alice.send(two, "1")
    first = await sync(lists=asking(LAZY))
    assert {room: set(entry.state) for room, entry in first.rooms.items()} == {
        one: {member(bob)}, two: {member(alice)}
    }  # fmt: skip
    await bob.send(two, "2")
    assert set((await sync()).rooms[two].state) == {member(bob)}
    other = await target.connect(alice, "other").sync(lists=asking(LAZY))
    assert {room: set(entry.state) for room, entry in other.rooms.items()} == {
        one: {member(bob)}, two: {member(bob)}
    }  # fmt: skip


@pytest.mark.rules("S-264", "S-56")
async def test_lazy_members_of_a_lost_answer_come_again(
    alice: Account, bob: Account, sync: Sync, conn: Connection, target: Target
) -> None:
    room = await kitchen(alice, bob)
    await alice.send(room, "1")
    await sync(lists=asking(LAZY))
    await bob.send(room, "2")
    await target.caught_up(alice)
    for _ in range(2):
        assert set((await conn.ask()).rooms[room].state) == {member(bob)}


@pytest.mark.differs("Synapse forgets members that it has sent more than once")
@pytest.mark.rules("S-264", "S-261")
async def test_lazy_members_of_an_answer_after_lost_ones_are_remembered(
    alice: Account, bob: Account, sync: Sync, conn: Connection, target: Target
) -> None:
    room = await kitchen(alice, bob)
    await alice.send(room, "1")
    await sync(lists=asking(LAZY))
    await bob.send(room, "2")
    await target.caught_up(alice)
    for _ in range(3):
        answer = await conn.ask()
    conn.take(answer)
    await bob.send(room, "3")
    assert not (await sync()).rooms[room].state


@pytest.mark.rules("S-263")
async def test_an_initial_room_brings_its_lazy_members_again(
    alice: Account, bob: Account, sync: Sync
) -> None:
    room = await kitchen(bob, alice)
    await bob.send(room, "1")
    await sync(lists=asking(LAZY))
    await alice.leave(room)
    await sync()
    await alice.join(room)
    await bob.send(room, "2")
    entry = (await sync()).rooms[room]
    assert entry.initial
    assert member(bob) in entry.state


@pytest.mark.rules("S-265", "S-250")
async def test_explicit_members_that_become_lazy_are_not_sent_again(
    alice: Account, bob: Account, carol: Account, sync: Sync
) -> None:
    room = await kitchen(alice, bob, carol)
    await alice.send(room, "1")
    await sync(lists=asking(member(bob)))
    await bob.send(room, "2")
    entry = (await sync(lists=asking(LAZY))).rooms[room]
    assert not entry.state
    await carol.send(room, "3")
    assert set((await sync()).rooms[room].state) == {member(carol)}


@pytest.mark.rules("S-261", "S-200")
async def test_a_longer_timeline_brings_the_members_it_needs(
    alice: Account, bob: Account, carol: Account, sync: Sync
) -> None:
    room = await kitchen(alice, bob, carol)
    await carol.send(room, "1")
    await bob.send(room, "2")
    await sync(lists=asking(LAZY, timeline_limit=1))
    entry = (await sync(lists=asking(LAZY, timeline_limit=2))).rooms[room]
    assert entry.expanded
    assert set(entry.state) == {member(carol)}
