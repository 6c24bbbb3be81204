"""The whole member list of a room, for one answer: in pieces that are ready to be sent.

A room may have any number of members, so their events are loaded page by page, and written
into an answer a page at a time. While the pages come, and until the answer is made, the list
follows the stream like the room it belongs to.
"""

from collections.abc import Iterable, Set

from syncv3.cache.events import CachedEvent, redacted, replaces


class MemberList:
    """Made empty and put beside its room; then ``add`` is called with each page.

    ``stale``: something has changed that the stream does not tell; load the list anew.
    """

    __slots__ = ("__weakref__", "_ids", "_page_of", "_pages", "_pieces", "_redactions", "stale")

    def __init__(self) -> None:
        self.stale = False
        self._pages: list[dict[str, CachedEvent]] = [{}]  # the first: of whom the stream told
        self._pieces: list[bytes | None] = [b""]  # None: the page has changed since
        self._page_of: dict[str, int] = {}  # by user
        self._ids: dict[str, str] = {}  # member event to user
        self._redactions: dict[str, tuple[CachedEvent, str]] = {}  # by target

    def add(self, events: Iterable[CachedEvent]) -> None:
        """One page. The list has followed the stream to the page's snapshot or beyond: so what
        the stream has told of a user is as new as the page, or newer."""
        self._pages.append({})
        self._pieces.append(None)
        for event in events:
            user_id = event.state_key or ""
            if user_id not in self._page_of:
                redaction = self._redactions.get(event.event_id)
                if redaction is not None:
                    event = redacted(event, *redaction)
                self._put(len(self._pages) - 1, user_id, event)
        self._piece(len(self._pages) - 1)

    def follow(self, event: CachedEvent) -> None:
        """A member event of the stream."""
        user_id = event.state_key or ""
        page = self._page_of.get(user_id, 0)
        held = self._pages[page].get(user_id)
        if held is None or replaces(event, held):
            self._put(page, user_id, event)

    def redact(self, redaction: CachedEvent, room_version: str) -> None:
        """A redaction of the stream, perhaps of an event that a page under way has whole."""
        self._redactions[redaction.redacts or ""] = (redaction, room_version)
        user_id = self._ids.get(redaction.redacts or "")
        page = self._page_of.get(user_id or "", 0)
        held = self._pages[page].get(user_id or "")
        if user_id is not None and held is not None and held.event_id == redaction.redacts:
            self._put(page, user_id, redacted(held, redaction, room_version))

    def pieces(self, but: Set[str] = frozenset()) -> tuple[bytes, ...]:
        """All events as JSON, several in each piece with commas between them.

        Those of some users can be left out; only the pages that they are on are written anew.
        """
        pages = {self._page_of[user_id] for user_id in but if user_id in self._page_of}
        pieces = (
            _written(event for user_id, event in page.items() if user_id not in but)
            if number in pages
            else self._piece(number)
            for number, page in enumerate(self._pages)
        )
        return tuple(piece for piece in pieces if piece)

    def _put(self, page: int, user_id: str, event: CachedEvent) -> None:
        self._pages[page][user_id] = event
        self._pieces[page] = None
        self._page_of[user_id] = page
        self._ids[event.event_id] = user_id

    def _piece(self, number: int) -> bytes:
        piece = self._pieces[number]
        if piece is None:
            piece = self._pieces[number] = _written(self._pages[number].values())
        return piece


def _written(events: Iterable[CachedEvent]) -> bytes:
    return b",".join([event.wire for event in events])
