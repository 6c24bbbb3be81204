"""Event types by which clients order rooms.

A room remembers the newest event of each of these, whatever else is sent in it. Of all other
types it remembers those seen last only, as members may send any number of types.

A room that is *bumped* moves to the top of a list that is sorted by recency. Which events do that
is said by the client or by the dialect; a message always does.
"""

from typing import Final

BUMP_TYPES: Final = frozenset(
    {
        "m.room.create",
        "m.room.message",
        "m.room.encrypted",
        "m.sticker",
        "m.call.invite",
        "m.poll.start",
        "m.beacon_info",
        "org.matrix.msc3381.poll.start",
        "org.matrix.msc3672.beacon_info",
    }
)
"""The types that move a room up in the dialects which have no ``bump_event_types`` (S-280)."""

USUAL_BUMP_TYPES: Final = BUMP_TYPES | {
    "m.call.notify",
    "m.poll.response",
    "m.reaction",
    "m.room.avatar",
    "m.room.member",
    "m.room.name",
    "m.room.tombstone",
    "m.room.topic",
    "m.rtc.notification",
    "org.matrix.msc3381.poll.response",
    "org.matrix.msc4075.call.notify",
    "org.matrix.msc4075.rtc.notification",
}
"""The types that clients of MSC3575 name in their ``bump_event_types``."""
