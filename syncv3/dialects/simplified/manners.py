"""What the simplified dialects send of a room, and what they count as news.

A client keeps every room that it was ever sent (S-170). Of each it is remembered how far it was
told: as far as the client's position, or up to an earlier one if something has happened while
the room was not shown. An entry is whole (``initial``) only if the client has nothing of the
room, or if the user has come into it anew; all else is a difference to what the client has.

An example: a list shows one room. A is sent, then B gets a message and takes its place: B is
sent, of A nothing is said. A gets m1 while B is shown: A was told up to the position before. A
gets m2 and is shown: its entry is no whole one, it has m2, and says that it is ``limited``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from syncv3.cache.seen import SeenRooms
from syncv3.cache.users import CachedUser
from syncv3.engine.computed import Computed
from syncv3.engine.facts import ENDED, JOIN, PENDING, Facts
from syncv3.engine.manners import Chosen
from syncv3.engine.rooms import Built
from syncv3.engine.scopes import RoomsOf
from syncv3.engine.sending import WAIT, Changed, Fields, Latest, Newest, Send, StateSent, Wait
from syncv3.engine.showing import rooms_in_windows
from syncv3.engine.view import ListState, Sent, number_of
from syncv3.protocol.request import CompleteRequest, RoomConfig
from syncv3.protocol.required_state import StateKey, Wanted
from syncv3.protocol.response import RoomAnswer
from syncv3.types import RoomID

TIMELINE_MOST: Final = 50
"""Events that a timeline has at most: so many of a room are held in memory. A client may ask for
1,000 of each of 5,000 rooms, which would be five million events in one answer."""
KEPT_MOST: Final = 100
"""State keys of one type that a client has though it asks for them no more (S-250)."""
KEPT_IN_ALL: Final = 400
NOTHING: Final = Wanted()


@dataclass(frozen=True, slots=True)
class SimplifiedManners:
    """See ``syncv3.engine.manners.Manners``. The two dialects differ in little.

    ``tells_changes``: a changed membership or DM flag is worth an entry of its own, and so is a
    name or avatar that is gone (S-172).
    """

    tells_changes: bool = False
    shortest_wait_s: float = 0.0  # S-321
    settle_s: float = 0.5  # S-538
    tells_troubles: bool = False  # S-326
    keeps_unshown: bool = True
    names_members: bool = False

    def may_show(self, seen: SeenRooms, room_key: int) -> bool:
        """Rooms that the user has or had to do with, if they have not forgotten them (S-161)."""
        own = seen.rooms[room_key]
        if own.forgotten:
            return False
        if own.membership == JOIN:
            return seen.may_see(room_key)
        return own.membership in ENDED or not seen.is_invited_by_ignored(room_key)

    def decide(
        self, facts: Facts, sent: Sent | None, asked: RoomConfig | None
    ) -> Send | Wait | None:
        if asked is None:
            return self._outside(facts, sent)
        if sent is None or _comes_anew(facts):
            return self._whole(facts, asked)
        # From here on the client has the room, so all that is sent is a difference.
        if facts.membership in PENDING:
            return self._flag(facts, sent, asked)
        if not self._has_news(facts, sent, asked):
            return None
        return self._difference(facts, sent, asked)

    def after(
        self,
        facts: Facts,
        sent: Sent | None,
        asked: RoomConfig | None,
        built: Built | None,
        *,
        held: bool,
        generation: int,
    ) -> Sent | None:
        if asked is None:
            return _unshown(facts, sent, built, generation)
        is_dm = facts.is_dm if self.tells_changes else None
        if sent is None or _comes_anew(facts):
            config = _with_limit(asked, _limit(asked))
            number = number_of(config, members_complete=facts.members_complete)
            inside = facts.membership == JOIN or (sent is not None and sent.inside)
            return Sent(number, generation, config, is_dm=is_dm, inside=inside)
        if built is None and self._dm(facts, sent) is not None:
            is_dm = sent.is_dm  # all news of the room wait: that it has changed was not told
        return _recorded(facts, sent, asked, built, is_dm, generation)

    def is_said(self, send: Send, answer: RoomAnswer) -> bool:
        """S-172. A name that is gone is said by the one dialect, and by the other left out."""
        return (
            send.initial
            or bool(answer.required_state or answer.timeline or answer.heroes or answer.gone)
            or answer.joined_count is not None
            or answer.stripped_state is not None
            or bool(answer.name)
            or (answer.avatar is not None and answer.avatar != (None,))
            or self._tells(send, answer)
        )

    def _tells(self, send: Send, answer: RoomAnswer) -> bool:
        said = answer.name is not None or answer.avatar is not None
        return self.tells_changes and (send.dm is not None or send.own_member or said)

    def list_is_news(self, before: ListState | None, now: ListState) -> bool:
        """How many rooms a list has: what ends a wait while the first import goes on (S-327)."""
        return before is None or before.count != now.count

    def may_have_rooms(self, ask: CompleteRequest) -> bool:
        """S-6, S-62."""
        return bool(ask.lists or ask.subscriptions)

    def is_news(self, computed: Computed, *, importing: bool) -> bool:
        """Nothing but rooms (S-322); while these come in, how many a list has (S-327)."""
        return bool(computed.rooms) or (importing and computed.lists_moved)

    def scope(
        self, chosen: Chosen, ask: CompleteRequest, computed: Computed, user: CachedUser
    ) -> Mapping[RoomID, int]:
        """The rooms that are shown, as far as they are chosen (S-341)."""
        if chosen.rooms is None:
            return RoomsOf(user, computed.visible)
        states = computed.view.lists
        names = states if chosen.lists is None else chosen.lists
        wanted = rooms_in_windows(states[name] for name in names if name in states)
        wanted.update(user.by_id[room_id] for room_id in chosen.rooms if room_id in user.by_id)
        return RoomsOf(user, wanted & computed.visible.keys())

    def _outside(self, facts: Facts, sent: Sent | None) -> Send | Wait | None:
        """A room that is not shown: only the end of a membership is told of it (S-82, S-83)."""
        if facts.membership == JOIN and not facts.confirmed and sent is not None:
            return WAIT
        known = sent is not None or facts.unsure
        if not (known and facts.ended and facts.asks_rooms) or facts.forgotten:
            return None
        if sent is None:
            return Send(bounded=True, own_member=True)
        had = _config_of(sent)  # but a request that wants shorter timelines gets these
        asked = _with_limit(had, min(_limit(had), facts.longest))
        return self._difference(facts, sent, asked, own_member=True)

    def _whole(self, facts: Facts, asked: RoomConfig) -> Send:
        """The whole room, or its invite."""
        pending = facts.membership in PENDING
        return Send(
            asked,
            initial=True,
            timeline=None if pending else _latest(asked.timeline_limit),
            state=None if pending else StateSent.ALL,
            fields=None if pending else Fields.ALL,
            stripped=pending,
            live_after=facts.position,
            bounded=True,
            dm=facts.is_dm,
        )

    def _flag(self, facts: Facts, sent: Sent, asked: RoomConfig) -> Send | None:
        """An invite is told once; whether it is to a DM may change (S-313)."""
        dm = self._dm(facts, sent)
        return None if dm is None else Send(asked, bounded=True, dm=dm)

    def _has_news(self, facts: Facts, sent: Sent, asked: RoomConfig) -> bool:
        """Whether a shown room may have something to say: something has happened in it, it was
        told less far than others, or more is asked of it than it was sent with."""
        return (
            facts.changed
            or facts.held
            or facts.filled
            or sent.upto is not None
            or (self.tells_changes and self._dm(facts, sent) is not None)
            or _limit(asked) > _limit(_config_of(sent))
            or _members_came(facts, sent)
            or not asked.wanted.within(_config_of(sent).wanted)
        )

    def _difference(
        self, facts: Facts, sent: Sent, asked: RoomConfig, *, own_member: bool = False
    ) -> Send:
        """What has happened since, of what is asked for; and what was not asked for before."""
        limit, had = _limit(asked), _config_of(sent)
        expanded = limit > _limit(had) or facts.filled
        whole = _members_came(facts, sent)
        return Send(
            asked,
            timeline=_latest(limit, expanded=True) if expanded else _newest(facts.bound, limit),
            state=Changed(
                facts.bound,
                NOTHING if whole else had.wanted,
                frozenset() if whole else sent.kept,
                sent.kept_upto,
            ),
            fields=Fields.TOUCHED,
            live_after=facts.bound if facts.held else facts.position,
            fields_after=facts.bound,
            bounded=True,
            dm=self._dm(facts, sent) if self.tells_changes else facts.is_dm,
            own_member=own_member or (self.tells_changes and facts.ended),
            reminds=not own_member and self._reminds(facts),
        )

    def _reminds(self, facts: Facts) -> bool:
        """Whether an entry has the user's own leave, kick or ban once more (S-242, S-537). In the
        unstable dialect a client takes every entry without it for one of a joined room: say a
        longer timeline of a room that the user was kicked from. The stable one says what the
        membership is."""
        return not self.tells_changes and facts.membership in ENDED

    def _dm(self, facts: Facts, sent: Sent) -> bool | None:
        """The DM flag, if the client was told another one (S-277)."""
        differs = self.tells_changes and facts.is_dm != bool(sent.is_dm)
        return facts.is_dm if differs else None


def _comes_anew(facts: Facts) -> bool:
    """Whether the user has come into the room since, or was asked to (S-176, S-177, S-313)."""
    return facts.rejoined and facts.membership not in ENDED


def _config_of(sent: Sent) -> RoomConfig:
    """As what was asked for counts; nothing, if that is not known any more."""
    return sent.config or RoomConfig()


def _limit(config: RoomConfig) -> int:
    return min(config.timeline_limit, TIMELINE_MOST)


def _with_limit(config: RoomConfig, limit: int) -> RoomConfig:
    return config if limit == config.timeline_limit else replace(config, timeline_limit=limit)


def _latest(limit: int, *, expanded: bool = False) -> Latest | None:
    limit = min(limit, TIMELINE_MOST)
    return Latest(limit, expanded) if limit else None


def _newest(after: int, limit: int) -> Newest | None:
    return Newest(after, limit) if limit else None


def _members_came(facts: Facts, sent: Sent) -> bool:
    """Whether all members were asked for, and have become known only now."""
    return sent.config_id < 0 and facts.members_complete


def _unshown(facts: Facts, sent: Sent | None, built: Built | None, generation: int) -> Sent | None:
    """A room outside: it was told up to where the client is, if something has happened since."""
    if sent is None or facts.forgotten:
        return None
    if built is not None:
        return msgspec.structs.replace(sent, generation=generation, upto=None)
    if sent.upto is None and (facts.changed or facts.held):
        return msgspec.structs.replace(sent, upto=facts.bound)
    return sent


def _recorded(
    facts: Facts,
    sent: Sent,
    asked: RoomConfig,
    built: Built | None,
    is_dm: bool | None,
    generation: int,
) -> Sent:
    """What counts as asked for from now on (S-202, S-203, S-250). ``sent`` itself if it is."""
    had, limit = _config_of(sent), _limit(asked)
    if limit < _limit(had) and not _leaves_out(facts, built, limit):
        limit = _limit(had)  # the client still has so many events, without a gap
    config = _with_limit(asked, limit)
    config = had if config == had else config
    kept = _kept(sent, had.wanted, asked.wanted)
    upto = facts.bound if not sent.kept else min(facts.bound, sent.kept_upto)
    now = Sent(
        number_of(config, members_complete=facts.members_complete),
        sent.generation,
        config,
        kept=kept,
        kept_upto=_kept_upto(sent, kept, upto),
        is_dm=is_dm,
        inside=sent.inside,
    )
    if now == sent:
        return sent
    return msgspec.structs.replace(now, generation=generation) if _claims_more(sent, now) else now


def _leaves_out(facts: Facts, built: Built | None, limit: int) -> bool:
    """Whether an entry left events out. One without timeline does not say so: a client that has A
    and now wants no events is told nothing of B, and must get both when it wants events again."""
    if built is None:
        return False
    return built.answer.limited or (facts.changed and not limit)


def _kept_upto(sent: Sent, kept: frozenset[StateKey], upto: int) -> int:
    if not kept:
        return 0
    return sent.kept_upto if kept <= sent.kept else upto


def _claims_more(sent: Sent, now: Sent) -> bool:
    """Whether a client that has not got the answer lacks something of it."""
    had, has = _config_of(sent), _config_of(now)
    # Less than before is no claim: if the answer is lost, the client has more than is remembered.
    return (
        sent.upto is not None
        or has.timeline_limit > had.timeline_limit
        or (now.config_id != sent.config_id and not has.wanted.within(had.wanted))
        or now.is_dm != sent.is_dm
    )


def _kept(sent: Sent, had: Wanted, now: Wanted) -> frozenset[StateKey]:
    """State that the client has, and asks for no more; wildcards are not remembered."""
    if had == now:
        return sent.kept
    # Sorted, as ``_few`` keeps the first ones: two workers must come to the same.
    dropped = sorted({*sent.kept, *(pair for pair in had.pairs if had.covers(*pair))})
    return _few(key for key in dropped if not now.covers(*key))


def _few(keys: Iterable[StateKey]) -> frozenset[StateKey]:
    """At most so many of one type, and in all."""
    seen: Counter[str] = Counter()
    found = []
    for key in keys:
        seen[key[0]] += 1
        if seen[key[0]] <= KEPT_MOST:
            found.append(key)
    return frozenset(found[:KEPT_IN_ALL])
