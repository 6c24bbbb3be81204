"""What to ask the homeserver for next, given what is stored: pure.

Say a user sees e8, e9 and e10 of a room, which syncs have brought: the *stretch*. Its past is
asked for with a token that leads back from e8. If e8 began a chunk of a sync, such a token is
stored with it. If not, the nearest newer event that has one will do, e9 say, but a page from there
begins with e8 once more: one event is *repeated*, and the past must be *sought* behind it. The next
page goes on with the token that the last one ended with, which is stored with its chunk.

``base_ord`` is the order of e8. It ties the chunks to this stretch: if a gap opens, or the user
comes in anew, what they see begins with another event, and these chunks do not count any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from syncv3.cache.events import CachedEvent, begins_stay, cached_event
from syncv3.store.history import Stretch
from syncv3.store.rows import HistoryRow
from syncv3.types import UserID
from syncv3.untrusted import UNREADABLE

PAGE_LEAST: Final = 20
"""A request costs more than some events: a screenful, so that a larger limit costs nothing."""
PAGE_MOST: Final = 100
CHUNKS_MOST: Final = 20
"""Chunks of one room and user. A homeserver that gives an event at a time gets no further."""
DEPTH_MOST: Final = 200
"""Events of one room and user that are ever asked for; a timeline has 50 at most. Who wants more
pages back by themselves."""


@dataclass(frozen=True, slots=True)
class MessagesRequest:
    """One page of /messages, and where it belongs.

    ``base_ord``: the event of the timeline that the chunks precede; ``number`` is the chunk's.
    ``seeks``: the page may begin with events of the timeline, and the chunk begins behind them.
    ``head`` and ``epoch``: the stream's when it was decided. ``before_ms``: when the oldest event
    of the timeline was sent, as its sender says.
    """

    start: str
    limit: int
    base_ord: int
    number: int
    seeks: bool
    head: int
    epoch: int | None
    before_ms: int


def next_ask(stretch: Stretch, user_id: UserID, depth: int) -> MessagesRequest | None:
    """The page to ask for, so that there are ``depth`` older events; None: none.

    None is asked for if there are enough, if there is nothing older, or if no token leads there;
    and if the user is not in the room (any more), or not known to be behind its newest gap.
    """
    first = _first(stretch)
    if not stretch.tokens or first is None or _hidden(stretch):
        return None
    chunks = _chunks(stretch)
    have = sum(len(chunk.events) for chunk in chunks)
    depth = min(depth, DEPTH_MOST)
    if have >= depth or len(chunks) >= CHUNKS_MOST:
        return None
    if chunks:
        last = chunks[-1]
        if last.done or last.next is None:
            return None
        base, start, repeated = last.base_ord, last.next, 0
        # As long as no page has had an event of the past, the next may still repeat the stretch.
        seeks = have == 0 and _token(stretch)[1] > 0
    else:
        # Nothing from before the user's own join is shown, so there is nothing to ask for.
        if begins_stay(first, user_id, stretch.stay.joined_ord):
            return None
        base = stretch.tokens[0][0]
        token, repeated = _token(stretch)
        if token is None:
            return None
        start, seeks = token, repeated > 0
    # What repeats the stretch is asked for on top of what is wanted.
    limit = min(max(depth - have, PAGE_LEAST) + repeated, PAGE_MOST)
    return MessagesRequest(
        start=start,
        limit=limit,
        base_ord=base,
        number=len(chunks),
        seeks=seeks,
        head=stretch.head,
        epoch=stretch.epoch,
        before_ms=first.timestamp,
    )


def _hidden(stretch: Stretch) -> bool:
    """Whether nothing of the room is shown to the user at the moment."""
    stay, gap_ord = stretch.stay, stretch.room.gap_ord
    return stay.membership != "join" or (stay.confirmed_ord or 0) < (gap_ord or 0)


def _chunks(stretch: Stretch) -> Sequence[HistoryRow]:
    """The chunks that are stored of the time before this stretch. Those before another stretch
    don't count."""
    orders = {ord_ for ord_, _ in stretch.tokens}
    return [chunk for chunk in stretch.chunks if chunk.base_ord in orders]


def _first(stretch: Stretch) -> CachedEvent | None:
    """The oldest event of the stretch; None: there is none, or nobody could be sent it."""
    if stretch.first is None:
        return None
    try:
        return cached_event(stretch.first)
    except UNREADABLE:
        return None


def _token(stretch: Stretch) -> tuple[str | None, int]:
    """A token that leads back to the past of the stretch, and how many events of the stretch a page
    from there repeats: those older than the token."""
    for repeated, (_, token) in enumerate(stretch.tokens):
        if token is not None:
            return token, repeated
    return stretch.room.head_token, len(stretch.tokens)
