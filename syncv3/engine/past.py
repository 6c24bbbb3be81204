"""Older events of a room that its user's own calls of /messages have given.

They precede the stretch of the timeline that is shared among all users, and nobody else sees
them because of it (docs/architecture/history.md).

An example: syncs have brought C, D and E, which all members share. Alice asks for ten events, so
the service asks ``/messages`` from C back, as Alice, and is given A and B. They are stored as a
chunk of hers, which names C as the event that they precede (``base_ord``). Alice is shown A to E,
Bob C to E.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from syncv3.cache.events import CachedEvent
from syncv3.store.event_ids import unpack_event_id
from syncv3.store.rows import HistoryRow


class Past(msgspec.Struct, frozen=True, gc=False):
    """Events oldest first, directly before the one at ``base_ord`` of the timeline.

    Each has a token from which /messages goes on before it; some repeat newer events, none skips
    any. ``done``: there is nothing older that the user is shown. ``stuck``: there is, but it
    cannot be asked for.
    """

    base_ord: int = -1
    events: tuple[CachedEvent, ...] = ()
    done: bool = False
    stuck: bool = False


NO_PAST: Final = Past()


def read_past(chunks: Sequence[HistoryRow], events: Mapping[str, CachedEvent]) -> Past:
    """What the chunks of a room, the newest first, come to.

    An event that is not stored (any more) ends it: what precedes must not look as if it came
    directly before what follows.
    """
    if not chunks:
        return NO_PAST
    base = chunks[0].base_ord
    found: dict[str, CachedEvent] = {}
    for chunk in chunks:
        for at, packed in enumerate(chunk.events, 1):
            event = events.get(unpack_event_id(packed))
            if event is None:
                return Past(base, tuple(reversed(found.values())), stuck=True)
            # A page has two tokens, of its ends. The one of its end is exact for its oldest event;
            # for any other the one of its beginning skips nothing, though it repeats some.
            oldest = at == len(chunk.events) and chunk.next is not None
            token = chunk.next if oldest else chunk.start
            found.setdefault(event.event_id, msgspec.structs.replace(event, prev_batch=token))
    last = chunks[-1]
    stuck = last.next is None and not last.done
    return Past(base, tuple(reversed(found.values())), last.done, stuck)


def with_past(past: Past, seen: Sequence[CachedEvent]) -> list[CachedEvent]:
    """The events before ``base_ord``, then those of the timeline, each once.

    The homeserver orders old events by where they belong, and a sync by when they came: one that
    came late may be in both. From ``base_ord`` on the sync counts, before it the homeserver.
    """
    after = {event.event_id for event in seen if (event.ord or 0) >= past.base_ord}
    before = [event for event in past.events if event.event_id not in after]
    placed = {event.event_id for event in before}
    return [*before, *(event for event in seen if event.event_id not in placed)]
