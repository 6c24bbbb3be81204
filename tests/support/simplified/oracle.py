"""Holds what a client knows against what the homeserver says of the account's rooms."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from tests.support.account import Account
from tests.support.simplified.model import KnownRoom, Model
from tests.support.simplified.playing import Player
from tests.support.simplified.stage import Stage, history
from tests.support.simplified.target import Target
from tests.support.simplified.wire import MEMBER, Dialect

HEROES: Final = 5
CHECKED: Final = ("m.room.name", "m.room.topic", "m.room.avatar", "org.example.mark")
"""Types of state of which the client must have every entry, since it asked for them."""


async def mistakes(stage: Stage, player: Player) -> list[str]:
    """What a client that was told everything knows wrongly; a line each.

    Synapse is forgiven: it may fail to tell that the account left a room, or how it is in a
    room that it never entered, or parts of one that it joined anew; it may tell more of a
    room that the account is out of as if it were joined, or no heroes where a name was removed
    (differences.md, lines 17, 25 and 26), and it does not sort a list that is shown whole.
    """
    model, target = player.model, player.target
    found = list(_memberships(stage, model, target))
    if not target.is_native:
        found += _order_mistakes(stage, model)
    for room_id, known in model.rooms.items():
        if stage.left_itself(room_id) or room_id not in stage.entered:
            continue
        if known.membership in ("invite", "knock"):
            continue
        events = await history(stage.me, room_id)
        if events is not None:
            found += [f"{room_id}: {line}" for line in timeline_mistakes(known, events)]
        if known.membership == "join" and room_id in stage.joined:
            state = await _state(stage.me, room_id)
            found += [f"{room_id}: {line}" for line in _state_mistakes(known, state)]
            if not (target.is_native and room_id in stage.joined_anew):
                found += [f"{room_id}: {line}" for line in _missing(known, state)]
            if not known.name and (known.heroes or not target.is_native):
                found += [f"{room_id}: {line}" for line in _hero_mistakes(known, state, model.me)]
    return found


def _order_mistakes(stage: Stage, model: Model) -> Iterator[str]:
    """The joined rooms, of which each had a message after the one before it."""
    if order := [room for room in model.orders.get("all", ()) if room in stage.joined]:
        wanted = stage.joined[::-1]
        if order != wanted:
            yield f"S-110: rooms in the order {order}, not {wanted}"


def _memberships(stage: Stage, model: Model, target: Target) -> Iterator[str]:
    """Who left a room may not know of it, but must not take itself for a member."""
    for room_id, (membership, _) in stage.membership.items():
        known = model.rooms.get(room_id)
        if target.is_native and room_id not in stage.entered:
            continue
        if membership == "ban" and room_id not in stage.entered and target.dialect is Dialect.S:
            continue
        if stage.left_itself(room_id):
            if not target.is_native and known is not None and known.membership != "leave":
                yield f"S-82: {room_id}: was left, but is known as {known.membership}"
        elif known is None:
            yield f"S-80: {room_id}: {membership}, but not known"
        elif known.membership != membership and not (target.is_native and known.is_joined):
            yield f"S-242: {room_id}: {membership}, but known as {known.membership}"


def timeline_mistakes(known: KnownRoom, events: Sequence[str]) -> Iterator[str]:
    """``events`` are all that the account may see, oldest first."""
    places = {event_id: place for place, event_id in enumerate(events)}
    ids = known.timeline.ids
    if strangers := [event_id for event_id in ids if event_id not in places]:
        yield f"S-196: events that the account may not see: {strangers}"
        return
    for before, after in pairwise(ids):
        step = places[after] - places[before]
        if step < 1:
            yield f"S-192: {after} comes after {before}, but happened before it"
        elif step > 1 and after not in known.timeline.holes:
            missing = events[places[before] + 1 : places[after]]
            yield f"S-193: nobody says that {list(missing)} are missing before {after}"
    if ids and ids[-1] != events[-1]:
        yield f"S-192: the newest event {events[-1]} is missing after {ids[-1]}"
    if ids and ids[0] not in known.timeline.holes and places[ids[0]] > 0:
        yield f"S-193: nobody says that there is more before {ids[0]}"


async def _state(account: Account, room_id: str) -> dict[tuple[str, str], Any]:
    events = await account.call("GET", f"/rooms/{room_id}/state")
    return {(event["type"], event["state_key"]): event for event in events}


def _state_mistakes(known: KnownRoom, state: dict[tuple[str, str], Any]) -> Iterator[str]:
    """What is known is the present state, but not all of it need be known."""
    for key, event in state.items():
        told = known.state.get(key, event)["event_id"]
        if key[0] in CHECKED and told != event["event_id"]:
            yield f"S-240: {key} is {event['event_id']}, but known as {told}"
    counts = _counts(state)
    if known.counts != counts:
        yield f"S-276: counts are {counts}, but known as {known.counts}"


def _missing(known: KnownRoom, state: dict[tuple[str, str], Any]) -> Iterator[str]:
    for key, event in state.items():
        if key[0] in CHECKED and key not in known.state:
            yield f"S-240, S-252: {key} is {event['event_id']}, but not known"
    for shown, kind, field in (
        (known.name, "m.room.name", "name"), (known.avatar, "m.room.avatar", "url")
    ):  # fmt: skip
        current = state.get((kind, ""), {"content": {}})["content"].get(field) or None
        if shown != current:
            yield f"S-271, S-272: {field} is {current!r}, but known as {shown!r}"


def _members(state: dict[tuple[str, str], Any]) -> dict[str, str]:
    return {key[1]: e["content"]["membership"] for key, e in state.items() if key[0] == MEMBER}


def _counts(state: dict[tuple[str, str], Any]) -> tuple[int, ...]:
    members = list(_members(state).values())
    return tuple(members.count(one) for one in ("join", "invite"))


def _hero_mistakes(known: KnownRoom, state: dict[tuple[str, str], Any], me: str) -> Iterator[str]:
    """Joined members come first, then invited ones, and others only if there is neither."""
    others = {user: membership for user, membership in _members(state).items() if user != me}
    heroes = [hero["user_id"] for hero in known.heroes]
    present = [user for user, membership in others.items() if membership in ("join", "invite")]
    gone = [user for user, membership in others.items() if membership in ("leave", "ban")]
    candidates = present or gone
    if set(heroes) - set(candidates) or len(heroes) != min(HEROES, len(candidates)):
        yield f"S-274: heroes are of {candidates}, but known as {heroes}"
    ranks = [others[hero] != "join" for hero in heroes if hero in others]
    if ranks != sorted(ranks):
        yield f"S-274: heroes {heroes} are not joined members first"
