"""Up to where a client has been told of a room, also by extensions."""

import pytest
from msgspec.structs import replace

from syncv3.engine.computed import Naming
from syncv3.engine.extensions import ExtensionAnswers
from syncv3.engine.view import IN_STEP, Quiet, Reach, Sent, View
from syncv3.protocol.request import RoomConfig

OLD, NEW, BEHIND = Sent(1, 4), Sent(1, 6), Sent(1, 4, upto=8)
VIEW = View(6, 60, 20, rooms={1: OLD, 2: NEW, 3: BEHIND}, held={2: 15})
ASKED = RoomConfig()
STEP = {"e": IN_STEP}
NAMING = Naming(7, 70)


@pytest.mark.parametrize(("room", "bound"), [(1, 20), (2, 15), (3, 8), (9, 20)])
def test_a_room_is_told_as_far_as_the_view_unless_it_is_said_otherwise(
    room: int, bound: int
) -> None:
    assert VIEW.bound(room) == bound


@pytest.mark.rules("S-345", "S-377")
@pytest.mark.parametrize(
    ("view", "bounds"),
    [
        pytest.param(VIEW, [None, None, None], id="not asked before"),
        pytest.param(replace(VIEW, told=STEP), [20, 20, 8], id="in step, also where events wait"),
        pytest.param(replace(VIEW, told={"e": Reach(12, 4, None)}), [12, None, 8],
                     id="switched off after generation 4, in which there was no room 2"),
        pytest.param(replace(VIEW, told={"e": Reach(0, 0, None)}), [None, None, None],
                     id="has failed since it is asked"),
        pytest.param(replace(VIEW, told={"e": Reach(12, 4, 7)}), [12, None, 8],
                     id="on again, but these rooms have not been shown since"),
        pytest.param(replace(VIEW, told={"e": Reach(12, 4, 6)}), [12, 20, 8],
                     id="on again, and room 2 was sent since"),
        pytest.param(replace(VIEW, told={"e": Reach(12, 4, 7)}, visible={1: ASKED, 2: ASKED}),
                     [20, 20, 8], id="on again, and rooms 1 and 2 are shown"),
        pytest.param(replace(VIEW, told=STEP, quiet=Quiet(5, 10)), [10, 20, 8],
                     id="doubt about rooms that are not shown"),
        pytest.param(replace(VIEW, told=STEP, quiet=Quiet(5, 10), visible={1: ASKED}), [20, 20, 8],
                     id="no doubt about those that are"),
    ],
)  # fmt: skip
def test_how_far_an_extension_has_told_of_a_room(view: View, bounds: list[int | None]) -> None:
    assert [view.bound_of("e", key) for key in (1, 2, 3)] == bounds
    assert view.bound_of("e", 9) is None


@pytest.mark.parametrize(
    ("view", "since", "has_told"),
    [
        pytest.param(View(0, 0, 0, first=True), None, False, id="a new connection"),
        pytest.param(VIEW, 20, False, id="not asked before"),
        pytest.param(replace(VIEW, told=STEP), 20, True, id="in step"),
        pytest.param(replace(VIEW, told={"e": Reach(12, 4, None)}), 12, True, id="off since"),
        pytest.param(replace(VIEW, told={"e": Reach(12, 4, 6)}), 20, True, id="on again"),
        pytest.param(replace(VIEW, told={"e": Reach(0, 0, None)}), None, False, id="failed first"),
        pytest.param(replace(VIEW, told={"e": Reach(9, 0, None)}), 9, False, id="failed later"),
    ],
)
def test_how_far_an_extension_has_told_what_belongs_to_no_room(
    view: View, since: int | None, has_told: bool
) -> None:
    assert (view.since("e"), view.has_told("e")) == (since, has_told)


def told(before: View, reaches: dict[str, Reach], *, keeps: bool) -> View:
    after = replace(before, position=30, first=False)
    return ExtensionAnswers(None, reaches=reaches).view(before, after, NAMING, keeps=keeps)


LATE, OFF = Reach(0, 0, 7), Reach(20, 6, None)


@pytest.mark.rules("S-345")
@pytest.mark.parametrize(
    ("before", "asked", "after"),
    [
        pytest.param({}, STEP, LATE, id="for the first time"),
        pytest.param(STEP, STEP, IN_STEP, id="goes on"),
        pytest.param(STEP, {}, OFF, id="switched off"),
        pytest.param({"e": OFF}, {}, OFF, id="stays off"),
        pytest.param({"e": OFF}, STEP, Reach(20, 6, 7), id="on again"),
        pytest.param({"e": Reach(12, 4, 5)}, STEP, Reach(12, 4, 5), id="goes on after a pause"),
        pytest.param({"e": Reach(12, 4, 5)}, {}, Reach(12, 4, None), id="off once more"),
    ],
)
def test_what_a_view_remembers_of_an_extension(
    before: dict[str, Reach], asked: dict[str, Reach], after: Reach
) -> None:
    """A connection whose client keeps rooms remembers those which are off, too."""
    view = told(replace(VIEW, told=before), asked, keeps=True)
    assert view.told == {"e": after}
    assert (view.generation, view.nonce) == ((6, 60) if before == {"e": after} else (7, 70))
    forgetful = told(replace(VIEW, told=before), asked, keeps=False)
    assert forgetful.told == asked


def test_an_extension_of_the_first_answer_is_in_step_from_the_beginning() -> None:
    assert told(View(0, 0, 0, first=True), STEP, keeps=True).told == STEP


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Quiet(4, 10), None, Quiet(4, 10)),
        (Quiet(4, 10), Quiet(6, 12), Quiet(6, 10)),
        (Quiet(6, 10), Quiet(4, 8), Quiet(6, 8)),
    ],
)
def test_two_doubts_are_one_that_covers_both(one: Quiet, other: Quiet | None, both: Quiet) -> None:
    assert one.also(other) == both
