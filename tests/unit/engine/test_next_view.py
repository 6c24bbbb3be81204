"""What a client has when an answer has arrived."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from syncv3.engine.computed import Naming
from syncv3.engine.next_view import kept_after, next_view, rooms_after, unchanged_view
from syncv3.engine.view import ListState, Sent, View
from syncv3.protocol.request import CompleteRequest, ListSpec, RoomConfig
from syncv3.types import RoomID

LIVE = Sent(1, 1, RoomConfig(1))
OTHER = Sent(2, 3, RoomConfig(2))
VIEW = View(
    7, 70, 10, lists={"a": ListState(ListSpec(), ((1, 2),), 2)}, rooms={1: LIVE, 2: LIVE}
)  # fmt: skip
NAMING = Naming(8, 80)
SUBSCRIBED = CompleteRequest(subscriptions={RoomID("!r:hs"): RoomConfig()})


@pytest.mark.parametrize(
    ("shown", "looked_at", "keeps", "rooms"),
    [
        pytest.param({1, 2}, {}, False, {1: LIVE, 2: LIVE}, id="nothing looked at"),
        pytest.param({1, 2}, {1: LIVE}, False, {1: LIVE, 2: LIVE}, id="looked at, the same"),
        pytest.param({1, 2}, {1: OTHER}, False, {1: OTHER, 2: LIVE}, id="sent otherwise"),
        pytest.param({1, 2, 3}, {3: OTHER}, False, {1: LIVE, 2: LIVE, 3: OTHER}, id="new"),
        pytest.param({1}, {}, False, {1: LIVE}, id="left the window"),
        pytest.param({1}, {}, True, {1: LIVE, 2: LIVE}, id="left the window and is kept"),
        pytest.param({1}, {2: LIVE}, False, {1: LIVE, 2: LIVE}, id="not shown, in doubt"),
        pytest.param({1}, {2: None}, True, {1: LIVE}, id="its end was told"),
        pytest.param({1, 2}, {3: None}, False, {1: LIVE, 2: LIVE}, id="never had"),
    ],
)
def test_the_rooms_of_the_next_view(
    shown: set[int], looked_at: Mapping[int, Sent | None], keeps: bool, rooms: Mapping[int, Sent]
) -> None:
    found = rooms_after(VIEW, shown, looked_at, keeps=keeps)
    assert found == rooms
    assert (found is VIEW.rooms) == (rooms == VIEW.rooms)


def after(view: View = VIEW, ask: CompleteRequest | None = None, **parts: Any) -> View:
    known: dict[str, Any] = {
        "lists": view.lists, "visible": {}, "rooms": view.rooms, "held": {}, "keeps": True
    } | parts  # fmt: skip
    asked = ask or CompleteRequest(subscriptions=view.subscriptions)
    return next_view(view, asked, NAMING, 20, **known)


@pytest.mark.rules("P-12")
def test_a_view_goes_on_under_its_name_while_the_same_is_sent() -> None:
    moved = {"a": ListState(ListSpec(), ((2, 1),), 3)}
    for now in (after(), after(lists=moved), after(held={1: 9})):
        assert (now.generation, now.nonce, now.position) == (7, 70, 20)
        assert (now.base_generation, now.base_position) == (7, 10)


@pytest.mark.rules("P-12")
@pytest.mark.parametrize(
    "now",
    [
        pytest.param(after(rooms={1: LIVE}), id="a room less"),
        pytest.param(after(rooms={1: LIVE, 2: OTHER}), id="another config"),
        pytest.param(after(rooms={1: LIVE, 2: replace(LIVE, upto=8)}), id="told less far"),
        pytest.param(after(rooms={1: LIVE, 2: replace(LIVE, config=RoomConfig(2))}),
                     id="another config of the same number"),
        pytest.param(after(lists={}), id="a list less"),
        pytest.param(after(lists={"a": ListState(ListSpec(((0, 1),)))}), id="another range"),
        pytest.param(after(ask=SUBSCRIBED), id="another subscription"),
        pytest.param(after(replace(VIEW, first=True)), id="the first answer"),
        pytest.param(after(replace(VIEW, lists={"a": ListState(ListSpec(), known=False)})),
                     id="windows that were forgotten"),
    ],
)  # fmt: skip
def test_a_view_gets_another_name_when_something_else_is_sent(now: View) -> None:
    assert (now.generation, now.nonce) == (8, 80)
    assert now.base_generation == 7


@pytest.mark.rules("P-12")
def test_a_config_that_becomes_known_again_is_no_other() -> None:
    restored = replace(VIEW, rooms={1: replace(LIVE, config=None), 2: LIVE})
    now = after(restored, rooms={1: LIVE, 2: LIVE})
    assert (now.generation, now.rooms[1].config) == (7, LIVE.config)


@pytest.mark.rules("S-82")
@pytest.mark.parametrize("keeps", [True, False])
def test_that_the_client_may_have_more_rooms_stays_true_where_it_keeps_them(keeps: bool) -> None:
    assert after(replace(VIEW, unsure=True), keeps=keeps).unsure is keeps


def test_an_answer_without_news_only_moves_on() -> None:
    now = unchanged_view(VIEW, 30)
    assert now == replace(VIEW, position=30, base_generation=7, base_position=10)
    assert now.rooms is VIEW.rooms


BEFORE = View(7, 70, 10, rooms={1: LIVE, 2: LIVE}, kept={3: replace(OTHER, upto=4)}, held={2: 8})
LEFT = {3: replace(OTHER, upto=4)}


@pytest.mark.rules("R-7")
@pytest.mark.parametrize(
    ("rooms", "gone", "kept"),
    [
        pytest.param({1, 2}, set(), LEFT, id="nothing moved"),
        pytest.param({2}, set(), LEFT | {1: replace(LIVE, upto=10)}, id="left the window"),
        pytest.param({1}, set(), LEFT | {2: replace(LIVE, upto=8)}, id="left while held back"),
        pytest.param({1}, {2}, LEFT, id="its end was told"),
        pytest.param({1, 2}, {3}, {}, id="the end of one that is not shown was told"),
        pytest.param({1, 2, 3}, set(), {}, id="shown"),
        pytest.param({1, 2, 4}, set(), LEFT, id="a new one"),
    ],
)
def test_the_rooms_that_the_client_has_and_is_not_shown(
    rooms: set[int], gone: set[int], kept: Mapping[int, Sent]
) -> None:
    now = BEFORE.rooms if rooms == {1, 2} else dict.fromkeys(rooms, LIVE)
    found = kept_after(BEFORE, now, gone, resumable=True)
    assert found == kept
    assert (found is BEFORE.kept) == (kept == LEFT)
    assert kept_after(BEFORE, now, gone, resumable=False) == {}


@pytest.mark.rules("R-7")
def test_a_view_with_other_kept_rooms_has_another_name() -> None:
    assert after(BEFORE, kept=BEFORE.kept).name == BEFORE.name
    assert after(BEFORE, kept={}).name == (8, 80)
