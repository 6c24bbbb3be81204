"""What a room's row knows of its newest events, type by type: ``ss_rooms.newest``.

JSON: a type to its newest events, at most two of different senders, the newest first. The
types are in the order in which they were last seen, the one seen last is the last.

Lists sort by it. Two senders are kept, because each user may ignore one of them: if Bob's message
is the newest, a user who ignores Bob sees the room where Carol's has put it.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

ANY_TYPE: Final = ""
"""The type under which events of whatever type are noted."""


class NewestEvent(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One event: when its sender says that it was sent, and who that is.

    ``stamp`` is when it arrived, in milliseconds: what a bump stamp is made of. Rows that were
    written before there were stamps have none.
    """

    timestamp: int
    sender: str
    stamp: int | None = None


NewestByType = dict[str, list[NewestEvent]]

_decoder = msgspec.json.Decoder(NewestByType)


def read_newest(stored: bytes) -> NewestByType:
    """The newest events as a room's row has them."""
    return _decoder.decode(stored)


def newest_stamp(
    newest: NewestByType,
    types: Iterable[str],
    generated_us: int,
    ignored: frozenset[str] = frozenset(),
) -> int | None:
    """When the newest event of some types arrived, in milliseconds; None: none is known.

    Events of ``ignored`` senders don't count.

    Of an event that was noted before there were stamps its own time counts, but none later than
    ``generated_us``, which is when the room's newest chunk was made.
    """
    latest = generated_us // 1000
    stamps = (
        min(entry.timestamp, latest) if entry.stamp is None else entry.stamp
        for type_ in types
        for entry in newest.get(type_, ())
        if entry.sender not in ignored
    )
    return max(stamps, default=None)


def write_newest(newest: NewestByType) -> bytes:
    """The newest events in the form of a room's row."""
    return msgspec.json.encode(newest)
