"""Things that happen to the service, in which everything private contains ``SECRET``.

It comes from clients and the homeserver, in good requests and answers and in bad ones.
"""

import asyncio

import aiohttp

from tests.integration.insight.conftest import Watched
from tests.support.account import Account
from tests.support.client import SlidingClient, window
from tests.support.faults import Fault
from tests.support.homeserver import FakeHomeserver
from tests.support.traces import spans_of

SECRET = "swordfish"
ALL = {"all": window(0, 20, required_state=[["*", "*"]])}
EXTENSIONS = {name: {"enabled": True} for name in ("to_device", "e2ee", "account_data", "receipts")}
UNSTABLE = "/_matrix/client/unstable/org.matrix.msc3575/sync"
GARBAGE = f'{{"next_batch": "s1", "rooms": {{"join": {{"!{SECRET}:hs": [7], '.encode()
ODD = (
    f'{{"next_batch": 7, "rooms": {{"join": {{"!r:hs": {{"timeline": {{"events": ["{SECRET}"]}}}}'
    f'}}}}, "to_device": {{"events": [{{"content": "{SECRET}"}}, "{SECRET}"]}}}}'
).encode()


async def live(alice: Account, bob: Account, client: SlidingClient) -> None:
    """Content everywhere: in messages, state, account data, to-device messages, receipts."""
    room = await alice.create_room(f"Kitchen {SECRET}", topic=SECRET)
    await bob.join(room)
    await client.sync(lists=ALL, extensions=EXTENSIONS)
    await alice.set_account_data("org.example.notes", {"text": SECRET})
    await bob.send_to_device(alice, "m.room_key", {"session_key": SECRET})
    await alice.set_state(room, "org.example.state", {"text": SECRET})
    sent = await bob.send_all(room, [f"{SECRET} one", f"{SECRET} two"])
    await client.until_event(room, sent[-1], extensions=EXTENSIONS)


async def fail(homeserver: FakeHomeserver, alice: Account, client: SlidingClient) -> None:
    """Answers that cannot be read, and a homeserver that fails."""
    for fault in (Fault(body=GARBAGE), Fault(body=ODD), Fault(status=500), Fault(drop=True)):
        trap = homeserver.break_(fault, user_id=alice.user_id)
        async with asyncio.timeout(20):
            while not trap.hits:
                await alice.set_account_data("org.example.notes", {"text": SECRET + str(trap.hits)})
                await asyncio.sleep(0.05)  # until the poll meets it
    await client.sync(timeout_ms=100)
    homeserver.break_(Fault(status=500), path="/whoami")  # told as an error of ours


async def ask_badly(http: aiohttp.ClientSession, url: str, alice: Account) -> None:
    """Tokens where they belong and where they do not, bodies that are none, and no homeserver."""
    for path in (
        UNSTABLE,
        "/_matrix/client/v4/sync",
        "/client/nothing",
        "/_matrix/client/versions",
    ):
        for token in (f"syt_{SECRET}_1", f"syt_{SECRET}_\u00e9"):
            headers = {"Authorization": f"Bearer {token}"}
            await asked(http, url + path + f"?access_token=syt_{SECRET}_2", headers, b"{}")
        good = {"Authorization": f"Bearer {alice.token}"}
        await asked(http, url + path, good, f'{{"lists": {{"{SECRET}": 7}}}}'.encode())
        await asked(http, url + path, good, b'{"lists": "' + SECRET.encode())
        query = f"?pos=1&access_token={alice.token}"
        await asked(http, url + path + query, {}, b'{"lists": {"a": {"ranges": [[1, 0]]}}}')


async def asked(
    http: aiohttp.ClientSession, url: str, headers: dict[str, str], body: bytes
) -> None:
    async with http.post(url, headers=headers, data=body) as response:
        await response.read()


def is_told(watched: Watched, alice: Account) -> bool:
    """Whether what was done last has arrived everywhere."""
    spans = spans_of(list(watched.traces.taken))
    traced = [s for s in spans if s.name == "Poll" and s.attributes.get("user_id") == alice.user_id]
    return len(traced) >= 3 and bool(watched.reports.bodies)
