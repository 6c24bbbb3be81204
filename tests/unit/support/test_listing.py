"""The client's list model against the worked examples of the specification."""

from typing import Any

import pytest

from tests.support.listing import ListCopy, Range

DELETE, INSERT = "DELETE", "INSERT"


def op(kind: str, index: int, room_id: str | None = None) -> dict[str, Any]:
    return {"op": kind, "index": index} | ({"room_id": room_id} if room_id else {})


def copy_of(rooms: str, ranges: tuple[Range, ...]) -> ListCopy:
    copy = ListCopy()
    copy.ranges = ranges
    copy.count = len(rooms)
    copy.rooms = {i: r for i, r in enumerate(rooms) if any(a <= i <= b for a, b in ranges)}
    return copy


@pytest.mark.rules("L-81", "L-90", "L-105")
@pytest.mark.parametrize(
    ("ranges", "before", "ops", "after"),
    [
        pytest.param([(0, 9)], "PQRS", [op(DELETE, 3), op(INSERT, 0, "S")], "SPQR", id="L-90"),
        pytest.param([(0, 2)], "PQRST", [op(DELETE, 2), op(INSERT, 0, "T")], "TPQRS", id="L-92"),
        pytest.param([(0, 2)], "PQRST", [op(DELETE, 0), op(INSERT, 2, "S")], "QRSPT", id="L-93"),
        pytest.param([(1, 3)], "PQRST", [op(DELETE, 3), op(INSERT, 1, "P")], "TPQRS", id="L-94"),
        pytest.param([(1, 3)], "PQRST", [op(DELETE, 1), op(INSERT, 3, "T")], "QRSTP", id="L-95"),
        pytest.param([(0, 1), (4, 5)], "PQRSTUV",
                     [op(DELETE, 5), op(INSERT, 4, "S"), op(DELETE, 1), op(INSERT, 1, "U")],
                     "PUQRSTV", id="L-96"),
        pytest.param([(0, 9)], "PQR", [op(DELETE, 3), op(INSERT, 1, "W")], "PWQR", id="L-99"),
        pytest.param([(0, 9)], "PQRS", [op(DELETE, 1)], "PRS", id="L-100"),
        pytest.param([(1, 3)], "PQRSTU", [op(DELETE, 3), op(INSERT, 3, "T")], "PQRTU", id="L-101"),
        pytest.param([(1, 3)], "PQRSTU", [op(DELETE, 1), op(INSERT, 3, "T")], "QRSTU", id="L-102"),
        pytest.param([(0, 9)], "P", [op(DELETE, 0)], "", id="L-104"),
    ],
)  # fmt: skip
def test_applying_the_operations_gives_the_window_after_the_change(
    ranges: list[Range], before: str, ops: list[dict[str, Any]], after: str
) -> None:
    copy = copy_of(before, tuple(ranges))
    copy.apply(len(after), ops)
    assert copy.rooms == copy_of(after, tuple(ranges)).rooms
    assert not copy.problems()


@pytest.mark.rules("L-82")
def test_a_hole_in_the_window_is_a_problem() -> None:
    copy = copy_of("PQRS", ((0, 2),))
    copy.apply(4, [op(DELETE, 1)])
    assert copy.problems() == ["nothing at [2]"]


@pytest.mark.rules("L-82")
def test_an_entry_past_the_end_of_the_list_is_a_problem() -> None:
    copy = copy_of("PQR", ((0, 9),))
    copy.apply(2, [])
    assert copy.problems() == ["something at [2]"]
