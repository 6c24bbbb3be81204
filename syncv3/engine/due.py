"""Which rooms an answer must look at: as few as possible, and all of which something is owed.

A user may be in five thousand rooms, and most answers are about one of them. So no answer goes
through all rooms. It looks at those which are on a short list for one of these reasons:

- something has happened in them since the client's position (``touched``, ``touched_lately``);
- more of their history has come in for the user (``filled``);
- they were held back in an earlier answer (``View.held``), or the end of a membership in them
  was not told yet (``owed``);
- the request shows them otherwise than the view did, or for the first time (``due``).

An example: the client is at 10, with A, B and C in its window. At 11 a message comes into D, which
takes C's place. D is touched, and shown for the first time; that C is not shown any more follows
from the windows. A and B are not looked at.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from syncv3.cache.seen import SeenRooms
from syncv3.cache.users import CachedUser
from syncv3.engine.facts import ENDED
from syncv3.engine.stored import LastChanges
from syncv3.engine.view import View, number_of
from syncv3.engine.visible import Visible, changed
from syncv3.protocol.request import CompleteRequest, RoomConfig


def oldest(view: View) -> int:
    """Up to where all rooms of the view were told."""
    return min((view.position, *view.held.values()))


def touched(user: CachedUser, view: View) -> list[int]:
    """Rooms about which something may have changed that the client has not been told.

    Where a connection begins these are some that the client has from an earlier one.
    """
    if not view.first:
        return list(user.touched_since(oldest(view)))
    return [
        key for key in view.kept if key in user.rooms and user.changed_at(key) > view.bound(key)
    ]


def touched_lately(user: CachedUser, seen: SeenRooms, view: View) -> list[int]:
    """Rooms about which something may have changed since the view, for a client that keeps
    what it is not shown: of what happened before, each room knows itself how far it was told.

    What happened before this worker knew the user is read off the rooms themselves.
    """
    if view.first:
        return []
    found = dict.fromkeys(user.moved_since(view.position))
    if not user.remembers(view.position) and user.row.pos > view.position:
        found |= dict.fromkeys(
            key for key, sent in view.rooms.items()
            if sent.is_dm is not None and key in user.rooms and seen.room(key).is_dm != sent.is_dm
        )  # fmt: skip
    return list(found)


def owed(user: CachedUser, view: View) -> Collection[int]:
    """Rooms whose client has not been told that the membership has ended."""
    if view.owed is not None or view.first:
        return view.owed or ()
    return [
        key
        for key, sent in view.rooms.items()
        if sent.upto is not None
        and (own := user.rooms.get(key)) is not None
        and own.membership in ENDED
        and own.ended_pos > sent.upto
    ]


def filled(user: CachedUser, view: View) -> Sequence[int]:
    """Rooms of which more history may be stored than the client has been told."""
    return () if view.first else user.filled_since(oldest(view))


def asks_the_same(view: View, ask: CompleteRequest) -> bool:
    """Whether the request asks for just what the view has, and all of it was told."""
    return (
        not view.first
        and not view.held
        and view.visible is not None
        and ask.lists.keys() == view.lists.keys()
        and all(
            state.known and (state.spec is ask.lists[name] or state.spec == ask.lists[name])
            for name, state in view.lists.items()
        )
        and (ask.subscriptions is view.subscriptions or ask.subscriptions == view.subscriptions)
    )


def due(user: CachedUser, view: View, shown: Visible, news: Collection[int]) -> Iterable[int]:
    """The ``shown`` rooms to look at: those with ``news``, those that were held back, and those
    that are shown otherwise than in the view."""
    if view.visible is None:  # the view was rebuilt: what was sent of each room must tell
        found = {key for key, config in shown.items() if not _is_sent(user, view, key, config)}
    else:
        found = changed(view.visible, shown)
    found |= shown.keys() & {*news, *view.held}
    return found if len(found) < 2 else [key for key in shown if key in found]  # as lists have them


def _is_sent(user: CachedUser, view: View, key: int, config: RoomConfig) -> bool:
    """Whether the client has the room in this way."""
    sent = view.rooms.get(key)
    if sent is None or sent.upto is not None:
        return False
    complete = user.known[key].row.members_complete
    return sent.config_id == number_of(config, members_complete=complete)


def with_news(view: View, user: CachedUser) -> Iterator[int]:
    """The rooms of a view in which something has happened that was not told."""
    known = (key for key in view.rooms if key in user.rooms)
    return (key for key in known if user.changed_at(key) > view.bound(key))


def last_in(user: CachedUser, keys: Iterable[int]) -> LastChanges:
    """What has happened of late in some of the user's rooms."""
    rooms = {key: user.changed_at(key) for key in keys if key in user.rooms}
    return LastChanges(rooms, user.row.pos)
