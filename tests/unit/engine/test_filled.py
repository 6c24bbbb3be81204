"""More of a room's history is stored than a client was told: a fact of its own, and no change."""

from typing import Any

import pytest

from syncv3.dialects.msc3575.manners import Manners3575
from syncv3.dialects.msc3575.perspective import Seen3575
from syncv3.engine.facts import Facts, facts_of
from syncv3.engine.showing import Showing
from syncv3.engine.sources import Loaded, Sources
from syncv3.engine.view import View
from syncv3.protocol.request import CompleteRequest, RoomConfig
from syncv3.store.rows import FilledRow
from syncv3.types import Device, DeviceID, DeviceKey, RoomID, UserKey
from tests.unit.engine.build import ME, NEW, Stage, room_id

pytestmark = pytest.mark.rules("S-200", "S-611")
ASK = CompleteRequest(subscriptions={RoomID(room_id(7)): RoomConfig(20)})


def fill(stage: Stage, room: int = 7, *, base: int = 1) -> None:
    """More of a room's history comes in."""
    stage.cache.position += 1
    stage.user.fill(FilledRow(1, room, base, stage.cache.position))


def facts(stage: Stage, view: View) -> Facts:
    device = Device(ME, DeviceID("PHONE"), UserKey(1), DeviceKey(1))
    sources = Sources(stage.cache, stage.user, stage.user.seen(Seen3575()), device, {}, Loaded())
    showing = Showing(
        sources, view, ASK, view.position, lambda before, now: False, Manners3575().may_show
    )
    return facts_of(sources, view, ASK, showing, 7)


def test_it_is_a_fact_until_the_client_has_been_answered() -> None:
    stage = Stage(7)
    view = stage.answer(NEW, ASK).view
    assert not facts(stage, view).filled
    fill(stage)
    found = facts(stage, view)
    assert (found.filled, found.changed, found.gap, found.rejoined) == (True, False, False, False)
    assert not facts(stage, stage.answer(view, ASK).view).filled


@pytest.mark.parametrize(
    ("row", "own"),
    [
        pytest.param({"gap_ord": 50}, {}, id="a-gap-has-opened-since"),
        pytest.param({}, {"joined_ord": 50}, id="the-user-has-come-in-anew"),
    ],
)
def test_history_of_another_stretch_is_none(row: dict[str, Any], own: dict[str, Any]) -> None:
    stage = Stage(7)
    view = stage.answer(NEW, ASK).view
    fill(stage, base=49)
    stage.happens(7, **row)
    view_of = stage.user.rooms[7]
    stage.user.rooms[7] = type(view_of)(*[
        own.get(name, getattr(view_of, name)) for name in view_of.__struct_fields__
    ])  # fmt: skip
    assert not facts(stage, view).filled


def test_who_is_out_has_no_history() -> None:
    stage = Stage(7)
    view = stage.answer(NEW, ASK).view
    fill(stage)
    stage.becomes(7, "leave")
    assert not facts(stage, view).filled


def test_the_room_is_looked_at_and_a_dialect_that_does_not_care_says_nothing() -> None:
    stage = Stage(7, 8)
    view = stage.answer(NEW, ASK).view
    fill(stage)
    computed = stage.answer(view, ASK)
    assert (computed.rooms, computed.lists_moved) == ({}, False)
    assert computed.view.position == stage.cache.position
    assert computed.view.generation == view.generation


def test_only_the_rooms_that_have_grown_since_are_looked_at() -> None:
    stage = Stage(*range(1, 9))
    for key in (3, 5, 3):
        fill(stage, key)
    assert stage.user.filled_since(stage.cache.position - 2) == [3, 5]
    assert stage.user.filled_since(stage.cache.position - 1) == [3]
    assert stage.user.filled_since(stage.cache.position) == []
