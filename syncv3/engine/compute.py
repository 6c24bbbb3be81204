"""Computes one answer: a pure function of a view, the complete request and the cache.

Every answer is made in the same way, be it the first of a connection, one after a change
of parameters or one for a message that just came: lists are compared with what the view
says of them, each room in a window or subscription is sent whole if it was not live in
the view, and as a delta otherwise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from syncv3.cache.events import CachedEvent
from syncv3.cache.index import ListIndex
from syncv3.cache.users import confirmed
from syncv3.engine.rooms import (
    build_counts,
    build_delta,
    build_initial,
    build_left,
)
from syncv3.engine.sources import Sources
from syncv3.engine.timeline import Timeline, held_from, live_timeline
from syncv3.engine.view import UNMET, ListState, Sent, View, config_id
from syncv3.protocol.pos import MAX_HELD
from syncv3.protocol.request import Ask, ListSpec, RoomConfig
from syncv3.protocol.required_state import needs_all_members, union
from syncv3.protocol.response import ListChange, RoomAnswer
from syncv3.types import RoomID

OLD_ROOMS_MOST = 20
ENDED = ("leave", "ban")


@dataclass(slots=True)
class Computed:
    """An answer in the making. ``news`` tells whether there is anything to say.

    ``waits`` has the own events that are held back; ``unconfirmed`` says that a room which
    was live lies behind a gap that its user is not known to be in yet.
    """

    view: View
    lists: dict[str, ListChange] = field(default_factory=dict)
    rooms: dict[RoomID, RoomAnswer] = field(default_factory=dict)
    lists_moved: bool = False
    members: dict[int, frozenset[str]] = field(default_factory=dict)
    unmet: dict[int, frozenset[str]] = field(default_factory=dict)
    renewed: set[int] = field(default_factory=set)
    shown: dict[RoomID, tuple[bool, Timeline]] = field(default_factory=dict)
    visible: Mapping[int, RoomConfig] = field(default_factory=dict)
    in_lists: Mapping[int, list[str]] = field(default_factory=dict)
    waits: set[int] = field(default_factory=set)
    unconfirmed: bool = False

    @property
    def news(self) -> bool:
        return self.lists_moved or bool(self.rooms)


@dataclass(frozen=True, slots=True)
class Naming:
    """How the view that an answer leaves behind is called, if its sent state is new."""

    generation: int
    nonce: int


def compute(
    sources: Sources,
    view: View,
    ask: Ask,
    naming: Naming,
    members_sent: Mapping[int, Mapping[str, int]],
    released: frozenset[int] = frozenset(),
) -> Computed:
    """The answer at the cache's position to ``ask`` for a client that has ``view``.

    ``released`` are own events that are held back no longer. When ``sources.missing`` is
    not empty afterwards the answer is not valid: load and compute again.
    """
    return _Computation(sources, view, ask, naming, members_sent, released).run()


class _Computation:
    def __init__(
        self,
        sources: Sources,
        view: View,
        ask: Ask,
        naming: Naming,
        members_sent: Mapping[int, Mapping[str, int]],
        released: frozenset[int],
    ) -> None:
        self.sources = sources
        self.user = sources.user
        self.view = view
        self.ask = ask
        self.naming = naming
        self.members_sent = members_sent
        self.released = released
        self.out = Computed(view)
        self.held: dict[int, int] = {}
        self.doubtful: dict[int, Sent] = {}
        self.in_lists: dict[int, list[str]] = {}
        self.out.in_lists = self.in_lists
        self.indexes: dict[str, ListIndex] = {}
        self.specs: dict[str, ListSpec] = {}  # the view's own objects where they are equal
        bump = [spec.bump_types for spec in ask.lists.values() if spec.bump_types is not None]
        self.bump_types = frozenset().union(*bump) if bump else None

    def run(self) -> Computed:
        touched = self.touched()
        if not touched and self.asks_the_same():
            return self.nothing_new()
        states = self.lists()
        configs = self.visible()
        self.out.visible = configs
        news = {*touched, *self.view.held}
        numbers: dict[int, tuple[int, bool]] = {}
        rooms: dict[int, Sent] = {}
        for key, config in configs.items():
            sent = self.view.rooms.get(key)
            if id(config) not in numbers:
                wants_all = needs_all_members(config.required_state)
                numbers[id(config)] = config_id(config), wants_all
            number, wants_all = numbers[id(config)]
            if wants_all and not self.user.known[key].row.members_complete:
                number = ~number  # when the list has come the room differs from what was sent
            if sent is not None and sent.config_id == number and key not in news:
                rooms[key] = sent
            else:
                rooms[key] = self.room(key, config, number)
        for key in touched:
            if key not in configs:
                self.unseen(key)
        self.out.view = self.next_view(states, rooms | self.doubtful)
        return self.out

    def asks_the_same(self) -> bool:
        """Whether the request asks for just what the view has, and all of it was told."""
        view, ask = self.view, self.ask
        return (
            not view.first
            and not view.held
            and view.visible is not None
            and ask.lists.keys() == view.lists.keys()
            and all(
                state.known and (state.spec is ask.lists[name] or state.spec == ask.lists[name])
                for name, state in view.lists.items()
            )
            and ask.subscriptions == view.subscriptions
        )

    def nothing_new(self) -> Computed:
        """The answer without news: most requests begin with it, and then wait."""
        view, out = self.view, self.out
        for name, state in view.lists.items():
            out.lists[name] = ListChange(
                state.spec, (), state.count, before=state.spec, count_before=state.count,
                full_order=(),
            )  # fmt: skip
        out.visible = view.visible or {}
        out.in_lists = view.in_lists
        out.view = replace(
            view,
            position=self.sources.cache.position,
            base_generation=view.generation,
            base_position=view.position,
        )
        return out

    def touched(self) -> list[int]:
        """Rooms about which something may have changed that the client has not been told."""
        return [] if self.view.first else list(self.user.touched_since(self.oldest()))

    def oldest(self) -> int:
        """Up to where all rooms of the view were told."""
        return min((self.view.position, *self.view.held.values()))

    # -- lists -----------------------------------------------------------------------

    def lists(self) -> dict[str, ListState]:
        states: dict[str, ListState] = {}
        moved = () if self.view.first else self.user.moved_since(self.oldest())
        for name, asked in self.ask.lists.items():
            before = self.view.lists.get(name)
            spec = before.spec if before is not None and before.spec == asked else asked
            self.specs[name] = spec
            index = self.indexes[name] = self.user.index(spec)
            if spec.all_rooms:
                windows: tuple[tuple[int, ...], ...] = (tuple(index.rooms()),)
            else:
                windows = tuple(tuple(index.rooms(*range_)) for range_ in spec.ranges)
            if before is not None and before.windows == windows:
                windows = before.windows
            states[name] = ListState(spec, windows, len(index))
            for window in windows:
                for key in window:
                    self.in_lists.setdefault(key, []).append(name)
            self.out.lists[name] = self.change(states[name], before, moved)
            if _moved(before, states[name]):
                self.out.lists_moved = True
        return states

    def change(self, now: ListState, before: ListState | None, moved: Iterable[int]) -> ListChange:
        same = before is not None and before.windows is now.windows and before.spec is now.spec
        if before is not None and same and before.known:
            return ListChange(
                now.spec, (), now.count, before=now.spec, count_before=before.count, full_order=()
            )
        full = None
        if now.spec.all_rooms:
            full = self.room_ids(now.windows[0])
        windows = () if now.spec.all_rooms else tuple(map(self.room_ids, now.windows))
        if before is None:
            return ListChange(now.spec, windows, now.count, full_order=full)
        old = () if before.spec.all_rooms else tuple(map(self.room_ids, before.windows))
        return ListChange(
            now.spec,
            windows,
            now.count,
            before=before.spec,
            windows_before=old,
            count_before=before.count,
            forgotten=not before.known,
            moved=self.room_ids(moved),
            full_order=full,
        )

    def room_ids(self, keys: Iterable[int]) -> tuple[RoomID, ...]:
        known = self.user.known
        return tuple([RoomID(known[key].row.room_id) for key in keys])

    # -- rooms -----------------------------------------------------------------------

    def visible(self) -> dict[int, RoomConfig]:
        """The rooms in a window or confirmed subscription, with how they are shown."""
        configs: dict[int, RoomConfig] = {}
        unions: dict[tuple[str, ...], RoomConfig] = {}
        for key, names in self.in_lists.items():
            if len(names) == 1:
                configs[key] = self.specs[names[0]].config
                continue
            asked = tuple(names)
            if asked not in unions:
                unions[asked] = union(self.specs[name].config for name in dict.fromkeys(names))
            configs[key] = unions[asked]
        for room_id, config in self.ask.subscriptions.items():
            subscribed = self.user.by_id.get(room_id)
            if subscribed is None or not self.user.may_see(subscribed):
                continue
            listed = configs.get(subscribed)
            configs[subscribed] = config if listed is None else union((listed, config))
        return configs

    def room(self, key: int, config: RoomConfig, number: int) -> Sent:
        """Puts a visible room into the answer, as far as there is something to say.

        ``number`` is the ``config_id`` of ``config``; with all bits turned round if all
        members are asked for and not all are known.
        """
        sent = self.view.rooms.get(key)
        bound = self.view.bound(key)
        stale = sent is not None and (
            self.user.renewed_at(key) > bound or sent.config_id == ~number
        )
        if sent is None or stale or (number != sent.config_id and self.widened(key, sent, config)):
            self.initial(key, config)
            return Sent(number, self.naming.generation, config)
        if number != sent.config_id:
            self.changed_part(key, config)
            return Sent(number, self.naming.generation, config)
        if self.user.changed_at(key) > bound or key in self.view.held:
            self.delta(key, config, bound)
        return sent if sent.config is not None else Sent(number, sent.generation, config)

    def widened(self, key: int, sent: Sent, config: RoomConfig) -> bool:
        """Whether another config than before must send the whole room.

        It must when the room entered another window or was subscribed to; parameters that
        changed in place send only their part (L-53), which ``changed_part`` does.
        """
        room_id = RoomID(self.user.known[key].row.room_id)
        if self.ask.subscriptions.get(room_id) != self.view.subscriptions.get(room_id):
            return self.ask.subscriptions.get(room_id) is not None
        if self.lists_changed(key):
            return False
        return sent.config is None or _asks_more(sent.config, config)

    def lists_changed(self, key: int) -> list[tuple[ListSpec, ListSpec]]:
        """The lists showing the room whose own config differs from before."""
        found = []
        for name in self.in_lists.get(key, ()):
            before = self.view.lists.get(name)
            now = self.ask.lists[name]
            if before is not None and before.spec.config != now.config:
                found.append((before.spec, now))
        return found

    def changed_part(self, key: int, config: RoomConfig) -> None:
        """Sends what changed parameters ask for, and nothing else (L-53).

        A room with other news is sent whole instead, so that none is left out.
        """
        if self.user.changed_at(key) > self.view.bound(key):
            self.initial(key, config)
            return
        changed = self.lists_changed(key)
        limits = any(b.config.timeline_limit != n.config.timeline_limit for b, n in changed)
        states = any(b.config.required_state != n.config.required_state for b, n in changed)
        if (limits or states) and self.user.rooms[key].membership == "join":
            self.initial(key, config, timeline=limits, state=states)

    def initial(
        self, key: int, config: RoomConfig, *, timeline: bool = True, state: bool = True
    ) -> None:
        listed = self.user.room(key)
        built = build_initial(
            self.sources,
            listed,
            config,
            bump_types=self.bump_types,
            after=None if self.view.first else self.view.position,
            state=state,
            timeline=timeline,
        )
        room_id = RoomID(listed.room_id)
        self.out.rooms[room_id] = built.answer
        self.out.shown[room_id] = (True, built.timeline)
        self.out.renewed.add(key)
        self.out.members[key] = built.members
        self.out.unmet[key] = built.unmet
        if config.old_rooms is not None and listed.view.membership == "join":
            self.old_rooms(key, config.old_rooms)

    def old_rooms(self, key: int, config: RoomConfig) -> None:
        """The chain of predecessors that the user is still joined to (D-70 to D-73)."""
        seen = {key}
        for _ in range(OLD_ROOMS_MOST):
            before = self.user.by_id.get(self.user.known[key].row.predecessor or "")
            if before is None or before in seen or not self.user.may_see(before):
                return
            key = before
            seen.add(key)
            room_id = RoomID(self.user.known[key].row.room_id)
            if room_id not in self.out.rooms:
                built = build_initial(
                    self.sources,
                    self.user.room(key),
                    config,
                    bump_types=self.bump_types,
                    after=None,
                )
                self.out.rooms[room_id] = built.answer

    def delta(self, key: int, config: RoomConfig, bound: int) -> None:
        listed = self.user.room(key)
        if listed.view.membership != "join":
            return
        events = live_timeline(self.sources, listed.room, listed.view, bound)
        if events is None:
            self.initial(key, config)
            return
        events = self.hold_back(key, events, bound)
        known = self.known_members(key)
        built = build_delta(
            self.sources,
            listed,
            config,
            events,
            bump_types=self.bump_types,
            bound=self.view.position,
            members_sent=known,
            unmet=self.members_sent.get(key, {}).keys() - known,
        )
        if built is not None:
            room_id = RoomID(listed.room_id)
            self.out.rooms[room_id] = built.answer
            self.out.shown[room_id] = (False, built.timeline)
            self.out.members[key] = built.members
            self.out.unmet[key] = built.unmet

    def known_members(self, key: int) -> list[str]:
        """Who was sent lazily, as of the view: what came with later answers is not there.

        All others of whom the connection knows are to be sent, if there is an event of them.
        """
        sent = self.members_sent.get(key, {})
        return [user_id for user_id, at in sent.items() if UNMET < at <= self.view.bound(key)]

    def hold_back(self, key: int, events: Timeline, bound: int) -> Timeline:
        """Cuts before an own event whose transaction id has not come yet (TX-3)."""
        waiting = held_from(
            self.sources, [e for e in events.events if e.event_key not in self.released]
        )
        if not waiting or len(self.held) >= MAX_HELD:  # a token has room for so many
            return events
        self.out.waits.update(event.event_key for event in waiting)  # all at the same time
        self.held[key] = bound
        kept: list[CachedEvent] = []
        for event in events.events:
            if event is waiting[0]:
                break
            kept.append(event)
        if kept:
            # Positions follow the stream, not the room: only a prefix in both is safe.
            upto = max(event.pos or 0 for event in kept)
            rest = [e for e in events.events[len(kept) :] if (e.pos or 0) <= upto]
            if rest:
                kept = []
            else:
                self.held[key] = upto
        return Timeline(tuple(kept), False, len(kept), events.prev_batch if kept else None)

    # -- rooms that are not shown ----------------------------------------------------

    def unseen(self, key: int) -> None:
        """A touched room outside every window and subscription."""
        view = self.user.rooms[key]
        room = self.user.known[key]
        room_id = RoomID(room.row.room_id)
        bound = self.view.bound(key)
        if room_id in self.out.rooms:
            return
        if view.membership in ENDED:
            if (key in self.view.rooms or self.view.unsure) and view.reset_pos > bound:
                self.out.rooms[room_id] = build_left(self.sources, room, view, bound)
            return
        if view.membership != "join":
            return
        if not confirmed(view, room.row.gap_ord):
            self.doubt(key)
            return
        listing = [name for name, index in self.indexes.items() if key in index]
        joined = view.reset_pos > bound and view.confirmed_pos < view.reset_pos  # not imported
        if joined and listing:
            self.initial(key, union(self.ask.lists[name].config for name in listing))  # L-111
        elif view.unread_pos > bound:
            self.out.rooms[room_id] = build_counts(self.user.room(key))

    def doubt(self, key: int) -> None:
        """A live room behind a gap, of which it is not known whether the user is still in it.

        It is held back where it is: it goes on from there when the user is found in it, and
        otherwise the end of the membership must be told.
        """
        sent = self.view.rooms.get(key)
        if sent is None and self.view.unsure:
            sent = Sent(0, self.naming.generation)
        if sent is None:
            return
        self.out.unconfirmed = self.out.unconfirmed or key not in self.view.held
        if len(self.held) < MAX_HELD:
            self.held[key] = self.view.bound(key)
            self.doubtful[key] = sent

    # -- what the client will have ---------------------------------------------------

    def next_view(self, states: dict[str, ListState], rooms: dict[int, Sent]) -> View:
        view = self.view
        same = (
            rooms.keys() == view.rooms.keys()
            and all(rooms[k].config_id == view.rooms[k].config_id for k in rooms)
            and states.keys() == view.lists.keys()
            and all(states[n].spec == view.lists[n].spec for n in states)
            and self.ask.subscriptions == view.subscriptions
            and all(state.known for state in view.lists.values())
            and not view.first
        )
        return View(
            generation=view.generation if same else self.naming.generation,
            nonce=view.nonce if same else self.naming.nonce,
            position=self.sources.cache.position,
            base_generation=view.generation,
            base_position=view.position,
            lists=states,
            rooms=rooms,
            subscriptions=self.ask.subscriptions,
            held=self.held,
            visible=self.out.visible,
            in_lists=self.in_lists,
        )


def _moved(before: ListState | None, now: ListState) -> bool:
    """Whether there is something to say of a list."""
    if before is None or not before.known or before.spec.all_rooms != now.spec.all_rooms:
        return True
    if before.spec.filters != now.spec.filters or before.spec.sort != now.spec.sort:
        return True
    if now.spec.all_rooms:
        return before.count != now.count
    return before.windows != now.windows


def _asks_more(before: RoomConfig, now: RoomConfig) -> bool:
    had, has = before.required_state, now.required_state
    return (
        now.timeline_limit > before.timeline_limit
        or not set(has.entries) <= set(had.entries)
        or (has.lazy_members and not had.lazy_members)
    )
