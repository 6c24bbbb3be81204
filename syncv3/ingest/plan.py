"""Plans a group: what a few parts change, given what is stored. No I/O.

For each room of a part: place the timeline (``syncv3.ingest.timeline``), find out which
state changed, then who may see what. Three distinctions carry it:

- *live* / *history*: does it extend the room, or fill in what came before?
- *changed* / *learned*: is it news for connections, or only knowledge (a lazily sent
  member, the state of a room that others are in)?
- *own* / *others'*: only a user's own poller opens a room for them; any live event that
  ends a membership closes it, at once.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import msgspec

from syncv3.batch import AccountData, JoinedRoom, LeftRoom, Part, StrippedRoom
from syncv3.ingest.draft import RoomDraft
from syncv3.ingest.group import Group, KeySource
from syncv3.ingest.room_keys import (
    content_of,
    hero_of,
    hides_history,
    key_changes,
    membership_of,
    read_heroes,
    text,
)
from syncv3.ingest.timeline import STEP, Place, Placement, place
from syncv3.protocol.redaction import redact
from syncv3.store.event_ids import pack_event_id
from syncv3.store.knowledge import Knowledge, KnownEvent, StateEntry
from syncv3.store.rows import EventRow, RoomRow, UserRoomRow
from syncv3.types import Event, EventID, RoomID, UserID

MEMBER: Final = "m.room.member"
CREATE: Final = "m.room.create"
ENDED: Final = ("leave", "ban")
SUMMARY_HEROES: Final = 5
R = TypeVar("R")


class BadRoom(Exception):
    """A room of a part cannot be taken in; the rest of the part can."""

    def __init__(self, part: int, room_id: RoomID, reason: str) -> None:
        super().__init__(reason)
        self.part = part
        self.room_id = room_id
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Keys:
    """Where new surrogate keys come from."""

    rooms: KeySource
    events: KeySource


def plan(
    parts: Sequence[Part],
    known: Knowledge,
    keys: Keys,
    *,
    excluded: Collection[tuple[int, RoomID]] = (),
) -> Group:
    """The rows that these parts come to.

    ``excluded`` names rooms, by part, to leave out. Raises ``BadRoom`` for a room that
    cannot be planned: plan again without it.
    """
    planner = _Planner(known, keys)
    for number, part in enumerate(parts):
        planner.part(number, part, excluded)
    return planner.finish()


def plan_members(room_id: RoomID, members: Sequence[Event], known: Knowledge, keys: Keys) -> Group:
    """The rows for a complete member list, fetched apart from any sync.

    It is knowledge: an entry that a timeline brought since the newest gap wins over it.
    ``known.state`` must have all members that are stored, listed or not: who came after
    the list was made counts too.
    """
    planner = _Planner(known, keys)
    draft = planner.draft(room_id)
    if draft.new:
        return Group()
    since = draft.row.gap_ord or 0
    result = {}
    for event in members:
        if event.type != MEMBER or event.state_key is None:
            continue
        entry = planner.entry(draft, MEMBER, event.state_key)
        brought = planner.event(entry.event_id) if entry is not None else None
        if entry is None or (
            entry.event_id != event.event_id
            and brought is not None
            and (brought.ord is None or brought.ord < since)
        ):
            result[(MEMBER, event.state_key)] = event
    planner.apply_state(draft, result, (), first=False)
    entries = {key: entry for (_, _, key), entry in known.state.items()}
    entries |= {key: entry for (_, _, key), entry in planner.state.items()}
    memberships = [membership_of(entry.json) for entry in entries.values()]
    draft.set(
        joined=memberships.count("join"),
        invited=memberships.count("invite"),
        members_complete=True,
    )
    return planner.finish()


def plan_senders(room_id: RoomID, members: Sequence[Event], known: Knowledge, keys: Keys) -> Group:
    """The rows for the member events of senders that had none; one that has is left alone."""
    planner = _Planner(known, keys)
    draft = planner.draft(room_id)
    if draft.new:
        return Group()
    unknown = {
        (MEMBER, event.state_key): event
        for event in members
        if event.state_key is not None and planner.entry(draft, MEMBER, event.state_key) is None
    }
    planner.apply_state(draft, unknown, (), first=False)
    return planner.finish()


def plan_confirmed(
    room_id: RoomID, gap_ord: int, user_ids: Iterable[UserID], known: Knowledge, keys: Keys
) -> Group:
    """The rows for users who were found to be in a room behind a gap (C2).

    None if another gap has opened since.
    """
    planner = _Planner(known, keys)
    draft = planner.draft(room_id)
    if draft.new or draft.row.gap_ord != gap_ord:
        return Group()
    for user_id in user_ids:
        view = planner.view_of(user_id, room_id)
        if view is not None and view.membership == "join" and not _confirmed(draft, view):
            pos = planner.group.take_position()
            planner.put_view(draft, view, confirmed_ord=gap_ord, confirmed_pos=pos)
    return planner.finish()


class _Planner:
    def __init__(self, known: Knowledge, keys: Keys) -> None:
        self.known = known
        self.keys = keys
        self.group = Group()
        self.drafts: dict[RoomID, RoomDraft] = {}
        self.events: dict[EventID, KnownEvent] = {}
        self.state: dict[tuple[RoomID, str, str], StateEntry] = {}
        self.state_rows: dict[tuple[int, str, str], int] = {}
        self.redacted: dict[int, bytes] = {}  # by event key: the form without its content
        self.user_rooms: dict[tuple[int, RoomID], UserRoomRow] = {}
        self.newest_members: Mapping[str, Event] = {}  # of the chunk that is being placed
        self.head_before: int | None = None  # where the room of that chunk ended without it

    # -- parts -----------------------------------------------------------------------

    def part(self, number: int, part: Part, excluded: Collection[tuple[int, RoomID]]) -> None:
        self.group.guards.append(
            (
                part.lease.device_key,
                part.lease.owner,
                part.lease.number,
                part.since,
                part.next_since,
                part.next_since is not None,
                part.generated_us,
            )
        )
        self.rooms(number, part, part.joined, self.joined, excluded)
        self.rooms(number, part, part.left, self.left, excluded)
        self.rooms(number, part, part.invited, self.invited, excluded)
        self.rooms(number, part, part.knocked, self.knocked, excluded)
        self.account_data(part)

    def rooms(
        self,
        number: int,
        part: Part,
        rooms: Mapping[RoomID, R],
        take: Callable[[Part, RoomID, R], None],
        excluded: Collection[tuple[int, RoomID]],
    ) -> None:
        for room_id, room in rooms.items():
            if (number, room_id) in excluded:
                continue
            try:
                take(part, room_id, room)
            except Exception as error:  # whatever a homeserver may send: the room alone pays
                raise BadRoom(number, room_id, f"{type(error).__name__}: {error}") from error

    def finish(self) -> Group:
        group = self.group
        for room_id, draft in self.drafts.items():
            if draft.new:
                if draft.touched:
                    group.new_rooms.append(room_id)
            else:
                group.expect.append((draft.key, draft.started.version))
            if draft.touched:
                group.rooms.append(draft.finish(group.take_position()))
        group.user_rooms.extend(self.user_rooms.values())
        group.unread = _newest(group.unread, 2)
        group.tags = _newest(group.tags, 2)
        group.users = [
            row
            for kind in (1, 2)
            for row in _newest([u for u in group.users if u[kind] is not None], 1)
        ]
        return group

    def draft(self, room_id: RoomID) -> RoomDraft:
        """The room's draft; a room that is not stored gets a new row."""
        draft = self.drafts.get(room_id)
        if draft is None:
            row = self.known.rooms.get(room_id)
            new = row is None
            draft = RoomDraft(row or RoomRow(self.keys.rooms.take(), room_id), new)
            self.drafts[room_id] = draft
        return draft

    # -- rooms -----------------------------------------------------------------------

    def joined(self, part: Part, room_id: RoomID, room: JoinedRoom) -> None:
        """A room of ``rooms.join``: timeline, state, then the user's own view of it."""
        draft = self.draft(room_id)
        view = self.view(part.user_id, part.user_key, room_id)
        first = draft.row.head_ord is None
        if first:
            created = [e for e in (*room.state, *room.timeline) if e.type == CREATE]
            if not created:
                raise ValueError("the room is unknown and has no create event")
            # The version decides how the events of this very chunk are redacted.
            draft.set(**key_changes(draft.row, CREATE, "", content_of(created[0].json)))
        late = not first and self.is_late(part, draft, room)
        whole, room = room, self.behind_hole(part, draft, room)
        start = None if room is whole else self.before_hole(draft, view, whole)
        placement = self.timeline(part, draft, view, room)
        start = placement.start_ord if start is None else start
        self.block(draft, room, placement, start, first=first, late=late)
        self.strangers(room_id, placement)
        if not late:
            self.summary(part, draft, room)
            if part.generated_us > draft.row.generated_us and (placement.placed or first):
                draft.set(generated_us=part.generated_us)
        self.own_join(part, draft, room, placement, late=late)
        self.own_events(part, room.timeline)
        self.unread_and_tags(part, draft, room)

    def behind_hole(self, part: Part, draft: RoomDraft, room: JoinedRoom) -> JoinedRoom:
        """What a chunk has from its user's own join on, if history is hidden.

        What happened while the user was out is then left out of the middle of the chunk,
        and nothing says so: a leave of somebody else may be in there. What precedes the
        join is not theirs to see. What is new in it tells the state, and what was redacted.
        """
        if not draft.row.history_hidden and any(map(hides_history, (*room.state, *room.timeline))):
            draft.set(history_hidden=True)
        at = _join_at(room.timeline, part.user_id)
        if not at or not draft.row.history_hidden:
            return room
        join = self.event(room.timeline[at].event_id)
        new = [e for e in (*room.state, *room.timeline[:at]) if self.event(e.event_id) is None]
        for event in new:
            if event.redacts is not None and event.state_key is None:
                self.redact(draft, event)
        return replace(
            room,
            state=room.state if room.state_after else _state_of(new),
            timeline=room.timeline[at:],
            limited=room.limited or join is None or join.ord is None,
            prev_batch=None,  # what we have of it leads back from before the hole
        )

    def before_hole(self, draft: RoomDraft, view: UserRoomRow | None, room: JoinedRoom) -> int:
        """The order from on which events are newer than the state at the chunk's beginning."""
        known = (self.event(event.event_id) for event in room.timeline)
        first = next((k.ord for k in known if k is not None and k.ord is not None), None)
        if first is not None:
            return first
        if view is None:
            return 0  # only others have told anything
        if view.membership == "join":
            behind = draft.row.head_ord if _confirmed(draft, view) else (draft.row.gap_ord or 0) - 1
        else:
            behind = view.left_ord
        return (behind or 0) + 1

    def is_late(self, part: Part, draft: RoomDraft, room: JoinedRoom) -> bool:
        """Whether the homeserver made this chunk before what is known of the room.

        The time of its arrival stands for that, and may err by a moment; a chunk that ends
        before the newest event is older than it, whenever it arrived.
        """
        if part.generated_us < draft.row.generated_us:
            return True
        newest = self.event(room.timeline[-1].event_id) if room.timeline else None
        return (
            newest is not None
            and newest.room_key == draft.key
            and newest.ord is not None
            and newest.ord < (draft.row.head_ord or 0)
        )

    def left(self, part: Part, room_id: RoomID, room: LeftRoom) -> None:
        """A room of ``rooms.leave``: what happened up to the leave, and the leave."""
        view = self.view(part.user_id, part.user_key, room_id)
        if view is None or part.generated_us < view.generated_us:
            return  # never shown, or an older report than what is known (M-11)
        draft = self.draft(room_id)
        own = [
            event
            for event in (*room.state, *room.timeline)
            if event.type == MEMBER and event.state_key == part.user_id
        ]
        if draft.row.head_ord is not None and view.membership == "join":
            timeline = _until_end(room.timeline, part.user_id)
            senders = {event.sender for event in timeline}
            chunk = JoinedRoom(
                state=tuple(e for e in room.state if e.type == MEMBER and e.state_key in senders),
                timeline=timeline,
                limited=room.limited,
                prev_batch=room.prev_batch,
            )
            placement = self.timeline(part, draft, view, chunk, ended=True)
            self.block(draft, chunk, placement, placement.start_ord, first=False, late=True)
            self.strangers(room_id, placement)
            view = self.view(part.user_id, part.user_key, room_id) or view
        last = own[-1] if own else None
        membership = membership_of(last.json) if last else "leave"
        if membership not in ENDED:
            membership = "leave"
        if view.membership not in ENDED:
            self.end_view(draft, view, membership, last, part.generated_us)
        elif view.membership != membership or view.generated_us < part.generated_us:
            self.put_view(draft, view, membership=membership, generated_us=part.generated_us)

    def invited(self, part: Part, room_id: RoomID, room: StrippedRoom) -> None:
        self.stripped(part, room_id, room, "invite")

    def knocked(self, part: Part, room_id: RoomID, room: StrippedRoom) -> None:
        self.stripped(part, room_id, room, "knock")

    def stripped(self, part: Part, room_id: RoomID, room: StrippedRoom, membership: str) -> None:
        """A room of ``rooms.invite`` or ``rooms.knock`` (M-1 to M-3, M-6)."""
        view = self.view(part.user_id, part.user_key, room_id)
        if view is not None and part.generated_us < view.generated_us:
            return  # a lagging device still sees the invite that was answered
        stripped = b"[" + b",".join(room.events) + b"]"
        own = _stripped_member(stripped, part.user_id)
        if own is None or (
            view is not None and view.membership == membership and view.stripped == stripped
        ):
            return
        draft = self.draft(room_id)
        draft.touched = True
        pos = self.group.take_position()
        base = view or UserRoomRow(part.user_key, draft.key, pos, membership, pos, 0)
        self.put_view(
            draft,
            base,
            membership=membership,
            stripped=stripped,
            member_json=None,
            reset_pos=pos,
            generated_us=part.generated_us,
            joined_ts=own,
            joined_ord=None,
            left_ord=None,
        )
        self.group.memberships.append((part.user_key, draft.key, pos, membership, None))

    # -- the timeline ----------------------------------------------------------------

    def timeline(
        self,
        part: Part,
        draft: RoomDraft,
        view: UserRoomRow | None,
        room: JoinedRoom,
        *,
        ended: bool = False,
    ) -> Placement:
        """Places and stores a chunk's new events; live ones act on members and redactions."""
        self.head_before = draft.row.head_ord
        known = [self.event(e.event_id) for e in room.timeline]
        orders = [k.ord if k and k.room_key == draft.key else None for k in known]
        confirmed = view is not None and view.membership == "join" and _confirmed(draft, view)
        late = part.generated_us < draft.row.generated_us
        placement = place(
            room.timeline,
            orders,
            draft.end,
            stored=[k is not None for k in known],
            limited=room.limited,
            continues=confirmed,
            late=late,
            ended=ended,
            entering=_join_at(room.timeline, part.user_id),
            before=self.came_in(part, RoomID(draft.row.room_id)),
        )
        if placement.gap:  # ends of memberships behind it must know of it
            draft.set(gap_ord=placement.end.gap_ord)
        self.newest_members = members = {
            e.state_key: e for e in room.timeline if e.type == MEMBER and e.state_key
        }
        before = {key: self.view_of(UserID(key), RoomID(draft.row.room_id)) for key in members}
        # A late answer has tokens from before what is stored, unless it goes on from its end.
        head = draft.row.head_ord
        goes_on = head in orders and placement.end.head_ord != head
        behind = late and not goes_on
        if not behind and any(p.place is not Place.HISTORY for p in placement.placed):
            draft.set(head_token=part.next_batch)
        for placed in placement.placed:
            self.store(
                part,
                draft,
                placed.event,
                placed.ord,
                placed.place,
                room.prev_batch if placed.first and not behind else None,
            )
        if placement.end != draft.end:
            draft.set(
                head_ord=placement.end.head_ord,
                gap_ord=placement.end.gap_ord,
                filled_ord=placement.end.filled_ord,
            )
        if placement.gap:
            self.group.gaps.append((draft.key, placement.start_ord, room.prev_batch, part.user_key))
            draft.set(reset_pos=self.group.take_position(), members_complete=False)
        for user_id, event in members.items():
            self.came_back(draft, before[user_id], event)
        return placement

    def came_in(self, part: Part, room_id: RoomID) -> int | None:
        """Where the first of those came in whose own, newer report has said so; None: nobody."""
        stored = self.known.came_in.get((room_id, part.generated_us))
        planned = [
            view.joined_ord
            for (_, in_room), view in self.user_rooms.items()
            if in_room == room_id
            and view.membership == "join"
            and view.generated_us > part.generated_us
            and view.joined_ord is not None
        ]
        return min([*planned, *([] if stored is None else [stored])], default=None)

    def store(
        self,
        part: Part,
        draft: RoomDraft,
        event: Event,
        ord_: int | None,
        where: Place,
        prev_batch: str | None,
    ) -> KnownEvent:
        pos = self.group.take_position() if where is Place.LIVE else None
        known = self.insert(draft, event, ord_, pos, where is Place.HISTORY, prev_batch)
        if where is not Place.HISTORY and ord_ is not None and ord_ > (draft.row.head_ord or 0):
            draft.appended(event)
        if where is Place.LIVE and event.type == MEMBER and event.state_key is not None:
            self.others_membership(part, draft, event, ord_)
        if event.redacts is not None and event.state_key is None:
            self.redact(draft, event)
        return known

    def insert(
        self,
        draft: RoomDraft,
        event: Event,
        ord_: int | None,
        pos: int | None,
        history: bool,
        prev_batch: str | None,
    ) -> KnownEvent:
        key = self.keys.events.take()
        self.group.events.append(
            EventRow(
                key,
                draft.key,
                pos,
                ord_,
                history,
                pack_event_id(event.event_id),
                event.type,
                event.state_key,
                event.redacts,
                prev_batch,
                event.json,
                event.unsigned or None,
            )
        )
        known = KnownEvent(key, draft.key, pos, ord_, event.type, event.state_key, event.json)
        self.events[event.event_id] = known
        return known

    def redact(self, draft: RoomDraft, event: Event) -> None:
        """Replaces the target's bytes, and recomputes what the target fed (RD-1, M-32)."""
        assert event.redacts is not None
        target = self.event(event.redacts)
        if target is None or target.json is None or target.room_key != draft.key:
            return
        json = redact(target.json, draft.row.room_version or "1")
        because = b'"redacted_because":' + event.json
        self.group.redacted.append((target.event_key, json, because))
        self.redacted[target.event_key] = json
        if target.state_key is None:
            return
        entry = self.entry(draft, target.type, target.state_key)
        if target.current if entry is None else entry.event_key == target.event_key:
            content = content_of(json)
            draft.set(**key_changes(draft.row, target.type, target.state_key, content))
            if target.type == MEMBER:
                self.hero_changes(draft, {target.state_key: content})

    def strangers(self, room_id: RoomID, placement: Placement) -> None:
        """Notes senders whose member event the homeserver has left out."""
        for placed in placement.placed:
            sender = placed.event.sender
            if (room_id, sender) not in self.known.strangers:
                continue
            if (room_id, MEMBER, sender) not in self.state:
                events = self.group.strangers.setdefault(room_id, {})
                events[sender] = placed.event.event_id

    # -- state -----------------------------------------------------------------------

    def block(
        self,
        draft: RoomDraft,
        room: JoinedRoom,
        placement: Placement,
        start: int | None,
        *,
        first: bool,
        late: bool,
    ) -> None:
        """Applies the state block and the timeline's state events.

        ``state`` is the state before the timeline, so the timeline's events win, as do all
        that are known from the order ``start`` on;
        ``state_after`` (MSC4222) is the state behind it and alone decides. A late chunk
        only teaches keys that have no value yet.
        """
        history = {p.event.event_id for p in placement.placed if p.place is Place.HISTORY}
        blocked = {(e.type, e.state_key or ""): e for e in room.state if e.state_key is not None}
        result: dict[tuple[str, str], Event] = {}
        for key, event in sorted(blocked.items(), key=lambda item: _block_order(item[1])):
            entry = self.entry(draft, *key)
            newer = late or (not room.state_after and _from(entry, start))
            if entry is None or not newer:
                result[key] = event
        live: set[tuple[str, str]] = set()
        new = {p.event.event_id for p in placement.placed}
        if room.state_after:
            self.state_aside(draft, room, blocked, new)
            live = {key for key, event in blocked.items() if event.event_id in new}
        else:
            hidden = self.hidden_before(draft, room)
            for event in room.timeline:
                if event.state_key is None or event.event_id in history:
                    continue
                if event.event_id not in new and (
                    late or (self.event(event.event_id) is None and event.event_id not in hidden)
                ):
                    continue  # too old to have a place: it was superseded before what is known
                key = (event.type, event.state_key)
                if not self.superseded(draft, key, event):
                    result[key] = event
                    if event.event_id in new:
                        live.add(key)
        self.apply_state(draft, result, live, first=first)

    def superseded(self, draft: RoomDraft, key: tuple[str, str], event: Event) -> bool:
        """Whether a later event of the timeline is the current value already."""
        known = self.event(event.event_id)
        ord_ = known.ord if known is not None else (draft.row.gap_ord or 0) - 1
        entry = self.entry(draft, *key)
        return ord_ is not None and entry is not None and entry.ord is not None and entry.ord > ord_

    def hidden_before(self, draft: RoomDraft, room: JoinedRoom) -> frozenset[EventID]:
        """What lies directly before the newest gap, of a room with hidden history.

        Whoever came first behind it had not even the state of what they were not shown.
        """
        found: set[EventID] = set()
        ord_: int | None = None  # of the known event that follows
        for event in reversed(room.timeline if draft.row.history_hidden else ()):
            known = self.event(event.event_id)
            if known is not None and known.ord is not None:
                ord_ = known.ord
            elif ord_ is not None and ord_ == draft.row.gap_ord:
                found.add(event.event_id)
        return frozenset(found)

    def state_aside(
        self,
        draft: RoomDraft,
        room: JoinedRoom,
        blocked: Mapping[tuple[str, str], Event],
        new: Collection[EventID],
    ) -> None:
        """Timeline state that ``state_after`` contradicts: whoever saw it must be corrected."""
        for event in room.timeline:
            if event.state_key is None or event.event_id not in new:
                continue
            after = blocked.get((event.type, event.state_key))
            if after is None or after.event_id != event.event_id:
                draft.set(reset_pos=self.group.take_position())
                return

    def apply_state(
        self,
        draft: RoomDraft,
        result: Mapping[tuple[str, str], Event],
        live: Collection[tuple[str, str]],
        *,
        first: bool,
    ) -> None:
        """Writes the keys whose value differs, and what they feed."""
        members: dict[str, dict[str, Any]] = {}
        for (type_, key), event in result.items():
            before = self.entry(draft, type_, key)
            if before is not None and before.event_id == event.event_id:
                continue
            known = self.event(event.event_id) or self.insert(draft, event, None, None, False, None)
            learned = first or (before is None and (type_, key) not in live)
            pos = self.group.take_position()
            self.put_state(
                (draft.key, type_, key, known.event_key, pos, learned, before is not None)
            )
            json = self.redacted.get(known.event_key, event.json)
            self.state[(RoomID(draft.row.room_id), type_, key)] = StateEntry(
                known.event_key, event.event_id, json, known.ord
            )
            content = content_of(json)
            draft.touched = True
            draft.set(**key_changes(draft.row, type_, key, content))
            if type_ == MEMBER:
                members[key] = content
                if not first:
                    self.count(draft, before, event, learned=learned)
                    if (type_, key) not in live:
                        self.unseen_membership(draft, event)
            if not learned and (type_, key) not in live and not first:
                draft.set(reset_pos=pos)  # changed behind the timeline (Z-16)
        if first:
            self.first_counts(draft, members)
        self.hero_changes(draft, members)

    def put_state(self, row: tuple[int, str, str, int, int, bool, bool]) -> None:
        """Writes a state key's new value, in place of one that this group has planned."""
        key = row[:3]
        at = self.state_rows.get(key)
        if at is None:
            self.state_rows[key] = len(self.group.state)
            self.group.state.append(row)
        else:
            *_, learned, replaces = self.group.state[at]
            self.group.state[at] = (*row[:5], learned and row[5], replaces)

    def count(
        self, draft: RoomDraft, before: StateEntry | None, event: Event, *, learned: bool
    ) -> None:
        """Adjusts the counts for one member whose membership changed."""
        if learned:
            return
        old = membership_of(before.json) if before else (event.prev_membership or "leave")
        new = membership_of(event.json)
        if old != new:
            draft.set(
                joined=max(0, draft.row.joined + (new == "join") - (old == "join")),
                invited=max(0, draft.row.invited + (new == "invite") - (old == "invite")),
            )

    def first_counts(self, draft: RoomDraft, members: Mapping[str, Mapping[str, Any]]) -> None:
        memberships = [content.get("membership") for content in members.values()]
        draft.set(joined=memberships.count("join"), invited=memberships.count("invite"))

    def summary(self, part: Part, draft: RoomDraft, room: JoinedRoom) -> None:
        """The homeserver's own counts and heroes, where it gave them."""
        counts = {"joined": room.summary.joined, "invited": room.summary.invited}
        draft_changes = {k: v for k, v in counts.items() if v is not None}
        if any(getattr(draft.row, k) != v for k, v in draft_changes.items()):
            draft.set(**draft_changes)
        heroes = room.summary.heroes
        if not heroes or self.are_heroes(draft, heroes):
            return
        known = {hero[0]: hero for hero in (*read_heroes(draft.started.heroes), *draft.heroes)}
        chosen = []
        for user_id in (*heroes, part.user_id):
            entry = self.entry(draft, MEMBER, user_id)
            content = content_of(entry.json) if entry is not None and entry.json else {}
            if "displayname" in content or user_id not in known:
                chosen.append(hero_of(user_id, content))
            else:
                chosen.append(known.get(user_id, (user_id, None, None)))
        draft.set_heroes(chosen)

    def are_heroes(self, draft: RoomDraft, heroes: Collection[UserID]) -> bool:
        """Whether a user's summary says nothing new of the room's heroes.

        A summary has the first five members but its user. Together with the user they are
        the room's; another user's five are among these six, or teach the sixth. Fewer than
        five are all there are.
        """
        return len(heroes) >= SUMMARY_HEROES and set(heroes) <= {h[0] for h in draft.heroes}

    def hero_changes(self, draft: RoomDraft, members: Mapping[str, Mapping[str, Any]]) -> None:
        """Keeps heroes true to member events seen, and fills up while there are few."""
        if not members:
            return
        heroes = {hero[0]: hero for hero in draft.heroes}
        for user_id in sorted(members):
            content = members[user_id]
            if content.get("membership") not in ("join", "invite"):
                heroes.pop(user_id, None)
            elif user_id in heroes or len(heroes) < 6:
                heroes[user_id] = hero_of(user_id, content)
        draft.set_heroes(list(heroes.values()))

    # -- who may see it --------------------------------------------------------------

    def own_join(
        self,
        part: Part,
        draft: RoomDraft,
        room: JoinedRoom,
        placement: Placement,
        *,
        late: bool,
    ) -> None:
        """The room is in the user's own ``rooms.join``: open it, or confirm it past a gap.

        A late chunk that does not reach past the newest gap says nothing of what is behind
        it; the user's next answer must have the room again.
        """
        view = self.view(part.user_id, part.user_key, RoomID(draft.row.room_id))
        join = self.own_join_event(part, room, draft)
        head = draft.row.head_ord or 0
        reached = not late or self.reaches(draft, room)
        if view is not None and view.membership == "join":
            if join is None or join[1] <= (view.joined_ord or 0):
                if reached and not _confirmed(draft, view):
                    pos = self.group.take_position()
                    self.put_view(draft, view, confirmed_ord=draft.row.gap_ord, confirmed_pos=pos)
                return
        elif not self.opens(part, draft, room, view, join, late=late):
            return
        if not reached:
            return
        start = placement.start_ord if placement.start_ord is not None else head + STEP
        joined_ord = join[1] if join is not None else self.since_join(part, draft, room, start)
        pos = self.group.take_position()
        base = view or UserRoomRow(part.user_key, draft.key, pos, "join", pos, 0)
        self.put_view(
            draft,
            base,
            membership="join",
            reset_pos=pos,
            generated_us=max(part.generated_us, base.generated_us),
            joined_ord=joined_ord,
            visible_ord=min(start, joined_ord),
            left_ord=None,
            confirmed_ord=draft.row.gap_ord or 0,
            confirmed_pos=pos if part.since is None else 0,
            joined_ts=join[0].timestamp if join else self.joined_ts(part, draft, room),
            member_json=None,
            stripped=None,
            forgotten=False,
        )
        self.group.spans_opened.append((part.user_key, draft.key, min(start, joined_ord), None))
        self.group.memberships.append(
            (part.user_key, draft.key, pos, "join", join[2] if join else None)
        )

    def opens(
        self,
        part: Part,
        draft: RoomDraft,
        room: JoinedRoom,
        view: UserRoomRow | None,
        join: tuple[Event, int, int] | None,
        *,
        late: bool,
    ) -> bool:
        """Whether the report of a join is newer than the end of the membership known."""
        if view is not None and part.generated_us < view.generated_us:
            return view.membership in ENDED and join is not None and join[1] > (view.left_ord or 0)
        entry = self.entry(draft, MEMBER, part.user_id) if late else None
        if entry is None or membership_of(entry.json) == "join":
            return True
        if join is not None:
            return join[1] > (entry.ord or 0)
        # The join is left out of the chunk, but it goes on behind the leave that is known.
        known = (self.event(event.event_id) for event in room.timeline)
        last = max((k.ord for k in known if k is not None and k.ord is not None), default=0)
        return entry.ord is not None and last > entry.ord

    def reaches(self, draft: RoomDraft, room: JoinedRoom) -> bool:
        """Whether a chunk has an event from behind the room's newest gap."""
        known = (self.event(event.event_id) for event in room.timeline)
        gap = draft.row.gap_ord or 0
        return any(k is not None and k.ord is not None and k.ord >= gap for k in known)

    def own_join_event(
        self, part: Part, room: JoinedRoom, draft: RoomDraft
    ) -> tuple[Event, int, int] | None:
        """The user's latest transition into ``join`` in this chunk: event, order, key."""
        at = _join_at(room.timeline, part.user_id)
        if at is None:
            return None
        known = self.event(room.timeline[at].event_id)
        if known is None or known.ord is None:
            return None
        return room.timeline[at], known.ord, known.event_key

    def since_join(self, part: Part, draft: RoomDraft, room: JoinedRoom, start: int) -> int:
        """Where the user's view begins, if their join itself has no place in the timeline.

        That is behind the join, as what precedes it may have a hole where they were out;
        at ``start`` if the whole chunk is behind it.
        """
        at = _join_at(room.timeline, part.user_id)
        if at is None:
            return start
        known = (self.event(event.event_id) for event in room.timeline[at:])
        orders = [k.ord for k in known if k is not None and k.ord is not None]
        return orders[0] if orders else (draft.row.head_ord or 0) + STEP

    def joined_ts(self, part: Part, draft: RoomDraft, room: JoinedRoom) -> int:
        """When the user joined, if the state block says so; 0 = not known."""
        for event in room.state:
            if event.type == MEMBER and event.state_key == part.user_id:
                return 0 if event.prev_membership == "join" else event.timestamp
        return 0

    def others_membership(
        self, part: Part, draft: RoomDraft, event: Event, ord_: int | None
    ) -> None:
        """A live member event: it may end a local user's view, and never opens one."""
        membership = membership_of(event.json)
        view = self.view_of(UserID(event.state_key or ""), RoomID(draft.row.room_id))
        if view is not None and view.membership == membership == "join":
            self.rejoin(draft, view, event, ord_ or 0)
        if view is None or membership not in ENDED or view.membership in ENDED:
            return
        if view.membership == "join" and ord_ is not None and ord_ < (view.joined_ord or 0):
            return  # an earlier leave, before the join that is known
        if view.membership != "join" and (
            part.generated_us < view.generated_us
            or membership_of(self.newest_members[event.state_key or ""].json) == view.membership
        ):
            return  # an earlier leave, before the invite that is known
        self.end_view(draft, view, membership, event, part.generated_us, ord_)

    def rejoin(self, draft: RoomDraft, view: UserRoomRow, event: Event, ord_: int) -> None:
        """A join of somebody who was joined: they had left, where a gap hides it (X-4)."""
        if event.prev_membership == "join" or ord_ <= (view.joined_ord or 0):
            return
        pos = self.group.take_position()
        self.put_view(
            draft, view, joined_ord=ord_, visible_ord=ord_, reset_pos=pos, joined_ts=event.timestamp
        )
        self.group.spans_closed.append((view.user_key, draft.key, 0, ord_ - 1))
        self.group.spans_opened.append((view.user_key, draft.key, ord_, None))

    def came_back(self, draft: RoomDraft, before: UserRoomRow | None, last: Event) -> None:
        """A user who left within a chunk and is out no more at its end.

        Their own poller tells what they are now; it may have been told so a moment before
        this chunk was made, so its older report must still count.
        """
        if before is None or before.membership in ENDED or membership_of(last.json) in ENDED:
            return
        room_id = RoomID(draft.row.room_id)
        view = self.view_of(UserID(last.state_key or ""), room_id)
        if view is not None and view.membership in ENDED:
            self.put_view(draft, view, generated_us=before.generated_us)

    def unseen_membership(self, draft: RoomDraft, event: Event) -> None:
        """A member event that came in a state block: the end of a view before the chunk."""
        membership = membership_of(event.json)
        view = self.view_of(UserID(event.state_key or ""), RoomID(draft.row.room_id))
        if view is None or membership not in ENDED or view.membership in ENDED:
            return
        end = draft.row.head_ord if self.head_before is None else self.head_before
        self.end_view(draft, view, membership, event, draft.row.generated_us, end)

    def end_view(
        self,
        draft: RoomDraft,
        view: UserRoomRow,
        membership: str,
        event: Event | None,
        generated_us: int,
        ord_: int | None = None,
    ) -> None:
        """The user has left: nothing behind this event is theirs.

        Nor is anything behind the first gap that they were not seen to be in the room after.
        """
        known = self.event(event.event_id) if event else None
        left_ord = ord_ if ord_ is not None else (known.ord if known else None)
        if draft.row.gap_ord is not None and not _confirmed(draft, view):
            gap = self.known.unseen.get((view.user_key, RoomID(draft.row.room_id)), 0)
            before = (gap if gap > (view.confirmed_ord or 0) else draft.row.gap_ord) - 1
            left_ord = before if left_ord is None else min(left_ord, before)
        pos = self.group.take_position()
        whole = _whole(event) if event else None
        self.put_view(
            draft,
            view,
            membership=membership,
            reset_pos=pos,
            left_ord=left_ord if left_ord is not None else (draft.row.head_ord or 0),
            member_json=whole,
            generated_us=max(generated_us, view.generated_us),
            stripped=None,
        )
        self.group.spans_closed.append(
            (view.user_key, draft.key, 0, left_ord or draft.row.head_ord or 0)
        )
        self.group.memberships.append(
            (view.user_key, draft.key, pos, membership, known.event_key if known else None)
        )

    def put_view(self, draft: RoomDraft, view: UserRoomRow, **changes: Any) -> None:
        """Writes a user's relation to a room; the room's version guards it."""
        draft.touched = True
        changes["pos"] = self.group.take_position()
        self.user_rooms[(view.user_key, RoomID(draft.row.room_id))] = msgspec.structs.replace(
            view, **changes
        )

    # -- the polling user's own data -------------------------------------------------

    def own_events(self, part: Part, timeline: Iterable[Event]) -> None:
        """Notes which own events the device's poller has delivered (TX-1 to TX-3)."""
        for event in timeline:
            if event.sender != part.user_id or event.state_key is not None:
                continue
            known = self.event(event.event_id)
            if known is not None and (event.transaction_id or known.pos is not None):
                self.group.txns.append(
                    (part.lease.device_key, known.event_key, event.transaction_id)
                )

    def unread_and_tags(self, part: Part, draft: RoomDraft, room: JoinedRoom) -> None:
        """Unread counts and tags: values of this user, newest report wins."""
        view = self.view(part.user_id, part.user_key, RoomID(draft.row.room_id))
        if view is None:
            return
        counts = (
            view.notification_count if room.notification_count is None else room.notification_count,
            view.highlight_count if room.highlight_count is None else room.highlight_count,
        )
        if counts != (view.notification_count, view.highlight_count):
            self.group.unread.append((part.user_key, draft.key, *counts, part.generated_us))
        for data in room.account_data:
            if data.type == "m.tag":
                tags = content_of(data.json).get("tags")
                names = sorted(tags) if isinstance(tags, dict) else []
                if tuple(names) != view.tags:
                    self.group.tags.append((part.user_key, draft.key, names, part.generated_us))

    def account_data(self, part: Part) -> None:
        """The global account data that lists need: ``m.direct``, ``m.ignored_user_list``."""
        direct = ignored = None
        for data in part.account_data:
            if data.type == "m.direct":
                direct = _direct_rooms(data)
            elif data.type == "m.ignored_user_list":
                users = content_of(data.json).get("ignored_users")
                ignored = sorted(users) if isinstance(users, dict) else []
        if direct is not None:
            self.group.users.append((part.user_key, direct, None, part.generated_us))
        if ignored is not None:
            self.group.users.append((part.user_key, None, ignored, part.generated_us))

    # -- what is known, including what this group has planned ------------------------

    def event(self, event_id: EventID) -> KnownEvent | None:
        return self.events.get(event_id) or self.known.events.get(event_id)

    def entry(self, draft: RoomDraft, type_: str, key: str) -> StateEntry | None:
        at = (RoomID(draft.row.room_id), type_, key)
        return self.state.get(at) or self.known.state.get(at)

    def view(self, user_id: UserID, user_key: int, room_id: RoomID) -> UserRoomRow | None:
        planned = self.user_rooms.get((user_key, room_id))
        return planned or self.known.user_rooms.get((user_id, room_id))

    def view_of(self, user_id: UserID, room_id: RoomID) -> UserRoomRow | None:
        user_key = self.known.user_keys.get(user_id)
        return None if user_key is None else self.view(user_id, user_key, room_id)


def _state_of(events: Iterable[Event]) -> tuple[Event, ...]:
    """The state events among some, of each key the last one, in the order of these."""
    state: dict[tuple[str, str], Event] = {}
    for event in events:
        if event.state_key is not None:
            state.pop((event.type, event.state_key), None)
            state[(event.type, event.state_key)] = event
    return tuple(state.values())


def _join_at(timeline: Sequence[Event], user_id: UserID) -> int | None:
    """Where in a chunk the user comes in, for the last time; None if they do not."""
    for at in range(len(timeline) - 1, -1, -1):
        event = timeline[at]
        own = event.type == MEMBER and event.state_key == user_id
        if own and membership_of(event.json) == "join" and event.prev_membership != "join":
            return at
    return None


def _until_end(timeline: Sequence[Event], user_id: UserID) -> tuple[Event, ...]:
    """A chunk of a room that its user has left, as far as it is without holes.

    Behind the end of the last stay only invites and the like are in it, not what happened
    in between.
    """
    own = [
        (i, membership_of(event.json))
        for i, event in enumerate(timeline)
        if event.type == MEMBER and event.state_key == user_id
    ]
    joined = max((i for i, membership in own if membership == "join"), default=-1)
    end = next((i for i, membership in own if i > joined and membership in ENDED), len(timeline))
    return tuple(timeline[: end + 1])


def _confirmed(draft: RoomDraft, view: UserRoomRow) -> bool:
    """Whether a joined user is known to be in the room behind its newest gap."""
    return draft.row.gap_ord is None or (view.confirmed_ord or 0) >= draft.row.gap_ord


def _from(entry: StateEntry | None, ord_: int | None) -> bool:
    """Whether a state entry is an event of the timeline from this order on."""
    return entry is not None and entry.ord is not None and ord_ is not None and entry.ord >= ord_


def _newest(rows: Sequence[tuple[Any, ...]], width: int) -> list[tuple[Any, ...]]:
    """Of rows with the same key (the first ``width`` columns) the one made last.

    The last column says when; several devices of a user may be in one group.
    """
    newest: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for row in rows:
        before = newest.get(row[:width])
        if before is None or before[-1] <= row[-1]:
            newest[row[:width]] = row
    return list(newest.values())


def _block_order(event: Event) -> int:
    """Inside a state block, ends of memberships come first: what else is new is not theirs."""
    return 0 if event.type == MEMBER and membership_of(event.json) in ENDED else 1


def _whole(event: Event) -> bytes:
    """The event as a client gets it."""
    if not event.unsigned:
        return event.json
    return event.json[:-1] + b',"unsigned":{' + event.unsigned + b"}}"


def _stripped_member(stripped: bytes, user_id: UserID) -> int | None:
    """The time of the user's own event in an invite state (0: it has none); None: no event."""
    for event in msgspec.json.decode(stripped):
        if (
            isinstance(event, dict)
            and event.get("type") == MEMBER
            and event.get("state_key") == user_id
        ):
            timestamp = event.get("origin_server_ts")
            return timestamp if isinstance(timestamp, int) else 0
    return None


def _direct_rooms(data: AccountData) -> list[str]:
    rooms = {
        room
        for named in content_of(data.json).values()
        if isinstance(named, list)
        for room in named
        if text(room)
    }
    return sorted(rooms)
