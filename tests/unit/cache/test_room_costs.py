"""A room in the cache: a message costs the same however much of the room is held."""

import json
from collections.abc import Callable

import msgspec
import pytest

from syncv3.cache.events import CachedEvent, cached_event
from syncv3.cache.rooms import MEMBERS_MOST, CachedRoom
from syncv3.store.event_ids import pack_event_id
from syncv3.store.rows import EventRow, RoomRow
from syncv3.types import EventID
from tests.support.costs import seconds
from tests.support.held import held_by, references

FEW, MANY = 100, 10_000


def row(n: int, type_: str, key: str | None, *, redacts: str | None = None) -> EventRow:
    whole = {"event_id": f"$e{n}", "type": type_, "sender": "@a:hs", "content": {"body": "x"}}
    return EventRow(
        n, 1, n, n, False, pack_event_id(EventID(f"$e{n}")), type_, key, redacts, None,
        json.dumps(whole).encode(), None,
    )  # fmt: skip


def event(n: int, type_: str, key: str | None, *, redacts: str | None = None) -> CachedEvent:
    return cached_event(row(n, type_, key, redacts=redacts))


def room_of(size: int, type_: str) -> CachedRoom:
    room = CachedRoom(RoomRow(1, "!room:hs", room_version="10"), 0)
    room.state = {}
    for n in range(size):
        room.add(event(n, type_, f"@{n}:hs"))
    return room


def messages(size: int) -> Callable[[], None]:
    """A hundred messages in a room of which so many members are held."""
    room = room_of(size, "m.room.member")

    def work() -> None:
        for n in range(100):
            room.replace_row(msgspec.structs.replace(room.row, pos=room.row.pos + 1), 0, 0)
            room.add(event(MANY + n, "m.room.message", None))

    return work


def redactions(type_: str) -> Callable[[int], Callable[[], None]]:
    def of(size: int) -> Callable[[], None]:
        """Two hundred redactions in a room of which so much is held."""
        room = room_of(size, type_)

        def work() -> None:
            for n in range(200):
                room.add(event(MANY + n, "m.room.redaction", None, redacts=f"$e{n % FEW}"))

        return work

    return of


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(messages, id="messages"),
        pytest.param(redactions("m.room.member"), id="redactions of members"),
        pytest.param(redactions("m.x"), id="redactions of state"),
    ],
)
def test_a_message_costs_the_same_however_much_is_held(
    work: Callable[[int], Callable[[], None]],
) -> None:
    assert seconds(work(MANY)) < 4 * seconds(work(FEW))


@pytest.mark.rules("RD-1")
@pytest.mark.parametrize("type_", ["m.room.member", "m.x"])
def test_state_is_redacted_whether_it_came_before_or_after_the_first_redaction(type_: str) -> None:
    room = room_of(2, type_)
    room.add(event(10, "m.room.redaction", None, redacts="$e0"))
    room.add(event(11, type_, "@new:hs"))
    room.add(event(12, "m.room.redaction", None, redacts="$e11"))
    room.state = dict(room.state or {})  # loaded anew
    room.add(event(13, "m.room.redaction", None, redacts="$e1"))
    held = [*(room.state or {}).values(), *room.members.values()]
    assert [b'"content":{}' in e.wire for e in held if e is not None] == [True] * 3


def test_a_chain_of_redactions_makes_no_event_grow() -> None:
    """Each redacts the redaction before it; the first one redacts a message."""
    room = CachedRoom(RoomRow(1, "!room:hs", room_version="10"), 0)
    room.timeline = []
    room.add(event(0, "m.room.message", None))
    sizes = []
    for n in range(1, 40):
        redaction = row(n, "m.room.redaction", None, redacts=f"$e{n - 1}")
        after = b'"redacted_because":' + row(n + 1, "m.room.redaction", None).json
        room.add(cached_event(msgspec.structs.replace(redaction, unsigned=after)))
        sizes.append(len(room.timeline[n - 1].wire))
    assert max(sizes) < 2 * sizes[0]


def test_of_a_room_with_any_number_of_members_a_bounded_number_is_held() -> None:
    room = room_of(MEMBERS_MOST + 100, "m.room.member")
    assert MEMBERS_MOST // 2 < len(room.members) <= MEMBERS_MOST
    assert f"@{MEMBERS_MOST + 99}:hs" in room.members


@pytest.mark.parametrize("type_", ["m.room.member", "m.room.topic"])
def test_whoever_sends_state_often_makes_a_room_hold_no_more(type_: str) -> None:
    """Also after a redaction, for which the events held are found by their IDs."""
    room = room_of(1, type_)
    room.add(event(1, "m.room.redaction", None, redacts="$e0"))
    room.add(event(2, type_, "@0:hs"))
    before = references(room)
    for n in range(3, FEW):
        room.add(event(n, type_, "@0:hs"))
    assert references(room) == before


def test_members_that_are_held_no_longer_are_forgotten_altogether() -> None:
    room = room_of(1, "m.room.member")
    room.add(event(1, "m.room.redaction", None, redacts="$e0"))
    assert "$e0" in held_by(room)
    for n in range(MEMBERS_MOST - 1):
        room.set_member(f"@nobody{n}:hs", None)
    full = references(room)
    for n in range(MEMBERS_MOST, 3 * MEMBERS_MOST):
        room.set_member(f"@nobody{n}:hs", None)
        assert len(room.members) <= MEMBERS_MOST
    assert "$e0" not in held_by(room)
    assert references(room) <= full
