"""When a membership arrived, by what its report says."""

import pytest

from syncv3.batch import Lease, Part
from syncv3.ingest.planning.stamps import stamp_of_report
from syncv3.store.rows import UserRoomRow
from syncv3.types import DeviceID, DeviceKey, UserID, UserKey


def part(since: str | None) -> Part:
    lease = Lease(DeviceKey(1), "worker", 1)
    return Part(UserID("@a:hs"), DeviceID("D"), UserKey(1), lease, since, "s2", 9_500)


@pytest.mark.parametrize(
    ("since", "sent", "stamp"),
    [
        pytest.param("s1", 4, 9, id="news: when it arrived, whatever its sender says"),
        pytest.param(None, 4, 4, id="first answer: when it was sent"),
        pytest.param(None, 12, 9, id="first answer, sent in the future: when it arrived"),
        pytest.param(None, 0, 9, id="first answer, no time: when it arrived"),
        pytest.param(None, -67914, 9, id="first answer, a time before all times"),
    ],
)
def test_a_membership_is_stamped(since: str | None, sent: int, stamp: int) -> None:
    assert stamp_of_report(part(since), sent, None) == stamp


def test_a_later_membership_has_no_lower_stamp() -> None:
    before = UserRoomRow(1, 1, 1, "leave", 1, 8_000, stamp=8)
    assert stamp_of_report(part(None), 4, before) == 8
