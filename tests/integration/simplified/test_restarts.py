"""What a client has been told outlives the service."""

import pytest

from tests.integration.simplified.conftest import Sync
from tests.support.account import Account
from tests.support.service import Service
from tests.support.simplified.connection import Connection
from tests.support.simplified.wire import room_config, window

pytestmark = pytest.mark.asyncio(loop_scope="module")

OWN = ("m.room.member", "$ME")
TOPIC = ("m.room.topic", "")
CREATE = ("m.room.create", "")


@pytest.mark.rules("S-57", "S-170", "S-179", "S-200", "S-250", "S-531")
async def test_a_client_goes_on_where_it_was(
    service: Service, alice: Account, bob: Account, conn: Connection, sync: Sync
) -> None:
    quiet, busy, unseen = [await alice.create_room(name) for name in ("Quiet", "Busy", "Unseen")]
    for room in (quiet, busy, unseen):
        await bob.join(room)
    wide = {"all": window(timeline_limit=5, required_state=[OWN, TOPIC])}
    narrow = {"all": window(0, 0, timeline_limit=1, required_state=[OWN])}
    assert (await sync(lists=wide)).rooms.keys() == {quiet, busy, unseen}
    await alice.set_state(unseen, "m.room.topic", {"topic": "new"})
    await alice.send(busy, "one")
    assert (await sync(lists=narrow)).rooms.keys() == {busy}
    await sync()  # the position comes back, so what it stands for is stored
    await service.restart()
    await alice.send(busy, "two")
    answer = await sync(lists=narrow)
    assert answer.rooms.keys() == {busy}, "a room that did not change was sent again"
    assert answer.rooms[busy].bodies == ["two"] and not answer.rooms[busy].initial
    again = (await sync(lists=wide)).rooms
    assert again.keys() == {unseen}, "of the others the client has all"
    assert not again[unseen].initial and again[unseen].state.keys() == {TOPIC}
    more = await sync(lists=wide, subscriptions={quiet: room_config(5, [OWN, TOPIC, CREATE])})
    assert more.rooms[quiet].state.keys() == {CREATE} and not more.rooms[quiet].initial


@pytest.mark.rules("S-56", "S-58", "S-170")
async def test_after_a_kill_nothing_is_lost(
    service: Service, alice: Account, bob: Account, conn: Connection, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await sync(lists={"all": window(timeline_limit=5, required_state=[OWN])})
    first = await alice.send(room, "one")
    await sync()
    await service.kill9()
    second = await alice.send(room, "two")
    await service.launch()
    await sync()
    assert conn.rooms[room].timeline.ids[-2:] == [first, second]
