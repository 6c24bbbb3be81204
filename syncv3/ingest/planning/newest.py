"""Which event types a room remembers the newest event of, so that lists can be ordered by them.

A list can be ordered by the newest event of certain types, which its request chooses
(``bump_event_types``). So for each type a room remembers when its newest event came: no timeline is
looked at. Members may send any number of types, and the row that has these is rewritten with each
message: so the number of types is bounded. Types that clients really order by stay; of the
others, those that were seen last do. That is decided by the row alone, and so is the same for
every worker and after a restart.
"""

from typing import Final

from syncv3.protocol.bump_types import USUAL_BUMP_TYPES
from syncv3.store.newest import ANY_TYPE, NewestByType, NewestEvent
from syncv3.types import Event
from syncv3.untrusted import LONGEST_ID

OTHER_TYPES: Final = 16  # beside the usual ones

_KEPT: Final = USUAL_BUMP_TYPES | {ANY_TYPE}


def note_newest(newest: NewestByType, event: Event, stamp: int) -> None:
    """Notes an event that was appended to the timeline, under its type and under any type.

    ``stamp`` is when it arrived, in milliseconds. The noted stamp never falls. It might, as an
    answer that was made earlier may be stored later, and bring an event behind all known ones.
    """
    sender = event.sender if len(event.sender) <= LONGEST_ID else ""
    for type_ in (event.type, ANY_TYPE):
        if len(type_) > LONGEST_ID:
            continue
        known = newest.pop(type_, [])  # it is put behind all others, as the type seen last
        risen = max([stamp, *(entry.stamp for entry in known if entry.stamp is not None)])
        others = [entry for entry in known if entry.sender != sender]
        # The newest, and the newest of another sender: whoever ignores the one is shown the other.
        newest[type_] = [NewestEvent(event.timestamp, sender, risen), *others[:1]]
    _forget_types(newest)


def _forget_types(newest: NewestByType) -> None:
    others = [type_ for type_ in newest if type_ not in _KEPT]
    for type_ in others[: max(0, len(others) - OTHER_TYPES)]:
        del newest[type_]
