"""Compares what two clients know that asked different servers the same.

Differences that are right are numbered lines of ``docs/differences.md``. Each has a predicate
here which recognises it; whatever no line explains is a mistake of one of the servers.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, Final

from tests.support.simplified.facts import Facts, Path

DOCUMENT: Final = File(__file__).resolve().parents[3] / "docs" / "differences.md"
ABSENT: Final = "(absent)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact of which the clients know different values."""

    path: Path
    native: Any
    ours: Any

    def __str__(self) -> str:
        return f"{'/'.join(self.path)}: native {self.native!r}, ours {self.ours!r}"


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of the account: room → membership, and whether it was its own doing.

    ``entered`` are the rooms that it ever was in; of ``outside_data`` some account data changed
    while it was not.
    """

    membership: Mapping[str, tuple[str, bool]]
    entered: Set[str]
    outside_data: Set[str]

    def left_itself(self, room: str) -> bool:
        return self.membership.get(room) == ("leave", True)


Excuse = Callable[[Difference, Truth], bool]


def differences(native: Facts, ours: Facts) -> Iterator[Difference]:
    for path in sorted(set(native) | set(ours)):
        left, right = native.get(path, ABSENT), ours.get(path, ABSENT)
        if left != right:
            yield Difference(path, left, right)


def unexplained(native: Facts, ours: Facts, truth: Truth) -> list[Difference]:
    """The differences that no line of the table explains."""
    return [
        difference
        for difference in differences(native, ours)
        if not any(excuse(difference, truth) for excuse in KNOWN.values())
    ]


def numbered_lines() -> dict[int, str]:
    """The table of the document: number → rules, what differs, and why."""
    lines = re.findall(r"^\| (\d+) \| (.+) \|$", DOCUMENT.read_text(), re.MULTILINE)
    return {int(number): line for number, line in lines}


def _of_a_room_left(difference: Difference, truth: Truth) -> bool:
    """The rooms that one knows and the other does not, or something of such a room."""
    if difference.path == ("rooms",):
        return all(map(truth.left_itself, difference.native ^ difference.ours))
    return truth.left_itself(difference.path[0])


def _of_encryption_later(difference: Difference, truth: Truth) -> bool:
    """Synapse counts rooms that were encrypted when the account was out already."""
    out = [room for room, (membership, _) in truth.membership.items()
           if membership in ("leave", "ban")]  # fmt: skip
    return difference.path == ("count", "secret") and (
        0 < difference.native - difference.ours <= len(out)
    )


def _of_heroes_after_a_name(difference: Difference, truth: Truth) -> bool:
    return difference.path[1:] == ("heroes",)


def _of_account_data_outside(difference: Difference, truth: Truth) -> bool:
    """Data that changed while the account was not in the room, and counts of rooms by tags."""
    outside = truth.outside_data
    if difference.path in (("count", "favourites"), ("count", "work")):
        return bool(abs(difference.native - difference.ours) <= len(outside))
    return difference.path[0] in outside and difference.path[1] == "account_data"


def _of_a_room_never_entered(difference: Difference, truth: Truth) -> bool:
    """What is shown of a room whose invite, knock or ban ended before the account was in it."""
    room = difference.path[0]
    out = truth.membership.get(room, ("", False))[0] in ("leave", "ban")
    return out and room not in truth.entered and difference.path[1] != "membership"


KNOWN: Final[Mapping[int, Excuse]] = {
    1: _of_a_room_left,
    9: _of_encryption_later,
    17: _of_heroes_after_a_name,
    18: _of_account_data_outside,
    19: _of_a_room_never_entered,
}
"""Number of a line of the table → what it explains. Most lines make no difference in the end."""
