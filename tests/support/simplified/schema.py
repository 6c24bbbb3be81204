"""What must be true of the form of every answer (S-536), whatever was asked.

matrix-rust-sdk decodes strictly: one value of a wrong type discards the whole answer and makes
the client ask again for ever. ``problems`` names each such value, and everything that the
specification says is absent, never null and never negative.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tests.support.room import JSON
from tests.support.simplified.extension_schema import extension_problems
from tests.support.simplified.wire import MEMBER, Asked, Dialect

MAX_INT: Final = 2**53 - 1
HEROES: Final = 5
MEMBERSHIPS: Final = ("join", "invite", "knock", "leave", "ban")
TIMELINE_FIELDS: Final = ("timeline", "limited", "prev_batch", "num_live")
OF_JOINED_ROOMS: Final = ("required_state", "heroes", "joined_count", "invited_count")

Check = Callable[[Any], bool]


def is_count(value: Any) -> bool:
    """An integer that every client can hold: not negative, not a fraction, not a boolean."""
    return type(value) is int and 0 <= value <= MAX_INT


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def is_true(value: Any) -> bool:
    return value is True


def is_objects(value: Any) -> bool:
    """A list of objects with something in it: an empty one is left out."""
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def or_null(check: Check) -> Check:
    return lambda value: value is None or check(value)


COMMON: Final[dict[str, Check]] = {
    "initial": is_true,
    "name": is_text,
    "avatar": is_text,
    "heroes": is_objects,
    "required_state": is_objects,
    "timeline": is_objects,
    "limited": is_flag,
    "num_live": is_count,
    "prev_batch": is_text,
    "joined_count": is_count,
    "invited_count": is_count,
    "bump_stamp": is_count,
}
FIELDS: Final[Mapping[Dialect, Mapping[str, Check]]] = {
    Dialect.U: COMMON | {
        "avatar": or_null(is_text),
        "is_dm": is_true,
        "invite_state": is_objects,
        "unstable_expanded_timeline": is_true,
        "notification_count": is_count,
        "highlight_count": is_count,
        "membership": lambda value: value in MEMBERSHIPS,
    },
    Dialect.S: COMMON | {
        "name": or_null(is_text),
        "avatar": or_null(is_text),
        "is_dm": is_flag,
        "stripped_state": is_objects,
        "expanded_timeline": is_true,
        "membership": lambda value: value in MEMBERSHIPS,
        "lists": lambda value: isinstance(value, list) and bool(value) and all(map(is_text, value)),
    },
}  # fmt: skip
OF_NEVER_JOINED: Final = frozenset(
    {"bump_stamp", "membership", "lists", "stripped_state", "initial", "is_dm"}
)
"""S-292: all that an entry of S may have for an invite or a knock."""
NOT_EMPTY: Final = ("initial", "name", "avatar", "heroes", "joined_count", "invited_count",
                    "required_state", "timeline", "invite_state")  # fmt: skip
"""S-172: an entry of U has at least one of these."""


def problems(answer: Any, asked: Asked, dialect: Dialect, me: str) -> list[str]:
    """What is wrong with the form of an answer to ``me``; a line each."""
    return list(_problems(answer, asked, dialect, me))


def _problems(answer: Any, asked: Asked, dialect: Dialect, me: str) -> Iterator[str]:
    if not isinstance(answer, dict):
        yield f"S-320: no object: {answer!r}"
        return
    if not is_text(answer.get("pos")) or not answer["pos"]:
        yield f"S-320: pos is {answer.get('pos')!r}"
    unknown = set(answer) - {"pos", "lists", "rooms", "extensions", "txn_id"}
    if unknown:
        yield f"S-320: unknown fields {sorted(unknown)}"
    if not isinstance(answer.get("rooms"), dict) or not isinstance(answer.get("extensions"), dict):
        yield "S-320: rooms or extensions is no object"
        return
    yield from _list_problems(answer, asked, dialect)
    for room_id, entry in answer["rooms"].items():
        for problem in _room_problems(room_id, entry, asked, dialect, me):
            yield f"{room_id}: {problem} in {entry}"
    yield from extension_problems(answer["extensions"], asked, me)


def _list_problems(answer: JSON, asked: Asked, dialect: Dialect) -> Iterator[str]:
    if not asked.lists:
        if "lists" in answer:
            yield "S-119: lists, though none were asked for"
        return
    answered = answer.get("lists", {})
    if set(answered) != set(asked.lists):
        yield f"S-117: lists {sorted(answered)} for {sorted(asked.lists)}"
        return
    for name, one in answered.items():
        if not is_count(one.get("count")):
            yield f"S-117: list {name} has no count: {one}"
        elif dialect is Dialect.S and set(one) != {"count"}:
            yield f"S-118: list {name} has more than a count: {one}"
        elif dialect is Dialect.U and "ops" in one:
            yield from _operation_problems(name, one["ops"], asked.lists[name])


def _operation_problems(name: str, operations: list[JSON], asked: JSON) -> Iterator[str]:
    if any(set(one) != {"op", "range", "room_ids"} or one["op"] != "SYNC" for one in operations):
        yield f"S-118: operations of list {name}: {operations}"
        return
    wanted = None if asked.get("slow_get_all_rooms") else asked.get("ranges")
    if wanted is not None and [list(one["range"]) for one in operations] != wanted:
        yield f"S-118: list {name}: ranges {operations} for {wanted}"
    for one in operations:
        first, last = one["range"]
        if len(one["room_ids"]) > max(last - first + 1, 0):
            yield f"S-115: list {name}: too many rooms in {one}"
        if len(set(one["room_ids"])) != len(one["room_ids"]):
            yield f"S-115: list {name}: a room twice in {one}"


def _room_problems(
    room_id: str, entry: JSON, asked: Asked, dialect: Dialect, me: str
) -> Iterator[str]:
    if not room_id.startswith("!"):
        yield "S-536: no room ID"
    fields = FIELDS[dialect]
    for name, value in entry.items():
        if name not in fields:
            yield f"unknown field {name}"
        elif not fields[name](value):
            yield f"S-536: {name} is {value!r}"
            return
    if ("joined_count" in entry) != ("invited_count" in entry):
        yield "S-276: one count without the other"
    if entry.get("initial") and "bump_stamp" not in entry:
        yield "S-282: initial without bump_stamp"
    if dialect is Dialect.U and not any(name in entry for name in NOT_EMPTY):
        yield "S-172: an empty entry"
    yield from _hero_problems(entry, me)
    yield from _timeline_problems(entry, asked)
    yield from _state_problems(entry, dialect)
    yield from _stripped_problems(entry, dialect, me)
    yield from _list_names(entry, asked)


def _hero_problems(entry: JSON, me: str) -> Iterator[str]:
    heroes = entry.get("heroes", [])
    ids = [hero.get("user_id") for hero in heroes]
    if len(heroes) > HEROES or me in ids or len(set(ids)) != len(ids):
        yield f"S-274: heroes {ids}"
    for hero in heroes:
        known = {"user_id", "displayname", "avatar_url"}
        if "user_id" not in hero or set(hero) - known or not all(map(is_text, hero.values())):
            yield f"S-536: hero {hero}"
    if heroes and entry.get("name"):
        yield "S-274: heroes of a room with a name"


def _timeline_problems(entry: JSON, asked: Asked) -> Iterator[str]:
    events = entry.get("timeline", [])
    limit = _limit(asked)
    if _tells_a_leave(entry):
        limit = max(limit, len(events))  # S-83: as much as the room had been asked for before
    elif limit == 0 and any(name in entry for name in TIMELINE_FIELDS):
        yield "S-190: parts of a timeline with timeline_limit 0"
    if len(events) > limit:
        yield f"S-191: {len(events)} events, limit {limit}"
    ids = Counter(event.get("event_id") for event in events)
    if repeated := [event_id for event_id, times in ids.items() if times > 1]:
        yield f"S-191: twice in the timeline: {repeated}"
    for event in events:
        yield from _event_problems(event)
    if events and not {"num_live", "prev_batch"} <= set(entry):
        yield "S-190: a timeline without num_live or prev_batch"
    if entry.get("num_live", 0) > len(events):
        yield "S-194: more live events than events"


def _limit(asked: Asked) -> int:
    configs = (*asked.lists.values(), *asked.subscriptions.values())
    return max((config["timeline_limit"] for config in configs), default=0)


def _tells_a_leave(entry: JSON) -> bool:
    """Whether it tells somebody's leave, which may be the own one of a room not asked for."""
    members = [event for event in entry.get("timeline", []) if event.get("type") == MEMBER]
    return any(event.get("content", {}).get("membership") == "leave" for event in members)


def _event_problems(event: JSON) -> Iterator[str]:
    kinds: dict[str, type] = {"event_id": str, "type": str, "sender": str, "content": dict,
                              "origin_server_ts": int}  # fmt: skip
    if wrong := [name for name, kind in kinds.items() if not isinstance(event.get(name), kind)]:
        yield f"S-191: {wrong} of {event}"
    if "state_key" in event and not is_text(event["state_key"]):
        yield f"S-191: state_key of {event}"


def _state_problems(entry: JSON, dialect: Dialect) -> Iterator[str]:
    events = entry.get("required_state", [])
    if any(not is_text(e.get("state_key")) or not is_text(e.get("type")) for e in events):
        yield "S-536: required_state with what is no state"
        return
    keys = Counter((event["type"], event["state_key"]) for event in events)
    if repeated := [key for key, times in keys.items() if times > 1]:
        yield f"S-240: twice in required_state: {repeated}"
    for event in events:
        is_stub = set(event) == {"type", "state_key"}
        if is_stub and dialect is Dialect.S:
            if entry.get("initial"):
                yield f"S-245: a stub in an initial entry: {event}"
        else:
            yield from _event_problems(event)


def _stripped_problems(entry: JSON, dialect: Dialect, me: str) -> Iterator[str]:
    if dialect.stripped not in entry:
        if entry.get("membership") in ("invite", "knock") and entry.get("initial"):
            yield "S-310: an invite or a knock without stripped state"
        return
    own = [
        e for e in entry[dialect.stripped] if (e.get("type"), e.get("state_key")) == (MEMBER, me)
    ]
    memberships = [event.get("content", {}).get("membership") for event in own]
    if memberships not in (["invite"], ["knock"]):
        yield f"S-310, S-312: own membership {memberships}"
    elif "membership" in entry and entry["membership"] != memberships[0]:
        yield f"S-311: stripped state of membership {entry['membership']}"
    if more := [name for name in (*TIMELINE_FIELDS, *OF_JOINED_ROOMS) if name in entry]:
        yield f"S-190, S-241, S-275, S-276: {more} of an invite or a knock"
    if dialect is Dialect.S and (unknown := sorted(set(entry) - OF_NEVER_JOINED)):
        yield f"S-292: {unknown} of an invite or a knock"


def _list_names(entry: JSON, asked: Asked) -> Iterator[str]:
    names = entry.get("lists", [])
    if set(names) - set(asked.lists) or len(set(names)) != len(names):
        yield f"S-291: lists {names} for {sorted(asked.lists)}"
