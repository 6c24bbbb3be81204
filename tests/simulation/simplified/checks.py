"""What is looked at in each entry of an answer at once, besides what a copy notices."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.simulation.simplified.asks import MEMBER, Shape, StateKey
from tests.simulation.simplified.copies import Copy, Telling, is_pending, people_of, tells_end
from tests.simulation.simplified.sight import BUMPING, Sight, Sights
from tests.simulation.simplified.speech import Speech
from tests.support.room import ENDED, Stored

WITH_TIMELINE: Final = ("timeline", "limited", "prev_batch", "num_live")


def check_entry(
    sights: Sights, telling: Telling, speech: Speech, before: Copy | None, shapes: Sequence[Shape]
) -> None:
    """Raises ``Violation``. ``shapes``: how the request wants the room; none: not at all."""
    check_invite(telling, before)
    check_timeline(telling, speech, shapes, before)
    check_state(sights, telling, speech, shapes)
    check_fields(sights, telling, speech)
    check_beginning(telling, before)


def check_invite(telling: Telling, before: Copy | None) -> None:
    """S-190, S-310 to S-313."""
    told, user = telling.told, telling.user
    if told["invite"] is None:
        return
    if present := [name for name in (*WITH_TIMELINE, "required_state") if name in told]:
        raise telling.fail("invite", f"{present} beside the stripped state")
    own = [e for e in told["invite"] if (e["type"], e.get("state_key")) == (MEMBER, user)]
    if len(own) != 1 or own[0]["content"].get("membership") not in ("invite", "knock"):
        raise telling.fail("invite", f"own member events are {own}")
    known = before is not None and before.invite == tuple(told["invite"])
    if known and not told.get("initial") and not telling.again:
        raise telling.fail("repeated", "an invite that has not changed (S-313)")


def check_timeline(
    telling: Telling, speech: Speech, shapes: Sequence[Shape], before: Copy | None
) -> None:
    """S-190 to S-195, S-204. Of a room that they were not in, users see no timeline (S-161).

    Nor need they of a room that they have left, if the client had asked for none so far: whatever
    a list of all rooms asks for now, the room is not in it any more.
    """
    told, events = telling.told, telling.told.get("timeline", ())
    limit = max((shape.limit for shape in shapes), default=None)
    if limit is not None and len(events) > limit:
        raise telling.fail("unasked", f"{len(events)} events, {limit} wanted")
    computed = "prev_batch" in told
    if not computed and (events or told.get("limited") or told.get("num_live")):
        raise telling.fail("unreadable", "a timeline without prev_batch")
    if limit == 0 and computed:
        raise telling.fail("unasked", "a timeline of a room without one")
    untold = before is not None and not before.events and tells_end(told, telling.user)
    if limit and not (computed or is_pending(told) or telling.sight.is_stranger or untold):
        raise telling.fail("unreadable", "no prev_batch (S-195)")
    if told.get("num_live", 0) > len(events):
        raise telling.fail("live", f"more live events than the {len(events)} there are")
    if told["expanded"] and told.get("initial"):
        raise telling.fail("unreadable", "both initial and expanded")
    for event in events:
        check_transaction(telling, event)


def check_transaction(telling: Telling, event: Mapping[str, Any]) -> None:
    """``telling.user`` may have several devices; the client looks whether it is this one."""
    stored = telling.sight.events[telling.sight.places[event["event_id"]]]
    txn_id = event.get("unsigned", {}).get("transaction_id")
    if txn_id is not None and stored.txn_id != txn_id:
        raise telling.fail("leak", f"the transaction ID {txn_id}")


def check_live(
    telling: Telling, *, first: bool, surely: int, known: frozenset[str]
) -> None:  # fmt: skip
    """``num_live``: at least ``surely``, and none of the events that the client ``known``."""
    if "prev_batch" not in telling.told or telling.again:
        return
    events = [event["event_id"] for event in telling.told.get("timeline", ())]
    live = telling.told.get("num_live", 0)
    if first and live:
        raise telling.fail("live", "live events in a first answer")
    trailing = events[len(events) - live :]
    if live and (old := [event for event in trailing if event in known]):
        raise telling.fail("live", f"{len(old)} of the live events were told before")
    if not first and live < surely:
        raise telling.fail("live", f"at least {surely} events have come since")


def check_state(
    sights: Sights, telling: Telling, speech: Speech, shapes: Sequence[Shape]
) -> None:  # fmt: skip
    """Each entry may be seen by the user, is asked for, and comes once (S-240)."""
    told, room = telling.told, sights.world.rooms[telling.room_id]
    entries = told.get("required_state", ())
    keys = [(event["type"], event["state_key"]) for event in entries]
    if len(set(keys)) < len(keys):
        raise telling.fail("repeated", f"state entries {keys}")
    for event in (*entries, *told.get("timeline", ())):
        if "state_key" not in event or "content" not in event:
            continue
        stored = room.find(event["event_id"])
        allowed = stored and (
            stored.event["event_id"] in telling.sight.places
            or sights.truth.was_in_force(telling.user, telling.room_id, stored)
        )
        if not stored or not allowed:
            raise telling.fail("leak", f"the state {event}")
        if is_after_end(telling.sight, stored):
            raise telling.fail("leak", f"the state {event} from after the end")
    if shapes:
        wanted = people_of(told.get("timeline", ()))
        for key in keys:
            if not is_wanted(telling, speech, shapes, key, wanted):
                raise telling.fail("unasked", f"the state entry {key}")


def is_after_end(sight: Sight, stored: Stored) -> bool:
    """Whether a state event is of a time when the user had left for good."""
    over = not sight.is_joined and not sight.is_invited and sight.until is not None
    own = sight.own is not None and stored.key == sight.own.key
    return over and not own and stored.position > (sight.until or 0)


def is_wanted(
    telling: Telling, speech: Speech, shapes: Sequence[Shape], key: StateKey, people: set[str]
) -> bool:
    """Lazily loaded are those whom the timeline needs and, without a gap, whoever changed."""
    me, stable = telling.user, speech.stable
    if any(shape.selection.selects(key, me, excluding=stable) for shape in shapes):
        return True
    lazy = any(shape.selection.is_lazy(excluding=stable) for shape in shapes)
    delta = not telling.told.get("initial") and not telling.told.get("limited")
    if key == (MEMBER, me) and telling.sight.is_ended:
        return True
    return lazy and key[0] == MEMBER and (key[1] in people or delta or telling.again)


def check_fields(sights: Sights, telling: Telling, speech: Speech) -> None:
    """Names are those that the user may have seen; heroes are others, and few (S-274)."""
    told, user = telling.told, telling.user
    room = sights.world.rooms[telling.room_id]
    if told.get("is_dm") is False and not speech.stable:
        raise telling.fail("unreadable", "is_dm is false (S-277)")
    if (name := told.get("name")) is not None:
        named = room.history.get(("m.room.name", ""), ())
        seen = {
            s.event["content"].get("name")
            for s in named
            if sights.truth.was_in_force(user, telling.room_id, s)
        }
        if name not in seen and told["invite"] is None:
            raise telling.fail("leak", f"the name {name!r}")
        if "heroes" in told:
            raise telling.fail("heroes", "of a room with a name")
    heroes = [hero["user_id"] for hero in told.get("heroes", ())]
    if len(heroes) > 5 or user in heroes or ("heroes" in told and not heroes):
        raise telling.fail("heroes", f"{heroes}")
    check_bump(telling)


def check_bump(telling: Telling) -> None:
    """When there has to be a stamp (S-282)."""
    told = telling.told
    if "bump_stamp" in told:
        return
    always = told.get("initial") or is_pending(told) or "prev_batch" not in told
    bumped = any(event["type"] in BUMPING for event in told.get("timeline", ()))
    if always or bumped or told.get("limited") or told.get("membership") in ENDED:
        raise telling.fail("bump", "no bump_stamp")


def check_beginning(telling: Telling, before: Copy | None) -> None:
    """``initial`` begins a stay, and nothing else does (S-174 to S-176)."""
    told, sight, user = telling.told, telling.sight, telling.user
    timeline = [sight.events[sight.places[e["event_id"]]] for e in told.get("timeline", ())]
    known = sight.places.get(before.own(user) or "", -1) if before else -1
    if not told.get("initial"):
        own = [s for s in timeline if s.key == (MEMBER, user)]
        new = [s for s in own if sight.places[s.event["event_id"]] > known]
        if new and new[-1].membership == "join" and any(begins(s, user) for s in new):
            raise telling.fail("initial", "a new stay is told without it")
        return
    if before is None or telling.again or before.membership != "join":
        return
    state = told.get("required_state", ())
    said = [e["event_id"] for e in state if (e["type"], e["state_key"]) == (MEMBER, user)]
    was = before.own(user)
    if was and said and stay_of(sight, user, was) == stay_of(sight, user, said[-1]):
        raise telling.fail("needless", "initial, though it is the stay that was told")


def begins(stored: Stored, user: str) -> bool:
    """Whether it is the join that begins a stay of the user's."""
    before = (stored.replaces or {"content": {}})["content"].get("membership")
    return stored.key == (MEMBER, user) and stored.membership == "join" and before != "join"


def stay_of(sight: Sight, user: str, event_id: str) -> int:
    """The place of the join that began the stay with this member event of the user's."""
    places = range(sight.places[event_id], -1, -1)
    return next((place for place in places if begins(sight.events[place], user)), -1)
