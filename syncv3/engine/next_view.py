"""What a client will have when an answer has arrived.

Thousands of rooms go over unchanged from one view to the next. So wherever nothing has changed,
the next view gets the very objects of the one before: then nothing is copied, later comparisons
are by identity, and views that memory keeps beside each other share their rooms.
"""

from collections.abc import Mapping, Set

from msgspec.structs import replace

from syncv3.engine.computed import Naming
from syncv3.engine.view import ListState, Met, Sent, View
from syncv3.protocol.request import CompleteRequest, RoomConfig
from syncv3.protocol.response import ListChange


def unmoved_lists(view: View) -> dict[str, ListChange]:
    """The lists of an answer without news."""
    return {
        name: ListChange(
            state.spec, (), state.count, before=state.spec, count_before=state.count, full_order=()
        )
        for name, state in view.lists.items()
    }


def unchanged_view(view: View, position: int) -> View:
    """The view after an answer without news: most requests begin with one, and then wait."""
    return replace(
        view,
        position=position,
        base_generation=view.generation,
        base_position=view.position,
        met={},
    )


def rooms_after(
    view: View, shown: Set[int], looked_at: Mapping[int, Sent | None], *, keeps: bool
) -> Mapping[int, Sent]:
    """The rooms that the client has then: the same object if nothing of them has changed.

    ``looked_at`` says how the rooms are sent that were looked at; None: forgotten. Of all others
    the client has what it had before; what is no longer ``shown`` only if it ``keeps`` that.
    """
    before = view.rooms
    gone = {key for key, sent in looked_at.items() if sent is None and key in before}
    if not keeps and not before.keys() <= shown:
        gone |= before.keys() - shown - looked_at.keys()
    now = {key: sent for key, sent in looked_at.items() if sent is not None}
    if not gone and all(before.get(key) is sent for key, sent in now.items()):
        return before
    rooms = {**before, **now}
    for key in gone:
        del rooms[key]
    return rooms


def kept_after(
    view: View, rooms: Mapping[int, Sent], gone: Set[int], *, resumable: bool
) -> Mapping[int, Sent]:
    """The rooms that the client then has beside those that it is shown: the same object if
    nothing of them has changed.

    ``rooms`` are those that it is shown then, and ``gone`` those of which it was told that they
    have ended, or begin anew.
    """
    if not resumable:
        return {} if view.kept else view.kept
    if rooms is view.rooms and not gone:
        return view.kept
    left = {
        key: replace(sent, upto=view.bound(key))
        for key, sent in view.rooms.items()
        if key not in rooms and key not in gone
    }
    if not left and not view.kept.keys() & (gone | (rooms.keys() - view.rooms.keys())):
        return view.kept
    kept = {**view.kept, **left}
    return {key: sent for key, sent in kept.items() if key not in rooms and key not in gone}


def next_view(
    view: View,
    ask: CompleteRequest,
    naming: Naming,
    position: int,
    *,
    lists: Mapping[str, ListState],
    visible: Mapping[int, RoomConfig],
    rooms: Mapping[int, Sent],
    held: Mapping[int, int],
    owed: frozenset[int] | None = None,
    met: Mapping[int, Met] | None = None,
    keeps: bool = False,
    kept: Mapping[int, Sent] | None = None,
) -> View:
    """The view that an answer at a position leaves behind.

    It goes on under the old name if the sent state is the same: then nothing has to be stored.
    ``keeps``: the client keeps rooms that it is shown no longer. What extensions have told is
    added when they have answered.
    """
    kept = {} if kept is None else kept
    # Windows are not compared: they may differ between views of one name (see ``View``).
    same = (
        (kept is view.kept or kept == view.kept)
        and _sent_alike(view.rooms, rooms)
        and lists.keys() == view.lists.keys()
        and all(lists[name].spec == view.lists[name].spec for name in lists)
        and ask.subscriptions == view.subscriptions
        and all(state.known for state in view.lists.values())
        and not view.first
    )
    return View(
        generation=view.generation if same else naming.generation,
        nonce=view.nonce if same else naming.nonce,
        position=position,
        base_generation=view.generation,
        base_position=view.position,
        lists=lists,
        rooms=rooms,
        subscriptions=ask.subscriptions,
        held=held,
        visible=visible,
        request_bytes=len(ask.sticky),
        unsure=view.unsure and keeps,
        owed=owed,
        met=met or {},
        quiet=view.quiet,
        kept=kept,
    )


def _sent_alike(before: Mapping[int, Sent], now: Mapping[int, Sent]) -> bool:
    if before is now:
        return True
    return before.keys() == now.keys() and all(
        before[key] is sent or _alike(before[key], sent) for key, sent in now.items()
    )


def _alike(before: Sent, now: Sent) -> bool:
    """Whether the same is remembered of a room; a config may have become known again."""
    if before.config is None and now.config is not None:
        now = replace(now, config=None)
    return before == now
