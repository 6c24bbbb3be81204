"""A group while it is planned: what is known, what is planned so far, and how rows get in.

The modules beside this one decide; they look up here and write here. Each look-up prefers what
this group has planned to what is stored. So if Alice's part and Bob's part of one group both have
the event A, it is new in the first, and known in the second.

A row is written once, however often it is changed: a room is a ``RoomDraft`` until ``finish``, a
user's relation to a room is replaced in ``stays``, and so is a state entry that the group changes
again. Only events are appended as they come: a known event is not written again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from syncv3.ingest.group import Group, KeySource
from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.room_keys import CHILD, key_changes, names_child
from syncv3.store.event_ids import pack_event_id
from syncv3.store.knowledge import Knowledge, KnownEvent, StateEntry
from syncv3.store.rows import ChildRow, EventRow, RoomRow, UserRoomRow
from syncv3.types import Event, EventID, RoomID, UserID


@dataclass(frozen=True, slots=True)
class KeySources:
    """Where new surrogate keys come from. The database has reserved them before planning begins,
    so that rows can refer to each other while they are planned."""

    rooms: KeySource
    events: KeySource


class Planning:
    """The one value that a plan is made in. Positions are relative to ``group``.

    ``events``, ``state``, ``stays`` and ``drafts`` have what was planned so far, and are looked at
    before ``known``. ``redacted`` maps the keys of events that this group redacts to what is left
    of them. It is needed where a chunk has a state event A and its redaction B: the timeline is
    taken in before the state, so A has lost its content when it becomes the state.
    """

    def __init__(self, known: Knowledge, keys: KeySources) -> None:
        self.known = known
        self.keys = keys
        self.group = Group()
        self.drafts: dict[RoomID, RoomDraft] = {}
        self.events: dict[EventID, KnownEvent] = {}
        self.state: dict[tuple[RoomID, str, str], StateEntry] = {}
        self.redacted: dict[int, bytes] = {}
        self.stays: dict[RoomID, dict[int, UserRoomRow]] = {}  # by room and user key
        self.children: dict[tuple[int, str], ChildRow] = {}
        self._state_rows: dict[tuple[int, str, str], int] = {}

    # -- what is known, including what this group has planned ------------------------

    def event(self, event_id: EventID) -> KnownEvent | None:
        """The event, if it is stored or planned; it may be of another room."""
        return self.events.get(event_id) or self.known.events.get(event_id)

    def orders(self, events: Iterable[Event]) -> list[int]:
        """The room orders of those events that have a place in a timeline."""
        known = (self.event(event.event_id) for event in events)
        return [k.ord for k in known if k is not None and k.ord is not None]

    def entry(self, draft: RoomDraft, type_: str, key: str) -> StateEntry | None:
        """The current value of a state key; None: it has none, or ``wants`` did not ask for it."""
        at = (draft.room_id, type_, key)
        return self.state.get(at) or self.known.state.get(at)

    def stay(self, user_id: UserID, user_key: int, room_id: RoomID) -> UserRoomRow | None:
        """What a local user is to a room; None: nothing is stored."""
        planned = self.stays.get(room_id, {}).get(user_key)
        return planned or self.known.user_rooms.get((user_id, room_id))

    def stay_of(self, user_id: UserID, room_id: RoomID) -> UserRoomRow | None:
        """The same of anybody; None also where the user is not a local one."""
        user_key = self.known.user_keys.get(user_id)
        return None if user_key is None else self.stay(user_id, user_key, room_id)

    # -- what is planned -------------------------------------------------------------

    def draft(self, room_id: RoomID, *, quiet: bool = False) -> RoomDraft:
        """The room's draft; a room that is not stored gets a new row.

        ``quiet``: what the caller writes is not to be told to clients yet. One caller that is not
        quiet is enough to make the whole row tell, since a room is written once in a group.
        """
        draft = self.drafts.get(room_id)
        if draft is None:
            row = self.known.rooms.get(room_id)
            new = row is None
            draft = RoomDraft(row or RoomRow(self.keys.rooms.take(), room_id), new)
            self.drafts[room_id] = draft
        draft.quiet = quiet and (draft.quiet or not draft.touched)
        return draft

    def put_event(
        self,
        draft: RoomDraft,
        event: Event,
        *,
        ord_: int | None = None,
        pos: int | None = None,
        history: bool = False,
        prev_batch: str | None = None,
    ) -> KnownEvent:
        """Writes an event. Without ``ord_`` it has no place in the timeline: it is state.

        ``pos``: the position at which clients hear of it; None: it is nobody's news.
        ``prev_batch``: the homeserver's token from directly before it, if the chunk had one there.

        A user's history (``syncv3.history``) may have stored the same event, without a place. The
        new row then replaces that one; the history names its events by ID, and so still has it.
        """
        key = self.keys.events.take()
        guest = self.known.filled.get(event.event_id)
        if guest is not None and event.event_id not in self.events:
            self.group.taken.append(guest.event_key)
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
                draft.target_of(event),
                prev_batch,
                event.json,
                event.unsigned or None,
            )
        )
        known = KnownEvent(key, draft.key, pos, ord_, event.type, event.state_key, event.json)
        self.events[event.event_id] = known
        return known

    def put_state(self, row: tuple[int, str, str, int, int, bool, bool]) -> None:
        """Writes a state key's new value, in place of one that this group has planned.

        The row is (room key, type, state key, event key, position, learned, replaces).
        ``learned``: it is knowledge, not news. ``replaces``: the database has a value that ends.

        The group may change one key twice, A then B. The one row that is written has B. It counts
        as learned if both do: had A been news, then so is what came of it. Whether there is an old
        value to end was decided with A, since B only replaces what is not written yet.
        """
        key = row[:3]
        at = self._state_rows.get(key)
        if at is None:
            self._state_rows[key] = len(self.group.state)
            self.group.state.append(row)
        else:
            *_, learned, replaces = self.group.state[at]
            self.group.state[at] = (*row[:5], learned and row[5], replaces)

    def feed(self, draft: RoomDraft, type_: str, key: str, content: Mapping[str, Any]) -> None:
        """Writes what lists read of a state key's new value: a column of the room, or a child.

        ``content`` is the event's; lists sort and filter without looking at state.
        """
        draft.set(**key_changes(type_, key, content))
        if type_ == CHILD:
            valid = names_child(key, content)
            if valid is not None:
                pos = self.group.take_position()
                self.children[(draft.key, key)] = ChildRow(draft.key, key, valid, pos)

    def put_stay(self, draft: RoomDraft, stay: UserRoomRow, **changes: Any) -> None:
        """Writes a user's stay with these changes, at a new position. The room's version guards
        it, so the room is written, too."""
        draft.touched = True
        changes["pos"] = self.group.take_position()
        stays = self.stays.setdefault(draft.room_id, {})
        stays[stay.user_key] = msgspec.structs.replace(stay, **changes)

    def finish(self) -> Group:
        """The whole group, each row once. Call it once, at the end.

        Every stored room that has a draft must still have the version that was known, also if
        nothing of it is written: the plan relied on it. New rooms must still be missing.
        """
        group = self.group
        for room_id, draft in self.drafts.items():
            if draft.new:
                if draft.touched:
                    group.new_rooms.append(room_id)
            else:
                group.expect.append((draft.key, draft.started.version))
            if draft.touched:
                group.rooms.append(draft.finish(group.take_position()))
        group.children.extend(self.children.values())
        group.user_rooms.extend(stay for stays in self.stays.values() for stay in stays.values())
        # Two redactions of one event: the last counts.
        group.redacted = list({row[0]: row for row in group.redacted}.values())
        group.unread = _newest(group.unread, 2)
        group.tags = _newest(group.tags, 2)
        # A row has ``m.direct`` or the ignored users, never both: each has its own newest report.
        group.users = [
            row
            for kind in (1, 2)
            for row in _newest([u for u in group.users if u[kind] is not None], 1)
        ]
        return group


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
