"""Reads a long JSON list in pieces, so that others run in between.

A member list of 100,000 users is 50 MB. To take it apart in one go, though nothing of it is
looked into, would hold up everybody for 50 ms.

A piece ends where it can be read: cut anywhere else a list is no JSON, as a string or an
object in it has no end. So a likely place is looked for, and found out by reading.
"""

from collections.abc import Iterator
from typing import Final, TypeVar

import msgspec

PIECE_BYTES: Final = 64 * 1024
TRIES: Final = 8
"""How often a piece is read in vain before it is made twice as long. Strings in it may be
full of what looks like its end."""

_T = TypeVar("_T")


def read_list(
    body: bytes, key: str, decoder: "msgspec.json.Decoder[_T]", size: int = PIECE_BYTES
) -> Iterator[_T]:
    """The object ``body`` as several, each with some members of the array or object ``key``.

    ``{"chunk":[A,B,C],"end":1}`` gives ``{"chunk":[A,B]}`` and ``{"chunk":[C],"end":1}``, if A
    and B together are so large. If the list is not what the body begins with, or if its members
    are no objects, the body comes in one piece. Raises what ``decoder`` raises for the last one.
    """
    opening = _opening(body, key)
    # Between two objects of an array stand these bytes, and between two members of an object whose
    # values are objects those. Both may also stand inside a member: then reading fails, on to the
    # next such place.
    ending, closing = (b"},{", b"]}") if opening.endswith(b"[") else (b'},"', b"}}")
    begin, want, tries = len(opening), size, 0
    at = body.find(ending, begin + want)
    while opening and at >= 0:
        try:
            found = decoder.decode(opening + body[begin : at + 1] + closing)
        except msgspec.ValidationError:  # it is JSON, and of another shape: no cut would mend that
            raise
        except msgspec.DecodeError:
            tries += 1
            if tries % TRIES == 0:
                want *= 2
                at = max(at, begin + want)
        else:
            yield found
            begin, want, tries = at + 2, size, 0
            at = begin + want
        at = body.find(ending, at + 1)
    yield decoder.decode(opening + body[begin:])


def _opening(body: bytes, key: str) -> bytes:
    """What the body begins with if that is the list; otherwise nothing."""
    for bracket in (b"[", b"{"):
        opening = b'{"' + key.encode() + b'":' + bracket
        if body.startswith(opening):
            return opening
    return b""
