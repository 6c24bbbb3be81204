"""Account data: of the user and of rooms."""

import pytest

from tests.e2e.simplified.conftest import LONG_MS, Sync, waiting
from tests.support.account import Account
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import window

pytestmark = pytest.mark.asyncio(loop_scope="module")

DATA = {"account_data": {"enabled": True}}
ALL = {"all": window()}
TOP = {"all": window(0, 0)}


@pytest.mark.rules("S-376", "S-375")
async def test_at_first_all_global_account_data_comes(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    await alice.set_account_data("org.example.a", {"n": 1})
    await alice.set_account_data("org.example.a", {"n": 2})
    answer = await sync(extensions=DATA)
    assert answer.global_data["org.example.a"] == {"n": 2}
    assert "global" in answer.global_data["m.push_rules"]
    assert not (await conn.sync()).global_data


@pytest.mark.rules("S-376", "S-378", "S-616")
async def test_later_changed_global_account_data_comes(alice: Account, sync: Sync) -> None:
    await alice.set_account_data("org.example.a", {"n": 1})
    await alice.set_account_data("org.example.b", {"n": 1})
    await sync(extensions=DATA)
    await alice.set_account_data("org.example.a", {"n": 2})
    assert (await sync()).global_data == {"org.example.a": {"n": 2}}
    rule = {"actions": ["notify"], "pattern": "tea"}
    await alice.call("PUT", "/pushrules/global/content/tea", rule)
    told = (await sync()).global_data
    assert set(told) == {"m.push_rules"}
    assert "tea" in [one["rule_id"] for one in told["m.push_rules"]["global"]["content"]]


@pytest.mark.rules("S-377", "S-341")
async def test_account_data_of_a_room_comes_with_it_and_then_its_changes(
    alice: Account, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await alice.set_account_data("org.example.a", {"n": 1}, room)
    await alice.tag(room, "m.favourite")
    first = await sync(lists=ALL, extensions=DATA)
    assert first.room_data == {
        room: {"org.example.a": {"n": 1}, "m.tag": {"tags": {"m.favourite": {"order": 0.5}}}}
    }
    await alice.tag(room, "u.work")
    tags = (await sync()).room_data[room]["m.tag"]["tags"]
    assert set(tags) == {"m.favourite", "u.work"}
    await alice.untag(room, "u.work")
    await alice.untag(room, "m.favourite")
    assert (await sync()).room_data == {room: {"m.tag": {"tags": {}}}}
    await alice.set_account_data("org.example.a", {"n": 2}, room)
    assert (await sync()).room_data == {room: {"org.example.a": {"n": 2}}}


@pytest.mark.rules("S-379", "S-176")
async def test_a_room_that_one_joins_again_does_not_repeat_its_account_data(
    alice: Account, bob: Account, sync: Sync
) -> None:
    room = await bob.create_room("Bob's")
    await alice.join(room)
    await alice.tag(room, "m.favourite")
    assert set((await sync(lists=ALL, extensions=DATA)).room_data[room]) == {"m.tag"}
    await bob.kick(room, alice)
    await sync()
    await alice.join(room)
    answer = await sync()
    assert answer.rooms[room].initial
    assert answer.room_data == {}


@pytest.mark.rules("S-377", "S-342")
async def test_account_data_of_a_room_that_was_never_shown_comes_whole(
    alice: Account, sync: Sync
) -> None:
    low = await alice.create_room("Low")
    await alice.create_room("High")
    await alice.set_account_data("org.example.a", {"n": 1}, low)
    assert (await sync(lists=TOP, extensions=DATA)).room_data == {}
    await alice.tag(low, "m.favourite")
    assert (await sync()).room_data == {}
    await alice.send(low, "on top")
    assert set((await sync()).room_data[low]) == {"org.example.a", "m.tag"}


@pytest.mark.rules("S-377", "S-57")
async def test_account_data_of_a_room_that_was_out_of_sight_comes_as_far_as_it_changed(
    alice: Account, sync: Sync
) -> None:
    low, high = await alice.create_room("Low"), await alice.create_room("High")
    for kind in ("a", "b"):
        await alice.set_account_data(f"org.example.{kind}", {"n": 1}, low)
    await alice.send(low, "on top")
    assert set((await sync(lists=TOP, extensions=DATA)).room_data[low]) == {
        "org.example.a", "org.example.b"
    }  # fmt: skip
    await alice.send(high, "above")
    await sync()
    await alice.set_account_data("org.example.a", {"n": 2}, low)
    assert (await sync()).room_data == {}
    await alice.send(low, "on top again")
    assert (await sync()).room_data == {low: {"org.example.a": {"n": 2}}}


@pytest.mark.rules("S-378", "S-324")
@pytest.mark.parametrize("where", ["global", "room"])
async def test_account_data_ends_a_wait(
    alice: Account, sync: Sync, conn: Connection, where: str
) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=ALL, extensions=DATA)
    async with waiting(conn, LONG_MS) as request:
        place = room if where == "room" else None
        await alice.set_account_data("org.example.a", {"n": 1}, place)
        answer = await request
    told = answer.room_data[room] if where == "room" else answer.global_data
    assert told == {"org.example.a": {"n": 1}}


@pytest.mark.rules("S-377", "S-56")
async def test_account_data_of_a_lost_answer_comes_again(
    alice: Account, sync: Sync, conn: Connection, target: Target
) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=ALL, extensions=DATA)
    await alice.tag(room, "m.favourite")
    await alice.set_account_data("org.example.a", {"n": 1})
    await target.caught_up(alice)
    for _ in range(2):
        answer = await conn.ask()
        assert set(answer.room_data[room]) == {"m.tag"}
        assert set(answer.global_data) == {"org.example.a"}


@pytest.mark.differs("Synapse loses what changed while the extension was off")
@pytest.mark.rules("S-345")
async def test_what_changed_while_account_data_was_off_comes_when_it_is_on_again(
    alice: Account, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=ALL, extensions=DATA)
    await sync(extensions={})
    await alice.tag(room, "m.favourite")
    await alice.set_account_data("org.example.a", {"n": 1})
    await sync()
    answer = await sync(extensions=DATA)
    assert set(answer.room_data[room]) == {"m.tag"}
    assert set(answer.global_data) == {"org.example.a"}


@pytest.mark.differs("Synapse tells only what changes after the extension was first on")
@pytest.mark.rules("S-345")
async def test_account_data_that_is_first_wanted_later_comes_whole(
    alice: Account, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await alice.tag(room, "m.favourite")
    await alice.set_account_data("org.example.a", {"n": 1})
    await sync(lists=ALL)
    answer = await sync(extensions=DATA)
    assert set(answer.room_data[room]) == {"m.tag"}
    assert {"org.example.a", "m.push_rules"} <= set(answer.global_data)
