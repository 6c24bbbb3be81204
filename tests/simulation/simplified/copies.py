"""What a client has of a room, and how an entry of an answer changes it.

A copy is a value. Its timeline is a run of what the user may see; it may have holes, each
where an answer said ``limited``, with the token that leads back into it. State comes from
``required_state`` alone, as in matrix-rust-sdk (S-537).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final

from tests.simulation.reader import Violation, describe
from tests.simulation.simplified.asks import MEMBER, StateKey
from tests.simulation.simplified.sight import Sight, position_of
from tests.support.room import ENDED, JSON

Entry = Mapping[str, Any]
PENDING: Final = ("invite", "knock")


@dataclass(frozen=True, slots=True)
class Copy:
    """One room. ``events`` are IDs in the order of the room.

    ``breaks`` maps the first event after each hole to its ``prev_batch``. ``open``: what is
    before the first event was not claimed, because the client knew the room only as an invite.
    ``sure``: members who are kept up to date, which a limited answer ends (S-267).
    ``receipts``: all receipts of the events have come since the room was begun. ``heroes``
    None: the room has a name.
    """

    events: tuple[str, ...] = ()
    breaks: Mapping[str, str] = field(default_factory=dict)
    open: bool = False
    state: Mapping[StateKey, JSON] = field(default_factory=dict)
    sure: frozenset[str] = frozenset()
    name: str | None = None
    avatar: str | None = None
    heroes: tuple[JSON, ...] | None = None
    counts: tuple[int, int] | None = None
    unread: tuple[int, int] | None = None
    is_dm: bool = False
    membership: str | None = None
    invite: tuple[JSON, ...] | None = None
    bump: int | None = None
    receipts: bool = False

    def derived_membership(self, user: str) -> str:
        """As matrix-rust-sdk finds it out (S-537)."""
        if self.invite is not None:
            own = [e for e in self.invite if (e["type"], e["state_key"]) == (MEMBER, user)]
            return "knock" if own and own[-1]["content"]["membership"] == "knock" else "invite"
        event = self.state.get((MEMBER, user))
        membership: str = event["content"]["membership"] if event else "join"
        return membership

    def own(self, user: str) -> str | None:
        """The ID of the user's member event as it was told."""
        event = self.state.get((MEMBER, user))
        return event["event_id"] if event else None

    @property
    def is_ended(self) -> bool:
        return self.membership in ENDED


def tells_end(told: Entry, user: str) -> bool:
    """Whether the last that an entry has of the user's membership is that it ended."""
    events = [*told.get("required_state", ()), *told.get("timeline", ())]
    own = [e for e in events if (e["type"], e.get("state_key")) == (MEMBER, user)]
    return bool(own) and own[-1]["content"].get("membership") in ENDED


def is_pending(told: Entry) -> bool:
    """Whether an entry is one of an invite or a knock."""
    return told["invite"] is not None or told.get("membership") in PENDING


@dataclass(frozen=True, slots=True)
class Telling:
    """One entry and what it is judged by. ``again``: the service may say more than once what
    it said before (it was killed, or lost commits); ``gapped``: the homeserver left events out
    of an answer about this room. ``lazy``: members are loaded lazily."""

    user: str
    room_id: str
    told: Entry
    sight: Sight
    again: bool = False
    gapped: bool = False
    lazy: bool = False

    def tell(self, places: Sequence[int]) -> list[str]:
        return [describe(self.sight.events[place]) for place in places]

    def fail(self, kind: str, what: str) -> Violation:
        flags = ("initial", "limited", "num_live", "prev_batch", "expanded", "membership")
        shown = {name: self.told[name] for name in flags if name in self.told}
        return Violation(f"{kind}: {self.user} in {self.room_id}: {what}; told {shown}")


def stranger(telling: Telling) -> Copy | None:
    """What a client has of a room that it does not know, and whose end it is told in case it did:
    by the own member event alone. They may be back in it, and the service not know of that yet."""
    told = telling.told
    over = telling.sight.is_ended or tells_end(told, telling.user)
    if told.get("initial") or told.get("timeline") or not over:
        return None
    return Copy(open=True)


def apply(telling: Telling, before: Copy | None, *, stable: bool) -> Copy:
    """The copy after an entry. Raises ``Violation`` for what cannot be."""
    told = telling.told
    if told.get("initial"):
        copy = Copy(open=told["invite"] is not None)
    elif before is None:
        raise telling.fail("lost", "an entry that is not initial, of a room that is not known")
    else:
        copy = before
    copy = _timeline(telling, copy)
    copy = _state(telling, copy)
    copy = _fields(told, copy, stable=stable)
    if told["invite"] is not None:
        copy = replace(copy, invite=tuple(told["invite"]), open=True)
    elif told.get("membership") not in PENDING:  # or its invite has not changed
        copy = replace(copy, invite=None)
    derived = copy.derived_membership(telling.user)
    return replace(copy, membership=told.get("membership") or derived)


# -- timelines -----------------------------------------------------------------------


def _timeline(telling: Telling, copy: Copy) -> Copy:
    """Adds the events. A hole is allowed only where the entry says so."""
    told = telling.told
    events = [event["event_id"] for event in told.get("timeline", ())]
    places = places_of(telling, events)
    if told.get("limited") and not told.get("initial"):
        copy = replace(copy, sure=frozenset())
    if not events:
        return copy
    known = [telling.sight.places[event] for event in copy.events]
    if not told["expanded"] and not telling.again and known and places[0] <= known[-1]:
        repeats = [place for place in places if place <= known[-1]]
        raise telling.fail("repeated", f"{telling.tell(repeats)}")
    together = sorted({*known, *places})
    names = telling.sight.events
    breaks = _breaks(telling, copy, places, together)
    return replace(
        copy,
        events=tuple(names[place].event["event_id"] for place in together),
        breaks=breaks,
        open=copy.open and not told.get("initial"),
    )


def places_of(telling: Telling, events: Sequence[str]) -> list[int]:
    """Where the events of an entry are in the room: one after the other."""
    sight = telling.sight
    if strange := [event for event in events if event not in sight.places]:
        raise telling.fail("leak", f"was sent {strange}")
    places = [sight.places[event] for event in events]
    if len(set(places)) < len(places):
        raise telling.fail("repeated", f"within one timeline: {telling.tell(places)}")
    for before, after in pairwise(places):
        if after != before + 1:
            raise telling.fail("lost", f"within one timeline: {telling.tell(places)}")
    return places


def _breaks(
    telling: Telling, copy: Copy, places: Sequence[int], together: Sequence[int]
) -> Mapping[str, str]:
    """Where holes are now, after looking whether each was said."""
    told, first = telling.told, places[0]
    connected = first == 0 or first - 1 in together
    breaks = dict(copy.breaks)
    if told.get("limited") and connected and careless(telling, copy):
        raise telling.fail("careless", f"limited, but nothing lies before {telling.tell([first])}")
    if not connected and told.get("limited"):
        check_token(telling, first)
        breaks[telling.sight.events[first].event["event_id"]] = told["prev_batch"]
    for place in together:
        if place == 0 or place - 1 in together:
            continue
        if is_passed(telling, place):
            continue
        if telling.sight.events[place].event["event_id"] in breaks:
            continue
        if not (copy.open and place == together[0]):
            raise telling.fail("lost", f"what is before {telling.tell([place])}")
    return breaks


def is_passed(telling: Telling, place: int) -> bool:
    """Whether this is the beginning of a stay that was over before it was told: what the user
    could have seen of the time before it is not claimed."""
    stored = telling.sight.events[place]
    own = stored.key == (MEMBER, telling.user) and stored.membership == "join"
    return own and telling.sight.is_ended


def careless(telling: Telling, copy: Copy) -> bool:
    """Whether ``limited`` says nothing but makes the client fetch all members (S-193, S-267)."""
    delta = not telling.told.get("initial") and not telling.told["expanded"]
    return delta and bool(copy.events) and not telling.gapped and not telling.again


def check_token(telling: Telling, first: int) -> None:
    """``prev_batch`` must not lead past what precedes the timeline (S-195, S-605)."""
    token = telling.told.get("prev_batch", "")
    if position_of(token) < telling.sight.events[first - 1].position:
        what = telling.tell([first - 1, first])
        raise telling.fail("lost", f"{token!r} leads past what is between {what}")


# -- state ---------------------------------------------------------------------------


def _state(telling: Telling, copy: Copy) -> Copy:
    """Takes state over; a stub deletes an entry (S-245)."""
    state = dict(copy.state)
    for event in telling.told.get("required_state", ()):
        key = (event["type"], event["state_key"])
        if "content" in event:
            state[key] = event
        else:
            state.pop(key, None)
    if not telling.lazy:
        return replace(copy, state=state, sure=frozenset())
    told = {key[1] for key in map(_key, telling.told.get("required_state", ())) if is_member(key)}
    people = told | people_of(telling.told.get("timeline", ()))
    if not telling.sight.began:  # only ever invited: of nobody else anything may be told
        people = set() if is_pending(telling.told) else {telling.user}
    if missing := [user for user in sorted(people) if (MEMBER, user) not in state]:
        raise telling.fail("members", f"nothing of {missing}, of whom the timeline speaks")
    return replace(copy, state=state, sure=copy.sure | people)


def people_of(timeline: Sequence[JSON]) -> set[str]:
    """Whose member events a lazily loading client needs for a timeline (S-260)."""
    targets = {e["state_key"] for e in timeline if e["type"] == MEMBER and "state_key" in e}
    return {event["sender"] for event in timeline} | targets


def _key(event: JSON) -> StateKey:
    return event["type"], event["state_key"]


def is_member(key: StateKey) -> bool:
    return key[0] == MEMBER


# -- fields --------------------------------------------------------------------------


def _fields(told: Entry, copy: Copy, *, stable: bool) -> Copy:
    """Absent is unchanged; but the older dialect has no other way to say that a name is gone
    than to speak of heroes (S-271, S-274)."""
    changes: dict[str, Any] = {}
    if "heroes" in told:
        changes |= {"heroes": tuple(told["heroes"])} | ({} if stable else {"name": None})
    for field_ in ("name", "avatar"):
        if field_ in told:
            changes[field_] = told[field_]
    if changes.get("name"):
        changes["heroes"] = None
    if "joined_count" in told:
        changes["counts"] = (told["joined_count"], told.get("invited_count"))
    if "notification_count" in told:
        changes["unread"] = (told["notification_count"], told["highlight_count"])
    changes["is_dm"] = told.get("is_dm", copy.is_dm if stable else False)
    changes["bump"] = told.get("bump_stamp", copy.bump)
    return replace(copy, **changes)
