"""What is refused, and in which order it is looked at; extensions and where they are."""

from typing import Any

import aiohttp
import pytest

from tests.integration.simplified.conftest import Sync
from tests.support.account import Account
from tests.support.answers import read
from tests.support.homeserver import FakeHomeserver
from tests.support.service import Service
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import Dialect, window

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.rules("S-4", "S-9")
@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (b"{", "M_NOT_JSON"),
        ([], "M_BAD_JSON"),
        ({"lists": 7}, "M_BAD_JSON"),
        ({"lists": {"a": {"required_state": []}}}, "M_MISSING_PARAM"),
        ({"conn_id": "c" * 256}, "M_INVALID_PARAM"),
        ({}, "M_UNKNOWN_POS"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_said_before_the_pos_is_looked_at(
    endpoint: Target, conn: Connection, body: Any, errcode: str
) -> None:
    query = {"pos": "stale"} if endpoint.dialect is Dialect.U else {}
    if isinstance(body, dict) and not query:
        body = body | {"pos": "stale"}
    if errcode == "M_MISSING_PARAM" and endpoint.dialect is Dialect.S:
        body["lists"]["a"]["required_state"] = {}
    status, answer = await conn.post(body, query)
    assert (status, answer["errcode"]) == (400, errcode)
    assert answer["error"]


@pytest.mark.rules("S-1", "S-2", "S-9")
async def test_a_bad_token_is_found_out_first_and_may_stand_in_the_query(
    endpoint: Target, bob: Account, http: aiohttp.ClientSession
) -> None:
    url = endpoint.url + endpoint.dialect.path
    for query, status, errcode in (
        ({}, 401, "M_MISSING_TOKEN"),
        ({"access_token": "unknown"}, 401, "M_UNKNOWN_TOKEN"),
        ({"access_token": bob.token}, 400, "M_NOT_JSON"),
    ):
        response = await read(http.post(url, data=b"{", params=query))
        body = await response.json()
        assert (response.status, body["errcode"]) == (status, errcode)
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    response = await read(http.post(url, params={"access_token": bob.token}))
    assert response.status == 200 and (await response.json())["rooms"] == {}


@pytest.mark.rules("S-6", "S-320")
async def test_an_empty_body_is_a_request_like_others(conn: Connection) -> None:
    status, answer = await conn.post(b"")
    assert status == 200 and answer.keys() == {"pos", "rooms", "extensions"}
    assert answer["rooms"] == answer["extensions"] == {}
    conn.pos = answer["pos"]
    assert (await conn.sync()).rooms == {}


@pytest.mark.rules("S-20")
async def test_a_txn_id_comes_back(endpoint: Target, conn: Connection) -> None:
    status, answer = await conn.post({"txn_id": "mine"})
    assert status == 200
    assert answer.get("txn_id") == ("mine" if endpoint.dialect is Dialect.U else None)


@pytest.mark.rules("S-340", "S-341", "S-342", "S-343", "S-350", "S-366")
async def test_extensions_answer_and_no_others(
    alice: Account, bob: Account, conn: Connection, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await bob.upload_device_keys()
    await alice.type_in(room)
    asked = {name: {"enabled": True} for name in ("to_device", "e2ee", "account_data", "receipts")}
    odd = {"io.element.msc4308.thread_subscriptions": {"enabled": True, "limit": 10}}
    off = {"typing": {"enabled": False}}
    answer = await sync(lists={"all": window()}, extensions=asked | odd | off)
    said = answer.raw["extensions"]
    assert {"to_device", "e2ee", "account_data"} <= said.keys() <= asked.keys()
    assert isinstance(said["to_device"]["next_batch"], str)
    assert "signed_curve25519" in said["e2ee"]["device_one_time_keys_count"]
    assert (await sync(extensions={})).raw["extensions"] == {}
    later = await sync(extensions={"typing": {"enabled": True, "rooms": None, "lists": None}})
    assert later.raw["extensions"].keys() <= {"typing"}


@pytest.mark.rules("S-600", "S-20")
async def test_the_homeserver_is_told_the_presence_that_the_latest_request_wants(
    endpoint: Target, homeserver: FakeHomeserver, bob: Account, conn: Connection
) -> None:
    room = await bob.create_room("Kitchen")
    await conn.sync(lists={"all": window()})
    for presence in ("unavailable", "online", "offline"):
        said = {"set_presence": presence, "pos": conn.pos or ""}
        in_query = endpoint.dialect is Dialect.U
        status, _ = await conn.post({} if in_query else said, said if in_query else {})
        assert status == 200
        for _ in range(2):  # a poll under way says what it was begun with
            await bob.send(room, "hello")
            await homeserver.settled(bob.user_id)
        polls = [one for one in homeserver.seen if one.user_id == bob.user_id]
        assert polls[-1].path.endswith("/sync")
        assert polls[-1].query["set_presence"] == presence


@pytest.mark.rules("S-570", "S-571", "S-573")
async def test_versions_say_what_is_served(service: Service, http: aiohttp.ClientSession) -> None:
    response = await read(http.get(f"{service.url}/_matrix/client/versions"))
    features = (await response.json())["unstable_features"]
    assert features["org.matrix.simplified_msc3575"] is True
    assert "org.matrix.msc3575" not in features


@pytest.mark.rules("S-329")
async def test_a_list_that_grows_in_a_burst_is_never_told_to_wait(
    alice: Account, bob: Account, conn: Connection, sync: Sync
) -> None:
    rooms = [await alice.create_room(f"Room {number}") for number in range(3)]
    for room in rooms:
        await bob.join(room)
    await sync(lists={"all": window(0, 0)})
    for last in range(60):
        await conn.sync(lists={"all": window(0, last)}, timeout_ms=0)  # raises for a refusal
    assert conn.rooms.keys() == set(rooms)


@pytest.mark.rules("S-408", "S-420", "S-606", "S-607")
async def test_extensions_that_no_sync_feeds_are_ignored(conn: Connection, sync: Sync) -> None:
    names = (
        "io.element.msc4308.thread_subscriptions",
        "thread_subscriptions",
        "org.matrix.msc4354.sticky_events",
        "org.matrix.msc4262.profiles",
        "profiles",
    )
    asked = {name: {"enabled": True, "limit": 0, "since": "x"} for name in names}
    for _ in range(2):
        answer = await sync(lists={"all": window()}, extensions=asked)
        assert answer.raw["extensions"] == {}
