"""Writes the answers of the unstable dialect (sections 7 to 12, [U]).

Which field is there when: fields that are ``UNSET`` are left out, and so is ``initial`` when it
is false (S-175). A timeline that was not asked for, or is none of a user who is not in the room,
leaves out all four fields about it (S-190).
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from msgspec import UNSET, Raw, UnsetType

from syncv3.dialects.simplified import pieces
from syncv3.protocol.response import ListChange, RoomAnswer, SyncResponse
from syncv3.types import RoomID

MOST_OPS_ROOMS: Final = 100
"""A list whose windows have more rooms is told without operations, which are read by few
clients, none of them with such lists: five thousand room IDs are 200 KB."""


class RoomJson(msgspec.Struct, frozen=True, omit_defaults=True):
    """A room's entry, with the names that clients read today (docs/spec has them)."""

    initial: bool = False
    name: str | UnsetType = UNSET
    avatar: str | UnsetType | None = UNSET
    heroes: list[pieces.HeroJson] | UnsetType = UNSET
    is_dm: bool = False
    required_state: list[Raw] | UnsetType = UNSET
    timeline: list[Raw] | UnsetType = UNSET
    limited: bool | UnsetType = UNSET
    prev_batch: str | UnsetType = UNSET
    num_live: int | UnsetType = UNSET
    unstable_expanded_timeline: bool = False
    joined_count: int | UnsetType = UNSET
    invited_count: int | UnsetType = UNSET
    notification_count: int | UnsetType = UNSET
    highlight_count: int | UnsetType = UNSET
    bump_stamp: int | UnsetType = UNSET
    invite_state: list[Raw] | UnsetType = UNSET


class SyncJson(msgspec.Struct, frozen=True):
    """The rooms of one range. There are no other operations in this dialect."""

    range: tuple[int, int]
    room_ids: tuple[RoomID, ...]
    op: str = "SYNC"


class ListJson(msgspec.Struct, frozen=True):
    count: int
    ops: list[SyncJson] | UnsetType = UNSET


class ResponseJson(msgspec.Struct, frozen=True):
    pos: str
    rooms: Mapping[str, RoomJson]
    extensions: Mapping[str, Raw]
    lists: Mapping[str, ListJson] | UnsetType = UNSET
    txn_id: str | UnsetType = UNSET


_encoder = msgspec.json.Encoder()


def write(answer: SyncResponse, *, ops: bool) -> bytes:
    """The response body; ``ops``: lists are told with operations."""
    lists = {name: _list_json(change, ops=ops) for name, change in answer.lists.items()}
    return _encoder.encode(
        ResponseJson(
            pos=answer.pos,
            rooms={room_id: room_json(room) for room_id, room in answer.rooms.items()},
            extensions=pieces.extensions(answer),
            lists=lists or UNSET,
            txn_id=pieces.given(answer.txn_id),
        )
    )


def _list_json(change: ListChange, *, ops: bool) -> ListJson:
    syncs = list(_syncs(change)) if ops else []
    if sum(len(sync.room_ids) for sync in syncs) > MOST_OPS_ROOMS:
        syncs = []
    return ListJson(change.count, syncs or UNSET)


def _syncs(change: ListChange) -> Iterator[SyncJson]:
    """One operation for each range, as it was asked for (S-118); none if nothing has moved, and
    of a list of all rooms, which has no range."""
    if change.windows != change.windows_before or change.before is None or change.forgotten:
        for (start, stop), window in zip(change.spec.ranges, change.windows, strict=False):
            yield SyncJson((start, stop - 1), window)


def room_json(room: RoomAnswer) -> RoomJson:
    """One room's entry. An invite has its stripped state in place of a timeline.

    Both unread counts are always said. ``is_dm`` is left out when it is false.
    """
    timeline = room.has_timeline and room.stripped_state is None
    return RoomJson(
        initial=room.initial,
        name=room.name or UNSET,
        avatar=_avatar(room),
        heroes=pieces.heroes(room),
        is_dm=bool(room.is_dm),
        required_state=pieces.events((*room.required_state, *room.reminder)) or UNSET,
        timeline=pieces.events(room.timeline) if timeline and room.timeline else UNSET,
        limited=room.limited if timeline else UNSET,
        prev_batch=pieces.given(room.prev_batch) if timeline else UNSET,
        num_live=room.num_live if timeline else UNSET,
        unstable_expanded_timeline=timeline and room.expanded,
        joined_count=pieces.given(room.joined_count),
        invited_count=pieces.given(room.invited_count),
        notification_count=room.notification_count or 0,
        highlight_count=room.highlight_count or 0,
        bump_stamp=pieces.bump_stamp(room),
        invite_state=UNSET if room.stripped_state is None else pieces.events(room.stripped_state),
    )


def _avatar(room: RoomAnswer) -> str | UnsetType | None:
    """Null says that an avatar was removed (S-272): a client of the room must be told."""
    if room.avatar is None:
        return UNSET
    return room.avatar[0] or (UNSET if room.initial else None)
