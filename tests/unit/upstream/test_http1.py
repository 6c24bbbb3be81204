"""Reading responses without a network."""

import gzip
import mmap
import zlib

import pytest

from syncv3.errors import HomeserverError
from syncv3.upstream.body import SPOOL_FROM_BYTES
from syncv3.upstream.http1 import HEAD_LIMIT_BYTES, ResponseReader

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Name: value\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n"
)
UNTIL_CLOSED = b"HTTP/1.1 200 OK\r\n\r\nhello"


def read(data: bytes, *, step: int = 1 << 30, limit: int = 1 << 30) -> ResponseReader:
    reader = ResponseReader(limit)
    for start in range(0, len(data), step):
        reader.feed(data[start : start + step])
    return reader


def gzipped(body: bytes) -> bytes:
    packed = gzip.compress(body, mtime=0)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    return head % len(packed) + packed


@pytest.mark.parametrize("step", [1, 7, 1000])
@pytest.mark.parametrize("data", [OK, CHUNKED, gzipped(b"hello")])
def test_a_body_is_read_in_any_pieces(data: bytes, step: int) -> None:
    reader = read(data, step=step)
    assert reader.done and reader.keep_alive and reader.status == 200
    assert reader.sink.finish() == b"hello"


def test_header_names_are_lower_case() -> None:
    assert read(OK).headers["x-name"] == "value"


def test_interim_answers_are_skipped() -> None:
    reader = read(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, step=3)
    assert reader.done and reader.status == 200 and "link" not in reader.headers


def test_a_body_without_length_ends_with_the_connection() -> None:
    reader = read(UNTIL_CLOSED)
    assert not reader.done
    assert reader.end_of_stream() and reader.sink.finish() == b"hello" and not reader.keep_alive


@pytest.mark.parametrize("data", [OK[:-1], CHUNKED[:-8], OK[:20], b""])
def test_a_body_that_breaks_off_is_not_complete(data: bytes) -> None:
    assert not read(data).end_of_stream()


def test_a_connection_that_the_homeserver_will_close_is_not_kept() -> None:
    assert not read(OK.replace(b"X-Name: value", b"Connection: close")).keep_alive


def test_rubbish_after_the_answer_ends_the_connection() -> None:
    for more in (b"rubbish", OK):
        reader = read(OK + more)
        assert reader.done and not reader.keep_alive and reader.sink.finish() == b"hello"


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nxxxx",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 2 * HEAD_LIMIT_BYTES + b"\r\n\r\n",
    ],
)
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    with pytest.raises(HomeserverError):
        read(data, step=4096)


def test_a_truncated_compressed_body_is_refused() -> None:
    packed = gzip.compress(b"x" * 5000)[:-6]
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    with pytest.raises(HomeserverError):
        read(head % len(packed) + packed)


@pytest.mark.parametrize("data", [OK, gzipped(b"x" * 10_000_000)])
def test_a_body_beyond_the_limit_is_refused(data: bytes) -> None:
    with pytest.raises(HomeserverError):
        read(data, limit=4)


def test_a_large_body_is_mapped_from_a_file() -> None:
    body = b"0123456789" * (SPOOL_FROM_BYTES // 8)
    data = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    mapped = read(data, step=65536).sink.finish()
    assert isinstance(mapped, mmap.mmap) and mapped[:] == body
    mapped.close()


def test_a_small_answer_that_unpacks_to_a_huge_one_is_refused_before_it_is_unpacked() -> None:
    packed = zlib.compress(b" " * 256 * 1024 * 1024, level=9, wbits=31)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    reader = ResponseReader(1 << 30)
    reader.feed(head % len(packed))
    with pytest.raises(HomeserverError, match="too large"):
        reader.feed(packed)
    assert reader.sink.size < 210 * len(packed)
    reader.sink.discard()


def test_json_of_many_similar_events_unpacks() -> None:
    event = '{"type":"m.presence","sender":"@alice:hs","content":{"presence":"online","ago":%d}}'
    body = f"[{','.join(event % number for number in range(100_000))}]".encode()
    packed = zlib.compress(body, level=9, wbits=31)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    assert len(body) > 20 * len(packed)
    reader = read(head % len(packed) + packed)
    assert reader.done and reader.sink.size == len(body)
    reader.sink.discard()
