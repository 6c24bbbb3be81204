"""What is said of a room's name, avatar and counts, and when it was active."""

import msgspec
import pytest

from syncv3.cache.perspective import RoomSummary
from syncv3.cache.rooms import CachedRoom
from syncv3.dialects.msc3575.perspective import Seen3575
from syncv3.protocol.response import Hero
from syncv3.store.rows import RoomRow
from syncv3.types import UserID

ME, BOB = UserID("@me:hs"), UserID("@bob:hs")
SEEN = Seen3575()
HEROES = (Hero(BOB, "Bob", "mxc://hs/b"), Hero(ME, "Me", "mxc://hs/m"))


@pytest.mark.rules("D-22", "D-23", "D-25")
def test_what_was_told_follows_from_the_labels() -> None:
    row = RoomRow(1, "!r:hs", joined=2, heroes=msgspec.json.encode([]))
    labels = CachedRoom(row, 0).labels
    dm = SEEN.told(labels, HEROES, ME, is_dm=True)
    assert dm == RoomSummary("Bob", HEROES[:1], ("mxc://hs/b",), 2, 0, True)
    assert SEEN.told(labels, HEROES, ME, is_dm=False).avatar == (None,)
    assert SEEN.told(labels, HEROES, ME, is_dm=None).avatar is None
    assert SEEN.told(labels._replace(name="Kitchen"), HEROES, ME, is_dm=True).heroes == ()
