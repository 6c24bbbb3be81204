"""Which HTTP/1.1 is taken: only what all servers read alike.

Behind a reverse proxy two programs read the same bytes. Where they disagree on where a
request ends, a client can hide a second request inside the first, past the rules of the
proxy, or in front of somebody else's request on a shared connection. The framework's
parser forgives much: it takes ``Transfer-Encoding :`` for a header without meaning, ``0x2``
for a chunk's size and ``٣`` for a number. So what is not plainly right is refused with 400,
and the connection is closed.
"""

import re

from sanic.exceptions import BadRequest

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE = re.compile(_TOKEN + rb" [\x21-\x7e]+ HTTP/1\.[01]")
_HEADER = re.compile(rb"(" + _TOKEN + rb"):([\t\x20-\x7e\x80-\xff]*)")
_DIGITS = {10: re.compile(r"[0-9]{1,15}"), 16: re.compile(r"[0-9a-fA-F]{1,8}")}

CHUNK_LINE_BYTES = 64
_CHUNK_LINE = re.compile(rb"\r\n[0-9a-fA-F]{1,8}(;[\t\x20-\x7e\x80-\xff]*)?")


def check_head(head: bytes) -> None:
    """Raise ``BadRequest`` unless the lines before a body can be read in one way only.

    ``head`` ends before the empty line.
    """
    first, *lines = head.split(b"\r\n")
    if not _REQUEST_LINE.fullmatch(first):
        raise BadRequest("Bad request line")
    framing = []
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:  # a space before the colon, a folded line, a bare CR or LF
            raise BadRequest("Bad header")
        name = header[1].lower()
        if name in (b"content-length", b"transfer-encoding"):
            framing.append((name, header[2].strip(b" \t")))
    _check_framing(framing, http_1_0=first.endswith(b"1.0"))


def _check_framing(framing: list[tuple[bytes, bytes]], *, http_1_0: bool) -> None:
    """At most one header says how long the body is, in the one form that nobody misreads."""
    if len(framing) > 1:
        raise BadRequest("Several headers say how long the body is")
    for name, value in framing:
        if name == b"content-length":
            strict_int(value.decode("latin-1"))
        elif value.lower() != b"chunked" or http_1_0:
            raise BadRequest("Bad Transfer-Encoding")


def strict_int(text: str, base: int = 10) -> int:
    """A number of ASCII digits and nothing else; raises ``BadRequest``."""
    text = text.strip(" \t") if base == 10 else text
    if not _DIGITS[base].fullmatch(text):
        raise BadRequest("Bad length")
    return int(text, base)


def is_chunk_line(line: bytes) -> bool:
    """Whether this is the line break that ends the last chunk, then the size of the next one.

    ``line`` ends before its own line break.
    """
    return _CHUNK_LINE.fullmatch(line) is not None
