"""What one connection may make the service do, over real sockets."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from syncv3.web.connection import Shared
from tests.support.waiting import until
from tests.unit.web.fakes import SYNC, FakeService, Proxy, config, proxy

WRONG_METHOD = f"PUT {SYNC} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
PREFLIGHT = f"OPTIONS {SYNC} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
NOWHERE = b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
POST = f"POST {SYNC} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\n".encode()
ANONYMOUS = f"POST {SYNC} HTTP/1.1\r\nHost: x\r\n".encode()
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
PATIENT_S = 5.0


@asynccontextmanager
async def edge(**limits: float) -> AsyncIterator[Proxy]:
    async with proxy(FakeService(), config(limits=limits)) as running:
        yield running


class Line:
    """A connection that sends bytes as it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def says(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._writer.write(piece)
            await asyncio.sleep(0)

    async def all_answers(self) -> list[int]:
        """The status of each answer until the service closes the connection."""
        heard = b""
        async with asyncio.timeout(PATIENT_S):
            try:
                while more := await self._reader.read(65536):
                    heard += more
            except ConnectionResetError:  # it was closed with bytes still on their way
                pass
        return [int(part[:3]) for part in heard.split(b"HTTP/1.1 ")[1:]]

    async def answer(self) -> tuple[int, bytes]:
        """Status and body of one answer; the connection stays open."""
        async with asyncio.timeout(PATIENT_S):
            head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            return int(head.split()[1]), await self._reader.readexactly(length)


@asynccontextmanager
async def line(edge: Proxy) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection(*edge.address)
    try:
        yield Line(reader, writer)
    finally:
        writer.transport.abort()


def shared(edge: Proxy) -> Shared:
    known: Shared = edge.server.app.ctx.shared
    return known


# Requests that do not wait for answers


@pytest.mark.parametrize("request_", [PREFLIGHT, WRONG_METHOD], ids=["200", "405"])
async def test_others_get_a_turn_after_each_request_that_did_not_wait(request_: bytes) -> None:
    """Counted in turns of the loop, at the moment of each answer."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with edge(pipelined=1000) as running, line(running) as greedy:
        counting = asyncio.create_task(count())
        await greedy.says(request_ * 400)
        before, answered = turns, 0
        while answered < 400:
            await greedy.answer()
            answered += 1
        counting.cancel()
    assert turns - before >= 400


async def test_a_connection_that_never_waits_is_closed(caplog: pytest.LogCaptureFixture) -> None:
    async with edge() as running:
        async with line(running) as greedy:
            await greedy.says(WRONG_METHOD * 2000)
            assert 1 <= len(await greedy.all_answers()) <= 10
        async with line(running) as polite:
            for _ in range(20):
                await polite.says(WRONG_METHOD)
                assert (await polite.answer())[0] == 405


async def test_a_few_requests_at_once_are_answered_one_after_the_other() -> None:
    body = POST + b"Content-Length: 2\r\n\r\n{}"
    async with edge() as running, line(running) as client:
        await client.says(body * 3)
        assert [(await client.answer())[0] for _ in range(3)] == [200, 200, 200]
        await client.says(body)
        assert (await client.answer())[0] == 200


async def test_bytes_that_nobody_asked_for_do_not_pile_up_behind_a_long_poll() -> None:
    ended = asyncio.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with edge() as running, line(running) as client:
        running.service.respond = wait
        await client.says(POST + b"\r\n")
        await running.service.called.wait()
        await client.says(*[NOWHERE * 100] * 100)
        assert await client.all_answers() == []
        async with asyncio.timeout(PATIENT_S):
            await ended.wait()


async def test_refusals_that_strangers_provoke_leave_few_lines(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with edge(pipelined=10_000) as running, line(running) as greedy:
        for _ in range(200):
            await greedy.says(WRONG_METHOD)
            await greedy.answer()
    assert 1 <= caplog.messages.count("request refused") <= 50


# Bodies that do not arrive


@pytest.mark.parametrize("framing", [b"Content-Length: 1000\r\n\r\n{", CHUNKED + b"5\r\nhell"])
async def test_a_body_that_stalls_is_given_up(framing: bytes) -> None:
    async with edge(body_stall_s=0.1) as running, line(running) as client:
        await client.says(POST + framing)
        assert await client.all_answers() == [408]
        assert running.service.calls == []


async def test_the_end_of_a_chunked_body_is_not_waited_for_either() -> None:
    async with edge(body_stall_s=0.1) as running, line(running) as client:
        await client.says(POST + CHUNKED + b"2\r\n{}\r\n0\r\n")
        assert await client.all_answers() == [408]


async def test_a_body_that_trickles_is_given_up() -> None:
    """Never a stall, but slower than the slowest that is waited for."""
    async with edge(body_stall_s=0.3, body_bytes_per_s=1000) as running, line(running) as client:
        await client.says(POST + b"Content-Length: 1000\r\n\r\n")
        answering = asyncio.create_task(client.all_answers())
        sent = 0
        while not answering.done():
            await client.says(b" ")
            sent += 1
            await asyncio.sleep(0.02)  # how slow it is
        assert await answering == [408]
        assert sent < 1000


async def test_a_body_that_comes_in_pieces_is_read(caplog: pytest.LogCaptureFixture) -> None:
    body = json.dumps({"txn_id": "x" * 1500}).encode()
    async with edge(body_stall_s=0.5) as running, line(running) as client:
        head = POST + b"Content-Length: %d\r\n\r\n" % len(body)
        for piece in (head, body[:700], body[700:701], body[701:]):
            await client.says(piece)
            await asyncio.sleep(0.05)  # or two pieces would come as one
        assert (await client.answer())[0] == 200
        for piece in (POST + CHUNKED, b"%x;ext\r\n" % len(body), body, b"\r\n0\r", b"\n\r\n"):
            await client.says(piece)
            await asyncio.sleep(0.05)  # or two pieces would come as one
        assert (await client.answer())[0] == 200
        assert shared(running).bodies.bytes == 0


@pytest.mark.parametrize("rest", [b"Content-Length: 2\r\n\r\n", CHUNKED], ids=["sized", "chunked"])
async def test_a_client_that_waits_for_leave_to_send_its_body_gets_it(rest: bytes) -> None:
    async with edge() as running, line(running) as client:
        await client.says(POST + b"Expect: 100-continue\r\n" + rest)
        assert (await client.answer())[0] == 100
        await client.says(b"{}" if rest != CHUNKED else b"2\r\n{}\r\n0\r\n\r\n")
        assert (await client.answer())[0] == 200


async def test_many_unfinished_bodies_hold_no_more_than_their_bound() -> None:
    most = 50_000
    async with edge(body_bytes=20_000, unfinished_bytes=most) as running:
        clients = [line(running) for _ in range(30)]
        lines = [await each.__aenter__() for each in clients]
        for each in lines:
            await each.says(POST + b"Content-Length: 10000\r\n\r\n" + b" " * 9_999)
        refused = [await each.all_answers() for each in lines[:20]]
        assert refused == [[408]] * 20, "the oldest go first"
        assert 0 < shared(running).bodies.bytes <= most
        async with line(running) as fast:
            await fast.says(POST + b"Content-Length: 2\r\n\r\n{", b"}")
            assert (await fast.answer())[0] == 200
        for client in clients:
            await client.__aexit__(None, None, None)
        await until(lambda: not shared(running).bodies.bytes, PATIENT_S)


@pytest.mark.rules("H-10", "H-24")
async def test_who_says_not_who_he_is_sends_only_a_small_body() -> None:
    body = b'{"x": "' + b"y" * 900 + b'"}'
    head = ANONYMOUS + b"Content-Length: %d\r\n\r\n" % len(body)
    async with edge(anonymous_body_bytes=500) as running:
        async with line(running) as client:
            await client.says(head)  # and nothing of the body, which is not waited for
            status, answer = await client.answer()
            assert (status, json.loads(answer)["errcode"]) == (401, "M_MISSING_TOKEN")
        async with line(running) as client:
            await client.says(ANONYMOUS + b"Content-Length: 1\r\n\r\n{")
            status, answer = await client.answer()
            assert (status, json.loads(answer)["errcode"]) == (400, "M_BAD_JSON")
        async with line(running) as client:
            await client.says(ANONYMOUS + b"Content-Length: 9000\r\n\r\n")
            assert (await client.answer())[0] == 413


async def test_a_body_of_tiny_chunks_is_refused_before_it_costs_much() -> None:
    async with edge(body_bytes=100_000) as running, line(running) as client:
        await client.says(POST + CHUNKED, b"1\r\n \r\n" * 20_000)
        assert await client.all_answers() == [400]


# What two parsers could read differently


SMUGGLED = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "rest",
    [
        b"Transfer-Encoding : chunked\r\n\r\n" + SMUGGLED,
        b"Content-Length : 2\r\n\r\n" + SMUGGLED,
        b"Content-Length: 2\r\nContent-Length: 50\r\n\r\n{}" + SMUGGLED,
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        "Content-Length: \u0662\r\n\r\n{}".encode() + SMUGGLED,
        b"Content-Length: +2\r\n\r\n{}" + SMUGGLED,
        CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n" + SMUGGLED,
        CHUNKED + b"+2\r\n{}\r\n0\r\n\r\n" + SMUGGLED,
        CHUNKED + b"2\r\n{}XX0\r\n\r\n" + SMUGGLED,
        CHUNKED + b"2;a\nb\r\n{}\r\n0\r\n\r\n" + SMUGGLED,
        CHUNKED + b"2\r\n{}\r\n0\r\nX: y\r\n\r\n" + SMUGGLED,
        b"X: y\n\nGET /health HTTP/1.1\r\n\r\n",
    ],
)
async def test_an_ambiguous_request_is_refused_and_nothing_behind_it_is_read(rest: bytes) -> None:
    async with edge() as running, line(running) as client:
        await client.says(POST + rest)
        assert await client.all_answers() == [400]
        assert running.service.calls == []


async def test_an_upgrade_is_no_way_around_the_time_limits() -> None:
    async with edge(body_stall_s=0.1) as running, line(running) as client:
        head = b"Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 10\r\n\r\n{"
        await client.says(POST + head)
        assert await client.all_answers() == [408]
