"""Which connections of a device go when all of them remember too much."""

import pytest

from syncv3.engine.limits import ConnectionLimits
from syncv3.errors import InvalidParam
from syncv3.protocol.request import CompleteRequest, ListSpec, RoomConfig
from syncv3.store.connections import Remembered
from syncv3.types import RoomID

LIMITS = ConnectionLimits(rooms=100)
OLD, LATE = Remembered(0, 30, 500.0), Remembered(0, 30, 5.0)
REPLACED, REPLACED_LATE = Remembered(0, 30, 400.0, False), Remembered(0, 30, 1.0, False)
OTHERS = {1: OLD, 2: REPLACED_LATE, 3: LATE, 4: REPLACED}


@pytest.mark.rules("R-7")
@pytest.mark.parametrize(
    ("rooms", "gone"),
    [
        (-20, []),
        (0, [4]),
        (20, [4, 2]),
        (50, [4, 2, 1]),
        (80, [4, 2, 1, 3]),
        (500, [4, 2, 1, 3]),
    ],
)
def test_those_that_were_replaced_make_room_before_others(rooms: int, gone: list[int]) -> None:
    assert LIMITS.makes_room_for_rooms(rooms, OTHERS) == gone


@pytest.mark.parametrize(
    ("ask", "limit"),
    [
        (CompleteRequest(lists=dict.fromkeys("abc", ListSpec())), "lists"),
        (
            CompleteRequest(subscriptions=dict.fromkeys(map(RoomID, "abc"), RoomConfig())),
            "subscriptions",
        ),
    ],
)
def test_the_operator_bounds_what_a_connection_asks_for(ask: CompleteRequest, limit: str) -> None:
    ConnectionLimits(lists=3, subscriptions=3).check(ask)
    with pytest.raises(InvalidParam, match=f"more than 2 {limit}") as refused:
        ConnectionLimits(lists=2, subscriptions=2).check(ask)
    assert refused.value.limit == limit
