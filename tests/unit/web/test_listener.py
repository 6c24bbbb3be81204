"""The metrics listener over real sockets: one that says nothing delays nobody."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest

from syncv3.errors import ConfigError
from syncv3.metrics import Metrics
from syncv3.settings import ListenAddress
from syncv3.web.listener import HEAD_BYTES, MetricsListener

SCRAPE = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
PATIENT_S = 10.0


@pytest.fixture
def listener() -> Iterator[MetricsListener]:
    running = MetricsListener(Metrics(), ListenAddress("127.0.0.1", 0), patience_s=0.2)
    yield running
    running.close()


@pytest.fixture
def patient() -> Iterator[MetricsListener]:
    running = MetricsListener(Metrics(), ListenAddress("127.0.0.1", 0), patience_s=3600)
    yield running
    running.close()


async def told(listener: MetricsListener, request: bytes) -> bytes:
    """All that the listener says until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    async with asyncio.timeout(PATIENT_S):
        writer.write(request)
        answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.rules("O-16", "O-70")
async def test_a_scrape_gets_the_page(patient: MetricsListener) -> None:
    head, _, page = (await told(patient, SCRAPE)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert b"text/plain; version=0.0.4" in head
    assert b"\nsliding_sync_api_num_active_conns 0.0\n" in page
    assert f"Content-Length: {len(page)}".encode() in head


@pytest.mark.rules("O-16")
@pytest.mark.parametrize(
    ("line", "status"),
    [("GET /metrics?x=1", 200), ("HEAD /metrics", 200), ("GET /", 404), ("POST /metrics", 405),
     ("rubbish", 405)],
)  # fmt: skip
async def test_all_else_is_no_page(patient: MetricsListener, line: str, status: int) -> None:
    answer = await told(patient, f"{line} HTTP/1.1\r\n\r\n".encode())
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert (b"num_active_conns" in answer) is line.startswith("GET /metrics")


async def test_silent_connections_delay_no_scrape(patient: MetricsListener) -> None:
    """They are still open, and waited for, when the scrape is answered."""
    silent = [await asyncio.open_connection("127.0.0.1", patient.port) for _ in range(20)]
    for number, (_, writer) in enumerate(silent):
        writer.write(SCRAPE[: number % 5])
    assert (await told(patient, SCRAPE)).startswith(b"HTTP/1.1 200")
    for reader, writer in silent:
        assert not reader.at_eof()
        writer.close()


@pytest.mark.parametrize("said", [b"", b"GET /met", b"x" * (2 * HEAD_BYTES)])
async def test_who_asks_nothing_is_disconnected(listener: MetricsListener, said: bytes) -> None:
    with suppress(ConnectionResetError):  # it was closed with bytes on their way
        assert await told(listener, said) == b""


async def test_closing_does_not_wait_for_those_who_say_nothing() -> None:
    running = MetricsListener(Metrics(), ListenAddress("", 0), patience_s=3600)
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    await told(running, SCRAPE)  # by then it has met the one before
    async with asyncio.timeout(PATIENT_S):
        await asyncio.to_thread(running.close)
        assert await reader.read() == b""
    writer.close()


@pytest.mark.rules("O-4")
async def test_an_occupied_address_is_one_sentence(listener: MetricsListener) -> None:
    with pytest.raises(ConfigError, match=r"SYNCV3_PROM: cannot listen on 127\.0\.0\.1:\d+: "):
        MetricsListener(Metrics(), ListenAddress("127.0.0.1", listener.port))
