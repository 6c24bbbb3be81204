"""What a client that was told everything must know, however it was told: the facts of its model.

A fact has a path, such as ``("!a:b", "state", "m.room.topic", "")``, and a value. What depends
on when something was told is no fact: how timelines were cut, who is typing, the numbers in
``bump_stamp``, or in U whether rooms without news are direct chats. Nor is the order of a list
that is shown whole, which Synapse does not sort (S-113).
"""

from collections.abc import Iterator
from typing import Any, Final

from tests.support.room import JSON
from tests.support.simplified.answer import BARRIER
from tests.support.simplified.model import KnownRoom, Model
from tests.support.simplified.wire import MEMBER
from tests.support.simplified.wishes import LAST_LIMIT, LAST_STATE

Path = tuple[str, ...]
Facts = dict[Path, Any]

INSIDE: Final = ("join",)
OUTSIDE: Final = ("leave", "ban")


def facts(model: Model) -> Facts:
    """Of a client whose last requests were those of ``Wish.last``."""
    found: Facts = {("rooms",): frozenset(model.rooms)}
    found |= {("count", name): count for name, count in model.lists.items()}
    stamps = {room: known.bump_stamp or 0 for room, known in model.rooms.items()
              if known.membership == "join"}  # fmt: skip
    found["bumped",] = tuple(sorted(stamps, key=lambda room: (stamps[room], room), reverse=True))
    for room_id, known in model.rooms.items():
        found |= {(room_id, *path): value for path, value in _of_room(known, model.me)}
    found |= _account_data(model)
    for room_id, receipts in model.receipts.items():
        own = {key: event_id for key, event_id in receipts.items() if key[0] == model.me}
        if own:
            found[room_id, "own receipts"] = own
    return found


def _of_room(room: KnownRoom, me: str) -> Iterator[tuple[Path, Any]]:
    yield ("membership",), room.membership
    if room.membership in ("invite", "knock"):
        yield ("stripped",), _stripped(room.stripped or [])
        return
    yield ("name",), room.name
    yield ("avatar",), room.avatar
    yield ("newest events",), tuple(room.timeline.since_last_hole()[-LAST_LIMIT:])
    for key, event in room.state.items():
        if _is_selected(key, me):
            yield ("state", *key), event["event_id"]
    for key in _members_needed(room):
        yield ("state", *key), room.state.get(key, {}).get("event_id")
    if room.membership == "join":
        yield ("is_dm",), room.is_dm
        yield ("counts",), room.counts
        yield ("heroes",), None if room.name else tuple(_hero(hero) for hero in room.heroes)


def _is_selected(key: tuple[str, str], me: str) -> bool:
    kind, state_key = key
    pairs = [(k, me if s == "$ME" else s) for k, s in LAST_STATE]
    return (kind, state_key) in pairs or (kind, "*") in pairs


def _members_needed(room: KnownRoom) -> set[tuple[str, str]]:
    """The senders of what the client shows last, without a hole in it."""
    shown = set(room.timeline.since_last_hole()[-LAST_LIMIT:])
    return {(MEMBER, e["sender"]) for e in room.timeline.events if e["event_id"] in shown}


def _hero(hero: JSON) -> tuple[Any, ...]:
    return hero["user_id"], hero.get("displayname"), hero.get("avatar_url")


def _stripped(events: list[JSON]) -> dict[tuple[str, str], str]:
    return {(e["type"], e["state_key"]): str(sorted(e["content"].items())) for e in events}


def _account_data(model: Model) -> Facts:
    found: Facts = {
        ("account_data", kind): content
        for kind, content in model.account_data.items()
        if kind != BARRIER
    }
    for room_id, kinds in model.room_data.items():
        found |= {(room_id, "account_data", kind): value for kind, value in kinds.items()}
    return found
