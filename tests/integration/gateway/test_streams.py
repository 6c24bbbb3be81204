"""Bodies of any size go through, and none of it stays in memory."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from aiohttp import web

from syncv3.gateway import upload
from tests.integration.gateway.stage import (
    MEDIA,
    MIB,
    PIECE,
    Stage,
    answer_of,
    gateway,
)
from tests.support.answers import read

DOWNLOAD = "/_matrix/media/v3/download/a/b"
BETWEEN_BYTES = 24 * MIB
"""Kernels keep up to 4 + 6 MiB for each of two connections; the rest is ours."""


async def pieces(
    count: int, sent: Callable[[int], None] = lambda size: None
) -> AsyncIterator[bytes]:
    for number in range(count):
        piece = number.to_bytes(8, "big") + PIECE[8:]
        sent(len(piece))
        yield piece


async def digest_of(parts: AsyncIterator[bytes]) -> str:
    seen = hashlib.sha256()
    async for piece in parts:
        seen.update(piece)
    return seen.hexdigest()


@pytest.mark.parametrize("length_known", [True, False])
async def test_an_upload_arrives_whole(stage: Stage, length_known: bool) -> None:
    async def take(request: web.Request) -> web.Response:
        framing = request.headers.get("Content-Length"), request.headers.get("Transfer-Encoding")
        digest = await digest_of(request.content.iter_any())
        return web.json_response([digest, *framing])

    stage.home.answer = take
    headers = {"Content-Length": str(400 * len(PIECE))} if length_known else {}
    response = await read(stage.http.post(MEDIA, data=pieces(400), headers=headers))
    digest, length, coding = await response.json()
    assert digest == await digest_of(pieces(400))
    assert (length, coding) == (
        (str(400 * len(PIECE)), None) if length_known else (None, "chunked")
    )


@pytest.mark.parametrize("length_known", [True, False])
async def test_a_download_arrives_whole(stage: Stage, length_known: bool) -> None:
    async def give(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if length_known:
            response.content_length = 400 * len(PIECE)
        await response.prepare(request)
        async for piece in pieces(400):
            await response.write(piece)
        return response

    stage.home.answer = give
    async with stage.http.get(DOWNLOAD) as response:
        assert response.content_length == (400 * len(PIECE) if length_known else None)
        assert await digest_of(response.content.iter_any()) == await digest_of(pieces(400))


async def test_of_an_upload_only_as_much_is_taken_as_the_homeserver_takes(stage: Stage) -> None:
    """256 MiB for a homeserver that reads nothing: the client is stopped."""
    go_on, sent = asyncio.Event(), 0

    async def slow(request: web.Request) -> web.Response:
        await go_on.wait()
        size = 0
        async for piece in request.content.iter_any():
            size += len(piece)
        return web.json_response(size)

    def count(size: int) -> None:
        nonlocal sent
        sent += size

    stage.home.answer = slow
    asking = asyncio.create_task(read(stage.http.post(MEDIA, data=pieces(4096, count))))
    assert await _standstill(lambda: sent) < BETWEEN_BYTES
    go_on.set()
    assert await (await asking).json() == 4096 * len(PIECE)


async def test_of_a_download_only_as_much_is_taken_as_the_client_takes(stage: Stage) -> None:
    sent = 0

    def count(size: int) -> None:
        nonlocal sent
        sent += size

    async def give(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        async for piece in pieces(4096, count):
            await response.write(piece)
        return response

    stage.home.answer = give
    async with stage.http.get(DOWNLOAD) as response:
        assert await _standstill(lambda: sent) < BETWEEN_BYTES
        received = sum([len(piece) async for piece in response.content.iter_any()])
    assert received == 4096 * len(PIECE)


async def _standstill(count: Callable[[], int]) -> int:
    """The count when it has not changed for a while."""
    async with asyncio.timeout(30):
        while True:
            before = count()
            await asyncio.sleep(0.5)  # a while
            if before and count() == before:
                return before


@pytest.mark.parametrize("length_known", [True, False])
async def test_an_answer_that_breaks_off_is_not_taken_for_whole(
    stage: Stage, length_known: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if length_known:
            response.content_length = 10 * len(PIECE)
        await response.prepare(request)
        await response.write(PIECE)
        assert request.transport is not None
        request.transport.close()
        return response

    stage.home.answer = break_off
    with pytest.raises(aiohttp.ClientError):
        await read(stage.http.get(DOWNLOAD))
    assert [r.message for r in caplog.records if r.levelno >= logging.WARNING] == [
        "the homeserver's answer broke off"
    ]


async def test_a_client_that_hangs_up_ends_the_homeservers_work(stage: Stage) -> None:
    ended = asyncio.Event()

    async def give(request: web.Request) -> web.StreamResponse:
        try:
            response = web.StreamResponse()
            await response.prepare(request)
            async for piece in pieces(100_000):
                await response.write(piece)
            return response
        finally:
            ended.set()

    stage.home.answer = give
    reader, writer = await stage.raw(f"GET {DOWNLOAD} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    await reader.read(1000)
    writer.transport.abort()
    await asyncio.wait_for(ended.wait(), 10)


async def test_a_client_that_hangs_up_while_sending_ends_it_too(stage: Stage) -> None:
    ended = asyncio.Event()

    async def take(request: web.Request) -> web.Response:
        try:
            await digest_of(request.content.iter_any())
        finally:
            ended.set()
        return web.Response()

    stage.home.answer = take
    head = f"POST {MEDIA} HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n"
    _, writer = await stage.raw(head.encode(), PIECE)
    await stage.home.until_asked(1)
    writer.transport.abort()
    await asyncio.wait_for(ended.wait(), 10)


@pytest.mark.parametrize("expects", [True, False])
async def test_an_early_refusal_reaches_a_client_that_still_sends(
    stage: Stage, expects: bool
) -> None:
    async def refuse(_request: web.Request) -> web.Response:
        return web.json_response({"errcode": "M_TOO_LARGE"}, status=413)

    stage.home.answer = refuse
    head = f"POST {MEDIA} HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n"
    reader, writer = await stage.raw(
        head.encode() + (b"Expect: 100-continue\r\n\r\n" if expects else b"\r\n")
    )
    if expects:
        assert (await answer_of(reader))[0] == 100
    for _ in range(100):
        writer.write(PIECE)
    assert (await answer_of(reader))[0] == 413
    writer.close()


async def test_leave_to_send_is_given_when_the_homeserver_is_there(stage: Stage) -> None:
    head = f"POST {MEDIA} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n"
    reader, writer = await stage.raw(f"{head}\r\n".encode())
    assert (await answer_of(reader))[0] == 100
    writer.write(bytes(100_000))
    assert (await answer_of(reader))[0] == 200
    writer.close()


async def test_no_leave_to_send_is_given_when_it_is_away() -> None:
    async with gateway("http://127.0.0.1:9") as stage:
        head = f"POST {MEDIA} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"
        reader, writer = await stage.raw(f"{head}Expect: 100-continue\r\n\r\n".encode())
        status, headers = await answer_of(reader)
        assert (status, headers["connection"]) == (502, "close")
        writer.close()


async def test_a_body_that_stalls_is_given_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "STALL_S", 0.2)
    head = f"POST {MEDIA} HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n"
    reader, writer = await stage.raw(head.encode(), PIECE)
    assert (await answer_of(reader))[0] == 408
    writer.close()


async def test_a_body_that_cannot_be_read_is_refused(stage: Stage) -> None:
    head = f"POST {MEDIA} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    reader, writer = await stage.raw(head.encode(), b"3\r\nabc\r\n", b"0x2\r\nab\r\n")
    assert (await answer_of(reader))[0] == 400
    writer.close()


async def test_a_stream_is_not_given_up_for_others_unfinished_bodies() -> None:
    """Others' bodies fill the bound; the oldest of those goes, not the upload before them."""
    limits = {"unfinished_bytes": 4000, "body_bytes": 2000, "anonymous_body_bytes": 2000}
    async with gateway(limits=limits) as stage:
        head = f"POST {MEDIA} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
        reader, writer = await stage.raw(head.encode(), bytes(10))
        await stage.home.until_asked(1)
        others = []
        for _ in range(6):
            unfinished = (
                b"POST /_matrix/client/v3/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 1900\r\n\r\n"
            )
            others.append(await stage.raw(unfinished, bytes(1500)))
        assert (await answer_of(others[0][0]))[0] == 408
        writer.write(bytes(99_990))
        assert (await answer_of(reader))[0] == 200
        for _, other in [(reader, writer), *others]:
            other.close()


async def test_an_old_client_gets_an_answer_that_ends_with_the_connection(stage: Stage) -> None:
    async def chunks(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(b"abc")
        await response.write(b"def")
        return response

    stage.home.answer = chunks
    reader, writer = await stage.raw(f"GET {DOWNLOAD} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
    heard = await asyncio.wait_for(reader.read(), 10)
    assert heard.endswith(b"\r\n\r\nabcdef")
    assert b"transfer-encoding" not in heard.lower()
    writer.close()


async def test_a_request_hidden_in_a_body_is_a_body(stage: Stage) -> None:
    """Two lengths, or a length and chunks, never reach the homeserver."""
    for framing in (
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: gzip, chunked",
    ):
        head = f"POST {MEDIA} HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n"
        reader, writer = await stage.raw(
            head.encode(), b"0\r\n\r\nGET /_matrix/client/v3/x HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        assert (await answer_of(reader))[0] == 400
        assert b"HTTP/1.1" not in await asyncio.wait_for(reader.read(), 10)
        writer.close()
    assert stage.home.asked == []
