"""The filter that pollers send with /sync (rules U-34, U-33, S-612).

What is not asked for costs nothing at the homeserver, on the way, and here. So a filter names only
what the service itself reads, and what the enabled extensions have said that they read. A first
answer has ten events of a room; more is fetched when somebody opens it (``syncv3.history``).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

# Events of a room in an answer. A first one has all rooms of the account, a later one only those
# where something has happened since.
FIRST_TIMELINE = 10
LATER_TIMELINE = 50
PAUSED_TIMELINE = 100
"""After a pause of a minute. More than that Synapse does not give (``filter_timeline_limit``)."""

Filter = Mapping[str, object]

NOTHING: Final[Filter] = {"not_types": ["*"]}
CORE_NEEDS: Final[Filter] = {
    "account_data": {"types": ["m.direct", "m.ignored_user_list"]},
    "room": {"account_data": {"types": ["m.tag"]}},
}
"""What lists need of account data, whichever extensions are enabled (L-10, L-15, IG-1)."""


class UpstreamFilters:
    """The filters of all pollers of a process. There are few, and each poll sends one: so each is
    made once. ``extra`` is what extensions ask for, already merged."""

    def __init__(self, extra: Filter = MappingProxyType({})) -> None:
        self._extra = extra
        self._made: dict[tuple[bool, bool, bool], str] = {}

    def of(self, since: str | None, *, no_rooms: bool, paused: bool) -> str:
        """See ``filter_json``."""
        kind = (since is None, no_rooms, paused)
        made = self._made.get(kind)
        if made is None:
            made = filter_json(self._extra, since=since, no_rooms=no_rooms, paused=paused)
            self._made[kind] = made
        return made


def filter_json(
    extra: Filter, *, since: str | None, no_rooms: bool = False, paused: bool = False
) -> str:
    """The filter of a poll as JSON. ``extra`` is what extensions ask for, already merged.

    ``no_rooms``: another device of the user is polled, and brings their rooms. ``paused``: the poll
    comes after a pause, in which more may have happened.

    Members come lazily, and not redundantly. If a homeserver repeated member events it might take
    one for that of somebody who has just come in, and tell the device that their keys have changed.
    """
    later = PAUSED_TIMELINE if paused else LATER_TIMELINE
    room: dict[str, object] = {
        "timeline": {
            "limit": FIRST_TIMELINE if since is None else later,
            "lazy_load_members": True,
        },
        "state": {"lazy_load_members": True},
    }
    if no_rooms:
        room["rooms"] = []
    base: dict[str, object] = {"room": room}
    merged = _plainly(merge_filters(merge_filters(base, CORE_NEEDS), extra))
    if "presence" not in merged:  # no extension reads it; left out, it would be all
        merged["presence"] = NOTHING
    wanted = merged["room"]
    if isinstance(wanted, dict) and "ephemeral" not in wanted:
        wanted["ephemeral"] = NOTHING
    return msgspec.json.encode(merged).decode()


def _plainly(merged: Filter) -> dict[str, object]:
    """A filter without those ``types`` that have ``*``: leaving them out means the same to every
    homeserver."""
    return {
        key: _plainly(value) if isinstance(value, Mapping) else value
        for key, value in merged.items()
        if not (key == "types" and isinstance(value, list) and "*" in value)
    }


def merge_filters(first: Filter, second: Filter) -> dict[str, object]:
    """Both filters as one. Lists of ``types`` are joined; of any other value that both have, that
    of ``first`` counts."""
    merged: dict[str, object] = {**second, **first}
    for key in first.keys() & second.keys():
        ours, theirs = first[key], second[key]
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            merged[key] = merge_filters(ours, theirs)
        elif key == "types" and isinstance(ours, list) and isinstance(theirs, list):
            merged[key] = list(dict.fromkeys([*ours, *theirs]))
    return merged
