"""Operations of lists: the worked examples of the specification, and its edges."""

from dataclasses import replace

import pytest

from syncv3.dialects.msc3575.operations import Delete, Insert, Invalidate, Operation, Sync
from syncv3.dialects.msc3575.windows import MAX_MOVED, list_operations
from syncv3.protocol.request import ListSpec, Sort
from syncv3.protocol.response import ListChange
from syncv3.types import RoomID
from tests.unit.dialects.msc3575.lists import Shown, change, filtered, rooms, shown

TOP = (0, 10)


def ops(text: str) -> list[Operation]:
    """``-3`` is DELETE 3, ``+0S`` is INSERT 0 S."""
    found: list[Operation] = []
    for word in text.split():
        if word[0] == "-":
            found.append(Delete(int(word[1:])))
        else:
            found.append(Insert(int(word[1:-1]), RoomID(word[-1])))
    return found


def update(ranges: tuple[tuple[int, int], ...], before: str, after: str, *moved: str) -> ListChange:
    return change(shown(before, *ranges), shown(after, *ranges), moved)


SPLIT_01_45 = ((0, 2), (4, 6))
SPLIT_12_45 = ((1, 3), (4, 6))
INNER = ((1, 4),)


@pytest.mark.parametrize(
    ("ranges", "before", "after", "moved", "expected"),
    [
        pytest.param((TOP,), "PQRS", "SPQR", "S", "-3 +0S", id="L-90"),
        pytest.param((TOP,), "PQRS", "PQRS", "Q", "", id="L-91"),
        pytest.param(((0, 3),), "PQRST", "TPQRS", "T", "-2 +0T", id="L-92"),
        pytest.param(((0, 3),), "PQRST", "QRSPT", "P", "-0 +2S", id="L-93"),
        pytest.param(INNER, "PQRST", "TPQRS", "T", "-3 +1P", id="L-94"),
        pytest.param(INNER, "PQRST", "QRSTP", "P", "-1 +3T", id="L-95"),
        pytest.param(SPLIT_01_45, "PQRSTUV", "PUQRSTV", "U", "-5 +4S -1 +1U", id="L-96"),
        pytest.param(SPLIT_01_45, "PQRSTUV", "QRSTUPV", "P", "-0 +1R -4 +5P", id="L-97"),
        pytest.param(SPLIT_12_45, "PQRSTUV", "VPQRSTU", "V", "-2 +1P -5 +4S", id="L-98"),
        pytest.param((TOP,), "PQR", "PWQR", "W", "-3 +1W", id="L-99"),
        pytest.param((TOP,), "PQRS", "PRS", "Q", "-1", id="L-100"),
        pytest.param(INNER, "PQRSTU", "PQRTU", "S", "-3 +3T", id="L-101"),
        pytest.param(INNER, "PQRSTU", "QRSTU", "P", "-1 +3T", id="L-102"),
        pytest.param(INNER, "PQRSTU", "PQRSU", "T", "", id="L-103"),
        pytest.param((TOP,), "P", "", "P", "-0", id="L-104"),
        pytest.param(((0, 3),), "PQRS", "PQRS", "S", "", id="L-105"),
    ],
)
@pytest.mark.rules(
    "L-70",
    "L-90",
    "L-91",
    "L-92",
    "L-93",
    "L-94",
    "L-95",
    "L-96",
    "L-97",
    "L-98",
    "L-99",
    "L-100",
    "L-101",
    "L-102",
    "L-103",
    "L-104",
    "L-105",
)
def test_one_update_gives_the_operations_of_the_worked_example(
    ranges: tuple[tuple[int, int], ...], before: str, after: str, moved: str, expected: str
) -> None:
    assert list_operations(update(ranges, before, after, moved)) == ops(expected)


@pytest.mark.parametrize(
    ("ranges", "before", "after", "moved", "expected"),
    [
        pytest.param((TOP,), "", "W", "W", "-0 +0W", id="L-78 into an empty list"),
        pytest.param((TOP,), "PQ", "PQW", "W", "-2 +2W", id="L-78 added last"),
        pytest.param(((0, 2),), "PQR", "WPQR", "W", "-1 +0W", id="L-78 into a full range"),
        pytest.param((TOP,), "PQR", "QPR", "Q", "-1 +0Q", id="L-74 Q rises above P"),
        pytest.param((TOP,), "PQR", "QPR", "P", "-0 +1P", id="L-74 P falls below Q"),
        pytest.param(((1, 3),), "P", "", "P", "", id="L-77 no null"),
        pytest.param((TOP,), "PQ", "P", "Q", "-1", id="L-76 last room"),
        pytest.param(INNER, "PQ", "P", "Q", "-1", id="L-82 the last room, first of its range"),
        pytest.param(INNER, "PQ", "Q", "P", "-1", id="L-82 a room falls out of the range"),
        pytest.param(
            SPLIT_12_45, "PQRST", "PQST", "R", "-2 +2S -4", id="L-82 rooms fall out of two ranges"
        ),
        pytest.param(((0, 2), (2, 4)), "PQR", "QR", "P", "-0", id="L-76 over a border"),
        pytest.param(((0, 2), (2, 4)), "PQR", "PQ", "R", "-2", id="L-76 at a border"),
        pytest.param(
            ((4, 6), (0, 2), (8, 10)),
            "ABCDEFGHIJKL",
            "LABCDEFGHIJK",
            "L",
            "-1 +0L -5 +4D -9 +8H",
            id="L-72 the rest in client's order",
        ),
    ],
)
@pytest.mark.rules("L-71", "L-72", "L-73", "L-74", "L-75", "L-76", "L-77", "L-78", "L-82", "Z-11")
def test_one_update_at_an_edge(
    ranges: tuple[tuple[int, int], ...], before: str, after: str, moved: str, expected: str
) -> None:
    assert list_operations(update(ranges, before, after, moved)) == ops(expected)


@pytest.mark.rules("L-48", "L-70")
def test_two_rooms_that_rise_in_turn_are_two_pairs() -> None:
    assert list_operations(update((TOP,), "PQRS", "SQPR", "Q", "S")) == ops("-1 +0Q -3 +0S")


@pytest.mark.rules("L-48", "L-82")
def test_many_moves_at_once_are_one_sync() -> None:
    before = "ABCDEFGHIJ"[: MAX_MOVED + 1]
    after = before[::-1]
    expected = [Invalidate(0, MAX_MOVED + 1), Sync(0, rooms(after))]
    assert list_operations(update((TOP,), before, after, *before)) == expected


@pytest.mark.rules("L-82")
def test_a_window_that_the_moves_do_not_explain_is_sent_again() -> None:
    expected = [Invalidate(0, 4), Sync(0, rooms("SRQP"))]
    assert list_operations(update((TOP,), "PQRS", "SRQP", "P")) == expected


@pytest.mark.rules("L-82")
def test_only_the_range_that_changed_is_sent_again() -> None:
    expected = [Invalidate(2, 4), Sync(2, rooms("SR"))]
    assert list_operations(update(((0, 2), (2, 4)), "PQRS", "PQSR")) == expected


@pytest.mark.rules("L-50", "L-60", "L-61", "L-62")
def test_a_new_list_is_one_sync_per_range_in_the_clients_order() -> None:
    now = shown("ABCDE", (3, 9), (0, 2), (7, 8))
    assert list_operations(change(None, now)) == [Sync(3, rooms("DE")), Sync(0, rooms("AB"))]


@pytest.mark.rules("L-63")
def test_an_empty_new_list_has_no_operations() -> None:
    assert list_operations(change(None, shown("", TOP))) == []


@pytest.mark.rules("L-56")
def test_a_list_in_which_nothing_changed_has_no_operations() -> None:
    assert list_operations(change(shown("ABC", TOP), shown("ABC", TOP))) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            ((0, 10),),
            ((5, 15),),
            [Invalidate(0, 5), Sync(10, rooms("KLMNO"))],
            id="L-51 scrolled",
        ),
        pytest.param(((0, 11), (11, 20)), ((0, 20),), [], id="L-64 union"),
        pytest.param(((0, 4), (8, 12)), ((8, 12), (0, 4)), [], id="another order"),
        pytest.param(((0, 5),), ((0, 3),), [Invalidate(3, 5)], id="L-51 smaller"),
        pytest.param(
            ((0, 2),),
            ((0, 4), (4, 6)),
            [Sync(2, rooms("CD")), Sync(4, rooms("EF"))],
            id="cut at borders",
        ),
        pytest.param(((0, 2), (18, 30)), (), [Invalidate(0, 2), Invalidate(18, 20)], id="L-61"),
        pytest.param(((20, 30),), ((25, 40),), [], id="L-60"),
    ],
)
@pytest.mark.rules("L-51", "L-60", "L-61", "L-64")
def test_changed_ranges_tell_only_the_difference(
    old: tuple[tuple[int, int], ...], new: tuple[tuple[int, int], ...], expected: list[Operation]
) -> None:
    order = "ABCDEFGHIJKLMNOPQRST"
    assert list_operations(change(shown(order, *old), shown(order, *new))) == expected


@pytest.mark.rules("L-51", "L-82")
def test_a_move_while_the_ranges_change_edits_the_rows_that_are_kept() -> None:
    asked = change(shown("ABCDEF", (0, 4)), shown("FABCDE", (0, 5)), "F")
    assert list_operations(asked) == [Delete(3), Insert(0, RoomID("F")), Sync(4, rooms("D"))]


@pytest.mark.rules("L-52")
def test_another_sort_invalidates_the_old_ranges_and_sends_the_new() -> None:
    before = shown("ABCD", (0, 2), (3, 9))
    asked = change(before, shown("DCBA", (0, 3), sort=Sort.NAME))
    assert list_operations(asked) == [Invalidate(0, 2), Invalidate(3, 4), Sync(0, rooms("DCB"))]


@pytest.mark.rules("L-52", "L-60")
def test_other_filters_invalidate_as_far_as_the_old_list_went() -> None:
    before = shown("ABCD", (0, 10), (10, 20))
    asked = change(before, filtered(before, "BD"))
    assert list_operations(asked) == [Invalidate(0, 4), Sync(0, rooms("BD"))]


@pytest.mark.rules("L-52", "L-82")
def test_forgotten_windows_are_invalidated_and_sent_again() -> None:
    asked = change(shown("ABCD", (0, 3)), shown("DABC", (0, 2)))
    forgotten = replace(asked, forgotten=True, windows_before=())
    assert list_operations(forgotten) == [Invalidate(0, 3), Sync(0, rooms("DA"))]


@pytest.mark.rules("L-52", "L-82")
def test_forgotten_windows_of_unknown_length_are_invalidated_whole() -> None:
    asked = replace(change(None, shown("DABC", (0, 2), (4, 9))), forgotten=True)
    expected = [Invalidate(0, 2), Invalidate(4, 9), Sync(0, rooms("DA"))]
    assert list_operations(asked) == expected


def every_room(order: str) -> Shown:
    return Shown(ListSpec(all_rooms=True), rooms(order))


@pytest.mark.rules("L-120", "L-121")
def test_a_list_of_all_rooms_is_one_sync_when_it_is_new() -> None:
    assert list_operations(change(None, every_room("CAB"))) == [Sync(0, rooms("CAB"))]


@pytest.mark.rules("L-121")
def test_a_list_of_all_rooms_without_rooms_has_no_operations() -> None:
    assert list_operations(change(None, every_room(""))) == []


@pytest.mark.rules("L-121")
def test_other_filters_send_all_rooms_again() -> None:
    before = every_room("CAB")
    assert list_operations(change(before, filtered(before, "BA"))) == [Sync(0, rooms("BA"))]


@pytest.mark.rules("L-122")
def test_a_list_of_all_rooms_has_no_operations_for_updates() -> None:
    assert list_operations(change(every_room("CAB"), every_room("DC"), "DAB")) == []


@pytest.mark.rules("L-124")
def test_switching_to_all_rooms_sends_nothing() -> None:
    assert list_operations(change(shown("CAB", (0, 2)), every_room("CAB"))) == []


@pytest.mark.rules("L-50", "L-124")
def test_switching_back_from_all_rooms_starts_anew() -> None:
    asked = change(every_room("CAB"), shown("CAB", (0, 2)))
    assert list_operations(asked) == [Invalidate(0, 3), Sync(0, rooms("CA"))]
