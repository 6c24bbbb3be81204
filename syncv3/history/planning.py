"""The rows that a page of /messages comes to: pure.

They are events that no sync need know of, and one chunk of the user's own history. The room is
written quietly, which changes its version and nothing else: so that whoever has planned with
what was stored before plans again. No position but the chunk's own, which is not the room's,
no state, no count, no order in any list changes.

Redactions are the one thing that has to be brought together. Say a page has e7, and while it is on
its way a sync brings a redaction of e7. When that was taken in, e7 was not stored, so nothing was
redacted. So the redactions that came since the page was asked for are applied to it here. One that
comes later finds e7 stored (``Knowledge.filled``).
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from syncv3.history.asking import MessagesRequest
from syncv3.history.chunk import Chunk, Page, Redactions, chunk_of, stored_as
from syncv3.ingest.group import Group
from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.planning import KeySources, Planning
from syncv3.protocol.redaction import redact
from syncv3.store.event_ids import pack_event_id
from syncv3.store.knowledge import Knowledge
from syncv3.store.rows import HistoryRow, UserRoomRow
from syncv3.types import Event, RoomID, UserID
from syncv3.untrusted import UNREADABLE

FIRST_VERSION: Final = "1"  # a room whose version is not known is redacted by its rules


@dataclass(frozen=True, slots=True)
class Planned:
    """What to write for a page, and the chunk that becomes of it.

    ``chunk`` is None if nothing is stored: the user has left, say, while the page was fetched.
    ``strangers`` are senders of whom there is no member event, those of newer messages first.
    """

    group: Group
    chunk: Chunk | None = None
    strangers: tuple[UserID, ...] = ()


def plan_page(
    room_id: RoomID,
    user_id: UserID,
    ask: MessagesRequest,
    page: Page,
    redactions: Redactions,
    known: Knowledge,
    keys: KeySources,
) -> Planned:
    """The rows for a page.

    There are none (``chunk`` is None) if the user has left or come in anew meanwhile, or a gap has
    opened. Nor if the database may have lost something meanwhile: then the order that the page
    precedes may be another event's by now.

    ``redactions`` came since the page was asked for, so the page may have their targets unredacted.
    """
    planning = Planning(known, keys)
    draft = planning.draft(room_id, quiet=True)
    stay = known.user_rooms.get((user_id, room_id))
    same = known.epoch == ask.epoch and not draft.new
    if not same or stay is None or not _still_precedes(draft, stay, ask):
        return Planned(Group())
    chunk = chunk_of(page, ask, draft.key, user_id, known)
    draft.touched = True  # its version moves, and nothing else, as it is quiet
    for event in chunk.events:
        if stored_as(known, event.event_id) is None:
            whole = _as_it_is(draft, event, redactions.get(event.event_id))
            if whole is not None:
                planning.put_event(draft, whole, history=True)
    planning.group.history.append(
        HistoryRow(
            stay.user_key,
            draft.key,
            ask.base_ord,
            ask.number,
            # An empty chunk is no news: it says how to go on, or that there is nothing older.
            planning.group.take_position() if chunk.events else 0,
            tuple(pack_event_id(event.event_id) for event in chunk.events),
            ask.start,
            chunk.next,
            chunk.done,
        )
    )
    senders = dict.fromkeys(event.sender for event in chunk.events)
    strangers = tuple(who for who in senders if (room_id, who) in known.strangers)
    return Planned(planning.finish(), chunk, strangers)


def _still_precedes(draft: RoomDraft, stay: UserRoomRow, ask: MessagesRequest) -> bool:
    """Whether the page is still about what comes before that which the user is shown."""
    start = max(draft.row.gap_ord or 0, stay.joined_ord or 0)
    return stay.membership == "join" and draft.confirmed(stay) and ask.base_ord >= start


def _as_it_is(draft: RoomDraft, event: Event, redaction: bytes | None) -> Event | None:
    """The event, redacted if a redaction came meanwhile. None: it cannot be redacted, so nobody may
    see it."""
    if redaction is None:
        return event
    try:
        json = redact(event.json, draft.row.room_version or FIRST_VERSION)
    except UNREADABLE:
        return None
    return msgspec.structs.replace(event, json=json, unsigned=b'"redacted_because":' + redaction)
