"""Writes the answers of the stable dialect (sections 7 to 12, [S]).

A room's fields are left out when they are ``UNSET``. Null stands for a name or an avatar that was
removed, and a state entry without content for one that does not exist any more.
"""

from collections.abc import Mapping

import msgspec
from msgspec import UNSET, Raw, UnsetType

from syncv3.dialects.simplified import pieces
from syncv3.protocol.required_state import StateKey
from syncv3.protocol.response import RoomAnswer, SyncResponse


class StubJson(msgspec.Struct, frozen=True):
    """A state entry that the client has and that does not exist any more: it has no content."""

    type: str
    state_key: str


class RoomJson(msgspec.Struct, frozen=True, omit_defaults=True):
    """A room's entry. Each one says which membership it is, and which lists show the room."""

    membership: str | UnsetType = UNSET
    lists: tuple[str, ...] | UnsetType = UNSET
    initial: bool = False
    name: str | UnsetType | None = UNSET
    avatar: str | UnsetType | None = UNSET
    heroes: list[pieces.HeroJson] | UnsetType = UNSET
    is_dm: bool | UnsetType = UNSET
    required_state: list[Raw | StubJson] | UnsetType = UNSET
    timeline: list[Raw] | UnsetType = UNSET
    limited: bool | UnsetType = UNSET
    prev_batch: str | UnsetType = UNSET
    num_live: int | UnsetType = UNSET
    expanded_timeline: bool = False
    joined_count: int | UnsetType = UNSET
    invited_count: int | UnsetType = UNSET
    bump_stamp: int | UnsetType = UNSET
    stripped_state: list[Raw] | UnsetType = UNSET


class ListJson(msgspec.Struct, frozen=True):
    """A list: nothing but how many rooms it has. Rooms say themselves in which lists they are."""

    count: int


class ResponseJson(msgspec.Struct, frozen=True):
    pos: str
    rooms: Mapping[str, RoomJson]
    extensions: Mapping[str, Raw]
    lists: Mapping[str, ListJson] | UnsetType = UNSET


_encoder = msgspec.json.Encoder()


def write(answer: SyncResponse) -> bytes:
    """The response body."""
    lists = {name: ListJson(change.count) for name, change in answer.lists.items()}
    return _encoder.encode(
        ResponseJson(
            pos=answer.pos,
            rooms={room_id: room_json(room) for room_id, room in answer.rooms.items()},
            extensions=pieces.extensions(answer),
            lists=lists or UNSET,
        )
    )


def room_json(room: RoomAnswer) -> RoomJson:
    """One room's entry; of an invite or a knock only the first few fields."""
    common = RoomJson(
        membership=room.membership,
        lists=room.lists or UNSET,
        initial=room.initial,
        is_dm=_is_dm(room),
        bump_stamp=pieces.bump_stamp(room),
    )
    if room.stripped_state is not None:  # of such rooms there is nothing else (S-292)
        return msgspec.structs.replace(common, stripped_state=pieces.events(room.stripped_state))
    return msgspec.structs.replace(
        common,
        name=_or_removed(room, room.name),
        avatar=UNSET if room.avatar is None else _or_removed(room, room.avatar[0] or ""),
        heroes=pieces.heroes(room),
        required_state=_state(room) or UNSET,
        timeline=pieces.events(room.timeline) if room.has_timeline and room.timeline else UNSET,
        limited=room.limited if room.has_timeline else UNSET,
        prev_batch=pieces.given(room.prev_batch) if room.has_timeline else UNSET,
        num_live=room.num_live if room.has_timeline else UNSET,
        expanded_timeline=room.has_timeline and room.expanded,
        joined_count=pieces.given(room.joined_count),
        invited_count=pieces.given(room.invited_count),
    )


def _is_dm(room: RoomAnswer) -> bool | UnsetType:
    """Of a room sent whole only that it is one; later whatever it has become (S-277)."""
    return (room.is_dm or UNSET) if room.initial else pieces.given(room.is_dm)


def _or_removed(room: RoomAnswer, text: str | None) -> str | UnsetType | None:
    """A name or URL. There being none is told by null, and of a room sent whole by nothing."""
    if text is None:
        return UNSET
    return text or (UNSET if room.initial else None)


def _state(room: RoomAnswer) -> list[Raw | StubJson]:
    return [*pieces.events(room.required_state), *map(_stub, room.gone)]


def _stub(key: StateKey) -> StubJson:
    return StubJson(*key)
