"""Which heads and chunks are taken: whatever two parsers could read differently is refused."""

import pytest
from sanic.exceptions import BadRequest

from syncv3.web.strict import check_head, is_chunk_line, strict_int

GET = b"GET /x HTTP/1.1\r\nHost: x"


def head(*headers: bytes, first: bytes = b"POST /x HTTP/1.1") -> bytes:
    return b"\r\n".join((first, b"Host: x", *headers))


@pytest.mark.parametrize(
    "whole",
    [
        GET,
        head(b"Content-Length: 5"),
        head(b"content-length:5 \t"),
        head(b"Transfer-Encoding: chunked"),
        head(b"Transfer-Encoding: Chunked"),
        head(b"X-Name: \xc3\xa9 \t spaces"),
        head(b"X-Empty:"),
        head(b"Content-Length: 5", first=b"POST /x HTTP/1.0"),
    ],
)
def test_what_everybody_reads_alike_is_taken(whole: bytes) -> None:
    check_head(whole)


@pytest.mark.parametrize(
    "whole",
    [
        head(b"Transfer-Encoding : chunked"),
        head(b"Transfer-Encoding\t: chunked"),
        head(b"Content-Length : 5"),
        head(b" Transfer-Encoding: chunked"),
        head(b"X: y", b" folded: z"),
        head(b"X: y\nTransfer-Encoding: chunked"),
        head(b"X: y\rTransfer-Encoding: chunked"),
        head(b"X: \x00"),
        head(b"no colon"),
        head(b": no name"),
        head(b"Content-Length: +5"),
        head(b"Content-Length: 0x5"),
        head(b"Content-Length: 5, 5"),
        head(b"Content-Length: 5_0"),
        head(b"Content-Length: "),
        head("Content-Length: \u0663".encode()),
        head("Content-Length: \u00a05".encode()),
        head(b"Content-Length: 9999999999999999"),
        head(b"Content-Length: 5", b"Content-Length: 5"),
        head(b"Content-Length: 5", b"Content-Length: 6"),
        head(b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        head(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"),
        head(b"Transfer-Encoding: gzip, chunked"),
        head(b"Transfer-Encoding: xchunked"),
        head(b"Transfer-Encoding: \x0bchunked"),
        head(b"Transfer-Encoding: chunked", first=b"POST /x HTTP/1.0"),
        head(first=b"POST  /x HTTP/1.1"),
        head(first=b"POST /x HTTP/1.2"),
        head(first=b"P(ST /x HTTP/1.1"),
        head(first=b"POST /\xc3\xa9 HTTP/1.1"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(whole: bytes) -> None:
    with pytest.raises(BadRequest):
        check_head(whole)


@pytest.mark.parametrize("size", ["0x2", "+5", "-5", "5_0", " 5", "5 ", "", "\u0665", "123456789"])
def test_a_chunks_size_is_hexadecimal_digits(size: str) -> None:
    assert strict_int("fF", 16) == 255
    with pytest.raises(BadRequest):
        strict_int(size, 16)
    assert not is_chunk_line(f"\r\n{size}".encode())


@pytest.mark.parametrize(
    ("line", "fine"),
    [
        (b"\r\n5", True),
        (b"\r\nff;name=value", True),
        (b"\r\n5;a\nb", False),
        (b"\r\n5 ;a", False),
        (b"XX5", False),
        (b"\n\n5", False),
        (b"5", False),
    ],
)
def test_a_chunk_begins_where_the_last_one_ended(line: bytes, fine: bool) -> None:
    assert is_chunk_line(line) is fine
