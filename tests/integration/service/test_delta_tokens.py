"""A client that stores its rooms comes back with a delta token (R-7)."""

import aiohttp
import pytest

from tests.integration.service.test_restarts import PATIENCE_S, own
from tests.support.account import Account
from tests.support.client import SlidingClient, window
from tests.support.fixtures import caught_up
from tests.support.service import Service

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
    pytest.mark.rules("R-7"),
]
__all__ = ["own"]

ALL = {"all": window(0, 20)}
STATE = [["m.room.topic", ""], ["m.room.member", "$LAZY"]]


@pytest.fixture
def client(http: aiohttp.ClientSession, service: Service, bob: Account) -> SlidingClient:
    return SlidingClient(http, service.url, bob.token, stores=True)


async def test_a_client_that_comes_back_has_all_that_has_happened_once(
    alice: Account, bob: Account, client: SlidingClient
) -> None:
    rooms = [await alice.create_room(f"Room {n}") for n in range(3)]
    for room in rooms:
        await bob.join(room)
    lists = {"all": window(0, 20, timeline_limit=5, required_state=STATE)}
    await client.sync(lists=lists)
    await client.until_event(rooms[0], await alice.send(rooms[0], "before"), lists=lists)
    await caught_up(client, bob)
    for time in range(3):
        client.come_back()
        if time == 1:
            await alice.kick(rooms[2], bob)
        sent = await alice.send(rooms[1], "meanwhile")
        answers = await client.until_event(rooms[1], sent, lists=lists)
        assert not any(object_.initial for answer in answers for object_ in answer.rooms.values())
    await caught_up(client, bob)
    assert client.bodies(rooms[1]).count("meanwhile") == 3
    assert client.bodies(rooms[0]).count("before") == 1
    own_leave = client.rooms[rooms[2]].timeline[-1]
    assert (own_leave["state_key"], own_leave["content"]["membership"]) == (bob.user_id, "leave")


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
async def test_it_may_come_back_after_a_restart(
    alice: Account, bob: Account, own: Service, http: aiohttp.ClientSession, kill: bool
) -> None:
    quiet, busy = await alice.create_room("Quiet"), await alice.create_room("Busy")
    for room in (quiet, busy):
        await bob.join(room)
    client = SlidingClient(http, own.url, bob.token, stores=True)
    await client.sync(lists=ALL)
    await client.until_event(busy, await alice.send(busy, "before"))
    await client.sync(timeout_ms=1500)  # what was told is stored within a second
    await own.restart(kill=kill)
    client.come_back()
    sent = await alice.send(busy, "after")
    answers = await client.until_event(busy, sent, lists=ALL, patience_s=PATIENCE_S)
    assert client.bodies(busy) == ["before", "after"]
    assert not any(quiet in answer.rooms for answer in answers)
    assert client.order() == [busy, quiet]
