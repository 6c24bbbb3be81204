"""What a connection keeps in memory, and what of it is written."""

from typing import Any

import pytest

from syncv3.engine.configs import MOST, NOTHING
from syncv3.engine.connection import SIBLINGS_ROOMS, VIEWS_MOST, Connection
from syncv3.engine.view import Sent, View
from syncv3.protocol.request import CompleteRequest, RoomConfig
from syncv3.store.connections import StoredConnection, StoredRoom
from syncv3.types import Device, DeviceID, DeviceKey, UserKey
from tests.support.keeping import Keeping
from tests.unit.engine.build import ME

PHONE = Device(ME, DeviceID("PHONE"), UserKey(1), DeviceKey(1))
EPOCH = 1


def sent(limit: int, generation: int = 1) -> Sent:
    config = RoomConfig(limit)
    return Sent(config.number, generation, config)


def connection(presented: View) -> Connection:
    made = Connection(1, PHONE, "", Keeping())
    made.ask, made.stored_epoch = CompleteRequest(), EPOCH
    made.present(presented)
    return made


def after(base: View, generation: int, rooms: dict[int, Sent], **more: Any) -> View:
    return View(generation, generation, base.position, base.generation, base.position,
                rooms=rooms, **more)  # fmt: skip


def large(number: int) -> dict[int, Sent]:
    return dict.fromkeys(range(SIBLINGS_ROOMS // 4), sent(number))


def view(rooms: dict[int, Sent]) -> View:
    return View(1, 1, 10, rooms=rooms)


@pytest.mark.rules("S-58")
def test_answers_to_one_pos_do_not_remember_rooms_without_end() -> None:
    base = view(large(0))
    made = connection(base)
    for number in range(2, 40):
        made.keep(after(base, number, large(number)), EPOCH)
        made.present(base)
    others = [each for each in made.views.values() if each is not base]
    assert sum(len(each.rooms) for each in others) <= SIBLINGS_ROOMS + len(base.rooms)
    assert made.views[base.key] is base and max(v.generation for v in others) == 39


@pytest.mark.rules("S-58")
def test_answers_that_share_their_rooms_are_kept() -> None:
    rooms = large(0)
    base = view(rooms)
    made = connection(base)
    for number in range(2, 40):
        made.keep(after(base, number, rooms), EPOCH)
    assert len(made.views) == VIEWS_MOST


@pytest.mark.rules("S-57")
def test_a_config_for_each_room_and_request_is_not_remembered_without_end() -> None:
    """Rooms that are shown keep theirs; of the others nothing counts as sent."""
    rooms: dict[int, Sent] = {}
    made = connection(view(rooms))
    for number in range(3 * MOST):
        rooms = {**rooms, number: sent(number + 1, number + 2)}
        base = made.newest or view({})
        made.keep(after(base, number + 2, rooms, visible={number: RoomConfig(number + 1)}), EPOCH)
        assert made.newest is not None
        rooms = dict(made.newest.rooms)
        assert rooms[number].config == RoomConfig(number + 1)
    assert len({room.config for room in rooms.values()}) <= MOST + 1
    assert len(rooms) == 3 * MOST and rooms[0].config == NOTHING
    save = made.save(EPOCH, windows=False)
    assert save is not None and save.configs is not None and len(save.added) == 3 * MOST


def test_only_what_has_changed_is_written() -> None:
    rooms = dict.fromkeys(range(5_000), sent(1))
    made = connection(view({}))
    made.keep(after(view({}), 2, rooms), EPOCH)
    assert written(made) == (5_000, True)
    made.keep(after(view({}), 3, {**rooms, 7: sent(1, 3)}), EPOCH)
    assert written(made) == (1, False)
    assert written(made) == (0, False)
    made.sent_members(9, frozenset({"@bob:hs"}), frozenset(), 10, anew=False)
    assert written(made) == (1, False)


def written(made: Connection) -> tuple[int, bool]:
    """Stores it; how many rooms are written, and whether configs are."""
    save = made.save(EPOCH, windows=False)
    assert save is not None and not save.dropped
    made.saving(save)
    made.saved(save)
    return len(save.added), save.configs is not None


@pytest.mark.rules("S-64")
def test_a_view_of_an_epoch_that_has_ended_is_not_written() -> None:
    made = connection(view({}))
    made.keep(after(view({}), 2, {1: sent(1)}), EPOCH)
    assert made.save(EPOCH + 1, windows=False) is None


def test_what_another_worker_wrote_is_added_to_what_is_known() -> None:
    """Members of rooms are those of their newest rows, and what is shared is not changed."""
    before = connection(view({}))
    before.stored, before.stored_turn = {1: sent(1), 2: sent(1)}, 4
    before.members = {1: {"@a:hs": 5}, 2: {"@b:hs": 5}}
    rows = {2: StoredRoom(3, 99), 3: StoredRoom(3, 99, b'{"@c:hs":8}')}
    stored = StoredConnection(1, b"", 3, 3, 20, EPOCH, 6, None, None, None, 0.0, True, rows)
    now = Connection(1, PHONE, "", Keeping())
    now.restore(stored, EPOCH, before)
    assert now.stored == {1: sent(1), 2: Sent(99, 3), 3: Sent(99, 3)}
    assert now.members == {1: {"@a:hs": 5}, 3: {"@c:hs": 8}}
    now.sent_members(1, frozenset({"@d:hs"}), frozenset(), 21, anew=False)
    assert before.members[1] == {"@a:hs": 5}
