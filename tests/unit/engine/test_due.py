"""Which rooms an answer looks at: in tables, over a user without a database."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from syncv3.engine.due import asks_the_same, due, oldest, touched
from syncv3.engine.view import ListState, Sent, View
from syncv3.engine.visible import Visible
from syncv3.protocol.request import CompleteRequest, ListSpec, RoomConfig
from tests.unit.engine.build import EVERYBODY, user_in

SMALL, LARGE = RoomConfig(1), RoomConfig(5)
SHOWN = {1: SMALL, 2: SMALL, 3: SMALL}


def view(visible: Mapping[int, RoomConfig] | None = None, **other: object) -> View:
    rooms = {1: Sent(SMALL.number, 1), 2: Sent(SMALL.number, 1)}
    return replace(View(1, 1, 10, rooms=rooms, visible=visible), **other)


@pytest.mark.parametrize(
    ("before", "shown", "news", "looked_at"),
    [
        pytest.param(view(SHOWN), SHOWN, [], [], id="nothing"),
        pytest.param(view(SHOWN), SHOWN, [2, 9], [2], id="news, also of a room not shown"),
        pytest.param(view(SHOWN, held={3: 5}), SHOWN, [], [3], id="held back"),
        pytest.param(view({1: SMALL, 2: SMALL}), SHOWN, [], [3], id="came into the window"),
        pytest.param(view(SHOWN), SHOWN | {1: LARGE}, [], [1], id="shown otherwise"),
        pytest.param(view(), SHOWN, [], [3], id="after a restart"),
        pytest.param(view(), SHOWN | {2: LARGE}, [1], [1, 2, 3], id="after a restart, with news"),
        pytest.param(view(None, rooms={1: Sent(SMALL.number, 1, upto=8)}), {1: SMALL}, [], [1],
                     id="after a restart, and it was not told all"),
        pytest.param(view(None, rooms={1: Sent(EVERYBODY.number, 1)}), {1: EVERYBODY}, [], [1],
                     id="after a restart, and not all members are known"),
    ],
)  # fmt: skip
def test_the_rooms_to_look_at(
    before: View, shown: Mapping[int, RoomConfig], news: list[int], looked_at: list[int]
) -> None:
    assert list(due(user_in(1, 2, 3), before, Visible(shown), news)) == looked_at


def test_what_was_touched_since_the_view_is_news() -> None:
    user = user_in(1, 2, 3)
    user.touch(12, 2)
    user.touch(15, 1)
    assert touched(user, view()) == [2, 1]
    assert touched(user, view(position=12)) == [1]
    assert touched(user, view(position=12, held={3: 11})) == [2, 1]
    assert touched(user, view(first=True)) == []


def test_the_oldest_bound_counts() -> None:
    assert oldest(view()) == 10
    assert oldest(view(held={1: 7, 2: 12})) == 7


LIST = {"a": ListState(ListSpec())}


@pytest.mark.parametrize(
    ("before", "ask", "same"),
    [
        pytest.param(view(SHOWN, lists=LIST), CompleteRequest(lists={"a": ListSpec()}), True,
                     id="the same"),
        pytest.param(view(SHOWN, lists=LIST), CompleteRequest(lists={"a": ListSpec(((0, 9),))}),
                     False, id="another range"),
        pytest.param(view(SHOWN, lists=LIST), CompleteRequest(), False, id="a list less"),
        pytest.param(view(SHOWN, lists=LIST, held={1: 5}), CompleteRequest(lists={"a": ListSpec()}),
                     False, id="something is held back"),
        pytest.param(view(None, lists=LIST), CompleteRequest(lists={"a": ListSpec()}), False,
                     id="it is not known what was shown"),
        pytest.param(view(SHOWN, lists={"a": ListState(ListSpec(), known=False)}),
                     CompleteRequest(lists={"a": ListSpec()}), False,
                     id="windows that were forgotten"),
    ],
)  # fmt: skip
def test_whether_a_request_asks_for_what_was_told(
    before: View, ask: CompleteRequest, same: bool
) -> None:
    assert asks_the_same(before, ask) is same
