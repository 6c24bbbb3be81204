"""What must be true of the form of each extension in every answer."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.support.room import JSON
from tests.support.simplified.wire import Asked

NOT_LEFT_OUT: Final = ("to_device",)
"""Extensions that are in every answer of a request that enables them (S-343). Others may be
left out when they are empty, ``e2ee`` while nothing is known of the device yet (S-366)."""


def extension_problems(answered: JSON, asked: Asked, me: str) -> Iterator[str]:
    enabled = {name for name, one in asked.extensions.items() if one.get("enabled")}
    if unrequested := sorted(set(answered) - enabled):
        yield f"S-340: {unrequested} without being asked for"
    if missing := sorted((enabled & set(NOT_LEFT_OUT)) - set(answered)):
        yield f"S-343: without {missing}"
    for name, one in answered.items():
        if not isinstance(one, dict):
            yield f"S-536: {name} is {one!r}"
        elif name in FORMS:
            yield from (f"{name}: {problem}" for problem in FORMS[name](one, asked, me))


def _to_device(one: JSON, asked: Asked, me: str) -> Iterator[str]:
    if not isinstance(one.get("next_batch"), str):
        yield f"S-350: next_batch is {one.get('next_batch')!r}"
    if not _are_objects(one.get("events")):
        yield f"S-350: events is {one.get('events')!r}"
    elif len(one["events"]) > 100:
        yield f"S-350: {len(one['events'])} events"


def _e2ee(one: JSON, asked: Asked, me: str) -> Iterator[str]:
    counts = one.get("device_one_time_keys_count")
    if not isinstance(counts, dict) or not all(_is_count(count) for count in counts.values()):
        yield f"S-366: device_one_time_keys_count is {counts!r}"
    elif bool(counts) and not asked.has_device:
        yield f"S-366: keys of no device: {counts}"
    elif "signed_curve25519" not in counts and asked.has_device:
        yield "S-366: no count of signed_curve25519"
    if not _are_texts(one.get("device_unused_fallback_key_types", [])):  # Dendrite has none
        yield f"S-366: fallback keys are {one.get('device_unused_fallback_key_types')!r}"
    lists = one.get("device_lists")
    if lists is None:
        return
    if asked.pos is None:
        yield "S-367: device_lists in the first answer"
    changed, left = lists.get("changed", []), lists.get("left", [])
    if not _are_texts(changed) or not _are_texts(left):
        yield f"S-365: device_lists is {lists!r}"
    elif set(changed) & set(left):
        yield f"S-369: changed and left: {lists}"


def _account_data(one: JSON, asked: Asked, me: str) -> Iterator[str]:
    rooms = one.get("rooms", {})
    for name, events in (("global", one.get("global", [])), *rooms.items()):
        if not _are_objects(events):
            yield f"S-375: {name} is {events!r}"
            continue
        if any(set(e) != {"type", "content"} or not isinstance(e["content"], dict) for e in events):
            yield f"S-375: {name} is {events!r}"
            continue
        kinds = [event["type"] for event in events]
        if len(set(kinds)) != len(kinds):
            yield f"S-376: a type twice in {name}: {kinds}"
    yield from _room_ids(rooms)


def _receipts(one: JSON, asked: Asked, me: str) -> Iterator[str]:
    rooms = one.get("rooms", {})
    yield from _room_ids(rooms)
    for room_id, event in rooms.items():
        if set(event) != {"type", "content"} or event["type"] != "m.receipt":
            yield f"S-385: {room_id}: {event}"
            continue
        if not event["content"] or not all(event["content"].values()):
            yield f"S-388: {room_id}: an event without receipts: {event}"
        for kinds in event["content"].values():
            if strangers := set(kinds.get("m.read.private", ())) - {me}:
                yield f"S-388: {room_id}: private receipts of {strangers}"


def _typing(one: JSON, asked: Asked, me: str) -> Iterator[str]:
    rooms = one.get("rooms", {})
    yield from _room_ids(rooms)
    for room_id, event in rooms.items():
        users = event.get("content", {}).get("user_ids")
        if (
            set(event) != {"type", "content"}
            or event["type"] != "m.typing"
            or not _are_texts(users)
        ):
            yield f"S-395: {room_id}: {event}"


FORMS: Final[dict[str, Callable[[JSON, Asked, str], Iterator[str]]]] = {
    "to_device": _to_device,
    "e2ee": _e2ee,
    "account_data": _account_data,
    "receipts": _receipts,
    "typing": _typing,
}


def _room_ids(rooms: JSON) -> Iterator[str]:
    if wrong := [room_id for room_id in rooms if not room_id.startswith("!")]:
        yield f"S-536: no room IDs: {wrong}"


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)
