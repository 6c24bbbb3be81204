"""The homeserver stalls, lies, repeats itself or goes away: nothing is lost or shown twice."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from tests.support.account import Account
from tests.support.answers import read
from tests.support.client import SlidingClient, SyncError, window
from tests.support.faults import (
    BROKEN,
    GARBAGE,
    OVERLOADED,
    RATE_LIMITED,
    TOKEN_DEAD,
    Fault,
    create_in_timeline,
    with_malformed_events,
    without_create,
)
from tests.support.fixtures import Connect, caught_up
from tests.support.homeserver import FakeHomeserver, Seen
from tests.support.postgres import Postgres
from tests.support.room import JSON
from tests.support.service import Service
from tests.support.shapes import Shape
from tests.support.waiting import still, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = {"all": window(0, 20)}
PATIENCE_S = 25.0  # of a client while the service backs off


def syncs_of(homeserver: FakeHomeserver, account: Account) -> list[Seen]:
    return [seen for seen in homeserver.seen
            if seen.path.endswith("/sync") and seen.device_id == account.device_id]  # fmt: skip


@pytest.mark.rules("U-40", "UZ-5", "U-50", "D-32")
@pytest.mark.parametrize(
    "fault",
    [RATE_LIMITED, OVERLOADED, BROKEN, GARBAGE, Fault(drop=True), Fault(truncate=True),
     Fault(status=403, errcode="M_CONSENT_NOT_GIVEN")],
    ids=["429", "503", "500", "garbage", "dropped", "truncated", "consent"],
)  # fmt: skip
async def test_a_failed_poll_is_repeated_and_nothing_is_lost(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver, fault: Fault
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL)
    trap = homeserver.break_(fault, user_id=bob.user_id, times=2)
    sent = await alice.send_all(room, ["one", "two"])
    await client.until_event(room, sent[-1], patience_s=PATIENCE_S)
    assert client.bodies(room) == ["one", "two"]
    assert trap.hits == 2


@pytest.mark.rules("U-40", "C-4", "U-22")
@pytest.mark.parametrize("fault", [OVERLOADED, Fault(drop=True)], ids=["503", "dropped"])
async def test_a_first_sync_that_fails_is_repeated_while_the_client_waits(
    alice: Account, connect: Connect, homeserver: FakeHomeserver, fault: Fault
) -> None:
    room = await alice.create_room("Kitchen")
    homeserver.break_(fault, user_id=alice.user_id)
    client = connect(alice)
    await client.sync(lists=ALL)
    assert client.order() == [room]


@pytest.mark.rules("UZ-5")
async def test_the_homeserver_says_how_long_to_wait(
    alice: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    client = connect(alice)
    await client.sync(lists=ALL)
    trap = homeserver.break_(Fault(status=429, retry_after_s=2), user_id=alice.user_id, times=None)
    await alice.create_room("Kitchen")
    await asyncio.sleep(1.5)  # less than it said
    assert trap.hits <= 1
    trap.clear()


async def test_what_is_said_while_the_homeserver_fails_is_told_afterwards(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    kitchen = await alice.create_room("Kitchen")
    await bob.join(kitchen)
    client = connect(bob)
    await client.sync(lists={"all": window(0, 20)})
    trap = homeserver.break_(Fault(status=502), user_id=bob.user_id, times=None)
    said = await alice.send(kitchen, "dinner is ready")
    await until(lambda: trap.hits)
    trap.clear()
    await client.until_event(kitchen, said)
    assert client.bodies(kitchen) == ["dinner is ready"]


@pytest.mark.rules("U-24", "U-75")
async def test_a_slow_first_sync_delays_nobody_else(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    homeserver.break_(Fault(delay_s=5), user_id=alice.user_id)
    slow = asyncio.create_task(connect(alice).sync(lists=ALL))
    await still(slow, for_s=0.1)
    await asyncio.wait_for(connect(bob).sync(lists=ALL), 3)
    assert not slow.done()
    await slow


@pytest.mark.rules("U-26", "H-32")
async def test_a_client_that_gave_up_waiting_finds_the_work_done(
    alice: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await alice.create_room("Kitchen")
    homeserver.break_(Fault(delay_s=1), user_id=alice.user_id)
    impatient = asyncio.create_task(connect(alice).sync(lists=ALL))
    await still(impatient, for_s=0.2)
    impatient.cancel()
    await asyncio.sleep(1.5)  # the homeserver's answer comes, to nobody who waits
    client = connect(alice)
    await asyncio.wait_for(client.sync(lists=ALL), 2)
    assert client.order() == [room]
    assert sum("since" not in seen.query for seen in syncs_of(homeserver, alice)) == 1


@pytest.mark.rules("H-26", "U-2")
@pytest.mark.parametrize("status", [403, 500])
async def test_a_homeserver_that_cannot_identify_a_token_is_a_bad_gateway(
    alice: Account, connect: Connect, homeserver: FakeHomeserver, status: int
) -> None:
    homeserver.break_(Fault(status=status), path="/account/whoami", user_id=alice.user_id)
    with pytest.raises(SyncError) as refused:
        await connect(alice).sync(lists=ALL)
    assert refused.value.status == 502


# Tokens


@pytest.mark.rules("U-41", "H-25", "C-7")
async def test_a_token_that_dies_is_refused_from_then_on(
    alice: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    client = connect(alice)
    await client.sync(lists=ALL)
    homeserver.world.expire(alice.token, soft_logout=True)
    with pytest.raises(SyncError) as refused:
        await client.until(lambda: False)
    assert (refused.value.status, refused.value.errcode) == (401, "M_UNKNOWN_TOKEN")


@pytest.mark.rules("H-27", "U-17E", "U-14")
async def test_a_token_that_dies_before_the_first_sync_is_refused_and_a_good_one_works(
    alice: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    homeserver.break_(TOKEN_DEAD, user_id=alice.user_id)
    with pytest.raises(SyncError) as refused:
        await connect(alice).sync(lists=ALL)
    assert (refused.value.status, refused.value.errcode) == (401, "M_UNKNOWN_TOKEN")
    again = await alice.login(alice.device_id)
    assert (await connect(again).sync(lists=ALL)).count("all") == 0


@pytest.mark.rules("U-13", "U-53")
async def test_a_new_token_of_the_device_continues_without_a_first_sync(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL)
    await caught_up(client, bob)
    homeserver.world.expire(bob.token)
    fresh = await bob.login(bob.device_id)
    await asyncio.sleep(0.5)  # the poll fails meanwhile
    client = connect(fresh)
    await client.sync(lists=ALL)
    await client.until_event(room, await alice.send(room, "hello"))
    assert sum("since" not in seen.query for seen in syncs_of(homeserver, bob)) == 1


@pytest.mark.rules("U-12", "U-4", "C-1")
async def test_two_tokens_of_a_device_share_a_connection(
    alice: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await alice.create_room("Kitchen")
    client = connect(alice)
    await client.sync(lists=ALL)
    client.token = (await alice.login(alice.device_id)).token
    await client.until_event(room, await alice.send(room, "hello"))
    assert sum("since" not in seen.query for seen in syncs_of(homeserver, alice)) == 1


# Late, repeated and odd answers


@pytest.mark.rules("X-1", "X-2", "M-9")
async def test_a_kick_holds_even_if_the_users_own_poller_lags(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    watcher, client = connect(alice), connect(bob)
    await watcher.sync(lists=ALL)
    await client.sync(lists=ALL)
    homeserver.freeze(bob.user_id, bob.device_id)
    await alice.kick(room, bob)
    await watcher.until_event(room, await alice.send(room, "secret"))
    await client.sync(timeout_ms=500)
    homeserver.thaw(bob.user_id, bob.device_id)
    await client.until(lambda: room not in client.order())
    await caught_up(client, bob)
    assert "secret" not in client.bodies(room)


@pytest.mark.rules("U-100", "D-32", "U-91")
async def test_a_lagging_poller_repeats_nothing_and_reorders_nothing(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    first, second = connect(alice), connect(bob)
    await first.sync(lists=ALL)
    await second.sync(lists=ALL)
    homeserver.freeze(bob.user_id, bob.device_id)
    sent = await alice.send_all(room, [f"message {n}" for n in range(5)])
    await first.until_event(room, sent[-1])
    homeserver.thaw(bob.user_id, bob.device_id)
    await second.until_event(room, sent[-1])
    assert second.event_ids(room)[-5:] == first.event_ids(room)[-5:] == sent


@pytest.mark.rules("D-33", "D-31")
async def test_prev_batch_skips_nothing_even_if_the_users_own_poller_lags(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    watcher = connect(alice)
    await watcher.sync(lists=ALL)
    await connect(bob).sync(lists=ALL)
    homeserver.freeze(bob.user_id, bob.device_id)
    sent = await alice.send_all(room, [f"message {n}" for n in range(9)])
    await watcher.until_event(room, sent[-1])
    answer = await connect(bob, conn_id="new").sync(lists={"all": window(0, 20, timeline_limit=2)})
    homeserver.thaw(bob.user_id, bob.device_id)
    older = await bob.call("GET", f"/rooms/{room}/messages", None, dir="b",
                           **{"from": answer.rooms[room].raw["prev_batch"]})  # fmt: skip
    found = {event["event_id"] for event in older["chunk"]}
    shown = {event["event_id"] for event in answer.rooms[room].timeline}
    assert found | shown >= set(sent)


@pytest.mark.rules("U-133", "AD-3")
async def test_a_lagging_device_does_not_bring_back_an_older_name(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await alice.create_room("Old")
    await bob.join(room)
    client = connect(alice)
    await client.sync(lists=ALL)
    homeserver.freeze(bob.user_id, bob.device_id)
    await alice.rename(room, "New")
    await client.until(lambda: client.rooms[room].fields["name"] == "New")
    late = connect(bob)
    await late.sync(lists=ALL)
    homeserver.thaw(bob.user_id, bob.device_id)
    await caught_up(late, bob)
    answer = await connect(alice, conn_id="new").sync(lists=ALL)
    assert answer.rooms[room].raw["name"] == "New"


@pytest.mark.rules("U-52", "U-91", "D-32")
async def test_a_repeated_answer_changes_nothing(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists=ALL)
    await client.until_event(room, await alice.send(room, "one"))
    homeserver.break_(Fault(repeat=True), user_id=bob.user_id)
    await client.until_event(room, await alice.send(room, "two"), patience_s=PATIENCE_S)
    assert client.bodies(room) == ["one", "two"]


@pytest.mark.rules("U-92", "U-17S", "U-178", "Z-4")
async def test_after_a_gap_there_is_no_hole_in_the_timeline(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    client = connect(bob)
    await client.sync(lists={"all": window(0, 9, timeline_limit=50)})
    await client.until_event(room, await alice.send(room, "before the gap"))
    homeserver.freeze(bob.user_id, bob.device_id)
    sent = await alice.send_all(room, [f"message {n}" for n in range(80)])
    homeserver.thaw(bob.user_id, bob.device_id)
    await client.until_event(room, sent[-1])
    assert client.event_ids(room)[-50:] == sent[-50:]
    fresh = await connect(bob, conn_id="new").sync(lists={"all": window(0, 9, timeline_limit=50)})
    assert fresh.rooms[room].raw["limited"] is True
    assert "before the gap" not in fresh.rooms[room].bodies


@pytest.mark.rules("U-170", "U-171", "U-82")
async def test_a_room_without_create_event_spoils_nothing_else(
    alice: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    good, odd = await alice.create_room("Good"), await alice.create_room("Odd")
    homeserver.break_(Fault(rewrite=without_create(odd)), user_id=alice.user_id, times=None)
    client = connect(alice)
    await client.sync(lists=ALL)
    assert {good, odd} == set(client.order())
    assert client.rooms[odd].fields["name"] == "Odd"
    for room in (good, odd):
        await client.until_event(room, await alice.send(room, "hello"))


@pytest.mark.rules("U-172", "U-82")
async def test_the_create_event_may_come_in_the_timeline(
    alice: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await alice.create_room("Kitchen")
    homeserver.break_(Fault(rewrite=create_in_timeline(room)), user_id=alice.user_id)
    client = connect(alice)
    await client.sync(lists=ALL)
    assert client.rooms[room].fields["name"] == "Kitchen"


@pytest.mark.rules("U-176", "U-81")
async def test_malformed_events_are_left_out_and_the_others_stay(
    alice: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    room = await alice.create_room("Kitchen")
    homeserver.break_(Fault(rewrite=with_malformed_events(room)), user_id=alice.user_id, times=None)
    client = connect(alice)
    await client.sync(lists=ALL)
    await client.until_event(room, await alice.send(room, "hello"))
    assert client.bodies(room) == ["hello"]


@pytest.mark.rules("U-115", "M-3")
async def test_a_room_that_is_joined_and_an_invite_in_one_answer_is_joined(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    """Dendrite says both after a second invite."""
    room = await alice.create_room("Kitchen", public=False, invite=[bob])
    await bob.join(room)
    sent = await alice.send(room, "hello")

    def also_invited(body: JSON) -> JSON:
        own = {"type": "m.room.member", "state_key": bob.user_id, "sender": alice.user_id,
               "content": {"membership": "invite"}}  # fmt: skip
        rooms = {**body.get("rooms", {}), "invite": {room: {"invite_state": {"events": [own]}}}}
        return {**body, "rooms": rooms}

    homeserver.break_(Fault(rewrite=also_invited), user_id=bob.user_id, times=1)
    client = connect(bob)
    await client.sync(lists={"joined": window(0, 9, filters={"is_invite": False})})
    assert client.order("joined") == [room]
    assert sent in client.event_ids(room)
    await client.until_event(room, await alice.send(room, "again"))


@pytest.mark.rules("L-43", "L-31", "L-48")
async def test_a_backdated_event_moves_its_room_down(
    alice: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    top, low = await alice.create_room("A"), await alice.create_room("B")
    await alice.send(top, "hello")
    client = connect(alice)
    await client.sync(lists=ALL)
    assert client.order() == [top, low]
    homeserver.world.send(top, alice.user_id, "m.room.message", {"body": "old"}, ts=1000)
    await client.until(lambda: client.order() == [low, top])


# Everything goes away


@pytest_asyncio.fixture(loop_scope="module")
async def own_homeserver() -> AsyncIterator[FakeHomeserver]:
    async with FakeHomeserver() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def own(
    http: aiohttp.ClientSession, own_homeserver: FakeHomeserver, postgres: Postgres
) -> AsyncIterator[Service]:
    url = await postgres.clone()
    service = await Service.start(http, homeserver=own_homeserver.url, database=url)
    yield service
    service.close()
    await postgres.drop(url)


@pytest.mark.rules("U-40", "U-17K", "O-4")
async def test_a_homeserver_may_go_away_and_come_back(
    http: aiohttp.ClientSession, own_homeserver: FakeHomeserver, own: Service
) -> None:
    alice = await Account.register(http, own_homeserver.url, "alice")
    room = await alice.create_room("Kitchen")
    client = SlidingClient(http, own.url, alice.token)
    await client.sync(lists=ALL)
    await own_homeserver.down()
    await client.sync(timeout_ms=500)
    event_id = own_homeserver.world.send(room, alice.user_id, "m.room.message", {"body": "hi"})
    await own_homeserver.up()
    await client.until_event(room, event_id, patience_s=PATIENCE_S)


@pytest.mark.rules("U-133")
async def test_a_device_that_lags_behind_turns_no_account_data_back(
    alice: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    def told(client: SlidingClient) -> list[int]:
        said = [answer.extensions.get("account_data", {}) for answer in client.answers]
        events = [event for data in said for event in data.get("global", ())]
        return [e["content"]["n"] for e in events if e["type"] == "org.example"]

    def late(answer: JSON) -> JSON:
        events = answer.get("account_data", {}).get("events", ())
        if told_late or {"n": 1} not in [event["content"] for event in events]:
            return answer
        told_late.append(answer)
        return answer | {"account_data": {"events": [event(0)]}}

    def event(n: int) -> JSON:
        return {"type": "org.example", "content": {"n": n}}

    told_late: list[JSON] = []
    laptop = await alice.login("LAPTOP")
    homeserver.break_(Fault(rewrite=late), device_id=laptop.device_id, times=None)
    client, other = connect(alice), connect(laptop)
    for each in (client, other):
        await each.sync(lists=ALL, extensions={"account_data": {"enabled": True}})
    homeserver.freeze(laptop.user_id, laptop.device_id)
    for n in (0, 1):
        await alice.set_account_data("org.example", {"n": n})
        await client.until(lambda last=n: told(client)[-1:] == [last])  # type: ignore[misc]
    homeserver.thaw(laptop.user_id, laptop.device_id)
    await homeserver.settled(alice.user_id)
    for each in (client, other):
        await caught_up(each, alice)
        assert told(each) in ([0, 1], [1])
    assert len(told_late) == 1


@pytest.mark.rules("C-4")
async def test_who_only_tries_the_endpoint_is_not_polled(
    alice: Account, bob: Account, connect: Connect, homeserver: FakeHomeserver
) -> None:
    for _ in range(2):
        await connect(bob).ask(None)
    await connect(alice).sync()  # a body that asks for nothing is a request all the same
    assert len(syncs_of(homeserver, alice)) > 0
    assert syncs_of(homeserver, bob) == []


@pytest.mark.rules("S-572")
async def test_clients_that_knew_the_versions_see_a_short_outage_later(
    http: aiohttp.ClientSession, own_homeserver: FakeHomeserver, postgres: Postgres, shape: Shape
) -> None:
    async def said(token: str | None) -> tuple[int, JSON]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{service.url}/_matrix/client/versions"
        answer = await read(http.get(url, headers=headers))
        return answer.status, await answer.json()

    alice = await Account.register(http, own_homeserver.url, "alice")
    database = await postgres.clone()
    service = await Service.deploy(
        shape.alone(), http, homeserver=own_homeserver.url, database=database
    )  # fmt: skip
    try:
        known = [await said(None), await said(alice.token)]
        assert [status for status, _ in known] == [200, 200]
        await own_homeserver.down()
        assert [await said(None), await said(alice.token)] == known
        status, error = await said("another")
        assert (status, error["errcode"]) == (502, "M_UNKNOWN")
        await own_homeserver.up()
        assert (await said("another"))[0] == 200
        assert alice.token not in service.output
    finally:
        service.close()
    await postgres.drop(database)


@pytest.mark.rules("U-42", "U-17H", "H-33")
async def test_database_connections_may_be_cut(
    http: aiohttp.ClientSession, own_homeserver: FakeHomeserver, own: Service, postgres: Postgres
) -> None:
    alice = await Account.register(http, own_homeserver.url, "alice")
    room = await alice.create_room("Kitchen")
    client = SlidingClient(http, own.url, alice.token)
    await client.sync(lists=ALL)
    for number in range(3):
        await postgres.kill_backends(own.database)
        event_id = await alice.send(room, f"message {number}")
        async with asyncio.timeout(PATIENCE_S):
            while event_id not in client.event_ids(room):
                try:
                    await client.sync(timeout_ms=1000)
                except SyncError as refused:
                    assert refused.status >= 500, refused
    assert client.bodies(room) == ["message 0", "message 1", "message 2"]


@pytest.mark.rules("U-176", "U-87", "S-603", "UZ-2")
async def test_a_homeserver_that_gives_the_state_after_the_timeline(
    http: aiohttp.ClientSession, postgres: Postgres
) -> None:
    url = await postgres.clone()
    async with FakeHomeserver(state_after=True) as homeserver:
        service = await Service.start(http, homeserver=homeserver.url, database=url)
        try:
            alice = await Account.register(http, homeserver.url, "alice")
            room = await alice.create_room("Old")
            client = SlidingClient(http, service.url, alice.token)
            await client.sync(lists=ALL)
            await alice.rename(room, "New")
            await client.until(lambda: client.rooms[room].fields["name"] == "New")
        finally:
            service.close()
    await postgres.drop(url)
