"""Answers of a homeserver that never come to an end, or are far too large."""

import asyncio
import struct
import zlib
from functools import cache

from tests.support.faults import Raw
from tests.support.usage import MIB

PACE_S = 0.05
LARGE_MIB = 100
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LENGTH = b"Content-Length: 1000000\r\n\r\n"
ENDLESS = b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03"
CHUNK = b"%x\r\n%b\r\n" % (64 * 1024, b" " * 64 * 1024)


def by_bytes(head: bytes, endless: bytes) -> Raw:
    """``head`` at once, then ``endless`` again and again, a byte at a time."""

    async def write(transport: asyncio.Transport) -> None:
        transport.write(head)
        while True:
            for byte in endless:
                if transport.is_closing():
                    return
                transport.write(bytes((byte,)))
                await asyncio.sleep(PACE_S)  # how slow it is

    return write


def without_end(head: bytes, endless: bytes) -> Raw:
    """``head``, then ``endless`` as fast as it is taken."""

    async def write(transport: asyncio.Transport) -> None:
        transport.write(head)
        while not transport.is_closing():
            if transport.get_write_buffer_size() < MIB:
                transport.write(endless)
            await asyncio.sleep(0)

    return write


def whole(head: bytes, piece: bytes, times: int) -> Raw:
    """``head``, then ``piece`` so many times: all of it, if it is taken."""

    async def write(transport: asyncio.Transport) -> None:
        transport.write(head)
        for _ in range(times):
            await below(MIB, transport)
            transport.write(piece)
        await below(1, transport)

    return write


async def below(size: int, transport: asyncio.Transport) -> None:
    """Wait until less than that is left to be sent."""
    while transport.get_write_buffer_size() >= size:
        if transport.is_closing():
            return
        await asyncio.sleep(0.001)  # a transport tells nobody


def bomb(mib: int) -> Raw:
    """Spaces that gzip makes a thousand times smaller, in an answer that is no JSON.

    Packed when it is first wanted: each process of the tests imports this.
    """

    async def write(transport: asyncio.Transport) -> None:
        packed = spaces(mib)
        head = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
        await whole(head, packed, 1)(transport)

    return write


@cache
def spaces(mib: int) -> bytes:
    """A gzip file of so many MiB of spaces.

    Behind a full flush nothing refers to what was before. So one MiB is packed, and repeated.
    """
    piece, crc = b" " * MIB, 0
    packer = zlib.compressobj(level=9, wbits=-zlib.MAX_WBITS)
    packed = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(mib):
        crc = zlib.crc32(piece, crc)
    end = packer.flush() + struct.pack("<LL", crc, mib * MIB % 2**32)
    return GZIP + packed * mib + end


def large(mib: int) -> Raw:
    """An answer that is no JSON, and long."""
    return whole(OK + b"Content-Length: %d\r\n\r\n" % (mib * MIB), b" " * MIB, mib)


TRICKLES = {
    "status": by_bytes(b"", b"HTTP/1.1 200 OK and more"),
    "headers": by_bytes(OK + b"X-Slow: ", b"slow"),
    "body": by_bytes(OK + LENGTH, b" "),
}
FLOODS = {
    "headers": without_end(OK, b"X-Many: headers\r\n" * 1000),
    "large": large(LARGE_MIB),
    "bomb": bomb(10 * LARGE_MIB),
}
EXCESSES = FLOODS | {"body": without_end(OK + ENDLESS, CHUNK)}
