"""Stamps: when things arrived, in milliseconds. Bump stamps are made of them (S-281, S-604).

A homeserver's own order of events is not known to us, and what senders say of the time may be
anything. So a stamp is when we learned something; it never falls, and never is in the future.
What a first answer brings happened before we looked: there the sender's time stands for it.
"""

from syncv3.batch import Part
from syncv3.store.rows import UserRoomRow


def stamp_of_arrival(generated_us: int) -> int:
    """Microseconds at which an answer was made, to the stamp (milliseconds) of what it brought."""
    return generated_us // 1000


def stamp_of_report(part: Part, sent: int, before: UserRoomRow | None) -> int:
    """The stamp of a membership that the user's own poller reports.

    ``sent`` is the time that the member event has; 0 or less: it has none. ``before`` is what
    the user was to the room.
    """
    arrived = stamp_of_arrival(part.generated_us)
    imported = part.imports and sent > 0
    return max(before.stamp if before else 0, min(sent, arrived) if imported else arrived)
