"""The filter that pollers send with /sync (rules U-34, U-33, S-612)."""

from collections.abc import Mapping

import msgspec

FIRST_TIMELINE = 10
LATER_TIMELINE = 50

Filter = Mapping[str, object]


def upstream_filter(extra: Filter, *, since: str | None, no_rooms: bool = False) -> str:
    """The filter as JSON. ``extra`` is what extensions ask for, already merged.

    ``no_rooms``: this device's user is already being polled; its rooms are here. Members
    come lazily but redundantly: an answer of ours may get lost, and older homeservers
    never repeat the members in it (A12 in the design notes).
    """
    room: dict[str, object] = {
        "timeline": {"limit": FIRST_TIMELINE if since is None else LATER_TIMELINE,
                     "lazy_load_members": True, "include_redundant_members": True},
        "state": {"lazy_load_members": True, "include_redundant_members": True},
    }  # fmt: skip
    if no_rooms:
        room["rooms"] = []
    base: dict[str, object] = {"room": room}
    if "presence" not in extra:
        base["presence"] = {"not_types": ["*"]}
    return msgspec.json.encode(merge_filters(base, extra)).decode()


def merge_filters(first: Filter, second: Filter) -> dict[str, object]:
    """Both filters as one; where they disagree on a value, ``first`` has its way."""
    merged: dict[str, object] = {**second, **first}
    for key in first.keys() & second.keys():
        ours, theirs = first[key], second[key]
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            merged[key] = merge_filters(ours, theirs)
    return merged
