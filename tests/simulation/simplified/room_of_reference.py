"""One room of an answer of the naive server: what is told of it, and what its client then has."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from syncv3.types import Device
from tests.simulation.simplified.asks import MEMBER, Selection, Shape, StateKey
from tests.simulation.simplified.copies import people_of
from tests.simulation.simplified.sight import BUMPING, Sight, Sights
from tests.simulation.simplified.speech import Speech
from tests.support.room import JSON, Stored
from tests.support.world import World


@dataclass(frozen=True, slots=True)
class Sent:
    """What a client was told of a room: up to ``upto``, with a timeline of ``limit`` events.

    ``state`` maps to the IDs of the events that it has; ``members`` are those of them that
    were current when it was told last. ``own`` is its user's member event of then.
    """

    upto: int
    limit: int
    selections: tuple[Selection, ...]
    state: Mapping[StateKey, str]
    own: str | None
    began: int
    is_dm: bool


class Asked:
    """What an answer tells its rooms. ``position``: that of the world when the client's ``pos`` was
    made, None if it has none."""

    broken: Callable[[str], bool]
    sights: Sights
    world: World
    device: Device
    user: str
    speech: Speech
    position: int | None


class Room:
    """One room of an answer."""

    def __init__(
        self, answering: Asked, room_id: str, shapes: Sequence[Shape], sent: Sent | None,
        windows: Mapping[str, Sequence[str]],
    ) -> None:  # fmt: skip
        self.answering = answering
        self.broken = answering.broken
        self.sights, self.world = answering.sights, answering.world
        self.user, self.speech = answering.user, answering.speech
        self.room_id = room_id
        self.shapes = shapes
        self.limit = max((shape.limit for shape in shapes), default=0)
        self.selections = tuple(dict.fromkeys(shape.selection for shape in shapes))
        self.lists = [name for name, rooms in windows.items() if room_id in rooms]
        self.sent = sent
        self.sight: Sight = self.sights.of(self.user, room_id)
        self.is_dm = room_id in self.sights.direct(self.user)

    def tell(self) -> tuple[JSON | None, Sent]:
        """The entry, None if there is nothing to say, and what the client then has."""
        entry: JSON = {}
        if self.is_initial():
            entry["initial"] = True
        said = bool(entry)
        said |= self.invited(entry) if self.sight.is_invited else self.shown(entry)
        if self.speech.stable and self.sent and self.is_dm != self.sent.is_dm:
            said |= not self.broken("a change of is_dm is not told")
        self.common(entry)
        return (entry if said else None), self.after(entry)

    def is_initial(self) -> bool:
        sent, sight = self.sent, self.sight
        if sent is None or self.broken("every entry is initial"):
            return True
        if sight.is_joined and sent.began != sight.began:
            return not self.broken("a new stay is not initial")
        assert sight.own is not None
        return sight.is_invited and sent.own != id_of(sight.own)

    def invited(self, entry: JSON) -> bool:
        assert self.sight.own is not None
        known = self.sent is not None and self.sent.own == id_of(self.sight.own)
        if known and not self.broken("an invite is repeated"):
            return False
        entry[self.speech.invite] = self.world.rooms[self.room_id].stripped(
            self.user, self.world.position
        )
        return True

    # -- timelines -------------------------------------------------------------------

    @property
    def lower(self) -> int | None:
        """After which position things are told; None: all that there is."""
        return None if self.sent is None or self.is_initial() else self.sent.upto

    def shown(self, entry: JSON) -> bool:
        """A room of which the user may see more than the invite."""
        if self.broken("an invite is never taken back"):
            entry[self.speech.invite] = []
        if self.limit:
            self.timeline(entry)
        self.state(entry)
        self.fields(entry)
        told = ("timeline", "required_state", "name", "avatar", "heroes", "joined_count",
                self.speech.invite)  # fmt: skip
        return any(entry.get(name) for name in told)

    def timeline(self, entry: JSON) -> None:
        lower = self.lower
        expanded = lower is not None and self.sent is not None and self.limit > self.sent.limit
        expanded = expanded and not self.broken("a longer timeline has to wait")
        events = [s for s in self.seen() if lower is None or expanded or s.position > lower]
        kept = self.cut(events, lower)
        limited = len(events) > len(kept)
        if limited and lower is None and self.broken("a first timeline is not limited"):
            limited = False
        if limited and lower is not None and self.broken("a gap is not limited"):
            limited = False
        limited = limited or (lower is not None and self.broken("always limited"))
        before = kept[0].position - 1 if kept else self.world.position
        if kept and self.broken("prev_batch is too old"):
            before = kept[0].position - 2
        timeline = [self.event(stored) for stored in kept]
        entry |= {"limited": limited, "prev_batch": f"t{before}", "num_live": self.live(kept)}
        entry |= {"timeline": timeline} if timeline else {}
        if expanded and timeline and not self.broken("expanded is not said"):
            entry[self.speech.expanded] = True

    def seen(self) -> Sequence[Stored]:
        room = self.world.rooms[self.room_id]
        if self.sight.is_ended and self.broken("what comes after the end is told"):
            return [s for s in room.timeline if s in self.sight.events or s.position > (
                self.sight.until or 0)]  # fmt: skip
        return self.sight.events

    def cut(self, events: Sequence[Stored], lower: int | None) -> list[Stored]:
        limit = self.limit + 1 if self.broken("more events than asked for") else self.limit
        kept = list(events[-limit:])
        if lower is not None and len(kept) > 2 and self.broken("an event is left out"):
            del kept[1]
        if lower is not None and self.broken("an event is repeated"):
            before = [s for s in self.sight.events if s.position <= lower]
            kept = [*before[-1:], *kept] if kept else kept
        return kept

    def event(self, stored: Stored) -> JSON:
        device = self.answering.device
        owner = (str(device.user_id), str(device.device_id))
        if self.broken("any device is told the transaction ID") and stored.owner:
            owner = stored.owner
        return self.world.rooms[self.room_id].shown(stored, self.world.position, owner)

    def live(self, kept: Sequence[Stored]) -> int:
        if self.broken("all events are live"):
            return len(kept)
        position = self.answering.position
        if position is None or self.broken("no events are live"):
            return 0
        if self.sent is not None and self.broken("live since the room was told"):
            position = self.sent.upto
        began = self.sight.began if self.lower is None else 0
        return sum(s.position > position and s.position >= began for s in kept)

    # -- state -----------------------------------------------------------------------

    def state(self, entry: JSON) -> None:
        """What the client lacks of what it asks for, and of the members that it needs."""
        state, told = self.current(), self.told()
        lower, timeline = self.lower, entry.get("timeline", ())
        excluding = self.speech.stable
        keys = {key for key in state if self.is_selected(key)}
        if any(selection.is_lazy(excluding=excluding) for selection in self.selections):
            keys |= {(MEMBER, user) for user in people_of(timeline)} & state.keys()
            if lower is not None and not entry.get("limited"):
                keys |= {k for k, s in state.items() if k[0] == MEMBER and s.position > lower}
        if self.broken("state changes in a gap are not told") and entry.get("limited") and told:
            keys &= {(e["type"], e.get("state_key")) for e in timeline}
        changed = {key for key in keys if told.get(key) != id_of(state[key])}
        if self.broken("new state of the selection has to wait") and self.sent is not None:
            changed = {k for k in changed if k in told or state[k].position > self.sent.upto}
        if self.broken("members who changed in a gap stay as they were") and entry.get("limited"):
            changed = {k for k in changed if k[0] != MEMBER or k[1] == self.user or k not in told}
        if self.broken("senders come without their member events") and lower is not None:
            changed = {k for k in changed if k[0] != MEMBER or k[1] == self.user}
        if self.broken("own member events are not told"):
            changed.discard((MEMBER, self.user))
        if self.broken("members come again and again"):
            changed |= {k for k in keys if k[0] == MEMBER}
        if self.broken("all state comes"):
            changed = {k for k, s in state.items() if told.get(k) != id_of(s)}
        if changed:
            entry["required_state"] = [self.event(state[key]) for key in sorted(changed)]

    def current(self) -> Mapping[StateKey, Stored]:
        if self.sight.is_ended and self.broken("state is not bounded by the end"):
            return self.world.rooms[self.room_id].current
        return self.sights.state(self.user, self.room_id)

    def told(self) -> Mapping[StateKey, str]:
        return {} if self.sent is None or self.is_initial() else self.sent.state

    def is_selected(self, key: StateKey) -> bool:
        excluding = self.speech.stable
        own = key == (MEMBER, self.user) and self.sight.is_ended
        return own or any(s.selects(key, self.user, excluding=excluding) for s in self.selections)

    # -- fields ----------------------------------------------------------------------

    def has_changed(self, *kinds: str) -> bool:
        """Whether state of these types has changed since the room was told."""
        lower = self.lower
        return lower is None or any(
            key[0] in kinds and stored.position > lower for key, stored in self.current().items()
        )

    def fields(self, entry: JSON) -> None:
        stable, initial = self.speech.stable, "initial" in entry
        named = self.has_changed("m.room.name")
        name = self.sights.name(self.user, self.room_id)
        avatar = self.sights.avatar(self.user, self.room_id)
        for field_, value, changed in (
            ("name", name, named),
            ("avatar", avatar, self.has_changed("m.room.avatar")),
        ):  # fmt: skip
            gone = value is None and (not stable or initial or self.broken("null is not said"))
            if changed and not gone:
                entry[field_] = value
        if not self.sight.is_joined or not (named or self.has_changed(MEMBER)):
            return
        if self.has_changed(MEMBER) and not (self.broken("counts are told once") and not initial):
            entry["joined_count"], entry["invited_count"] = self.sights.counts(self.room_id)
        heroes = self.heroes() if name is None else []
        entry |= {"heroes": heroes} if heroes else {}

    def heroes(self) -> list[JSON]:
        users = self.sights.heroes(self.user, self.room_id)[:5]
        if self.broken("the user is a hero"):
            users = [self.user]
        state = self.sights.state(self.user, self.room_id)
        found = []
        for user in users:
            name = state[(MEMBER, user)].event["content"].get("displayname")
            found.append({"user_id": user} | ({"displayname": name} if name else {}))
        return found

    def common(self, entry: JSON) -> None:
        """What each entry has."""
        initial, stable = "initial" in entry, self.speech.stable
        if stable and (self.is_dm if initial else self.sent and self.is_dm != self.sent.is_dm):
            entry["is_dm"] = self.is_dm
        if not stable and self.is_dm:
            entry["is_dm"] = True
        entry["bump_stamp"] = self.stamp()
        if stable:
            wrong = self.broken("membership is always join")
            entry["membership"] = "join" if wrong else self.sight.membership
            entry |= {"lists": self.lists} if self.lists else {}
        else:
            joined = self.sight.is_joined
            counts = self.sights.truth.unread(self.user, self.room_id) if joined else (0, 0)
            entry["notification_count"], entry["highlight_count"] = counts

    def stamp(self) -> int:
        assert self.sight.own is not None
        newest = self.sight.own
        if self.sight.is_joined:
            bumps = [s for s in self.sight.events if s.event["type"] in BUMPING]
            newest = bumps[-1] if bumps else newest
        ts: int = newest.event["origin_server_ts"]
        if self.broken("stamps are of the connection"):
            ts += len(self.answering.device.device_id + self.answering.speech.name) % 7
        return ts - self.world.position * (5000 if self.broken("stamps fall") else 0)

    def after(self, entry: JSON) -> Sent:
        """What the client has after the answer."""
        told = dict(self.told())
        for event in entry.get("required_state", ()):
            told[(event["type"], event["state_key"])] = event["event_id"]
        limit = self.limit
        if self.sent is not None and not entry.get("limited") and "initial" not in entry:
            limit = max(limit, self.sent.limit) if self.limit else 0
        assert self.sight.own is not None
        return Sent(
            self.world.position, limit, self.selections, told, id_of(self.sight.own),
            self.sight.began if self.sight.is_joined or self.sent is None else self.sent.began,
            self.is_dm,
        )  # fmt: skip


def id_of(stored: Stored) -> str:
    event_id: str = stored.event["event_id"]
    return event_id
