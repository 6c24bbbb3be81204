"""What is to be sent of one room: a value that a dialect decides and the engine carries out.

A dialect looks at the facts of a room (``facts.py``) and gives a ``Send``, which says of each
part of the room object which form of it to send. Three examples, with a window that shows the
room and a ``timeline_limit`` of 10:

- The client does not have the room yet: ``initial``, a timeline of the ``Latest`` 10 events,
  ``StateSent.ALL`` and ``Fields.ALL``.
- It has all up to position 7, and messages A and B have come since: the timeline has the events
  ``Since`` 7, ``StateSent.IN_TIMELINE`` adds the members who have written them, and
  ``Fields.CHANGED`` a name only if it has changed. In a dialect whose clients keep rooms it is
  the ``Newest`` 10 events after 7: of eleven the first is left out, and the entry is limited.
- Its user was kicked: the ``LastWords`` after 7, or, in a dialect whose clients keep rooms, a
  ``bounded`` entry, in which everything is as of the kick.

Two equal values send the same of a room as long as nothing happens in it. So a room that was
built for one attempt at an answer can be taken over into the next one.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

import msgspec

from syncv3.protocol.request import RoomConfig
from syncv3.protocol.required_state import StateKey, Wanted

NOTHING_ASKED: Final = RoomConfig()


class Latest(msgspec.Struct, frozen=True, gc=False):
    """The newest ``limit`` events since the user's join and the newest gap.

    ``expanded``: the client has the room, and perhaps some of these events.
    """

    limit: int
    expanded: bool = False


class Newest(msgspec.Struct, frozen=True, gc=False):
    """The newest ``limit`` events after a position; whatever is left out makes it limited.

    ``before``: only those that come before this place in the room.
    """

    after: int
    limit: int
    before: int | None = None


class Since(msgspec.Struct, frozen=True, gc=False):
    """All events after a position; if these are more than ``most``, or than can be sent as a
    part, the dialect decides again."""

    after: int
    most: int | None = None


class LastWords(msgspec.Struct, frozen=True, gc=False):
    """What happened after a position to the end of the user's membership, ending with it."""

    after: int


class StateSent(Enum):
    """Which of the state that is asked for comes with it."""

    ALL = "all"
    IN_TIMELINE = "in timeline"  # what the timeline changes, and members whom it needs


class Changed(msgspec.Struct, frozen=True, gc=False):
    """State that the client has not: of what the config asks for, the entries that changed
    after ``after``, and those which it did not have before.

    It had what ``had`` asked for, and of ``kept`` what there was at ``kept_upto``.
    """

    after: int
    had: Wanted
    kept: frozenset[StateKey] = frozenset()
    kept_upto: int = 0


class Fields(Enum):
    """Whether name, avatar, heroes, counts of members and the DM flag are said."""

    ALL = "all"
    CHANGED = "changed"  # those which differ from what the client was told
    TOUCHED = "touched"  # those of which the state that they are made from has changed


class Send(msgspec.Struct, frozen=True, gc=False):
    """What to send of a room. A part that is None is not sent.

    ``config`` is what the client asks of the room. ``initial`` marks the room as sent whole.
    ``stripped``: it is the room's invite, of which nothing is known but its stripped state.
    Events after position ``live_after`` count as live (``num_live``); None: none do, as on a
    first answer. ``fields_after`` is the position at which the client was told the fields and
    the unread counts: changes are those since. ``counts``: the unread counts are sent.
    ``predecessors``: how to send the rooms that this one has replaced, if the user is still in
    them; None: they are not sent along.

    The rest is for dialects whose clients keep rooms. ``bounded``: the user need not be in the
    room. If their membership has ended, what is sent is as of its end. The entry says which
    membership it is, and when the room was last active. ``dm`` is what it says of the DM flag.
    ``own_member``: the user's own member event comes with it, whether it is asked for or not.
    ``reminds``: the same, but only as an addition: where nothing else is to be told of the room,
    the member event alone makes no entry.
    """

    config: RoomConfig = NOTHING_ASKED
    initial: bool = False
    timeline: Latest | Newest | Since | LastWords | None = None
    state: StateSent | Changed | None = None
    fields: Fields | None = None
    counts: bool = False
    stripped: bool = False
    live_after: int | None = None
    fields_after: int = 0
    bounded: bool = False
    dm: bool | None = None
    own_member: bool = False
    reminds: bool = False
    predecessors: "Send | None" = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing yet: the room stays as it was told, until it is known if the user is still in it.

    Behind a gap the user may have left without our knowing: see ``confirmed_ord`` in
    docs/architecture.md, "Who may see what".
    """


WAIT: Final = Wait()
COUNTS: Final = Send(counts=True)
