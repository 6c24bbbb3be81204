"""Planning costs what a part has, whatever one member has put into it."""

from collections.abc import Callable

import pytest

from syncv3.batch import JoinedRoom, Lease, Part
from syncv3.ingest.group import Group, KeySource
from syncv3.ingest.planning.plan import plan
from syncv3.ingest.planning.planning import Keys
from syncv3.store.knowledge import Knowledge
from syncv3.types import DeviceID, DeviceKey, RoomID, UserKey
from tests.integration.core.build import ALICE, ROOM, event, founding
from tests.support.costs import seconds

FEW, MANY = 300, 3000
TOLERANCE = 2.5
"""Ten times as much may take 25 times as long: where it is squared it is 100 times."""


def first_of(*rooms: JoinedRoom) -> Group:
    """The plan of a first answer with these rooms."""
    joined = {RoomID(f"{ROOM}{n}"): room for n, room in enumerate(rooms)}
    lease = Lease(DeviceKey(1), "worker", 1)
    part = Part(ALICE, DeviceID("PHONE"), UserKey(1), lease, None, "s1", 1, joined=joined)
    keys = Keys(KeySource(), KeySource())
    for source in (keys.rooms, keys.events):
        for block in range(10):
            source.refill(block)
    return plan([part], Knowledge(1, user_keys={ALICE: UserKey(1)}), keys)


def of_space(children: int) -> Callable[[], Group]:
    found = [event(f"c{n}", "m.space.child", content={"via": []}, key=f"!{n}")
             for n in range(children)]  # fmt: skip
    room = JoinedRoom(state=(*founding(ALICE), *found))
    return lambda: first_of(room)


@pytest.mark.parametrize("work", [of_space])
def test_ten_times_as_much_takes_ten_times_as_long(
    work: Callable[[int], Callable[[], Group]],
) -> None:
    few, many = seconds(work(FEW)), seconds(work(MANY))
    assert many < TOLERANCE * MANY / FEW * few
