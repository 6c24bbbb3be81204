"""Parts of answers for tests without a database."""

from typing import Any

from syncv3.batch import Lease, Part
from syncv3.types import DeviceID, DeviceKey, RoomID, UserID, UserKey

ALICE = UserID("@alice:hs")
KITCHEN = RoomID("!kitchen:hs")
GARDEN = RoomID("!garden:hs")


def part(number: int = 1, **sections: Any) -> Part:
    """What the poller of a device brings. ``number`` is the key of the device, and of its user."""
    lease = Lease(DeviceKey(number), "worker", 7)
    return Part(
        **{
            "user_id": ALICE,
            "device_id": DeviceID("PHONE"),
            "user_key": UserKey(number),
            "lease": lease,
            "since": "s1",
            "next_since": "s2",
            "generated_us": 9,
            **sections,
        }
    )
