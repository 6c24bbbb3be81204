"""What a client was told of a joined room's name, avatar, counts and DM flag (D-22, D-25).

An answer repeats none of these that has not changed for its client. What each client was
told last is not kept. It need not be: a client that was told everything up to a position
has the values which the room had there, and the cache knows those of the recent past, as
it keeps what it replaces (``CachedRoom.facts_at``). Where it does not know them, because
the client comes back after a long time or the service was restarted, what may have changed
is told once more.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from syncv3.cache.rooms import Facts
from syncv3.protocol.names import room_avatar, room_name
from syncv3.protocol.response import Hero
from syncv3.types import UserID

HEROES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Told:
    """Values at one position; None: not known.

    ``heroes`` are empty if the name was not made from them. ``avatar`` is in a tuple, so that
    "no avatar" can be said.
    """

    name: str | None = None
    heroes: tuple[Hero, ...] | None = None
    avatar: tuple[str | None] | None = None
    joined: int | None = None
    invited: int | None = None
    is_dm: bool | None = None


def told(facts: Facts, heroes: Iterable[Hero], me: UserID, is_dm: bool | None) -> Told:
    """What follows from a joined room's facts, and all its heroes, for one of its members."""
    heroes = tuple(hero for hero in heroes if hero.user_id != me)[:HEROES_SHOWN]
    named = room_name(facts.name, facts.alias, facts.joined, facts.invited, heroes)
    return Told(
        name=named.name,
        heroes=heroes if named.heroes_used else (),
        avatar=None if is_dm is None else (room_avatar(facts.avatar, is_dm, heroes),),
        joined=facts.joined,
        invited=facts.invited,
        is_dm=is_dm,
    )
