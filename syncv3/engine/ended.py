"""What a user may still see of a room when their membership has ended: all up to its end.

Others may be in the room still, and it goes on for them. So what is held of it is mostly beyond
the end; what the user may see is then loaded for one answer. The event that ends the membership
is always told last. What can be told before it depends on how the end became known:

- *In its place.* The room has A, B, Alice's leave L, and then C. Alice is told A, B and L.
- *In a hole* (``in_hole``). Alice was told A. Then B, C and L happen, and her homeserver's next
  answer begins with C. Whatever was between A and C would look as if it had not been; so L is
  told alone, as ``limited``, with a token from which she can page to the rest.
- *By another event than the one that ended the stay* (``is_later_word``). Alice is kicked (A),
  invited again (B), and declines (C). Her stay ends with A; C says what she is now.
- *From before she came here* (``remnant``). Alice was banned last year, and her first sync here
  says so. Nothing that is stored for the room's members is hers. Her own row has the event and
  what her homeserver told her of the room's state with it.
- *Without an event*, as when an invite is rejected. Then one is made up (``own_end``).
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Final

import msgspec

from syncv3.cache.events import CachedEvent
from syncv3.cache.listed import ListedRoom
from syncv3.cache.rooms import CachedRoom
from syncv3.engine.newest import live_of
from syncv3.engine.sources import Sources
from syncv3.engine.timeline import (
    MEMBER,
    Timeline,
    ignored,
    token_before,
    visible,
)
from syncv3.protocol.required_state import StateKey
from syncv3.store.remnant import ENDED
from syncv3.store.room_state import End
from syncv3.store.rows import UserRoomRow
from syncv3.types import EventID
from syncv3.untrusted import object_of, raw_object

ENDED_MOST: Final = 64
"""So many events before the end of a membership are loaded: more than any answer shows."""
LAST: Final = 2**62
"""The key of an event that ends a membership: none is newer."""


def end_of(stay: UserRoomRow) -> End:
    """Where the user's stay in the room has ended."""
    return End(stay.room_key, stay.left_ord or 0, stay.reset_pos)


def own_end(sources: Sources, room: CachedRoom, stay: UserRoomRow) -> CachedEvent:
    """The event that ended the membership.

    Homeservers may tell an end without an event, say of an invite that was rejected. Then one is
    made up, with an ID that is the same whenever and by whomever it is asked for (S-315).
    """
    json = stay.member_json or _made_up(sources.me, room.row.room_id, stay)
    return _kept_event(stay, (MEMBER, sources.me), LAST, stay.ended_pos, json)


def remnant_events(listed: ListedRoom) -> Mapping[StateKey, CachedEvent]:
    """What the user alone was told of the room's state, as of the end of their membership.

    By type and state key; empty where the room's own history has it.
    """
    stay, remnant = listed.stay, listed.remnant
    found = {}
    for number, json in enumerate(remnant.events if remnant is not None else ()):
        fields = object_of(json)
        key = (str(fields.get("type", "")), str(fields.get("state_key", "")))
        found[key] = _kept_event(stay, key, number, stay.reset_pos, json)
    return found


def remnant_timeline(
    sources: Sources, listed: ListedRoom, after: int | None, live_after: int | None
) -> Timeline | None:
    """The end of a membership from before the user came here; None: they never were in the room.

    ``after``: nothing is told if the end was known at that position; None: it is told. What was
    said before the end can be paged back to: so it is ``limited``, whatever it has.
    """
    stay, remnant = listed.stay, listed.remnant
    if remnant is None:
        return None
    if after is not None and stay.ended_pos <= after:
        return Timeline((), False, 0, remnant.token)
    shown = (own_end(sources, listed.room, stay),)
    return Timeline(shown, True, live_of(shown, live_after), remnant.token)


def _kept_event(
    stay: UserRoomRow, key: StateKey, event_key: int, pos: int, json: bytes
) -> CachedEvent:
    """An event of state that stands in the user's own row.

    Homeservers wrote it, so its ID and sender may be anything; it is passed on all the same.
    """
    fields = object_of(json)
    event_id, sender = fields.get("event_id"), fields.get("sender")
    return CachedEvent(
        event_key,
        pos,
        stay.left_ord,
        EventID(event_id if isinstance(event_id, str) else ""),
        *key,
        sender if isinstance(sender, str) else "",
        stay.stamp,
        None,
        None,
        json,
        False,
    )


def _made_up(me: str, room_id: str, stay: UserRoomRow) -> bytes:
    """A member event, whose ID follows from the user, the room and the position of the end."""
    name = sha256(f"{me}|{room_id}|{stay.reset_pos}".encode()).digest()
    return msgspec.json.encode(
        {
            "type": MEMBER,
            "state_key": me,
            "sender": me,
            "content": {"membership": stay.membership},
            "origin_server_ts": stay.stamp,
            "event_id": "$" + urlsafe_b64encode(name).decode().rstrip("="),
        }
    )


def ended_timeline(
    sources: Sources,
    listed: ListedRoom,
    stay: UserRoomRow,
    after: int | None,
    limit: int,
    live_after: int | None,
) -> Timeline:
    """The newest ``limit`` events up to the end of the membership, ending with it.

    ``after``: only those that became known after a position; None: of all since the join.
    ``stay`` is that of the room, which may reach back to before the user's join.
    """
    room = listed.room
    if after is not None and stay.ended_pos <= after:
        return Timeline((), False, 0, room.row.head_token)
    known, older = _known(sources, room, stay)
    own = own_end(sources, room, stay)
    if in_hole(sources, listed, known):
        # Nothing of ``known`` may be told with the end: it would look as if nothing were between.
        return Timeline((own,), True, live_of((own,), live_after), token_of_end(listed))
    events: Sequence[CachedEvent] = [
        e for e in known if not ignored(sources, e) and e.event_id != own.event_id
    ]
    if after is not None:
        came = _came_after(listed.stay, known, after)
        late: Sequence[CachedEvent] = [e for e in events if (e.pos or 0) > after]
        if came:
            late = _with_stay(listed.stay, events, late)
        # Where every loaded event is news, there may be more of it than was loaded.
        older = came or (older and len(late) == len(events))
        events = late
    shown = (*events, own)[-limit:]
    cut = older or len(shown) <= len(events)
    token = token_before(room, shown, known)
    live = live_of(shown, live_after, listed.stay.entered_pos)
    return Timeline(shown, cut, live, token)


def _came_after(stay: UserRoomRow, known: Sequence[CachedEvent], after: int) -> bool:
    """Whether the user came into the room after a position: what precedes that is not told.

    A client that had their invite has nothing of the room; one that had an earlier stay nothing
    of what followed it.
    """
    since_join = (event for event in known if (event.ord or 0) >= (stay.joined_ord or 0))
    first = next(since_join, None)
    joined = first is not None and first.ord == stay.joined_ord and (first.pos or 0) > after
    return joined or stay.entered_pos > after


def _with_stay(
    stay: UserRoomRow, events: Sequence[CachedEvent], late: Sequence[CachedEvent]
) -> Sequence[CachedEvent]:
    """All that is told of a stay that began after the client's position, without holes.

    Others may have been told of the join, and of what followed, before it was known of the user.
    """
    start = min([stay.joined_ord or 0, *(event.ord or 0 for event in late[:1])])
    return [event for event in events if (event.ord or 0) >= start]


def in_hole(sources: Sources, listed: ListedRoom, known: Sequence[CachedEvent]) -> bool:
    """Whether something is missing between the ``known`` events of a stay and its end.

    Say a user was told of A, then B, C and L (they leave) happen, and their homeserver's answer
    begins with C: it does not follow A, so that none of B, C and L has a place here. Or it has
    not answered yet, and L is known from the state of what others were told.
    """
    if listed.remnant is not None or not known:
        return True
    last = known[-1]
    if (last.type, last.state_key) != (MEMBER, sources.me):
        return True
    content = object_of(raw_object(last.wire).get("content", b""))
    return content.get("membership") not in ENDED


def is_later_word(stay: UserRoomRow, known: Sequence[CachedEvent]) -> bool:
    """Whether the end is told by another event than the one that ended the stay.

    Say Bob is kicked (A), invited again (B) and declines (C). His stay ends with A; what he is
    now C says, and B between the two is in no timeline.
    """
    said = object_of(stay.member_json).get("event_id") if stay.member_json is not None else None
    return said is not None and bool(known) and known[-1].event_id != said


def known_to_end(sources: Sources, listed: ListedRoom) -> Sequence[CachedEvent]:
    """The events of a stay that has ended, as far as they are loaded, the newest ones."""
    return _known(sources, listed.room, listed.stay)[0]


def token_of_end(listed: ListedRoom) -> str | None:
    """The token that leads back from the end of a membership which is told alone: from the end
    itself, or from somewhere behind it."""
    remnant = listed.remnant
    known = remnant.token if remnant is not None else None
    return known or listed.room.row.head_token


def _known(
    sources: Sources, room: CachedRoom, stay: UserRoomRow
) -> tuple[Sequence[CachedEvent], bool]:
    """The events before the end and behind the newest gap; whether there are older ones."""
    start = stay.joined_ord or 0
    held = room.timeline or []
    seen = [event for event in held if visible(stay, event)]
    gap = room.row.gap_ord or 0
    # Who has just left needs no query: the end still lies in the part that is held for the others.
    if room.timeline is not None and (stay.left_ord or 0) >= gap:
        if room.floor <= max(start, gap):
            return seen, start < gap or _has_older(seen)
        if len(seen) >= ENDED_MOST:
            return seen, True
    asked = (room.row.room_key, start, (stay.left_ord or 0) + 1)  # the end itself is included
    loaded = sources.loaded.ended.get(asked)
    if loaded is None:
        sources.missing.ended.add(asked)
        return (), False
    events, missing = _since_gap(sources, room, loaded)
    return events, missing or len(loaded) >= ENDED_MOST or _has_older(events)


def _has_older(events: Sequence[CachedEvent]) -> bool:
    return not events or events[0].type != "m.room.create"


def _since_gap(
    sources: Sources, room: CachedRoom, events: Sequence[CachedEvent]
) -> tuple[Sequence[CachedEvent], bool]:
    """The events behind the newest gap among them; whether there is one.

    The room's row knows only of the newest gap of all, which may be behind the user's end. So the
    database is asked about each stretch between two neighbours.
    """
    orders = [event.ord or 0 for event in events]
    stretches = [(room.row.room_key, *pair) for pair in pairwise(orders)]
    behind_gap = sources.loaded.gaps
    if unknown := [stretch for stretch in stretches if stretch not in behind_gap]:
        sources.missing.gaps.update(unknown)
        return events, False
    at = max((i for i, stretch in enumerate(stretches, 1) if behind_gap[stretch]), default=0)
    return events[at:], at > 0
