"""Computes one answer: a pure function of a view, the complete request and the cache.

Every answer is made in the same way, be it the first of a connection, one after a change
of parameters or one for a message that just came: lists are compared with what the view
says of them, each room in a window or subscription is sent whole if it was not live in
the view, and as a delta otherwise.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from syncv3.cache.events import CachedEvent
from syncv3.cache.users import confirmed
from syncv3.engine.computed import Computed, Naming
from syncv3.engine.progress import Progress
from syncv3.engine.rooms import (
    Built,
    build_counts,
    build_delta,
    build_initial,
    build_left,
)
from syncv3.engine.showing import Showing
from syncv3.engine.sources import Sources
from syncv3.engine.timeline import Timeline, held_from, live_timeline
from syncv3.engine.view import UNMET, ListState, Sent, View
from syncv3.protocol.pos import MAX_HELD
from syncv3.protocol.request import Ask, RoomConfig
from syncv3.protocol.response import ListChange
from syncv3.types import RoomID

OLD_ROOMS_MOST = 20
MISSING_MOST = 400
"""So much is loaded in one go at most: what a hundred rooms lack that nobody has asked for."""
ENDED = ("leave", "ban")


def compute(
    sources: Sources,
    view: View,
    ask: Ask,
    naming: Naming,
    members_sent: Mapping[int, Mapping[str, int]],
    released: frozenset[int] = frozenset(),
    progress: Progress | None = None,
) -> Computed:
    """The answer at the cache's position to ``ask`` for a client that has ``view``.

    ``released`` are own events that are held back no longer. ``progress`` is of earlier
    attempts at the same answer. When ``sources.missing`` is not empty afterwards the answer
    is not valid: load and compute again.
    """
    progress = progress or Progress()
    progress.begin(sources)
    begun = progress.take()
    if begun is not None:
        return begun.resume(sources, released)
    return _Computation(sources, view, ask, naming, members_sent, released, progress).run()


class _Computation:
    showing: Showing
    news: list[int]
    left: Iterator[tuple[int, RoomConfig]]  # the visible rooms that are still to be looked at

    def __init__(
        self,
        sources: Sources,
        view: View,
        ask: Ask,
        naming: Naming,
        members_sent: Mapping[int, Mapping[str, int]],
        released: frozenset[int],
        progress: Progress,
    ) -> None:
        self.sources = sources
        self.user = sources.user
        self.view = view
        self.ask = ask
        self.naming = naming
        self.members_sent = members_sent
        self.released = released
        self.progress = progress
        self.out = Computed(view)
        self.held: dict[int, int] = {}
        self.doubtful: dict[int, Sent] = {}
        self.rooms: dict[int, Sent] = {}
        bump = {spec.bump_types for spec in ask.lists.values() if spec.bump_types is not None}
        self.bump_types = frozenset().union(*bump) if bump else None

    def run(self) -> Computed:
        self.news = self.touched()
        if not self.news and self.asks_the_same():
            return self.nothing_new()
        for spec in self.ask.lists.values():
            self.sources.missing.spaces |= self.user.spaces_to_load(spec.filters.spaces)
        if not self.indexed():
            self.out.unfinished = True
            return self.out
        self.sources.missing.states.update(self.user.decide_replaced())
        self.showing = Showing(self.user, self.view, self.ask, self.oldest())
        self.out.lists = self.showing.changes
        self.out.lists_moved = self.showing.moved
        self.out.visible = self.showing.configs
        self.left = iter(self.showing.configs.items())
        return self.go_on()

    def resume(self, sources: Sources, released: frozenset[int]) -> Computed:
        """Goes on where the last attempt stopped, as nothing has touched the user since."""
        self.sources, self.released = sources, released
        self.out.unfinished = False
        return self.go_on()

    def go_on(self) -> Computed:
        self.shown_rooms()
        if self.out.unfinished:
            self.progress.pause(self, self.sources)
            return self.out
        for key in self.news:
            if key not in self.out.visible:
                self.unseen(key)
        self.out.view = self.next_view(self.showing.states, self.rooms | self.doubtful)
        return self.out

    def indexed(self) -> bool:
        """Builds the lists' indexes piece by piece; whether all are there."""
        for spec in self.ask.lists.values():
            while not self.user.build(spec):
                if self.progress.over():
                    return False
        return True

    def shown_rooms(self) -> None:
        """Puts the visible rooms into the answer, and notes how each has been sent then."""
        news = {*self.news, *self.view.held}
        sent_before, rooms = self.view.rooms, self.rooms
        for key, config in self.left:
            sent = sent_before.get(key)
            number = config.number
            if config.wanted.all_members and not self.user.known[key].row.members_complete:
                number = ~number  # when the list has come the room differs from what was sent
            if sent is not None and sent.config_id == number and key not in news:
                rooms[key] = sent
                continue
            rooms[key] = self.room(key, config, number)
            if self.enough():
                self.out.unfinished = True
                return

    def enough(self) -> bool:
        """Whether to stop here and go on with the next attempt, which then gets further."""
        if len(self.sources.missing) >= MISSING_MOST:
            return True
        return self.progress.built > 0 and self.progress.over()

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
            and (ask.subscriptions is view.subscriptions or ask.subscriptions == view.subscriptions)
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

    # -- rooms -----------------------------------------------------------------------

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
        if (
            self.user.changed_at(key) > bound
            or key in self.view.held
            or self.user.dm_changed(key, self.view.position)
        ):
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
        if self.showing.lists_changed(key):
            return False
        return sent.config is None or _asks_more(sent.config, config)

    def changed_part(self, key: int, config: RoomConfig) -> None:
        """Sends what changed parameters ask for, and nothing else (L-53).

        A room with other news is sent whole instead, so that none is left out.
        """
        if self.user.changed_at(key) > self.view.bound(key):
            self.initial(key, config)
            return
        changed = self.showing.lists_changed(key)
        limits = any(before.timeline_limit != now.timeline_limit for before, now in changed)
        states = any(before.required_state != now.required_state for before, now in changed)
        if (limits or states) and self.user.rooms[key].membership == "join":
            self.initial(key, config, timeline=limits, state=states)

    def initial(
        self, key: int, config: RoomConfig, *, timeline: bool = True, state: bool = True
    ) -> None:
        after = None if self.view.first else self.view.position
        built = self.whole(key, config, after, timeline=timeline, state=state)
        self.put(key, built, initial=True)
        self.out.renewed.add(key)
        if config.old_rooms is not None and self.user.rooms[key].membership == "join":
            self.old_rooms(key, config.old_rooms)

    def whole(
        self,
        key: int,
        config: RoomConfig,
        after: int | None,
        *,
        timeline: bool = True,
        state: bool = True,
    ) -> Built:
        def build() -> Built:
            return build_initial(
                self.sources,
                self.user.room(key),
                config,
                bump_types=self.bump_types,
                after=after,
                state=state,
                timeline=timeline,
            )

        built = self.progress.room(self.sources, key, (config, after, timeline, state), build)
        assert built is not None
        return built

    def put(self, key: int, built: Built, *, initial: bool) -> None:
        room_id = RoomID(self.user.known[key].row.room_id)
        self.out.rooms[room_id] = built.answer
        self.out.shown[room_id] = (initial, built.timeline)
        self.out.members[key] = built.members
        self.out.unmet[key] = built.unmet

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
                self.out.rooms[room_id] = self.whole(key, config, None).answer

    def delta(self, key: int, config: RoomConfig, bound: int) -> None:
        listed = self.user.room(key)
        if listed.is_invite and self.user.dm_changed(key, self.view.position):
            self.initial(key, config)  # an invite is told as a whole or not at all
        if listed.view.membership != "join":
            return
        events = live_timeline(self.sources, listed.room, listed.view, bound)
        if events is None:
            self.initial(key, config)
            return
        events = self.hold_back(key, events, bound)
        known = self.known_members(key)

        def build() -> Built | None:
            return build_delta(
                self.sources,
                listed,
                config,
                events,
                bump_types=self.bump_types,
                bound=self.view.position,
                members_sent=known,
                unmet=self.members_sent.get(key, {}).keys() - known,
            )

        if key in self.held:
            built = build()
        else:
            new = tuple([event.event_key for event in events.events])
            built = self.progress.room(self.sources, key, (config, new), build)
        if built is not None:
            self.put(key, built, initial=False)

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
        joined = view.reset_pos > bound and view.confirmed_pos < view.reset_pos  # not imported
        listing = self.showing.configs_listing(key) if joined else ()
        if listing:
            self.initial(key, self.ask.united(listing))  # L-111
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
            request_bytes=len(self.ask.sticky),
        )


def _asks_more(before: RoomConfig, now: RoomConfig) -> bool:
    """Whether the room object may lack something that is asked for now."""
    more_events = now.timeline_limit > before.timeline_limit
    return more_events or not now.wanted.within(before.wanted)
