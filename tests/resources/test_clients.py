"""Clients that ask for too much: bounded rows and memory, and nobody else notices."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
import pytest_asyncio

from syncv3.config import Limits
from tests.resources.stage import ALL, Stage, stage
from tests.support.account import Account
from tests.support.client import PATH, SlidingClient, SyncError
from tests.support.homeserver import FakeHomeserver
from tests.support.postgres import Postgres
from tests.support.room import JSON
from tests.support.service import FRESH
from tests.support.simplified.wire import Dialect, window
from tests.support.usage import MIB, grown, memory_mib, row_counts

pytestmark = pytest.mark.asyncio(loop_scope="module")

TIMES = int(os.environ.get("RESOURCES_TIMES", "400"))
"""``make resources`` repeats everything 10,000 times."""
AT_ONCE = 20
PER_DEVICE = 20
GROWTH_MIB = 30.0
SOON_S = 5.0
LORISES = 300
UNFINISHED_MIB = Limits().unfinished_bytes / MIB
BODY_BYTES = 100 * MIB
PIECE = b"x" * (64 * 1024)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(http: aiohttp.ClientSession, postgres: Postgres) -> AsyncIterator[Stage]:
    database = await postgres.clone()
    async with (
        FakeHomeserver() as homeserver,
        stage(http, homeserver, database, python=FRESH, SYNCV3_LOG_LEVEL="info") as running,
    ):
        yield running
    await postgres.drop(database)


async def others_notice_nothing(here: Stage) -> None:
    """A message from alice is with bob as fast as ever."""
    [sent] = await here.say([f"at {time.monotonic()}"])
    assert await here.reader.until(here.room, sent, None) < SOON_S


async def post(
    here: Stage, account: Account, body: JSON, pos: str = "", *, path: str = PATH
) -> JSON:
    """One request, without a client that remembers."""
    headers = {"Authorization": f"Bearer {account.token}"}
    query = {"timeout": "0"} | ({"pos": pos} if pos else {})
    async with here.http.post(
        f"{here.service.url}{path}", params=query, json=body, headers=headers
    ) as response:
        assert response.status == 200, await response.text()
        answer: JSON = await response.json()
        return answer


async def settled_rows(here: Stage) -> dict[str, int]:
    """The rows, once what is written behind is written."""
    await asyncio.sleep(1.2)  # it is written once a second
    return await row_counts(here.service.database)


@pytest.mark.rules("P-3", "P-4", "C-8", "U-17N", "S-56", "S-58")
async def test_a_position_can_be_replayed_for_ever(here: Stage) -> None:
    """The same answer, whatever came of it: no rows, no memory. Half of the requests are those of
    a client of the simplified dialect, which says again what it asks for."""
    carol = await Account.register(here.http, here.homeserver.url, "carol")
    rooms = [await carol.create_room(f"Room {number}") for number in range(20)]
    simplified = {"lists": {"all": window(required_state=[("*", "*")])}}
    asked = {PATH: {"lists": ALL}, Dialect.U.path: simplified}
    first = {path: (await post(here, carol, asked[path], path=path))["pos"] for path in asked}
    again = {PATH: {}, Dialect.U.path: simplified}
    told = await carol.send(rooms[0], "again and again")
    await here.homeserver.settled(carol.user_id)
    for path in [*asked] * 25:
        await post(here, carol, again[path], first[path], path=path)
    before, memory = await settled_rows(here), memory_mib(here.service.pid)

    async def replay(path: str, times: int) -> None:
        for _ in range(times):
            answer = await post(here, carol, again[path], first[path], path=path)
            events = answer["rooms"][rooms[0]]["timeline"]
            assert [event["event_id"] for event in events] == [told]

    started = time.monotonic()
    each = [*asked] * (AT_ONCE // 2)
    replaying = [asyncio.create_task(replay(path, TIMES // AT_ONCE)) for path in each]
    await others_notice_nothing(here)
    await asyncio.gather(*replaying)
    took = time.monotonic() - started
    more = grown(before, await settled_rows(here))
    growth = memory_mib(here.service.pid) - memory
    print(f"replay: {TIMES} in {took:.0f} s, {growth:.1f} MiB more, rows {more}")
    assert sum(rows for table, rows in more.items() if "connection" in table) == 0, more
    assert growth < GROWTH_MIB


@pytest.mark.rules("C-2", "O-6G")
async def test_a_device_that_opens_connections_without_end_keeps_the_newest(here: Stage) -> None:
    dave = await Account.register(here.http, here.homeserver.url, "dave")
    for number in range(20):
        await dave.create_room(f"Room {number}")
    first = await post(here, dave, {"conn_id": "first", "lists": ALL})
    before, memory = await settled_rows(here), memory_mib(here.service.pid)
    asked = [{"conn_id": f"c{number}", "lists": ALL} for number in range(TIMES)]

    async def open_each(bodies: list[JSON]) -> None:
        for body in bodies:
            await post(here, dave, body)

    started = time.monotonic()
    opening = [asyncio.create_task(open_each(asked[n::AT_ONCE])) for n in range(AT_ONCE)]
    while not all(task.done() for task in opening):
        await others_notice_nothing(here)
        await asyncio.sleep(0.2)  # the pace of the others
    await asyncio.gather(*opening)
    took = time.monotonic() - started
    more = grown(before, await settled_rows(here))
    growth = memory_mib(here.service.pid) - memory
    print(f"connections: {TIMES} in {took:.0f} s, {growth:.1f} MiB more, rows {more}")
    assert more.get("ss_connections", 0) < PER_DEVICE
    assert more.get("ss_connection_rooms", 0) < 2 * 20 * PER_DEVICE
    assert growth < GROWTH_MIB
    assert "Dropped connections" in here.service.output
    dropped = await here.metric("sliding_sync_api_expiry_conn_surplus")
    assert dropped >= TIMES - PER_DEVICE
    with pytest.raises(SyncError) as refused:
        client = SlidingClient(here.http, here.service.url, dave.token, conn_id="first")
        await client.ask({}, pos=first["pos"])
    assert refused.value.errcode == "M_UNKNOWN_POS"


@pytest.mark.rules("C-2")
async def test_a_device_with_too_many_connections_loses_those_it_uses_least(here: Stage) -> None:
    erin = await Account.register(here.http, here.homeserver.url, "erin")
    clients = [
        SlidingClient(here.http, here.service.url, erin.token, conn_id=f"c{number}")
        for number in range(PER_DEVICE + 5)
    ]
    for client in clients[:PER_DEVICE]:
        await client.sync(lists=ALL)
    await clients[0].sync()  # without news: nothing of this is stored
    for client in clients[PER_DEVICE:]:
        await client.sync(lists=ALL)
    alive = []
    for client in clients:
        try:
            await client.sync()
        except SyncError as refused:
            assert refused.errcode == "M_UNKNOWN_POS"
        else:
            alive.append(client)
    assert alive == [clients[0], *clients[6:]]


# Requests without measure


async def knock(here: Stage, head: bytes, piece: bytes, most_bytes: int) -> tuple[bytes, int]:
    """Send ``head``, then ``piece`` until there is an answer: that, and how much was sent.

    The answer is empty when the line was cut before it had come.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", here.service.port)
    answering = asyncio.create_task(_answer(reader))
    sent = 0
    with suppress(ConnectionError):  # refused: there may be an answer nevertheless
        writer.write(head)
        while sent < most_bytes and not answering.done():
            writer.write(piece)
            sent += len(piece)
            await writer.drain()
            await asyncio.sleep(0.005)  # or it would cut the line without a look at the answer
    async with asyncio.timeout(30):
        answer = await answering
    writer.transport.abort()
    return answer, sent


async def _answer(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if b"content-length" in line)
        return head + await reader.readexactly(int(length.partition(b":")[2]))
    except (ConnectionError, asyncio.IncompleteReadError):
        return b""


def request_head(here: Stage, *headers: str) -> bytes:
    lines = (
        f"POST {PATH} HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {here.bob.token}",
        *headers,
    )
    return "\r\n".join(lines).encode() + b"\r\n"


@pytest.mark.rules("O-C2", "O-41")
@pytest.mark.parametrize(
    ("header", "piece"),
    [
        (f"Content-Length: {BODY_BYTES}", PIECE),
        ("Transfer-Encoding: chunked", b"%x\r\n%b\r\n" % (len(PIECE), PIECE)),
    ],
    ids=["sized", "chunked"],
)
async def test_bodies_without_measure_are_refused_before_they_are_read(
    here: Stage, header: str, piece: bytes
) -> None:
    memory = memory_mib(here.service.pid)
    head = request_head(here, header) + b"\r\n"
    knocks = [asyncio.create_task(knock(here, head, piece, BODY_BYTES)) for _ in range(AT_ONCE)]
    await others_notice_nothing(here)
    answers = await asyncio.gather(*knocks)
    growth = memory_mib(here.service.pid) - memory
    told = [answer for answer, _ in answers if answer]
    print(f"bodies: sent {max(sent for _, sent in answers)}, {len(told)} told, {growth:.1f} MiB")
    assert told
    for answer in told:
        assert answer.startswith(b"HTTP/1.1 413 "), answer[:200]
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["errcode"] == "M_TOO_LARGE"
    assert max(sent for _, sent in answers) < BODY_BYTES / 4
    assert growth < GROWTH_MIB


@pytest.mark.rules("O-C2", "O-41")
@pytest.mark.parametrize("piece", [b"X-Many: headers\r\n" * 100, b"x" * 1600], ids=["many", "long"])
async def test_headers_without_end_are_refused(here: Stage, piece: bytes) -> None:
    memory = memory_mib(here.service.pid)
    head = request_head(here, "Content-Length: 0")
    knocks = [asyncio.create_task(knock(here, head, piece, BODY_BYTES)) for _ in range(AT_ONCE)]
    await others_notice_nothing(here)
    answers = await asyncio.gather(*knocks)
    growth = memory_mib(here.service.pid) - memory
    told = [answer for answer, _ in answers if answer]
    print(f"headers: sent {max(sent for _, sent in answers)}, {len(told)} told, {growth:.1f} MiB")
    assert told
    assert {answer.split()[1] for answer in told} <= {b"413", b"431"}
    assert max(sent for _, sent in answers) < BODY_BYTES / 4
    assert growth < GROWTH_MIB


@pytest.mark.rules("O-C2")
async def test_clients_that_speak_slowly_keep_nobody_waiting(here: Stage) -> None:
    memory = memory_mib(here.service.pid)
    lines = [await asyncio.open_connection("127.0.0.1", here.service.port) for _ in range(LORISES)]
    whole = request_head(here, "Content-Length: 100") + b"\r\n"
    try:
        for byte in whole[:20]:
            for _, writer in lines:
                writer.write(bytes((byte,)))
            await asyncio.sleep(0.05)  # how slow they are
        await others_notice_nothing(here)
        growth = memory_mib(here.service.pid) - memory
        print(f"slow clients: {LORISES}, {growth:.1f} MiB more")
        assert growth < GROWTH_MIB
    finally:
        for _, writer in lines:
            writer.close()


@pytest.mark.rules("O-C2")
async def test_bodies_that_lack_a_byte_hold_little_memory(here: Stage) -> None:
    """300 times 1 MiB is sent; the service keeps what its bound allows."""
    memory = memory_mib(here.service.pid)
    head = request_head(here, f"Content-Length: {MIB}") + b"\r\n"
    lines = [await asyncio.open_connection("127.0.0.1", here.service.port) for _ in range(LORISES)]
    try:
        for _, writer in lines:
            with suppress(ConnectionError):  # it was refused
                writer.write(head + b" " * (MIB - 1))
                await writer.drain()
        await others_notice_nothing(here)
        growth = memory_mib(here.service.pid) - memory
        print(f"unfinished bodies: {LORISES}, {growth:.1f} MiB more")
        assert growth < 2 * UNFINISHED_MIB + GROWTH_MIB
    finally:
        for _, writer in lines:
            writer.transport.abort()


# Strangers who never wait


FLOOD = """
import socket, sys, threading
host, port, times, request = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
lines = request.encode() * times

def read(line):
    try:
        while line.recv(65536):
            pass
    except OSError:
        pass

while True:
    with socket.create_connection((host, port)) as line:
        threading.Thread(target=read, args=(line,), daemon=True).start()
        try:
            while True:
                line.sendall(lines)
        except OSError:
            pass
"""
FLOODS = {
    "refused": f"PUT {PATH} HTTP/1.1\r\nHost: x\r\n\r\n",
    "unknown": "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
    "version": "GET /client/server.json HTTP/1.1\r\nHost: x\r\n\r\n",
}
FLOOD_BYTES = 100_000
FLOODERS = 3
SAID = 15


@asynccontextmanager
async def flooded(here: Stage, request: str) -> AsyncIterator[None]:
    """Processes of their own send the same request again and again, many before an answer."""
    address = ("127.0.0.1", str(here.service.port))
    command = (sys.executable, "-c", FLOOD, *address, str(FLOOD_BYTES // len(request)), request)
    strangers = [await asyncio.create_subprocess_exec(*command) for _ in range(FLOODERS)]
    try:
        await asyncio.sleep(0.5)  # the flood has begun
        yield
        assert all(stranger.returncode is None for stranger in strangers)
    finally:
        for stranger in strangers:
            stranger.kill()
            await stranger.wait()


async def delays_s(here: Stage) -> list[float]:
    """How long messages from alice to bob take, each, in order of length."""
    took = []
    for number in range(SAID):
        [sent] = await here.say([f"number {number}"])
        took.append(await here.reader.until(here.room, sent, None))
    return sorted(took)


@pytest.mark.parametrize("kind", FLOODS)
async def test_strangers_who_send_without_waiting_hold_nobody_up(here: Stage, kind: str) -> None:
    calm = await delays_s(here)
    async with flooded(here, FLOODS[kind]):
        during = await delays_s(here)
    print(f"{kind}: median {calm[SAID // 2]:.3f} s calm, {during[SAID // 2]:.3f} s flooded")
    assert during[SAID // 2] < 10 * calm[SAID // 2]
    assert during[-1] < 20 * max(calm[-1], 0.1)
