"""Receipts: public, private, threaded; of a timeline at first, changes afterwards."""

import json
import random
from collections.abc import AsyncIterator, Mapping
from typing import Any

import asyncpg
import pytest

from extensions.receipts import Receipts
from syncv3.batch import JoinedRoom
from syncv3.extension import Answer, Shown
from syncv3.types import EventID, RoomID
from tests.integration.extensions.stage import Stage


@pytest.fixture
async def stage(pool: asyncpg.Pool) -> AsyncIterator[Stage]:
    async with Stage(pool, Receipts()) as stage:
        yield stage


def receipt(
    event_id: str, user: str, ts: int = 1, kind: str = "m.read", thread: str | None = None
) -> bytes:
    mark = {"ts": ts} | ({"thread_id": thread} if thread else {})
    content = {event_id: {kind: {user: mark}}}
    return json.dumps({"type": "m.receipt", "content": content}).encode()


def in_room(room: RoomID, *receipts: bytes) -> dict[RoomID, JoinedRoom]:
    return {room: JoinedRoom(ephemeral=receipts)}


def content(answer: Answer, room: str = "!room:hs") -> Any:
    rooms: Mapping[str, Any] = (answer.body or {}).get("rooms", {})
    return rooms[room]["content"] if room in rooms else {}


def showing(room: RoomID, *events: str) -> dict[RoomID, Shown]:
    return {room: Shown(True, tuple(map(EventID, events)))}


@pytest.mark.rules("RR-1")
async def test_a_room_comes_with_receipts_on_its_timeline_and_ones_own(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    await stage.report(
        alice,
        joined=in_room(
            room,
            receipt("$shown", "@bob:hs", 5),
            receipt("$old", "@carol:hs"),
            receipt("$older", "@alice:hs"),
            receipt("$shown", "@alice:hs", 6, "m.read.private"),
        ),
    )
    assert content(await stage.ask(alice, shown=showing(room, "$shown"))) == {
        "$older": {"m.read": {"@alice:hs": {"ts": 1}}},
        "$shown": {"m.read": {"@bob:hs": {"ts": 5}}, "m.read.private": {"@alice:hs": {"ts": 6}}},
    }


@pytest.mark.rules("RR-2", "RR-5")
async def test_only_changes_are_told_later_and_once(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    await stage.report(alice, joined=in_room(room, receipt("$1", "@bob:hs")))
    pos = stage.cache.position
    await stage.report(alice, joined=in_room(room, receipt("$1", "@bob:hs", 9)))
    assert (await stage.ask(alice, since=pos)).body is None
    await stage.report(
        alice, joined=in_room(room, receipt("$2", "@bob:hs", 9), receipt("$2", "@carol:hs", 9))
    )
    assert content(await stage.ask(alice, since=pos)) == {
        "$2": {"m.read": {"@bob:hs": {"ts": 9}, "@carol:hs": {"ts": 9}}}
    }


@pytest.mark.rules("RR-3", "X-6")
async def test_a_private_receipt_is_for_its_owner(stage: Stage) -> None:
    alice, bob = await stage.device(), await stage.device("@bob:hs")
    room = await stage.room()
    pos = stage.cache.position
    private = receipt("$1", "@bob:hs", kind="m.read.private")
    await stage.report(bob, joined=in_room(room, private))
    assert [(c.user_key, c.room_key) for c in stage.changes] == [(bob.user_key, 1)]
    assert content(await stage.ask(bob, since=pos))["$1"].keys() == {"m.read.private"}
    assert (await stage.ask(alice, since=pos)).body is None
    assert (await stage.ask(alice, shown=showing(room, "$1"))).body is None


@pytest.mark.rules("RR-3", "X-6")
async def test_what_only_the_owners_polls_tell_is_for_the_owner(stage: Stage) -> None:
    alice, bob = await stage.device(), await stage.device("@bob:hs")
    laptop = await stage.device("@bob:hs", "LAPTOP")
    room = await stage.room()
    public, private = receipt("$1", "@bob:hs", 1), receipt("$2", "@bob:hs", 2)
    for device in (bob, alice):
        await stage.report(device, joined=in_room(room, public))
    pos = stage.cache.position
    stage.changes.clear()
    for device in (bob, laptop):  # a private one, which the homeserver calls m.read
        await stage.report(device, joined=in_room(room, private))
    assert [(c.user_key, c.room_key) for c in stage.changes] == [(bob.user_key, 1)]
    shown = showing(room, "$1", "$2")
    at_2 = {"$2": {"m.read": {"@bob:hs": {"ts": 2}}}}
    assert content(await stage.ask(bob, since=pos)) == at_2
    assert content(await stage.ask(laptop, shown=shown)) == at_2
    assert (await stage.ask(alice, since=pos)).body is None
    assert content(await stage.ask(alice, shown=shown)) == {
        "$1": {"m.read": {"@bob:hs": {"ts": 1}}}
    }


@pytest.mark.rules("RR-2", "RR-3", "RR-5")
@pytest.mark.parametrize("owner_first", [True, False])
async def test_a_public_one_is_told_to_everybody_once_whoever_tells_it_first(
    stage: Stage, owner_first: bool
) -> None:
    alice, bob = await stage.device(), await stage.device("@bob:hs")
    room = await stage.room()
    start = stage.cache.position
    both = in_room(room, receipt("$1", "@bob:hs"))
    first, second = (bob, alice) if owner_first else (alice, bob)
    await stage.report(first, joined=both)
    between = stage.cache.position
    await stage.report(second, joined=both)
    read = {"$1": {"m.read": {"@bob:hs": {"ts": 1}}}}
    for who in (alice, bob):
        assert content(await stage.ask(who, since=start)) == read
        assert content(await stage.ask(who, shown=showing(room, "$1"))) == read
    assert (await stage.ask(bob, since=between)).body is None


@pytest.mark.rules("RR-2", "RR-5")
async def test_who_reads_the_same_event_again_is_told_of_it_once(stage: Stage) -> None:
    """Another's poll brings the first time, the owner's own only the second."""
    alice, bob = await stage.device(), await stage.device("@bob:hs")
    room = await stage.room()
    start = stage.cache.position
    await stage.report(alice, joined=in_room(room, receipt("$1", "@bob:hs", 1)))
    await stage.report(bob, joined=in_room(room, receipt("$1", "@bob:hs", 2)))
    for who in (alice, bob):
        answer = await stage.ask(who, since=start)
        assert content(answer) == {"$1": {"m.read": {"@bob:hs": {"ts": 1}}}}


@pytest.mark.rules("RR-2", "U-132")
async def test_anothers_poll_that_lags_behind_turns_nothing_back_for_the_owner(
    stage: Stage,
) -> None:
    alice, bob = await stage.device(), await stage.device("@bob:hs")
    room = await stage.room()
    await stage.report(bob, joined=in_room(room, receipt("$2", "@bob:hs", 2)))
    pos = stage.cache.position
    await stage.report(alice, joined=in_room(room, receipt("$1", "@bob:hs", 1)))
    assert (await stage.ask(bob, since=pos)).body is None
    own = await stage.ask(bob, shown=showing(room, "$1"))
    assert content(own) == {"$2": {"m.read": {"@bob:hs": {"ts": 2}}}}
    assert list(content(await stage.ask(alice, since=pos))) == ["$1"]


@pytest.mark.rules("RR-4")
async def test_an_unthreaded_receipt_hides_threaded_ones_on_the_same_event(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    threaded = [receipt("$1", "@bob:hs", thread=t) for t in ("$t2", "$t1")]
    await stage.report(alice, joined=in_room(room, *threaded))
    shown = showing(room, "$1")
    bob = {"ts": 1, "thread_id": "$t1"}
    assert content(await stage.ask(alice, shown=shown))["$1"]["m.read"]["@bob:hs"] == bob
    await stage.report(alice, joined=in_room(room, receipt("$1", "@bob:hs")))
    assert content(await stage.ask(alice, shown=shown))["$1"]["m.read"]["@bob:hs"] == {"ts": 1}


@pytest.mark.rules("U-132")
async def test_many_pollers_bring_it_and_it_is_one_change(stage: Stage) -> None:
    room = await stage.room()
    devices = [await stage.device(f"@u{n}:hs") for n in range(4)]
    for device in devices:
        await stage.report(device, joined=in_room(room, receipt("$1", "@bob:hs")))
    assert [(c.user_key, c.room_key) for c in stage.changes] == [(None, 1)]


@pytest.mark.rules("U-132")
async def test_a_poller_that_lags_behind_turns_nothing_back(stage: Stage) -> None:
    alice, bob = await stage.device(), await stage.device("@bob:hs")
    room = await stage.room()
    await stage.report(alice, joined=in_room(room, receipt("$2", "@carol:hs", 2_000)))
    await stage.report(bob, joined=in_room(room, receipt("$1", "@carol:hs", 1_000)))
    assert list(content(await stage.ask(alice, shown=showing(room, "$1", "$2")))) == ["$2"]


@pytest.mark.rules("U-132")
async def test_what_is_no_receipt_is_left_out(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    odd = (
        b'{"type":"m.receipt","content":[]}',
        b'{"type":"m.other","content":{"m.receipt":{}}}',
        b'{"type":"m.receipt","content":{"$1":{"m.read":{"@b:hs":3,"@c\\u0000:hs":{}}}}}',
        receipt("$1", "@bob:hs", kind="m.seen"),
    )
    await stage.report(alice, joined=in_room(room, *odd))
    answer = await stage.ask(alice, shown=showing(room, "$1"))
    assert content(answer) == {"$1": {"m.read": {"@b:hs": {"ts": 0}}}}


@pytest.mark.rules("E-3")
async def test_rooms_out_of_scope_are_not_told(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    pos = stage.cache.position
    await stage.report(alice, joined=in_room(room, receipt("$1", "@bob:hs")))
    assert (await stage.ask(alice, since=pos, rooms=[])).body is None


async def test_nothing_new_costs_no_query(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    await stage.report(alice, joined=in_room(room, receipt("$1", "@bob:hs")))
    await stage.ask(alice, since=stage.cache.position, shown={room: Shown(False)})
    assert stage.queries.statements == []


@pytest.mark.rules("IG-1")
async def test_those_of_whom_the_user_ignores_are_left_out(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    pos = stage.cache.position
    both = (receipt("$1", "@bob:hs"), receipt("$1", "@carol:hs"))
    await stage.report(alice, joined=in_room(room, *both))
    carols = {"$1": {"m.read": {"@carol:hs": {"ts": 1}}}}
    assert content(await stage.ask(alice, since=pos, ignored=["@bob:hs"])) == carols
    whole = await stage.ask(alice, shown=showing(room, "$1"), ignored=["@bob:hs"])
    assert content(whole) == carols
    everybody = await stage.ask(alice, since=pos, ignored=["@bob:hs", "@carol:hs"])
    assert everybody.body is None


@pytest.mark.rules("U-132")
async def test_what_is_no_receipt_costs_nothing_but_itself(stage: Stage) -> None:
    alice, room = await stage.device(), await stage.room()
    long = random.Random(1).randbytes(4000).hex()
    odd = (
        receipt(f"${long}", "@bob:hs"),
        receipt("$1", f"@{long}:hs"),
        receipt("$1", "@carol:hs", thread=f"${long}"),
        receipt("$\x00", "@bob:hs"),
        b'{"type":"m.receipt","content":{"$2":{"m.read":{"@dave:hs":{"ts":1e400}}}}}',
        b'{"type":"m.receipt","content":{"$2":{"m.read":{"@erin:hs":%s}}}}' % (b"[" * 2000),
        b'{"type":"m.receipt","content":{"$2":{"m.read":{"@fay:hs":{"ts":7}},"m.x":7},"$3":null}}',
        b'{"type":"m.receipt","content":{"$2":[],"$4":{"m.read":{"@gus:hs":null}}}}',
        b'{"type":"m.receipt","content":"\\ud800"}',
        b'{"type":"m.receipt"',
    )
    pos = stage.cache.position
    await stage.report(alice, joined=in_room(room, *odd, receipt("$5", "@bob:hs", 5)))
    assert content(await stage.ask(alice, since=pos)) == {
        "$2": {"m.read": {"@dave:hs": {"ts": 0}, "@fay:hs": {"ts": 7}}},
        "$4": {"m.read": {"@gus:hs": {"ts": 0}}},
        "$5": {"m.read": {"@bob:hs": {"ts": 5}}},
    }
