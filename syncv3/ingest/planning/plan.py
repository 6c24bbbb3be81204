"""Plans a group: what a few parts change, given what is stored. No I/O.

For each room of a part (``rooms``): place the timeline (``timeline``, ``placement``), find
out which state changed (``state``, ``summary``), then who may see what (``joins``, ``ends``,
``invites``). Three distinctions carry it:

- *live* / *history*: does it extend the room, or fill in what came before?
- *changed* / *learned*: is it news for connections, or only knowledge (a lazily sent
  member, the state of a room that others are in)?
- *own* / *others'*: only a user's own poller opens a room for them; any live event that
  ends a membership closes it, at once.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from syncv3.batch import Part
from syncv3.complaints import reason_of
from syncv3.ingest.group import Group
from syncv3.ingest.planning.ahead import take_ahead
from syncv3.ingest.planning.invites import take_invited, take_knocked
from syncv3.ingest.planning.own_data import take_account_data
from syncv3.ingest.planning.planning import KeySources, Planning
from syncv3.ingest.planning.rooms import take_joined, take_left
from syncv3.store.knowledge import Knowledge
from syncv3.types import RoomID

R = TypeVar("R")


class BadSection(Exception):
    """The account data of a part cannot be taken in; the rest of the part can."""

    def __init__(self, part: int, reason: str) -> None:
        super().__init__(reason)
        self.part = part
        self.reason = reason


class BadRoom(Exception):
    """A room of a part cannot be taken in; the rest of the part can."""

    def __init__(self, part: int, room_id: RoomID, reason: str) -> None:
        super().__init__(reason)
        self.part = part
        self.room_id = room_id
        self.reason = reason


def plan(
    parts: Sequence[Part],
    known: Knowledge,
    keys: KeySources,
    *,
    excluded: Collection[tuple[int, RoomID]] = (),
) -> Group:
    """The rows that these parts come to.

    ``excluded`` names rooms, by part, to leave out. Raises ``BadRoom`` for a room that
    cannot be planned, and ``BadSection`` for account data: plan again without it.
    """
    planning = Planning(known, keys)
    for number, part in enumerate(parts):
        _guard(planning.group, part)
        without = {room_id for at, room_id in excluded if at == number}
        _each(planning, number, part, part.ahead, take_ahead, without)
        _each(planning, number, part, part.joined, take_joined, without)
        _each(planning, number, part, part.left, take_left, without)
        _each(planning, number, part, part.invited, take_invited, without)
        _each(planning, number, part, part.knocked, take_knocked, without)
        try:
            if part.account_data:
                take_account_data(planning, part)
        except Exception as error:
            raise BadSection(number, reason_of(error)) from error
    return planning.finish()


def _guard(group: Group, part: Part) -> None:
    """What must still hold of the part's poller when the group is written."""
    lease = part.lease
    moves = part.next_since is not None
    group.guards.append(
        (
            lease.device_key,
            lease.owner,
            lease.number,
            part.since,
            part.next_since,
            moves,
            part.generated_us,
        )
    )
    if moves and part.anew:
        group.complete.append(lease.device_key)


def _each(
    planning: Planning,
    number: int,
    part: Part,
    rooms: Mapping[RoomID, R],
    take: Callable[[Planning, Part, RoomID, R], None],
    without: Collection[RoomID],
) -> None:
    for room_id, room in rooms.items():
        if room_id in without:
            continue
        try:
            take(planning, part, room_id, room)
        except Exception as error:  # whatever a homeserver may send: the room alone pays
            raise BadRoom(number, room_id, reason_of(error)) from error
