"""Compares what two clients know that asked different servers the same.

What no numbered line of ``docs/differences.md`` explains is a mistake of one of the servers.
"""

from collections.abc import Iterator
from typing import Any, Final

from tests.support.simplified.facts import Facts
from tests.support.simplified.known import ABSENT, KNOWN, Difference, Truth

A_MEMBER: Final = ("state", "m.room.member")


def unexplained(native: Facts, ours: Facts, truth: Truth) -> list[Difference]:
    """The differences that no line of the table explains."""
    found = differences(native, ours, truth)
    return [difference for difference in found if not _is_explained(difference, truth)]


def differences(native: Facts, ours: Facts, truth: Truth) -> Iterator[Difference]:
    for path in sorted(set(native) | set(ours)):
        left, right = native.get(path, ABSENT), ours.get(path, ABSENT)
        if path == ("bumped",):
            left, right = (_joined(rooms, truth) for rooms in (left, right))
        if path[1:] == ("newest events",) and ABSENT not in (left, right):
            left, right = _of_equal_length(left, right)
        if path[1:3] == A_MEMBER and ABSENT in (left, right):
            continue  # only one client was told of events that need the member
        if left != right:
            yield Difference(path, left, right)


def _is_explained(difference: Difference, truth: Truth) -> bool:
    if difference.path[0] == "count":
        return _is_miscount(difference, truth)
    return any(line.explains(difference, truth) for line in KNOWN.values())


def _is_miscount(difference: Difference, truth: Truth) -> bool:
    """Whether lines of the table name so many rooms of which the servers disagree."""
    if ABSENT in (difference.native, difference.ours):
        return False
    name = difference.path[1]
    rooms = set[str]().union(*(line.miscounts(name, truth) for line in KNOWN.values()))
    return bool(abs(difference.native - difference.ours) <= len(rooms))


def _joined(rooms: tuple[str, ...], truth: Truth) -> tuple[str, ...]:
    """Without those that a client only takes for joined, as nobody told it of the leave."""
    return tuple(room for room in rooms if room in truth.rooms("join"))


def _of_equal_length(left: tuple[Any, ...], right: tuple[Any, ...]) -> tuple[Any, Any]:
    """One client may have seen an event more, as rooms were shown to it at another time."""
    length = min(len(left), len(right)) or max(len(left), len(right))
    return left[-length:], right[-length:]
