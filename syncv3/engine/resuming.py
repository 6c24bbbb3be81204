"""A new connection that goes on with the rooms of an earlier one.

A client that stores rooms asks for tokens (``CompleteRequest.resumable``). A token names a view of
its connection, just as a ``pos`` does, and is bound to user and device; it costs nothing to give.
When a first request brings one, the rooms which that view had are the ``kept`` rooms of the new
connection's first view: told up to the token's position, or less far, and sent with their config.
What is sent of them the dialect decides. Everything else begins as on any new connection.

The earlier connection may have gone on, so what is stored is a later view, S, than the token's, T.
What T had follows from S if S was made from T: ``View.line`` has the names of the last 64 views
that a view was made from. (Generation and nonce say what was sent; answers that only told more
share them.) A room of S with a ``Sent.generation`` up to T's was sent like that in T or before, and
has been among the client's rooms ever since: in T it was told up to T's position, or where it left
the windows earlier, up to there. Rooms with a later generation were sent anew since, in whatever
way: of these nothing is known, and they come whole. An example: in generation 4 the client has A
and B. It stores that, with its token. In generation 5 it is sent C, and B with more state, and dies
before it has stored this. It comes back with 4: A goes on, B and C come whole.

If S is *older* than T, as it may be after a kill, its rooms count as for a ``pos``: those that were
sent by the token's base, and in which nothing has happened since. In all other cases (T is of an
answer that its client did not go on from, or very old) nothing counts.

It acknowledges nothing: the earlier connection stays as it is. If it had the new one's name it
gives that up and stays stored, for as long as others do and among as many; it is the first to go
for live ones. So an answer may get lost, and a client may come with one token as often as it likes:
each time it is told the same, and what is new. Copies that it leaves are bounded by the
connections, and by the rooms in all of them, that a device may have.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from syncv3.engine.stored import LastChanges, StoredView
from syncv3.engine.view import INHERITED, Sent, View
from syncv3.protocol.pos import PosToken

Bounds = Mapping[int, int]
"""Positions up to which rooms were told, by key."""


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What the client of an earlier connection had: its rooms, and who was sent in them lazily.

    ``heard`` says by extension up to where it had told of rooms.
    """

    position: int
    rooms: Mapping[int, Sent] = field(default_factory=dict)
    members: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    heard: Mapping[str, Bounds] = field(default_factory=dict)

    def view(self) -> View:
        """The first view of a connection that goes on with it."""
        return View(0, 0, self.position, first=True, kept=self.rooms, heard=self.heard)


def inherited(
    stored: StoredView, members: Mapping[int, Mapping[str, int]], token: PosToken, last: LastChanges
) -> Inheritance:
    """What the token's owner had of a connection of which this is stored.

    ``last`` says what has happened in the user's rooms; others are left out.
    """
    name, (generation, _, position) = (token.generation, token.nonce), stored.key
    if stored.is_from(name):
        rooms = _as_of(stored.rooms, token, last.rooms)
    elif generation <= token.base_generation and position <= token.base_position:
        rooms = _by_base(stored, token, last.rooms)
    else:
        rooms = {}
    known = {key: met for key, met in members.items() if key in rooms}
    names = stored.in_step() if stored.is_exact(token) else ()
    shown = {key: sent.upto or 0 for key, sent in rooms.items() if stored.rooms[key].upto is None}
    return Inheritance(token.position, rooms, known, dict.fromkeys(names, shown))


def _as_of(rooms: Mapping[int, Sent], token: PosToken, known: Container[int]) -> dict[int, Sent]:
    """The rooms of a view that was made from the token's."""
    held = dict(token.held)
    return {
        key: _told(sent, held.get(key, token.position))
        for key, sent in rooms.items()
        if sent.generation <= token.generation and key in known
    }


def _by_base(stored: StoredView, token: PosToken, last: Bounds) -> dict[int, Sent]:
    """The rooms of an older view than the token's in which nothing can have been told since."""
    if stored.old:
        return {}  # it may be that of an answer which had got lost
    sure = stored.key[2]
    certain = {
        key: _told(sent, sure)
        for key, sent in stored.rooms.items()
        if sent.generation <= token.base_generation and key in last
    }
    return {key: sent for key, sent in certain.items() if last[key] <= (sent.upto or 0)}


def _told(sent: Sent, position: int) -> Sent:
    """A room that was told up to this position, or less far than that."""
    upto = position if sent.upto is None else min(sent.upto, position)
    return replace(sent, generation=INHERITED, upto=upto)
