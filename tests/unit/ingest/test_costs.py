"""Planning costs what a part has, whatever one member has put into it."""

from collections.abc import Callable
from typing import Any

import pytest

from syncv3.batch import JoinedRoom, Lease, LeftRoom, Part
from syncv3.ingest.group import Group, KeySource
from syncv3.ingest.planning.plan import plan
from syncv3.ingest.planning.planning import KeySources
from syncv3.store.knowledge import Knowledge
from syncv3.types import DeviceID, DeviceKey, Event, RoomID, UserKey
from tests.integration.core.build import ALICE, ROOM, event, founding, member
from tests.support.costs import seconds

TOLERANCE = 2.5
"""Ten times as much may take 25 times as long: where it is squared it is 100 times."""


def planned(known: Knowledge, **sections: Any) -> Group:
    """The plan of an answer with these sections."""
    lease = Lease(DeviceKey(1), "worker", 1)
    part = Part(ALICE, DeviceID("PHONE"), UserKey(1), lease, None, "s1", 9, **sections)
    keys = KeySources(KeySource(), KeySource())
    for source in (keys.rooms, keys.events):
        for block in range(20):
            source.refill(block)
    return plan([part], known, keys)


def first_of(*rooms: JoinedRoom) -> Group:
    """The plan of a first answer with these rooms."""
    joined = {RoomID(f"{ROOM}{n}"): room for n, room in enumerate(rooms)}
    return planned(Knowledge(1, user_keys={ALICE: UserKey(1)}), joined=joined)


def of_space(children: int) -> Callable[[], Group]:
    found = [event(f"c{n}", "m.space.child", content={"via": []}, key=f"!{n}")
             for n in range(children)]  # fmt: skip
    room = JoinedRoom(state=(*founding(ALICE), *found))
    return lambda: first_of(room)


def of_left_rooms(number: int) -> Callable[[], Group]:
    before = first_of(*(JoinedRoom(state=founding_of(n)) for n in range(number)))
    rooms = {RoomID(row.room_id): row for row in before.rooms}
    views = zip(rooms, before.user_rooms, strict=True)
    known = Knowledge(
        1,
        rooms=rooms,
        user_rooms={(ALICE, room_id): view for room_id, view in views},
        user_keys={ALICE: UserKey(1)},
    )
    return lambda: planned(known, left=dict.fromkeys(rooms, LeftRoom()))


def founding_of(n: int) -> tuple[Event, ...]:
    created = event(f"create{n}", "m.room.create", content={}, key="")
    return (created, member(f"in{n}", ALICE))


@pytest.mark.parametrize(
    ("work", "few", "many"), [(of_space, 300, 3000), (of_left_rooms, 900, 9000)]
)
def test_ten_times_as_much_takes_ten_times_as_long(
    work: Callable[[int], Callable[[], Group]], few: int, many: int
) -> None:
    assert seconds(work(many)) < TOLERANCE * many / few * seconds(work(few))
