"""What is stored of a view, and what comes out of it again: for clients that keep rooms."""

import dataclasses
from typing import Any

import pytest
from msgspec.structs import replace

from syncv3.dialects.msc3575.required_state import RequiredState
from syncv3.engine.configs import Configs
from syncv3.engine.stored import (
    LastChanges,
    StoredView,
    members_of,
    rebuilt,
    rewound,
    row_of,
    sent_rooms_of,
    write_told,
    write_windows,
)
from syncv3.engine.view import ListState, Quiet, Reach, Sent, View
from syncv3.protocol.pos import PosToken
from syncv3.protocol.request import CompleteRequest, ListSpec, RoomConfig
from tests.support.keeping import Keeping

TOPIC = ("m.room.topic", "")
ASKED = RoomConfig(20, (RequiredState((TOPIC,)),))
LIVE = Sent(ASKED.number, 4, ASKED, is_dm=False)
LATER = replace(LIVE, generation=6)
BEHIND = replace(LIVE, upto=8)
KEPT = replace(LIVE, kept=frozenset({("m.room.name", "")}), kept_upto=15)


@pytest.mark.rules("S-57", "S-54")
@pytest.mark.parametrize(
    "room", [LIVE, BEHIND, KEPT, replace(LIVE, is_dm=None), replace(KEPT, upto=0, is_dm=True)]
)
def test_a_room_comes_back_as_it_was_stored(room: Sent) -> None:
    configs = Configs(Keeping())
    configs.add(room)
    rows = {7: row_of(room, configs, {"@bob:hs": 12}), 8: row_of(room, configs, None)}
    again = Configs(Keeping(), configs.write())
    restored = sent_rooms_of(rows, again)
    assert restored == {7: room, 8: room}
    assert restored[7] is restored[8]  # thousands of rooms are a handful of objects
    assert members_of(rows) == {7: {"@bob:hs": 12}}


def view(generation: int = 6, position: int = 20, **more: Any) -> View:
    return View(generation, 10 * generation, position, base_generation=5, base_position=12, **more)


def token(generation: int = 6, position: int = 20) -> PosToken:
    return PosToken("k", 1, generation, 10 * generation, 5, position, 12, 1)


def stored(
    rooms: dict[int, Sent], generation: int = 6, position: int = 20, **told: Any
) -> StoredView:
    left = view(generation, position, rooms=rooms, **told)
    return StoredView(left.key, rooms, write_windows(left), write_told(left))


TOLD = {"e2ee": Reach(), "receipts": Reach(9, 3, None), "typing": Reach(9, 3, 5)}


@pytest.mark.rules("S-52", "S-54", "S-57")
def test_the_view_of_a_token_that_names_what_is_stored_is_just_that() -> None:
    rooms = {1: LIVE, 2: BEHIND, 3: LATER}
    more: dict[str, Any] = {
        "told": TOLD,
        "quiet": Quiet(4, 9),
        "lagging": {"receipts": {2: 7}},
        "unsure": True,
    }
    back = rebuilt(
        stored(rooms, 6, 18, **more), token(), CompleteRequest(), LastChanges({}), keeps=True
    )
    assert back == view(rooms=rooms, **more)
    assert back.rooms is rooms


def test_what_extensions_told_in_another_view_does_not_count() -> None:
    """An older version, which does not store that, has stored the connection since."""
    left = dataclasses.replace(stored({1: LIVE}, told=TOLD), key=(7, 70, 30))
    back = rebuilt(left, token(7, 30), CompleteRequest(), LastChanges({}), keeps=True)
    assert (back.told, back.rooms) == ({}, {1: LIVE})


LAST = LastChanges({1: 10, 2: 13, 3: 10, 4: 13, 5: 13}, direct=3)
OLD = {1: LIVE, 2: LIVE, 3: LATER, 4: BEHIND, 5: KEPT, 6: LIVE}


@pytest.mark.rules("S-54", "S-55", "S-56")
@pytest.mark.parametrize(
    ("generation", "position", "rooms"),
    [
        pytest.param(
            7, 30, {1: LIVE, 2: replace(LIVE, upto=12), 4: BEHIND,
                    5: replace(KEPT, upto=12, kept_upto=12)},
            id="a later answer, which the client has not got",
        ),
        pytest.param(
            4, 9, {1: replace(LIVE, upto=9), 2: replace(LIVE, upto=9), 4: BEHIND,
                   5: replace(KEPT, upto=9, kept_upto=9)},
            id="an earlier one: it was killed before it stored the newest",
        ),
    ],
)  # fmt: skip
def test_only_what_the_client_surely_has_counts_as_sent(
    generation: int, position: int, rooms: dict[int, Sent]
) -> None:
    """Room 3 was sent after the token's base, and room 6 is none of the user's any more."""
    back = rebuilt(
        stored(OLD, generation, position, told=TOLD), token(), CompleteRequest(), LAST, keeps=True
    )
    assert back.rooms == rooms
    assert (back.unsure, back.told) == (True, {"e2ee": Reach(min(position, 12), 5, None)})
    assert back.quiet == Quiet(5, min(position, 12))


@pytest.mark.rules("P-12")
def test_a_client_that_keeps_nothing_is_sent_a_changed_room_anew() -> None:
    back = rebuilt(stored(OLD, 7, 30), token(), CompleteRequest(), LAST, keeps=False)
    assert (back.rooms, back.unsure, back.quiet) == ({1: LIVE}, True, None)


@pytest.mark.rules("S-292")
@pytest.mark.parametrize(("direct", "is_dm"), [(12, False), (13, None)])
def test_what_was_said_of_dms_is_not_known_if_they_have_changed_since(
    direct: int, is_dm: bool | None
) -> None:
    last = LastChanges({1: 10}, direct)
    back = rebuilt(stored({1: LIVE}, 7, 30), token(), CompleteRequest(), last, keeps=True)
    assert back.rooms[1].is_dm is is_dm


def test_windows_are_known_only_at_the_position_at_which_they_were_stored() -> None:
    left = stored({}, lists={"a": ListState(ListSpec(), ((1, 2),), 2)})
    ask = CompleteRequest(lists={"a": ListSpec()})
    for position, known in ((20, True), (21, False)):
        back = rebuilt(left, token(6, position), ask, LastChanges({}), keeps=False)
        assert (back.lists["a"].known, bool(back.lists["a"].windows)) == (known, known)


@pytest.mark.rules("S-64", "S-57")
def test_of_an_epoch_that_ended_all_counts_as_told_up_to_its_end_at_most() -> None:
    rooms = {1: LIVE, 2: replace(LIVE, upto=93), 3: BEHIND, 4: replace(KEPT, kept_upto=94), 5: LIVE}
    told = view(
        6, 95, rooms=rooms, held={1: 92, 3: 7, 5: 8}, visible={},
        told={"e": Reach(93, 4, 6), "f": Reach(80, 4, None)}, quiet=Quiet(3, 92),
    )  # fmt: skip
    back = rewound(told, 90, {1, 2, 3, 4}, keeps=True)
    assert back.rooms == {
        1: LIVE, 2: replace(LIVE, upto=90), 3: BEHIND, 4: replace(KEPT, kept_upto=90)
    }  # fmt: skip
    assert back.held == {1: 90, 3: 7}
    assert back.told == {"e": Reach(90, 4, 6), "f": Reach(80, 4, None)}
    assert (back.quiet, back.position, back.unsure) == (Quiet(3, 90), 90, True)
    assert back.visible is None


@pytest.mark.rules("S-367", "S-369")
@pytest.mark.parametrize(("base", "since"), [(12, 12), (0, 1)])
def test_an_answer_after_a_lost_one_is_never_taken_for_the_first(base: int, since: int) -> None:
    """A first answer names nobody whose devices have changed: its client asks about everybody."""
    earlier = stored({1: LIVE}, 8, 40, told=TOLD)
    back = earlier.surely_heard(view(), 5, base)
    assert back.since("e2ee") == since
