"""What clients on today's SDKs do, request after request."""

from typing import Any

import pytest

from tests.e2e.simplified.conftest import LONG_MS, Sync, waiting
from tests.support.account import Account
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import Dialect, room_config, window

pytestmark = pytest.mark.asyncio(loop_scope="module")

ELEMENT_X_STATE = [
    ("m.room.name", ""), ("m.room.encryption", ""), ("m.room.member", "$LAZY"),
    ("m.room.member", "$ME"), ("m.room.topic", ""), ("m.room.avatar", ""),
    ("m.room.canonical_alias", ""), ("m.room.power_levels", ""),
    ("org.matrix.msc3401.call.member", "*"), ("m.room.join_rules", ""),
    ("m.room.tombstone", ""), ("m.room.create", ""), ("m.room.history_visibility", ""),
    ("io.element.functional_members", ""), ("m.space.parent", "*"), ("m.space.child", "*"),
    ("org.matrix.msc3672.beacon_info", "*"),
]  # fmt: skip
ON = {"enabled": True}
ELEMENT_X_EXTENSIONS: dict[str, Any] = {
    "account_data": ON, "receipts": ON | {"rooms": ["*"]}, "typing": ON,
    "io.element.msc4308.thread_subscriptions": ON | {"limit": 10},
    "org.matrix.msc4262.profiles": ON,
}  # fmt: skip


def all_rooms(last: int) -> dict[str, Any]:
    config = window(0, last, timeline_limit=1, required_state=ELEMENT_X_STATE, filters={})
    return {"all_rooms": config}


@pytest.mark.rules("S-530", "S-531", "S-532", "S-408", "S-420", "S-606")
async def test_the_life_of_a_room_list_of_element_x(
    alice: Account, bob: Account, target: Target
) -> None:
    secret, plain = await alice.create_room("Secret"), await alice.create_room("Plain")
    await alice.encrypt(secret)
    await bob.join(plain)
    conn = target.connect(alice, "room-list")
    await target.caught_up(alice)
    first = await conn.sync(lists=all_rooms(19), extensions=ELEMENT_X_EXTENSIONS, timeout_ms=0)
    assert first.count("all_rooms") == 2
    known = set(first.raw["extensions"])
    assert known <= {"account_data", "receipts", "typing"}, "what is not supported is left out"
    encryption = ("m.room.encryption", "")
    assert encryption in conn.rooms[secret].state, "else the room would be taken as plain"
    assert encryption not in conn.rooms[plain].state
    assert not (await conn.sync(lists=all_rooms(1), timeout_ms=0)).rooms
    async with waiting(conn, LONG_MS) as request:
        event = await bob.send(plain, "hello")
        answer = await request
    assert answer.rooms[plain].event_ids == [event]
    assert ("m.room.member", bob.user_id) in conn.rooms[plain].state


@pytest.mark.rules("S-534", "S-56", "S-530")
async def test_element_x_hangs_up_and_asks_again_when_a_room_is_opened(
    alice: Account, bob: Account, target: Target
) -> None:
    room = await bob.create_room("Bob's")
    await alice.join(room)
    events = await bob_says(bob, room, 5)
    conn = target.connect(alice, "room-list")
    await target.caught_up(alice)
    await conn.sync(lists=all_rooms(19), extensions=ELEMENT_X_EXTENSIONS)
    await conn.sync()
    async with waiting(conn, LONG_MS):
        pass  # hung up
    opened = {room: room_config(20, [*ELEMENT_X_STATE, ("m.room.pinned_events", "")])}
    entry = (await conn.sync(subscriptions=opened, timeout_ms=LONG_MS)).rooms[room]
    assert entry.event_ids[-5:] == events
    assert entry.expanded and not entry.initial


async def bob_says(bob: Account, room: str, number: int) -> list[str]:
    return await bob.send_all(room, [f"message {n}" for n in range(number)])


@pytest.mark.rules("S-550", "S-551", "S-552", "S-553", "S-554", "S-163")
async def test_matrix_js_sdk_subscribes_once(alice: Account, conn: Connection, sync: Sync) -> None:
    """Its subscription counts for one answer, which has all that it is about."""
    room = await alice.create_room("Kitchen", topic="Tea")
    events = await alice.send_all(room, ["1", "2", "3"])
    extensions: dict[str, Any] = {
        name: ON for name in ("to_device", "e2ee", "account_data", "typing", "receipts")
    }
    extensions["to_device"] = ON | {"limit": 100}
    first = await sync(lists={"list": window(0, 19, timeline_limit=1)}, extensions=extensions)
    assert first.rooms[room].initial
    assert isinstance(first.extension("to_device")["next_batch"], str)
    opened = await conn.sync(
        subscriptions={room: room_config(20, [("*", "*")])}, timeout_ms=LONG_MS
    )
    assert opened.rooms[room].event_ids[-3:] == events
    assert ("m.room.topic", "") in opened.rooms[room].state
    assert not (await conn.sync(subscriptions={})).rooms
    event = await alice.send(room, "4")
    later = (await sync()).rooms[room]
    assert (later.event_ids, later.num_live) == ([event], 1)


@pytest.mark.rules("S-62", "S-63", "S-56", "S-325")
async def test_a_connection_without_rooms_may_repeat_its_pos(conn: Connection, sync: Sync) -> None:
    extensions: dict[str, Any] = {"e2ee": ON, "to_device": ON}
    await sync(extensions=extensions)
    await conn.sync()
    for _ in range(5):
        assert (await conn.ask(timeout_ms=50)).to_device == []
    conn.take(await conn.ask())
    assert (await conn.sync()).rooms == {}


@pytest.mark.rules("S-112", "S-283", "S-604")
async def test_order_and_stamps_are_the_same_on_every_connection(
    alice: Account, bob: Account, target: Target
) -> None:
    rooms = [await alice.create_room(f"Room {n}") for n in range(3)]
    rooms.append(await bob.create_room("Bob's", public=False, invite=[alice]))
    await target.caught_up(alice)
    seen = []
    for name in ("one", "two"):
        tops = []
        conn = target.connect(alice, name)
        for last in range(4):
            answer = await conn.sync(lists={"all": window(last, last)})
            tops += list(answer.rooms)
        seen.append((tops, {room: known.bump_stamp for room, known in conn.rooms.items()}))
    assert seen[0] == seen[1]
    assert set(seen[0][0]) == set(rooms)


@pytest.mark.only("S")
@pytest.mark.rules("S-152", "S-234", "S-150")
async def test_lazy_and_whole_configs_add_up_in_the_stable_form(
    alice: Account, bob: Account, conn: Connection, sync: Sync
) -> None:
    """A room is lazy if a list says so, unless another list wants all members."""
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await alice.send(room, "hello")
    await sync()
    assert conn.dialect is Dialect.S

    async def members(*selections: dict[str, Any]) -> set[str]:
        lists = {f"l{n}": {"timeline_limit": 1, "required_state": one}
                 for n, one in enumerate(selections)}  # fmt: skip
        _, answer = await conn.post({"lists": lists})
        state = answer["rooms"][room].get("required_state", [])
        return {e["state_key"] for e in state if e["type"] == "m.room.member"}

    lazy: dict[str, Any] = {"include": [{}], "lazy_members": True}
    everybody = {alice.user_id, bob.user_id}
    assert await members(lazy) == {alice.user_id}
    assert await members(lazy, {"include": [{"type": "m.room.name"}]}) == {alice.user_id}
    assert await members(lazy, {"include": [{}]}) == everybody
    assert await members({"include": [{"type": "m.room.member"}]}, lazy) == everybody
    nobody = {"include": [{}], "exclude": [{"type": "m.room.member"}]}
    assert await members(nobody, {"include": [{}]}) == everybody, "one excludes for itself only"
