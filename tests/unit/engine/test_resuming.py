"""What a new connection goes on with of an earlier one: as tables of what is stored of that."""

from collections.abc import Mapping
from typing import Any

import pytest

from syncv3.engine.resuming import inherited
from syncv3.engine.stored import LastChanges, StoredView, write_told
from syncv3.engine.view import INHERITED, LINE_MOST, Reach, Sent, View
from syncv3.protocol.pos import PosToken
from syncv3.protocol.request import RoomConfig

pytestmark = pytest.mark.rules("R-7")
ASKED = RoomConfig(5)
QUIET = dict.fromkeys((7, 8), 3)
"""Nothing has happened in the rooms after position 3."""


def sent(generation: int, upto: int | None = None) -> Sent:
    return Sent(ASKED.number, generation, ASKED, upto)


def had(upto: int) -> Sent:
    """How an inherited room was sent."""
    return sent(INHERITED, upto)


def token(generation: int = 4, position: int = 20, **more: Any) -> PosToken:
    named = {"nonce": 10 * generation, "base_generation": 3, "base_position": 15} | more
    return PosToken("m", 1, generation, position=position, epoch=1, **named)


def stored(
    generation: int = 4, position: int = 20, *, line: tuple[tuple[int, int], ...] = (),
    old: bool = False, told: Mapping[str, Reach] | None = None, rooms: Mapping[int, Sent],
) -> StoredView:  # fmt: skip
    view = View(generation, 10 * generation, position, line=line, told=told or {})
    return StoredView(view.key, rooms, None, write_told(view), old)


FROM_FOUR = ((3, 30), (4, 40))


@pytest.mark.parametrize(
    ("earlier", "rooms"),
    [
        pytest.param(stored(rooms={7: sent(4)}), {7: had(20)}, id="the very view"),
        pytest.param(stored(position=50, rooms={7: sent(2)}), {7: had(20)}, id="told further"),
        pytest.param(
            stored(6, 50, line=FROM_FOUR, rooms={7: sent(4), 8: sent(5)}), {7: had(20)},
            id="made from it; sent anew since",
        ),
        pytest.param(stored(rooms={7: sent(4, upto=12)}), {7: had(12)}, id="had left the window"),
        pytest.param(
            stored(6, 50, line=FROM_FOUR, rooms={7: sent(4, upto=30)}), {7: had(20)},
            id="left the window later",
        ),
        pytest.param(stored(rooms={9: sent(4)}), {}, id="a room that was lost"),
        pytest.param(stored(6, 50, rooms={7: sent(2)}), {}, id="of another line"),
        pytest.param(
            stored(6, 50, line=((4, 41),), rooms={7: sent(2)}), {}, id="of a line like it"
        ),
        pytest.param(stored(3, 15, rooms={7: sent(3), 8: sent(4)}), {7: had(15)}, id="older"),
        pytest.param(stored(3, 9, rooms={7: sent(3, upto=2)}), {}, id="older, with news"),
        pytest.param(stored(3, 9, rooms={7: sent(3, upto=5)}), {7: had(5)}, id="older, kept"),
        pytest.param(stored(3, 16, rooms={7: sent(3)}), {}, id="not quite older"),
        pytest.param(stored(3, 9, old=True, rooms={7: sent(3)}), {}, id="older, of another epoch"),
        pytest.param(stored(old=True, rooms={7: sent(3)}), {7: had(20)}, id="of another epoch"),
    ],
)  # fmt: skip
def test_the_rooms_are_those_of_the_token(earlier: StoredView, rooms: Mapping[int, Sent]) -> None:
    assert inherited(earlier, {}, token(), LastChanges(QUIET)).rooms == rooms


def test_of_an_older_view_a_room_with_news_does_not_count() -> None:
    """Perhaps the client was told, and perhaps not."""
    earlier = stored(3, 15, rooms={7: sent(3), 8: sent(3)})
    assert inherited(earlier, {}, token(), LastChanges({7: 16, 8: 15})).rooms == {8: had(15)}


def test_a_room_that_was_held_back_goes_on_from_there() -> None:
    earlier = stored(rooms={7: sent(4), 8: sent(4)})
    begun = inherited(earlier, {}, token(held=((8, 11),)), LastChanges(QUIET))
    assert begun.rooms == {7: had(20), 8: had(11)}
    assert begun.position == 20


@pytest.mark.parametrize(
    ("reach", "names"),
    [(Reach(), ["x"]), (Reach(partly=True), []), (Reach(3, 1, None), []), (Reach(0, 0, 2), [])],
)
def test_an_extension_counts_that_had_told_of_all_rooms_shown(
    reach: Reach, names: list[str]
) -> None:
    earlier = stored(told={"x": reach}, rooms={7: sent(4), 8: sent(4, upto=12)})
    heard = inherited(earlier, {}, token(), LastChanges(QUIET)).heard
    assert heard == {name: {7: 20} for name in names}  # of the other it may have told less


def test_what_an_extension_told_later_does_not_count() -> None:
    earlier = stored(6, 50, line=FROM_FOUR, told={"x": Reach()}, rooms={7: sent(4)})
    assert inherited(earlier, {}, token(), LastChanges(QUIET)).heard == {}


def test_members_come_with_their_rooms() -> None:
    earlier = stored(rooms={7: sent(4)})
    members = {7: {"@bob:hs": 12}, 8: {"@bob:hs": 12}}
    assert inherited(earlier, members, token(), LastChanges(QUIET)).members == {7: {"@bob:hs": 12}}


def test_a_view_knows_what_it_was_made_from_as_far_as_that_is_not_too_much() -> None:
    view = View(0, 0, 0)
    for number in range(1, LINE_MOST + 3):
        made = View(number, number, 0)
        assert made.made_from(view).line[-1] == view.name
        view = made.made_from(view)
    assert view.made_from(view).line == view.line
    assert len(view.line) == LINE_MOST and view.line[0] == (2, 2)
