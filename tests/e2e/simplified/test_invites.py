"""Invites and knocks: what of a room is shown to somebody who is not in it."""

import pytest

from tests.e2e.simplified.conftest import Sync
from tests.support.account import Account
from tests.support.room import JSON
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import window

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = {"all": window(required_state=[("m.room.member", "$ME"), ("m.room.name", "")])}
KNOCKING: JSON = {"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "knock"}}


def visible(history: str) -> JSON:
    return {"type": "m.room.history_visibility", "state_key": "",
            "content": {"history_visibility": history}}  # fmt: skip


def by_key(events: list[JSON] | None) -> dict[tuple[str, str], JSON]:
    return {(e["type"], e["state_key"]): e["content"] for e in events or ()}


@pytest.mark.rules("S-310", "S-312", "S-190", "S-241", "S-196", "S-281")
@pytest.mark.parametrize("history", ["shared", "world_readable"])
@pytest.mark.parametrize("when", ["initial", "live"])
async def test_an_invite_shows_stripped_state_and_nothing_else(
    alice: Account, bob: Account, sync: Sync, conn: Connection, history: str, when: str
) -> None:
    room = await bob.create_room("Bob's", public=False, state=[visible(history)])
    await bob.send(room, "before")
    if when == "live":
        await sync(lists=ALL)
    await bob.invite(room, alice)
    await bob.send(room, "after")
    entry = (await sync(lists=ALL)).rooms[room]
    assert entry.initial
    stripped = by_key(entry.stripped)
    assert stripped["m.room.name", ""] == {"name": "Bob's"}
    assert stripped["m.room.member", alice.user_id]["membership"] == "invite"
    assert ("m.room.create", "") in stripped
    hidden = {"required_state", "timeline", "limited", "num_live", "prev_batch", "heroes"}
    assert not hidden & set(entry.raw)
    assert "bump_stamp" in entry.raw
    assert conn.rooms[room].membership == "invite"


@pytest.mark.differs("Synapse repeats an invite whenever something happens in the room")
@pytest.mark.rules("S-313")
async def test_an_invite_comes_once(alice: Account, bob: Account, sync: Sync) -> None:
    room = await bob.create_room("Bob's", public=False, invite=[alice])
    assert room in (await sync(lists=ALL)).rooms
    await bob.send(room, "hello")
    assert not (await sync()).rooms


@pytest.mark.rules("S-176", "S-315", "S-311")
async def test_an_accepted_invite_is_a_whole_room(
    alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    room = await bob.create_room("Bob's", public=False, invite=[alice])
    before = await bob.send(room, "before")
    await sync(lists=ALL)
    await alice.join(room)
    entry = (await sync()).rooms[room]
    assert entry.initial
    assert entry.stripped is None
    await conn.until(lambda: before in conn.rooms[room].timeline.ids)
    assert entry.raw["name"] == "Bob's"
    assert conn.rooms[room].membership == "join"
    assert (await sync()).count() == 1


@pytest.mark.rules("S-315", "S-242", "S-82")
@pytest.mark.parametrize("how", ["rejected", "withdrawn"])
async def test_an_invite_that_ends_is_told_with_the_own_leave(
    alice: Account, bob: Account, sync: Sync, conn: Connection, how: str
) -> None:
    room = await bob.create_room("Bob's", public=False, invite=[alice])
    await sync(lists=ALL)
    await (alice.leave(room) if how == "rejected" else bob.kick(room, alice))
    entry = (await sync()).rooms[room]
    own = entry.state["m.room.member", alice.user_id]
    assert own["content"]["membership"] == "leave"
    assert entry.stripped is None
    assert conn.rooms[room].membership == "leave"
    assert "Bob's" not in str(entry.state), "who was never in the room sees nothing of it"


@pytest.mark.rules("S-313", "S-310", "S-80")
async def test_who_is_invited_again_is_told_again(
    alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    room = await bob.create_room("Bob's", public=False, invite=[alice])
    await sync(lists=ALL)
    await alice.leave(room)
    await sync()
    assert conn.rooms[room].membership == "leave"
    await bob.invite(room, alice)
    answer = await sync()
    assert by_key(answer.rooms[room].stripped)["m.room.member", alice.user_id]
    assert conn.rooms[room].membership == "invite"
    assert answer.count() == 1


@pytest.mark.differs("Synapse sends a delta, which leaves a client with fields of the time before")
@pytest.mark.rules("S-177")
async def test_an_invite_after_having_left_is_initial(
    alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    room = await bob.create_room("Bob's", public=False, invite=[alice])
    await alice.join(room)
    await sync(lists=ALL)
    await bob.kick(room, alice)
    await sync()
    await bob.invite(room, alice)
    assert (await sync()).rooms[room].initial
    assert not conn.rooms[room].timeline.events


@pytest.mark.needs("knocking")
@pytest.mark.rules("S-310", "S-312", "S-80")
async def test_a_knock_shows_stripped_state(
    alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    room = await bob.create_room("Bob's", public=False, state=[KNOCKING])
    await sync(lists=ALL)
    await alice.knock(room)
    entry = (await sync()).rooms[room]
    stripped = by_key(entry.stripped)
    assert stripped["m.room.member", alice.user_id]["membership"] == "knock"
    assert stripped["m.room.name", ""] == {"name": "Bob's"}
    assert conn.rooms[room].membership == "knock"


@pytest.mark.needs("knocking")
@pytest.mark.rules("S-80", "S-315", "S-313")
@pytest.mark.parametrize("end", ["retracted", "rejected", "invited", "joined"])
async def test_a_knock_ends(
    alice: Account, bob: Account, sync: Sync, conn: Connection, end: str
) -> None:
    room = await bob.create_room("Bob's", public=False, state=[KNOCKING])
    await alice.knock(room)
    await sync(lists=ALL)
    if end == "retracted":
        await alice.leave(room)
    elif end == "rejected":
        await bob.kick(room, alice)
    else:
        await bob.invite(room, alice)
        if end == "joined":
            await alice.join(room)
    answer = await sync()
    expected = {"invited": "invite", "joined": "join"}.get(end, "leave")
    assert conn.rooms[room].membership == expected
    assert answer.rooms[room].initial or end != "joined"
    assert (await sync()).count() == (0 if end == "retracted" else 1)


@pytest.mark.rules("S-292", "S-273", "S-310")
@pytest.mark.only("S")
async def test_an_invite_of_the_stable_form_has_few_fields(
    alice: Account, bob: Account, sync: Sync
) -> None:
    room = await bob.create_room("Bob's", public=False, invite=[alice])
    raw = (await sync(lists=ALL)).rooms[room].raw
    assert set(raw) == {"initial", "bump_stamp", "membership", "lists", "stripped_state"}
    assert (raw["membership"], raw["lists"]) == ("invite", ["all"])


@pytest.mark.differs("Synapse shows the name that the room has now, which is not in the invite")
@pytest.mark.only("U")
@pytest.mark.rules("S-273")
async def test_an_invite_has_the_name_of_its_stripped_state(
    alice: Account, bob: Account, sync: Sync
) -> None:
    room = await bob.create_room("Bob's", public=False, invite=[alice])
    await bob.rename(room, "Later")
    assert (await sync(lists=ALL)).rooms[room].raw["name"] == "Bob's"


@pytest.mark.rules("S-80", "S-315")
async def test_invites_come_and_go_on_every_connection(
    alice: Account, bob: Account, target: Target
) -> None:
    connections = [target.connect(alice, name) for name in ("one", "two")]
    for one in connections:
        await one.sync(lists=ALL)
    room = await bob.create_room("Bob's", public=False, invite=[alice])
    for one in connections:
        await one.until(lambda seen=one: room in seen.rooms)  # type: ignore[misc]
    await alice.leave(room)
    for one in connections:
        await one.until(lambda seen=one: seen.rooms[room].membership == "leave")  # type: ignore[misc]
