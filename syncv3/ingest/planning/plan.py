"""Plans a group: the rows that a few parts change, given what is stored. No I/O.

A *group* is what one transaction writes: parts of answers that several pollers got. They are
planned one after another, room by room, and what an earlier one has planned counts as known for
the later ones (``planning.Planning``). The steps for one room are in ``rooms``: its new events
get their places (``timeline``, ``placement``); then it is found out which state has changed
(``state``, ``summary``), and who may see the room (``joins``, ``ends``, ``invites``).

Three distinctions run through all of these files:

- *live* or *history*: does an event extend the room, or fill in what came before?
- *changed* or *learned*: is a state entry news for clients, or only knowledge? A member whom the
  homeserver sends late, because it loads members lazily, is knowledge: nothing has happened.
- *own* or *others'*: only a user's own poller opens a room for them. Any live event that ends
  their membership closes it at once, whoever's poller brings it.

An example. Alice and Bob are in a room, and both are polled here. Alice's poller brings A (a
message) and B (Bob is kicked). Both are live: they are appended, and waiting clients hear of them.
B also changes the state, and ends what Bob may see of the room, though his own poller is behind.
That one brings A and B a second later, in ``rooms.leave``: they are stored, so nothing happens
again. Then Bob comes back (C). If Alice's poller brings C first, the room has one member more, but
Bob is not shown the room yet: his own answer is still to say from which event on he may see it.
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
    """The rows to write for these parts, with positions relative to the group (-1, -2, ...).

    ``known`` must hold what ``wants(parts)`` names. ``keys`` must have a key for each new room and
    event. ``excluded`` has the rooms to leave out: pairs of a part's index and a room ID.

    Raises ``BadRoom`` for a room that cannot be planned, and ``BadSection`` for account data that
    cannot: the caller drops what was named, and plans all parts again from the beginning.
    """
    planning = Planning(known, keys)
    for number, part in enumerate(parts):
        _guard(planning.group, part)
        without = {room_id for at, room_id in excluded if at == number}
        # Slices of a room's state go first: they are from before its chunk, which may follow.
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
    """Adds what must still be true of the part's poller when the group is written.

    The database compares lease and ``since`` with the poller's row, in the transaction that writes
    the group. So a part is written once, and not by a worker that has lost the device to another.
    """
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
