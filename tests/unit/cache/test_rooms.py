"""What the cache knows of a room's past."""

import msgspec
import pytest

from syncv3.cache.rooms import LABELS_KEPT, CachedRoom
from syncv3.store.rows import RoomRow
from syncv3.types import UserID

BOB, EVE = UserID("@bob:hs"), UserID("@eve:hs")


def named(name: str) -> RoomRow:
    return RoomRow(1, "!r:hs", name=name, joined=2)


def room(*changes: tuple[int, int, str]) -> CachedRoom:
    """A room held since position 10 that was called A; the changes are (after, until, name)."""
    made = CachedRoom(named("A"), 10)
    for after, until, name in changes:
        made.replace_row(named(name), after, until)
    return made


@pytest.mark.rules("D-22")
@pytest.mark.parametrize(
    ("position", "name"),
    [
        pytest.param(9, None, id="before it was held"),
        pytest.param(10, "A", id="when it came to be held"),
        pytest.param(20, "A", id="just before the first change"),
        pytest.param(21, None, id="between two positions of this worker"),
        pytest.param(22, "B", id="after the first change"),
        pytest.param(30, "B", id="just before the second"),
        pytest.param(31, "C", id="after the second"),
        pytest.param(99, "C", id="later"),
    ],
)
def test_the_labels_at_an_earlier_position_are_known(position: int, name: str | None) -> None:
    labels = room((20, 22, "B"), (30, 31, "C")).labels_at(position)
    assert (labels.name if labels else None) == name


@pytest.mark.rules("D-22")
def test_a_change_of_something_else_is_none_of_the_facts() -> None:
    made = room((20, 22, "A"))
    labels = made.labels_at(21)
    assert labels is not None and labels.name == "A"


def test_only_the_newest_facts_are_kept() -> None:
    count = 3 * LABELS_KEPT
    made = room(*((10 + n, 11 + n, str(n)) for n in range(count)))
    assert made.labels_at(10) is None
    assert made.labels_at(11 + count - LABELS_KEPT) is not None


def test_of_bump_types_only_those_are_looked_at_that_the_room_has() -> None:
    newest = {"": [(5, BOB)], "m.a": [(5, BOB), (3, EVE)], "m.b": [(4, EVE)]}
    row = RoomRow(1, "!r:hs", newest=msgspec.json.encode(newest))
    made = CachedRoom(row, 0)
    assert sorted(made.newest_of(frozenset({"m.a", "m.b", "m.c"}))) == [
        (3, EVE), (4, EVE), (5, BOB)]  # fmt: skip
    assert made.newest_of(frozenset()) == []
