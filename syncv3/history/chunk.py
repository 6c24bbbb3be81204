"""What a page of /messages comes to: the events that are older than the stored stretch.

A page has the newest event first. It is used from its first event that is older than the
stretch, and up to whatever comes first:

- the room's creation or the user's own join: there is nothing older that they are shown;
- an event that cannot be used. What is behind it must not look as if it came directly before
  what is in front of it, so the chunk ends there, and so does all that can be shown;
- more events than were asked for: where the page ends is not where its token leads to then.

An example. The stretch begins with e8. A page from a newer token is e9, e8, e7, J, e6, where J is
the user's own join. e9 and e8 are of the stretch. e7 and J become the chunk, which is ``done``: e6
is from before the user came, and is not shown even if the homeserver gives it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from syncv3.batch import Hole
from syncv3.history.asking import MessagesRequest
from syncv3.ingest.planning.room_keys import CREATE, MEMBER, membership_of
from syncv3.store.knowledge import Knowledge, KnownEvent
from syncv3.types import Event, EventID, UserID
from syncv3.untrusted import is_storable

LONGEST_TOKEN: Final = 4096  # it is stored with the chunk; a homeserver may write anything


class Page(Protocol):
    """A page of a room's messages, the newest first."""

    @property
    def events(self) -> tuple[Event, ...]: ...

    @property
    def holes(self) -> tuple[Hole, ...]: ...

    @property
    def end(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Chunk:
    """Events older than the stretch, the newest first.

    ``next``: the token to go on with; None: it cannot go on. ``done``: nothing older is to be
    shown. A chunk that is neither ended at something that is in the way.
    """

    events: tuple[Event, ...]
    next: str | None
    done: bool


def chunk_of(
    page: Page, ask: MessagesRequest, room_key: int, user_id: UserID, known: Knowledge
) -> Chunk:
    """What is used of a page. ``known`` has what is stored of its events, or of events whose IDs
    they have; ``room_key`` is the room's."""
    placed = [_order(known, room_key, event) for event in page.events]
    begin = _behind_stretch(placed, ask)
    if ask.seeks and begin == len(placed) and ask.base_ord in placed:
        # The page ends where the past begins. The event at that place stands for it having been
        # found: it is in the timeline, and shown once.
        begin = placed.index(ask.base_ord)
    upto = _usable_upto(page, begin, ask.limit, room_key, known)
    events = page.events[begin:upto]
    for at, event in enumerate(events):
        if event.type == CREATE and event.state_key == "":
            return Chunk(events[: at + 1], None, True)
        own = event.type == MEMBER and event.state_key == user_id
        if own and membership_of(event.json) != "join":
            return Chunk(events[:at], None, False)  # the join behind it is not shown to them
        if own and event.prev_membership != "join":
            return Chunk(events[: at + 1], None, True)
    if upto < len(page.events) or _ends_in_hole(page, upto):
        return Chunk(events, None, False)
    return _to_be_continued(events, page, ask, found=begin < len(placed) or not ask.seeks)


def _to_be_continued(
    events: tuple[Event, ...], page: Page, ask: MessagesRequest, *, found: bool
) -> Chunk:
    """The chunk of a page of which nothing is in the way. ``found``: the page has reached the past
    at all."""
    end = page.end
    # Some homeservers end the last page with the token that it was asked for with.
    if end is None or (end == ask.start and not events):
        return Chunk(events, None, found)
    usable = is_storable(end) and len(end) <= LONGEST_TOKEN and end != ask.start
    return Chunk(events, end if usable else None, False)


def _order(known: Knowledge, room_key: int, event: Event) -> int | None:
    """The order of an event in the timeline of the room; None: it has none there."""
    stored = known.events.get(event.event_id)
    return stored.ord if stored is not None and stored.room_key == room_key else None


def _behind_stretch(placed: Sequence[int | None], ask: MessagesRequest) -> int:
    """The index at which the past begins in a page; its length if the page does not reach the past.

    The past begins behind the last event of the stretch. A page whose token is from within the
    stretch (``seeks``) may end inside it. So there the past begins only behind the event at
    ``base_ord``, or with an event that is known to lie before it.
    """
    last = max((i for i, ord_ in enumerate(placed) if ord_ is not None and ord_ >= ask.base_ord),
               default=-1)  # fmt: skip
    reached = ask.base_ord in placed or any(
        ord_ is not None and ord_ < ask.base_ord for ord_ in placed[last + 1 :]
    )
    return last + 1 if reached or not ask.seeks else len(placed)


def _usable_upto(page: Page, begin: int, limit: int, room_key: int, known: Knowledge) -> int:
    """The index from which on nothing of a page is used: at a hole, at an event whose ID belongs
    to another one, behind ``limit`` events, or at the page's end."""
    holes = (hole.at for hole in page.holes if hole.at >= begin)
    reused = (
        at
        for at, event in enumerate(page.events)
        if at >= begin and is_reused(known, room_key, event)
    )
    return min(next(holes, limit), next(reused, limit), limit, len(page.events))


def _ends_in_hole(page: Page, upto: int) -> bool:
    return any(hole.at == upto for hole in page.holes)


def is_reused(known: Knowledge, room_key: int, event: Event) -> bool:
    """Whether the ID is that of an event in another room, or of another type or state key."""
    stored = stored_as(known, event.event_id)
    if stored is None:
        return False
    was = stored.room_key, stored.type, stored.state_key
    return was != (room_key, event.type, event.state_key)


def stored_as(known: Knowledge, event_id: EventID) -> KnownEvent | None:
    """The event as a sync has brought it, or else as somebody's history has it; None: neither
    has."""
    return known.events.get(event_id) or known.filled.get(event_id)


Redactions = Mapping[EventID, bytes]
"""By event, the redaction that came since the page was asked for."""
