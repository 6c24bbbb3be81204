"""The newest events of a room after a position: what is missing before them makes it limited.

This is for clients that keep rooms. A client has A, and then B, C and D come while the room is
not shown. If it asks for two events it is sent C and D, ``limited``, with a token that leads to B.
Nothing is loaded for that but the newest part of the timeline: what lies further back is not sent
anyway.
"""

from collections.abc import Sequence

from syncv3.cache.events import CachedEvent
from syncv3.cache.rooms import CachedRoom
from syncv3.engine.sending import Newest
from syncv3.engine.sources import Sources
from syncv3.engine.timeline import (
    Timeline,
    covers,
    ignored,
    look_back,
    token_before,
    visible,
)
from syncv3.store.rows import UserRoomRow


def newest_timeline(
    sources: Sources,
    room: CachedRoom,
    stay: UserRoomRow,
    want: Newest,
    live_after: int | None,
) -> Timeline:
    """The newest events that became known after a position, since the newest gap.

    The part of the timeline that is held is enough: whatever is older than it is left out.
    """
    if room.timeline is None:
        sources.missing.timelines.add(room.row.room_key)
        return Timeline()
    whole = covers(room, room.timeline, want.after)
    seen = [event for event in room.timeline if visible(stay, event)]
    found = _heeded(sources, seen, want)
    if not whole and len(found) < min(want.limit, len(seen)):
        found = _heeded(sources, [*look_back(sources, room, stay), *seen], want)
    shown = tuple(found[-want.limit :])
    cut = not whole or len(found) > len(shown)
    token = token_before(room, shown, room.timeline)
    return Timeline(shown, cut, live_of(shown, live_after), token)


def live_of(shown: Sequence[CachedEvent], after: int | None, others_at: int = 0) -> int:
    """How many of the last events became known after a position; none on a first answer.

    ``others_at`` is when those became known that have no position of their own.
    """
    live = 0
    for event in reversed(shown):
        if after is None or (others_at if event.pos is None else event.pos) <= after:
            break
        live += 1
    return live


def _heeded(sources: Sources, events: Sequence[CachedEvent], want: Newest) -> list[CachedEvent]:
    if want.before is not None:
        events = [event for event in events if (event.ord or 0) < want.before]
    after = want.after
    return [e for e in events if e.pos is not None and e.pos > after and not ignored(sources, e)]
