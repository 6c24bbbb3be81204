"""Names and avatars of rooms (D-20 to D-24).

A room without a name or an alias is called by its *heroes*, the members that the homeserver names
for it. Alice, in a room with Bob and Carol, reads "Bob and Carol"; with five others of whom
two are heroes "Bob, Carol and 3 others"; and when all have left "Empty Room (was Bob and Carol)".
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from syncv3.protocol.response import HEROES_MOST, Hero


class Named(NamedTuple):
    """A room's calculated name, never empty; ``heroes_used`` if it was made from heroes."""

    name: str
    heroes_used: bool


def room_name(
    name: str | None, alias: str | None, joined: int, invited: int, heroes: Sequence[Hero]
) -> Named:
    """The name by the first rule of D-21 that applies.

    ``name`` and ``alias`` come from the state events, ``joined`` and ``invited`` count all
    members, the user included; ``heroes`` exclude the user.
    """
    if name or alias:
        return Named(name or alias or "", heroes_used=False)
    others = joined + invited - 1
    if not heroes:
        return Named("Empty Room" if others <= 0 else f"{others} others", heroes_used=False)
    names = _distinct_names(heroes)
    if len(names) < others:
        shown = names[:HEROES_MOST]
        text = f"{', '.join(shown)} and {others - len(shown)} others"
    else:
        text = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
        if others <= 0:
            text = f"Empty Room (was {text})"
    return Named(text, heroes_used=True)


def room_avatar(url: str | None, is_dm: bool, heroes: Sequence[Hero]) -> str | None:
    """The avatar's URL or None (D-23); ``url`` is the state event's, heroes lack the user."""
    if url:
        return url
    if is_dm and len(heroes) == 1:
        return heroes[0].avatar_url or None
    return None


def _distinct_names(heroes: Sequence[Hero]) -> list[str]:
    """Display name, else user ID; equal display names are told apart by the user ID."""
    names = [hero.displayname or hero.user_id for hero in heroes]
    times = Counter(names)
    return [
        f"{name} ({hero.user_id})" if times[name] > 1 else name
        for name, hero in zip(names, heroes, strict=True)
    ]
