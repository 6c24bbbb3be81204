"""``pos``: repeated, lost, invented; several connections; several requests at once."""

import asyncio

import aiohttp
import pytest

from tests.support.account import Account
from tests.support.client import PATH, SlidingClient, SyncError, window
from tests.support.fixtures import Connect, caught_up
from tests.support.room import JSON
from tests.support.service import Service
from tests.support.waiting import still

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = {"all": window(0, 20)}


async def refusal(client: SlidingClient, body: JSON | None = None, **query: str) -> SyncError:
    with pytest.raises(SyncError) as refused:
        await client.ask(body or {}, **query)  # type: ignore[arg-type]
    return refused.value


@pytest.mark.rules("P-0", "P-6")
async def test_a_lost_answer_costs_nothing(alice: Account, bob: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL)
    event_id = await alice.send(room, "hello")
    await caught_up(connect(bob, conn_id="other"), bob)
    await client.sync(lose_answer=True)
    assert event_id in client.event_ids(room)


@pytest.mark.rules("P-0", "P-7", "P-12")
async def test_parameters_in_a_request_whose_answer_was_lost_are_kept(
    alice: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9)})
    await client.ask({"lists": {"names": window(0, 9, sort=["by_name"])}})
    await client.sync(lists={"more": window(0, 9)})
    assert client.order("names") == client.order("more") == [room]


@pytest.mark.rules("P-0")
async def test_the_first_answer_can_be_lost_too(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    client = connect(alice)
    await client.sync(lists=ALL, lose_answer=True)
    assert client.order() == [room]


@pytest.mark.rules("P-0", "L-82")
async def test_operations_are_relative_to_the_pos_of_the_request(
    alice: Account, connect: Connect
) -> None:
    rooms = [await alice.create_room(f"Room {n}") for n in range(4)][::-1]
    client = connect(alice)
    await client.sync(lists={"all": window(0, 2)})
    await alice.send(rooms[3], "first")
    await caught_up(connect(alice, conn_id="other"), alice)
    await client.ask({})  # lost
    await alice.send(rooms[2], "second")
    await client.until(lambda: rooms[2] in client.rooms and "second" in client.bodies(rooms[2]))
    assert client.order().index(rooms[2]) < client.order().index(rooms[3])


@pytest.mark.rules("P-20", "P-0")
async def test_the_transaction_id_is_that_of_the_request(alice: Account, connect: Connect) -> None:
    client = connect(alice)
    assert (await client.sync(lists=ALL, txn_id="first")).txn_id == "first"
    assert (await client.sync()).txn_id is None


@pytest.mark.rules("H-28", "H-29", "H-30", "Z-2", "P-2", "P-5")
@pytest.mark.parametrize("pos", ["0", "1", "999999", "invented", "AAAAAAAAAAAAAAAAAAAAAAAA"])
async def test_an_invented_pos_is_unknown(alice: Account, connect: Connect, pos: str) -> None:
    client = connect(alice)
    before = await refusal(client, pos=pos)
    await client.sync(lists=ALL)
    after = await refusal(client, pos=pos)
    assert [(e.status, e.errcode) for e in (before, after)] == [(400, "M_UNKNOWN_POS")] * 2
    assert (await client.sync()).pos


@pytest.mark.rules("P-0", "X-9")
async def test_the_pos_of_somebody_else_is_unknown(
    alice: Account, bob: Account, connect: Connect
) -> None:
    theirs = await connect(bob).sync(lists=ALL)
    client = connect(alice)
    await client.sync(lists=ALL)
    assert (await refusal(client, pos=theirs.pos)).errcode == "M_UNKNOWN_POS"


@pytest.mark.rules("C-1", "P-0")
async def test_the_pos_of_another_connection_is_unknown(alice: Account, connect: Connect) -> None:
    theirs = await connect(alice, conn_id="other").sync(lists=ALL)
    client = connect(alice)
    await client.sync(lists=ALL)
    assert (await refusal(client, pos=theirs.pos)).errcode == "M_UNKNOWN_POS"


@pytest.mark.rules("C-2")
async def test_a_request_without_pos_begins_anew(alice: Account, connect: Connect) -> None:
    await alice.create_room("Kitchen")
    client = connect(alice)
    first = await client.sync(lists=ALL)
    client.forget()
    answer = await client.sync(lists={"other": window(0, 9)})
    assert set(answer.raw["lists"]) == {"other"}
    assert (await refusal(client, pos=first.pos)).errcode == "M_UNKNOWN_POS"


@pytest.mark.rules("C-10", "C-1")
async def test_connections_of_one_device_are_independent(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    clients = [connect(alice, conn_id="one"), connect(alice, conn_id="two")]
    for client in clients:
        await client.sync(lists=ALL)
    event_id = await alice.send(room, "hello")
    for client in clients:
        await client.until_event(room, event_id)


@pytest.mark.rules("C-8", "P-0")
async def test_a_new_request_ends_the_older_wait(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    client = connect(alice)
    await client.sync(lists=ALL)
    waiting = asyncio.create_task(client.ask({}, timeout_ms=30_000))
    await still(waiting, for_s=0.2)
    await asyncio.wait_for(client.sync(lists={"more": window(0, 9)}), 5)
    older = await asyncio.wait_for(waiting, 5)
    assert older.pos
    assert client.order("more") == [room]


@pytest.mark.rules("C-9", "C-2")
async def test_a_new_connection_ends_the_wait_of_the_old_one(
    alice: Account, connect: Connect
) -> None:
    client = connect(alice)
    await client.sync(lists=ALL)
    waiting = asyncio.create_task(client.ask({}, timeout_ms=30_000))
    await still(waiting, for_s=0.2)
    await asyncio.wait_for(connect(alice).sync(lists=ALL), 5)
    await asyncio.wait_for(waiting, 5)


@pytest.mark.rules("C-8", "U-17M")
async def test_a_client_that_hangs_up_loses_nothing(
    alice: Account, bob: Account, connect: Connect
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL)
    waiting = asyncio.create_task(client.ask({}, timeout_ms=30_000))
    await still(waiting, for_s=0.2)
    waiting.cancel()
    await client.until_event(room, await alice.send(room, "hello"))


@pytest.mark.rules("R-10", "R-13", "R-14", "R-31", "P-8")
async def test_parameters_stick(alice: Account, connect: Connect) -> None:
    room = await alice.create_room("Kitchen")
    client = connect(alice)
    lists = {"all": window(0, 9, required_state=[["m.room.topic", ""]])}
    await client.sync(lists=lists)
    await client.sync(lists={"all": {}})
    topic = await alice.set_state(room, "m.room.topic", {"topic": "Soup"})
    await client.until_event(room, topic)
    assert ("m.room.topic", "") in client.rooms[room].state


@pytest.mark.rules("H-4", "H-5", "H-24", "Z-1")
@pytest.mark.parametrize("authorization", [None, "", "Bearer ", "Bearer"])
async def test_without_a_token_nobody_gets_in(
    http: aiohttp.ClientSession, service: Service, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    async with http.post(f"{service.url}{PATH}", json={}, headers=headers) as response:
        assert response.status == 401
        assert (await response.json())["errcode"] in ("M_MISSING_TOKEN", "M_UNKNOWN_TOKEN")


@pytest.mark.rules("H-25", "U-2")
async def test_an_invented_token_is_unknown(http: aiohttp.ClientSession, service: Service) -> None:
    refused = await refusal(SlidingClient(http, service.url, "invented"))
    assert (refused.status, refused.errcode) == (401, "M_UNKNOWN_TOKEN")


@pytest.mark.rules("H-4")
async def test_a_bare_token_is_good_enough(
    http: aiohttp.ClientSession, service: Service, alice: Account
) -> None:
    headers = {"Authorization": alice.token}
    async with http.post(f"{service.url}{PATH}", json={}, headers=headers) as response:
        assert response.status == 200


@pytest.mark.rules("H-1", "H-7", "O-46")
async def test_the_stable_path_answers_too(
    http: aiohttp.ClientSession, service: Service, alice: Account
) -> None:
    headers = {"Authorization": f"Bearer {alice.token}"}
    url = f"{service.url}/_matrix/client/v3/sync"
    async with http.post(url, json={}, headers=headers) as response:
        assert response.status == 200
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert (await response.text()).endswith("}\n")


@pytest.mark.rules("H-6")
async def test_an_empty_body_is_an_empty_request(
    http: aiohttp.ClientSession, service: Service, alice: Account
) -> None:
    headers = {"Authorization": f"Bearer {alice.token}"}
    async with http.post(f"{service.url}{PATH}", headers=headers) as response:
        assert (response.status, (await response.json())["rooms"]) == (200, {})


@pytest.mark.rules("H-20", "H-21", "H-22", "H-31")
@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"lists": 7}', b'{"conn_id": "seventeen letters"}',
     b'{"txn_id": "' + b"x" * 65 + b'"}', b'{"lists": {"a": {"timeline_limit": "many"}}}'],
)  # fmt: skip
async def test_a_bad_body_is_a_bad_request(
    http: aiohttp.ClientSession, service: Service, alice: Account, body: bytes
) -> None:
    headers = {"Authorization": f"Bearer {alice.token}"}
    async with http.post(f"{service.url}{PATH}", data=body, headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["error"].startswith("HTTP 400 : ")


@pytest.mark.rules("H-2", "O-47")
async def test_other_methods_are_not_allowed_and_options_are_free(
    http: aiohttp.ClientSession, service: Service
) -> None:
    async with http.get(f"{service.url}{PATH}") as response:
        assert response.status == 405
    async with http.options(f"{service.url}{PATH}") as response:
        assert (response.status, await response.read()) == (200, b"")
