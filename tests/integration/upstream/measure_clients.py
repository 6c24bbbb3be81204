"""What one long-poll answer costs by the client that fetches it: run it by hand.

Prints CPU microseconds per answer of 1 KB, decoded, of this process; the server is a child
process. pycurl is measured when it is installed.
"""

import asyncio
import multiprocessing
import socket
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any, cast

import aiohttp
import uvloop

from syncv3.batch import Lease
from syncv3.types import DeviceID, DeviceKey, UserID, UserKey
from syncv3.upstream.address import HomeserverAddress
from syncv3.upstream.decode import Frame, SyncAnswer
from syncv3.upstream.longpoll import LongPollClient

ANSWERS = 8000
POLLERS = 100  # at the same time, as when a busy room gets a message
BODY = (
    b'{"next_batch":"s1","rooms":{"join":{"!r:x":{"timeline":{"events":[{"event_id":"$1",'
    b'"type":"m.room.message","sender":"@a:x","content":{"body":"%s"}}]}}}}}' % (b"x" * 800)
)
FRAME = Frame(UserID("@a:x"), DeviceID("D"), UserKey(1), Lease(DeviceKey(1), "w", 1), None, 0)


class _Server(asyncio.Protocol):
    """Answers everything with ``BODY``."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self._transport.write(head % len(BODY) + BODY)


def serve(listening: socket.socket) -> None:
    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(_Server, sock=listening)
        await server.serve_forever()

    uvloop.run(run())


def decode(body: bytes) -> None:
    list(SyncAnswer(body).parts(FRAME))


async def with_httptools(url: str) -> Callable[[], Awaitable[bytes]]:
    client = LongPollClient(HomeserverAddress.parse(url), "measure")

    async def fetch() -> bytes:
        response = await client.get("/sync", "token", limit=1 << 30, timeout_s=300)
        return bytes(response.sink.finish())

    return fetch


async def with_aiohttp(url: str) -> Callable[[], Awaitable[bytes]]:
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def fetch() -> bytes:
        async with session.get(url + "/sync", headers={"Authorization": "Bearer token"}) as got:
            return await got.read()

    return fetch


async def measure(name: str, fetch: Callable[[], Awaitable[bytes]]) -> None:
    async def poll(times: int) -> None:
        for _ in range(times):
            decode(await fetch())

    await asyncio.gather(*(poll(2) for _ in range(POLLERS)))
    begun = time.process_time()
    await asyncio.gather(*(poll(ANSWERS // POLLERS) for _ in range(POLLERS)))
    print(f"{name:10} {(time.process_time() - begun) / ANSWERS * 1e6:6.1f} us")


def measure_pycurl(url: str) -> None:
    try:
        pycurl: Any = import_module("pycurl")
    except ImportError:
        return
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, url + "/sync")
    handle.setopt(pycurl.HTTPHEADER, ["Authorization: Bearer token"])
    begun = time.process_time()
    for _ in range(ANSWERS):
        decode(handle.perform_rb())
    print(f"{'pycurl':10} {(time.process_time() - begun) / ANSWERS * 1e6:6.1f} us, without a loop")


async def main(url: str) -> None:
    await measure("httptools", await with_httptools(url))
    await measure("aiohttp", await with_aiohttp(url))
    begun = time.process_time()
    for _ in range(ANSWERS):
        decode(BODY)
    print(f"{'decode':10} {(time.process_time() - begun) / ANSWERS * 1e6:6.1f} us, part of each")


if __name__ == "__main__":
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = multiprocessing.get_context("fork").Process(target=serve, args=(listening,))
    server.start()
    try:
        uvloop.run(main(address))
        measure_pycurl(address)
    finally:
        server.terminate()
        server.join()
