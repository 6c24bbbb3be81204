"""``syncv3 healthcheck`` against a listener that answers as the service does, or does not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.integration.cli.running import Done, syncv3


@asynccontextmanager
async def answering(status: int, path: Path | None = None) -> AsyncIterator[str]:
    """The address of something that answers all requests with this status."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        found = status if asked.startswith(b"GET /health ") else 404
        writer.write(f"HTTP/1.1 {found} X\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    if path is not None:
        server: asyncio.Server = await asyncio.start_unix_server(answer, path)
        address = str(path)
    else:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        address = f":{server.sockets[0].getsockname()[1]}"
    async with server:
        yield address


async def check(address: str) -> Done:
    return await syncv3("healthcheck", "--timeout", "2", SYNCV3_BINDADDR=address)


@pytest.mark.rules("O-C1")
@pytest.mark.parametrize(("status", "expected"), [(200, 0), (503, 1)])
async def test_its_status_is_the_services_health(status: int, expected: int) -> None:
    async with answering(status) as address:
        assert (await check(address)).status == expected


async def test_it_asks_through_a_unix_socket_too(tmp_path: Path) -> None:
    async with answering(200, tmp_path / "s") as address:
        assert (await check(address)).status == 0


async def test_nobody_there_is_one_sentence(tmp_path: Path) -> None:
    done = await check(str(tmp_path / "nobody"))
    assert done.status == 1 and "does not answer" in done.output
