"""Which rooms an answer must look at: as few as possible, and all of which something is owed."""

from collections.abc import Collection, Mapping, Sequence

from syncv3.cache.users import CachedUser
from syncv3.engine.view import View, number_of
from syncv3.protocol.request import Ask, RoomConfig


def oldest(view: View) -> int:
    """Up to where all rooms of the view were told."""
    return min((view.position, *view.held.values()))


def touched(user: CachedUser, view: View) -> list[int]:
    """Rooms about which something may have changed that the client has not been told."""
    return [] if view.first else list(user.touched_since(oldest(view)))


def filled(user: CachedUser, view: View) -> Sequence[int]:
    """Rooms of which more history may be stored than the client has been told."""
    return () if view.first else user.filled_since(oldest(view))


def asks_the_same(view: View, ask: Ask) -> bool:
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


def due(
    user: CachedUser, view: View, shown: Mapping[int, RoomConfig], news: Collection[int]
) -> list[int]:
    """The ``shown`` rooms to look at, with how they are shown now: those with ``news``, those
    that were held back, and those that are shown otherwise than in the view."""
    looked = {*news, *view.held}
    before = view.visible
    if before is not None:
        return [key for key, config in shown.items() if before.get(key) is not config
                or key in looked]  # fmt: skip
    return [
        key
        for key, config in shown.items()
        if key in looked or not _is_sent(user, view, key, config)
    ]


def _is_sent(user: CachedUser, view: View, key: int, config: RoomConfig) -> bool:
    """Whether the client has the room in this way."""
    sent = view.rooms.get(key)
    if sent is None:
        return False
    complete = user.known[key].row.members_complete
    return sent.config_id == number_of(config, members_complete=complete)
