"""The differences that are right: numbered lines of ``docs/differences.md``, and how to see them.

Most lines of the document make no difference to what a client knows in the end; those that do
have a ``Line`` here under their number.
"""

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, Final

from tests.support.simplified.facts import Path

DOCUMENT: Final = File(__file__).resolve().parents[3] / "docs" / "differences.md"
TAGGED: Final = ("favourites", "work")
"""The lists of a story that are filtered by tags."""
ABSENT: Final = "(absent)"
"""The value of a fact that a client does not know."""


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

    ``entered`` are the rooms that it ever was in, ``joined_anew`` those that it joined after an
    invite, a knock, or the end of a stay; of ``outside_data`` some account data, or an own
    receipt, changed while it was not in the room.
    """

    membership: Mapping[str, tuple[str, bool]]
    entered: Set[str]
    joined_anew: Set[str]
    outside_data: Set[str]

    def left_itself(self, room: str) -> bool:
        return self.membership.get(room) == ("leave", True)

    def never_entered(self, room: str, *memberships: str) -> bool:
        is_so = self.membership.get(room, ("", False))[0] in memberships
        return is_so and room not in self.entered

    def rooms(self, *memberships: str) -> set[str]:
        return {room for room, (one, _) in self.membership.items() if one in memberships}


def _no_rooms(name: str, truth: Truth) -> Set[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """``explains``: whether a difference is as the line says. ``miscounts``: in which rooms the
    servers may disagree on whether they are in the list of that name."""

    explains: Callable[[Difference, Truth], bool]
    miscounts: Callable[[str, Truth], Set[str]] = _no_rooms


def _of_a_room_left(difference: Difference, truth: Truth) -> bool:
    return truth.left_itself(difference.path[0])


def _never(difference: Difference, truth: Truth) -> bool:
    return False


def _encrypted_later(name: str, truth: Truth) -> Set[str]:
    return truth.rooms("leave", "ban") if name == "secret" else frozenset()


def _of_heroes(difference: Difference, truth: Truth) -> bool:
    return difference.path[1:] == ("heroes",)


def _of_data_outside(difference: Difference, truth: Truth) -> bool:
    room, *what = difference.path
    return room in truth.outside_data and what[0] in ("account_data", "own receipts")


def _tagged_outside(name: str, truth: Truth) -> Set[str]:
    return truth.outside_data if name in TAGGED else frozenset()


def _of_a_room_never_entered(difference: Difference, truth: Truth) -> bool:
    """Synapse may even fail to tell the membership, but ours must tell the right one."""
    room = difference.path[0]
    if not truth.never_entered(room, "leave", "ban"):
        return False
    if difference.path[1] == "membership":
        return bool(difference.ours == truth.membership[room][0])
    return difference.path[1] != "known"


def _of_unknown_type(name: str, truth: Truth) -> Set[str]:
    never = {room for room in truth.membership if truth.never_entered(room, "leave", "ban")}
    return never if name in ("rooms", "secret") else frozenset()


def _of_a_ban_from_outside(difference: Difference, truth: Truth) -> bool:
    return truth.never_entered(difference.path[0], "ban")


def _banned_from_outside(name: str, truth: Truth) -> Set[str]:
    return {room for room in truth.membership if truth.never_entered(room, "ban")}


def _of_state_before_a_join(difference: Difference, truth: Truth) -> bool:
    """Synapse's client may lack it, and never has another value than ours."""
    is_told_once = difference.path[1:2] in (("state",), ("name",), ("avatar",))
    lacks = difference.native in (ABSENT, None)
    return is_told_once and lacks and difference.path[0] in truth.joined_anew


def _of_a_stay_that_is_over(difference: Difference, truth: Truth) -> bool:
    """A client of Synapse may take the room for joined; ours must know how it ended."""
    room, what = difference.path[0], difference.path[1:]
    if room not in truth.rooms("leave", "ban"):
        return False
    if what == ("membership",):
        return bool((difference.native, difference.ours) == ("join", truth.membership[room][0]))
    return what in (("counts",), ("is_dm",), ("heroes",)) and difference.ours == ABSENT


KNOWN: Final[Mapping[int, Line]] = {
    1: Line(_of_a_room_left),
    9: Line(_never, _encrypted_later),
    17: Line(_of_heroes),
    18: Line(_of_data_outside, _tagged_outside),
    19: Line(_of_a_room_never_entered, _of_unknown_type),
    20: Line(_of_a_ban_from_outside, _banned_from_outside),
    25: Line(_of_state_before_a_join),
    26: Line(_of_a_stay_that_is_over),
}


def numbered_lines() -> dict[int, str]:
    """The table of the document: number → rules, what differs, and why."""
    lines = re.findall(r"^\| (\d+) \| (.+) \|$", DOCUMENT.read_text(), re.MULTILINE)
    return {int(number): line for number, line in lines}
