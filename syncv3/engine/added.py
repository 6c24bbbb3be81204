"""Adds member events to an answer because an extension names the members (D-64)."""

from collections.abc import Mapping
from dataclasses import replace

from syncv3.cache.cache import Cache
from syncv3.engine.computed import Computed
from syncv3.engine.sources import Sources
from syncv3.engine.view import UNMET
from syncv3.protocol.response import RoomAnswer
from syncv3.types import RoomID, UserID


async def add_members(
    cache: Cache,
    computed: Computed,
    sources: Sources,
    members_sent: Mapping[int, Mapping[str, int]],
    named: Mapping[RoomID, frozenset[UserID]],
) -> None:
    """Puts members who were not sent yet into ``required_state`` of lazily loaded rooms.

    A room that is not in the answer gets an entry with nothing else in it.
    """
    wanted: dict[int, set[str]] = {}
    for room_id, members in named.items():
        key = sources.user.by_id.get(room_id)
        config = None if key is None else computed.visible.get(key)
        if key is None or config is None or not config.wanted.lazy:
            continue
        bound = computed.view.base_position  # what was sent later may have been lost
        sent = {u for u, at in members_sent.get(key, {}).items() if UNMET < at <= bound}
        if key in computed.renewed:
            sent = set()
        missing = set[str](members) - sent - computed.members.get(key, frozenset())
        if missing:
            wanted[key] = missing
    unknown = [
        (key, user_id)
        for key, missing in wanted.items()
        for user_id in missing
        if key in cache.rooms and user_id not in cache.rooms[key].members
    ]
    if unknown:
        await cache.fill(members=unknown)
    for key, missing in wanted.items():
        if key in cache.rooms:
            _put(computed, sources, key, missing)


def _put(computed: Computed, sources: Sources, key: int, members: set[str]) -> None:
    found = sources.members_of(key, members)
    if not found:
        return
    room_id = RoomID(sources.cache.rooms[key].row.room_id)
    room = computed.rooms.get(room_id, RoomAnswer())
    state = dict.fromkeys((*room.required_state, *(event.wire for event in found.values())))
    computed.rooms[room_id] = replace(room, required_state=tuple(state))
    computed.members[key] = computed.members.get(key, frozenset()) | found.keys()
