"""What the log of changes knows, and whom a change wakes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from syncv3.cache.changes import KEPT, ChangeLog
from syncv3.engine.asking import ExtensionQuestion, Marks, wakes
from syncv3.engine.extensions import ExtensionRunner
from syncv3.extension import Change, Extension, Scope
from syncv3.protocol.request import CompleteRequest
from syncv3.store.rows import ChangeRow
from syncv3.types import Device, DeviceID, DeviceKey, RoomID, UserID, UserKey
from syncv3.watchdog import Watchdog
from tests.unit.engine.build import room_id, user_in

DEVICE = Device(UserID("@alice:hs"), DeviceID("PHONE"), UserKey(1), DeviceKey(10))


class Typing(Extension):
    name = "typing"


class Deaf(Typing):
    def wakes(self, change: Change, scope: Scope) -> bool:
        return False


class Broken(Typing):
    def wakes(self, change: Change, scope: Scope) -> bool:
        raise ValueError


def change(
    pos: int, *, user: int | None = None, device: int | None = None, room: int | None = None,
    extension: str = "typing",
) -> ChangeRow:  # fmt: skip
    return ChangeRow(pos, extension, user, device, room)


def marks(log: ChangeLog, *rooms: int) -> Marks:
    return Marks(log, "typing", DEVICE.user_key, DEVICE.device_key, frozenset(rooms))


def log_from(position: int, *changes: ChangeRow) -> ChangeLog:
    log = ChangeLog()
    log.start(position)
    log.note(changes)
    return log


class Changing(Typing):
    def configure(self, request: Any) -> Any:
        request["enabled"] = False
        return request


def test_what_a_request_said_cannot_be_changed() -> None:
    ask = CompleteRequest(extensions={"typing": {"enabled": True}})
    failures: list[tuple[str, str]] = []
    runner = ExtensionRunner([Changing()], None, lambda *failed: failures.append(failed))
    assert runner.active(ask) == []
    assert failures == [("typing", "configure")]
    assert ask.extensions["typing"] == {"enabled": True}


def test_before_its_beginning_the_log_knows_nothing() -> None:
    known = marks(log_from(100), 7)
    assert known.changed(99) and known.changed(99, 7)
    assert not known.changed(100) and not known.changed(100, 7)


def test_only_changes_in_the_scope_count() -> None:
    for inside in (change(5), change(5, user=1), change(5, device=10), change(5, room=7)):
        assert marks(log_from(0, inside), 7).changed(4)
        assert not marks(log_from(0, inside), 7).changed(5)
    for outside in (
        change(5, user=2),
        change(5, user=1, device=11),
        change(5, room=8),
        change(5, extension="receipts"),
    ):
        assert not marks(log_from(0, outside), 7).changed(4)


def test_changes_are_noted_in_whatever_order_they_are_read() -> None:
    known = marks(log_from(0, change(9, room=7), change(5, room=8)), 7, 8)
    assert known.changed(8) and not known.changed(9)


def test_a_change_without_a_room_may_be_in_every_room() -> None:
    known = marks(log_from(0, change(5, user=1)), 7)
    assert known.changed(4, 7) and not known.changed(5, 7)


def test_silence_is_only_claimed_of_what_is_known() -> None:
    assert log_from(5).is_silent("typing", 5) and not log_from(5).is_silent("typing", 4)
    log = log_from(0, change(5, user=99))
    assert log.is_silent("typing", 5) and not log.is_silent("typing", 4)
    assert log.is_silent("receipts", 4)
    much = log_from(0, *(change(n, room=8) for n in range(1, KEPT + 2)))
    assert not much.is_silent("typing", 1) and much.is_silent("receipts", 1)


def test_what_was_dropped_is_not_known_any_more() -> None:
    log = log_from(0, *(change(n, room=8) for n in range(1, KEPT + 2)))
    known = marks(log, 7)
    assert known.changed(1) and not known.changed(KEPT)


def watch(extension: Extension, *rooms: int) -> Callable[[ChangeRow], bool]:
    known = marks(log_from(0), *rooms)
    scope = Scope(DEVICE, None, 0, 0, watermarks=known)
    return lambda change: wakes(ExtensionQuestion(extension, scope, known), change, Watchdog())


def test_a_change_wakes_whose_scope_it_lies_in() -> None:
    assert watch(Typing(), 7)(change(5, room=7))
    assert not watch(Typing(), 7)(change(5, room=8))


def test_the_extension_has_the_last_word_and_a_broken_one_says_yes() -> None:
    assert not watch(Deaf(), 7)(change(5, room=7))
    assert watch(Broken(), 7)(change(5, room=7))


def test_a_scope_without_a_position_has_changed() -> None:
    scope = Scope(DEVICE, None, None, 0, watermarks=marks(log_from(0), 7))
    assert scope.changed
    assert not replace(scope, since=0).changed


def test_the_changed_rooms_are_named_without_looking_at_the_others() -> None:
    """None: it is not known in which rooms something has changed."""
    user = user_in(1, 2, 3)

    def rooms(log: ChangeLog, after: int) -> object:
        return replace(marks(log, 1, 2), user=user).rooms(after)

    log = log_from(5, change(6, room=1), change(7, room=2, user=99), change(8, room=3))
    assert rooms(log, 5) == {room_id(1): 1}
    assert rooms(log, 6) == {}
    assert rooms(log, 4) is None
    assert rooms(log_from(5, change(6)), 5) is None
    assert marks(log, 1).rooms(5) is None


def test_where_it_is_not_known_each_room_is_asked_about() -> None:
    scope = Scope(DEVICE, None, 5, 9, rooms={RoomID(room_id(1)): 1})
    assert scope.changed_since(5) == {room_id(1): 1}
