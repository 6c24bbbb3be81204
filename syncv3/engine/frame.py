"""Computes one answer: a pure function of a view, the complete request and the cache.

Every answer is made in the same order, be it the first of a connection, one after a change
of parameters or one for a message that just came. Which rooms does the request show? Which of
them must be looked at, because something has changed in them or in the way they are shown?
What does the dialect send of each? What does the client have then?
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import msgspec

from syncv3.engine.building import Builder, Overflow
from syncv3.engine.computed import Computed, Naming, ShownRoom, Want
from syncv3.engine.due import (
    asks_the_same,
    due,
    filled,
    oldest,
    owed,
    touched,
    touched_lately,
)
from syncv3.engine.facts import Facts, facts_of
from syncv3.engine.manners import Manners
from syncv3.engine.next_view import (
    kept_after,
    next_view,
    rooms_after,
    unchanged_view,
    unmoved_lists,
)
from syncv3.engine.progress import AnswerProgress
from syncv3.engine.rooms import Built
from syncv3.engine.sending import Send, Wait
from syncv3.engine.showing import Showing
from syncv3.engine.sources import Sources
from syncv3.engine.view import Met, Sent, View
from syncv3.protocol.request import CompleteRequest, RoomConfig
from syncv3.types import RoomID

PREDECESSORS_MOST = 20
MISSING_MOST = 400
"""So much is loaded in one go at most: what a hundred rooms lack that nobody has asked for."""


def compute(
    sources: Sources,
    view: View,
    ask: CompleteRequest,
    naming: Naming,
    manners: Manners,
    members_sent: Mapping[int, Mapping[str, int]],
    released: frozenset[int] = frozenset(),
    progress: AnswerProgress | None = None,
) -> Computed:
    """The answer at the cache's position to ``ask`` for a client that has ``view``.

    ``released`` are own events that are held back no longer. ``progress`` is of earlier
    attempts at the same answer. When ``sources.missing`` is not empty afterwards the answer
    is not valid: load and compute again.
    """
    progress = progress or AnswerProgress()
    progress.begin(sources)
    begun = progress.take()
    if begun is not None:
        return begun.resume(sources, released)
    bump = {spec.bump_types for spec in ask.lists.values() if spec.bump_types is not None}
    bump_types = frozenset[str]().union(*bump) if bump else None
    builder = Builder(sources, view, members_sent, released, bump_types, progress)
    return _Frame(view, ask, naming, manners, builder).run()


class _Frame:
    """The computation of one answer. It can stop between two rooms (``go_on``), and is then gone
    on with by ``resume``, so what it has found so far is in its attributes."""

    showing: Showing
    news: list[int]
    left: Iterator[int]  # the shown rooms that are still to be looked at

    def __init__(
        self, view: View, ask: CompleteRequest, naming: Naming, manners: Manners, builder: Builder
    ) -> None:
        self.view = view
        self.ask = ask
        self.naming = naming
        self.manners = manners
        self.builder = builder
        self.out = Computed(view)
        self.out.waits = builder.waits
        self.looked_at: dict[int, Sent | None] = {}  # how they are sent then
        self.owed: set[int] = set()
        self.gone: set[int] = set()  # of what was sent of them nothing holds any more

    def run(self) -> Computed:
        view, ask, sources = self.view, self.ask, self.builder.sources
        if self.manners.keeps_unshown:
            self.news = touched_lately(sources.user, sources.seen, view)
            self.owed.update(owed(sources.user, view))
        else:
            self.news = touched(sources.user, view)
        grown = filled(sources.user, view)
        # Nearly all requests: the client asks what it has asked before, and nothing has happened.
        if not (self.news or grown) and asks_the_same(view, ask):
            self.out.lists = unmoved_lists(view)
            self.out.visible = view.visible or {}
            self.out.view = unchanged_view(view, sources.cache.position)
            return self.out
        # Lists that filter by a space need its children before they can be built.
        for spec in ask.lists.values():
            sources.missing.spaces |= sources.user.spaces_to_load(spec.filters.spaces or ())
        if not self.indexed():
            self.out.unfinished = True
            return self.out
        sources.missing.states.update(sources.user.decide_replaced())
        manners = self.manners
        self.showing = Showing(
            sources, view, ask, oldest(view), manners.list_is_news, manners.may_show
        )
        self.out.lists, self.out.lists_moved = self.showing.changes, self.showing.moved
        self.out.visible = self.showing.configs
        self.left = iter(due(sources.user, view, self.showing.configs, (*self.news, *grown)))
        return self.go_on()

    def resume(self, sources: Sources, released: frozenset[int]) -> Computed:
        """Goes on where the last attempt stopped, as nothing has touched the user since."""
        self.builder.sources, self.builder.released = sources, released
        self.out.unfinished = False
        return self.go_on()

    def go_on(self) -> Computed:
        """Looks at the rooms that are left, and makes the next view when there is none."""
        for key in self.left:
            self.look_at(key, self.out.visible[key])
            if self.enough():
                self.out.unfinished = True
                self.builder.progress.pause(self, self.builder.sources)
                return self.out
        # Of unshown rooms little is said, if anything: the slice need not end between them.
        for key in self.unshown():
            if key not in self.out.visible and self.room_id(key) not in self.out.rooms:
                self.look_at(key, None)
        shown = self.out.visible.keys()
        keeps = self.manners.keeps_unshown
        rooms = rooms_after(self.view, shown, self.looked_at, keeps=keeps)
        kept = kept_after(self.view, rooms, self.gone, resumable=self.ask.resumable)
        self.out.view = next_view(
            self.view,
            self.ask,
            self.naming,
            self.builder.sources.cache.position,
            lists=self.showing.states,
            visible=self.out.visible,
            rooms=rooms,
            held=self.builder.held,
            owed=frozenset(self.owed) if keeps else None,
            met=self.out.met,
            keeps=keeps,
            kept=kept,
        )
        return self.out

    def unshown(self) -> Iterable[int]:
        """The rooms to look at although they may not be shown: something has happened in them, or
        is owed, that must be told or remembered now."""
        if not self.manners.keeps_unshown:
            return self.news
        rooms = self.builder.sources.user.rooms
        owing = [*self.view.held, *self.owed]
        return dict.fromkeys((*self.news, *(key for key in owing if key in rooms)))

    def indexed(self) -> bool:
        """Builds the lists' indexes piece by piece; whether all are there."""
        seen, progress = self.builder.sources.seen, self.builder.progress
        for spec in self.ask.lists.values():
            while not seen.build(spec):
                if progress.over():
                    return False
        return True

    def enough(self) -> bool:
        """Whether to stop here and go on with the next attempt, which then gets further."""
        progress, missing = self.builder.progress, self.builder.sources.missing
        if missing and len(missing) >= MISSING_MOST:
            return True
        return progress.built > 0 and progress.over()  # at least one room: it must get further

    def room_id(self, key: int) -> RoomID:
        return RoomID(self.builder.sources.user.known[key].row.room_id)

    def look_at(self, key: int, asked: RoomConfig | None) -> None:
        """Puts into the answer what there is to say of a room; ``asked`` None: it is not shown."""
        sources, sent = self.builder.sources, self.view.sent(key)
        facts = facts_of(sources, self.view, self.ask, self.showing, key)
        send = self.manners.decide(facts, sent, asked)
        built = self.carry_out(key, send)
        if isinstance(built, Overflow):  # only a look at the timeline shows that it is too much
            facts = msgspec.structs.replace(facts, overflow=True)
            send = self.manners.decide(facts, sent, asked)
            built = self.carry_out(key, send)
            assert not isinstance(built, Overflow), "it was to be sent in another way"
        if built is not None and isinstance(send, Send):
            self.put(key, send, built)
        if asked is None and facts.rejoined:
            self.gone.add(key)
        self.owe(key, facts, sent, told=built is not None)
        held = isinstance(send, Wait) and self.wait(key, facts, sent)
        self.looked_at[key] = self.manners.after(
            facts, sent, asked, built, held=held, generation=self.naming.generation
        )

    def carry_out(self, key: int, send: Send | Wait | None) -> Built | Overflow | None:
        return self.builder.build(key, send) if isinstance(send, Send) else None

    def owe(self, key: int, facts: Facts, sent: Sent | None, *, told: bool) -> None:
        """Remembers that a membership has ended of which the client does not know."""
        if facts.ended and sent is not None and not told and not facts.forgotten:
            self.owed.add(key)
        else:
            self.owed.discard(key)

    def wait(self, key: int, facts: Facts, sent: Sent | None) -> bool:
        """Leaves a room told as far as it was; whether that can be remembered in ``View.held``."""
        if self.manners.keeps_unshown:  # then the room itself knows how far it was told
            live = sent is not None and sent.upto is None
            self.out.unconfirmed = self.out.unconfirmed or live
            return False
        self.out.unconfirmed = self.out.unconfirmed or not facts.held
        return self.builder.hold(key, facts.bound)

    def put(self, key: int, send: Send, built: Built) -> None:
        """Puts what was built of a room into the answer, and notes what the client has then."""
        room_id = self.room_id(key)
        if built.timeline.wants:
            opened = room_id in self.ask.subscriptions
            self.out.wants[key] = Want(built.timeline.wants, opened)
        if send.bounded:
            self.put_entry(key, room_id, send, built)
            return
        self.out.rooms[room_id] = built.answer
        if send.fields is not None:
            self.out.shown[room_id] = ShownRoom(send.initial, False, built.timeline)
            self.out.members[key] = built.members
            self.out.unmet[key] = built.unmet
        if send.initial:
            self.out.renewed.add(key)
        if send.predecessors is not None:
            for before in self.builder.sources.user.predecessors(key, PREDECESSORS_MOST):
                if self.room_id(before) not in self.out.rooms:
                    old = self.builder.whole(before, send.predecessors)
                    self.out.rooms[self.room_id(before)] = old.answer

    def put_entry(self, key: int, room_id: RoomID, send: Send, built: Built) -> None:
        """An entry of a room that its client keeps; it is only there if it says something."""
        met = Met(built.members, built.unmet, built.struck, send.initial)
        if send.initial or built.members or built.unmet or built.struck:
            self.out.met[key] = met
        if not self.manners.is_said(send, built.answer):
            return
        lists = self.showing.lists_with(key)
        answer = built.answer
        self.out.rooms[room_id] = replace(answer, lists=lists) if lists else answer
        self.out.shown[room_id] = ShownRoom(send.initial, answer.expanded, built.timeline)
        self.out.members[key] = built.members
        if send.initial:
            self.out.renewed.add(key)
