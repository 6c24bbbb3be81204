"""What the simplified dialects send of a room, as a table of what there is to know of it."""

from typing import Any

import pytest
from msgspec.structs import replace

from syncv3.dialects.simplified.manners import KEPT_MOST, TIMELINE_MOST, SimplifiedManners
from syncv3.engine.computed import Computed
from syncv3.engine.facts import Facts
from syncv3.engine.rooms import Built
from syncv3.engine.sending import WAIT, Changed, Fields, Latest, Newest, Send, StateSent
from syncv3.engine.view import ListState, Sent, View, number_of
from syncv3.protocol.request import ListSpec, RoomConfig
from syncv3.protocol.required_state import StateKey, Wanted
from syncv3.protocol.response import Hero, RoomAnswer
from syncv3.types import RoomID, UserID
from tests.unit.engine.keeping import Asked

UNSTABLE, STABLE = SimplifiedManners(), SimplifiedManners(tells_changes=True)
TOPIC, NAME = ("m.room.topic", ""), ("m.room.name", "")
ASKED = RoomConfig(5, (Asked((TOPIC,)),))
MORE = RoomConfig(5, (Asked((TOPIC, NAME)),))
LONGER = RoomConfig(9, (Asked((TOPIC,)),))
SHORTER = RoomConfig(1, (Asked((TOPIC,)),))
NOTHING = RoomConfig()
EVERYBODY = RoomConfig(5, (Asked(types=("m.room.member",)),))
GENERATION = 7


def facts(**known: Any) -> Facts:
    """The client was told all up to 10, and nothing has happened since."""
    return Facts(position=10, bound=known.pop("bound", 10), **known)


def sent(config: RoomConfig = ASKED, **known: Any) -> Sent:
    complete = known.pop("complete", True)
    return Sent(number_of(config, members_complete=complete), 1, config, **known)


def whole(config: RoomConfig = ASKED, live_after: int | None = 10, **other: Any) -> Send:
    parts: dict[str, Any] = {
        "timeline": Latest(5), "state": StateSent.ALL, "fields": Fields.ALL, "dm": False,
    } | other  # fmt: skip
    return Send(config, initial=True, live_after=live_after, bounded=True, **parts)


INVITE = whole(timeline=None, state=None, fields=None, stripped=True)


def difference(config: RoomConfig = ASKED, bound: int = 10, **other: Any) -> Send:
    had = other.pop("had", ASKED.wanted)
    parts: dict[str, Any] = {
        "timeline": Newest(bound, 5), "state": Changed(bound, had), "live_after": 10, "dm": False,
    } | other  # fmt: skip
    return Send(config, fields=Fields.TOUCHED, fields_after=bound, bounded=True, **parts)


@pytest.mark.parametrize(
    ("known", "before", "send"),
    [
        pytest.param(facts(), None, whole(), id="never sent"),
        pytest.param(Facts(None, 0), None, whole(live_after=None), id="first answer"),
        pytest.param(facts(), sent(), None, id="nothing happened"),
        pytest.param(facts(changed=True), sent(), difference(), id="changed"),
        pytest.param(facts(changed=True, bound=4), sent(upto=4), difference(bound=4),
                     id="previously: live since the position, S-194"),
        pytest.param(facts(bound=4), sent(upto=4), difference(bound=4), id="previously"),
        pytest.param(facts(changed=True, held=True, bound=8), sent(),
                     difference(bound=8, live_after=8), id="held back"),
        pytest.param(facts(changed=True, gap=True), sent(), difference(), id="gap"),
        pytest.param(facts(changed=True, found_again=True), sent(), difference(),
                     id="confirmed behind a gap"),
        pytest.param(facts(changed=True, rejoined=True), sent(), whole(), id="joined anew"),
        pytest.param(facts(filled=True), sent(), difference(timeline=Latest(5, True)),
                     id="older events came in"),
        pytest.param(facts(changed=True, rejoined=True, membership="leave"), sent(),
                     difference(reminds=True), id="left"),
        pytest.param(facts(filled=True, membership="leave"), sent(),
                     difference(timeline=Latest(5, True), reminds=True),
                     id="left before, older events came in"),
        pytest.param(facts(changed=True, rejoined=True, membership="ban"), None, whole(),
                     id="banned, and never sent"),
        pytest.param(facts(membership="invite"), None, INVITE, id="invite"),
        pytest.param(facts(membership="knock", rejoined=True), sent(), INVITE, id="knocked"),
        pytest.param(facts(membership="invite", changed=True), sent(), None, id="known invite"),
        pytest.param(facts(is_dm=True), sent(), None, id="became a DM"),
    ],
)  # fmt: skip
@pytest.mark.rules(
    "S-171",
    "S-174",
    "S-175",
    "S-176",
    "S-177",
    "S-189",
    "S-194",
    "S-205",
    "S-242",
    "S-277",
    "S-313",
)
def test_a_shown_room(known: Facts, before: Sent | None, send: Send | None) -> None:
    assert UNSTABLE.decide(known, before, ASKED) == send


@pytest.mark.parametrize(
    ("before", "asked", "send"),
    [
        pytest.param(sent(), LONGER, difference(LONGER, timeline=Latest(9, True)), id="longer"),
        pytest.param(sent(), SHORTER, None, id="shorter"),
        pytest.param(sent(), MORE, difference(MORE), id="more state"),
        pytest.param(sent(MORE), ASKED, None, id="less state"),
        pytest.param(sent(NOTHING, kept=frozenset({TOPIC}), kept_upto=3), ASKED,
                     difference(timeline=Latest(5, True),
                                state=Changed(10, Wanted(), frozenset({TOPIC}), 3)),
                     id="what was asked for before"),
        pytest.param(Sent(77, 1), ASKED,
                     difference(timeline=Latest(5, True), had=Wanted()),
                     id="it is not known what was asked for"),
        pytest.param(sent(), RoomConfig(1000, ASKED.required_state),
                     difference(RoomConfig(1000, ASKED.required_state),
                                timeline=Latest(TIMELINE_MOST, True)), id="far too long"),
        pytest.param(sent(EVERYBODY, complete=False), EVERYBODY,
                     difference(EVERYBODY, had=Wanted()), id="all members have become known"),
    ],
)  # fmt: skip
@pytest.mark.rules("S-171", "S-200", "S-202", "S-250", "S-251")
def test_a_room_that_is_asked_for_otherwise(
    before: Sent, asked: RoomConfig, send: Send | None
) -> None:
    assert UNSTABLE.decide(facts(), before, asked) == send


ENDED = facts(changed=True, rejoined=True, membership="leave", longest=20)
LAST_WORDS = difference(own_member=True)


@pytest.mark.parametrize(
    ("known", "before", "send"),
    [
        pytest.param(facts(changed=True), sent(), None, id="news"),
        pytest.param(ENDED, sent(), LAST_WORDS, id="left"),
        pytest.param(facts(rejoined=True, membership="leave", longest=1), sent(),
                     difference(SHORTER, timeline=Newest(10, 1), own_member=True),
                     id="left, and the request asks for shorter timelines"),
        pytest.param(facts(rejoined=True, membership="leave"), sent(),
                     difference(RoomConfig(0, ASKED.required_state), timeline=None,
                                own_member=True),
                     id="left, and the request asks for no timelines"),
        pytest.param(facts(rejoined=True, membership="leave", asks_rooms=False), sent(), None,
                     id="left, and the request asks for no rooms"),
        pytest.param(facts(rejoined=True, membership="leave", forgotten=True), sent(), None,
                     id="left and forgotten"),
        pytest.param(facts(membership="leave"), sent(), None, id="left and told"),
        pytest.param(ENDED, None, None, id="left, and never sent"),
        pytest.param(facts(rejoined=True, membership="leave", unsure=True), None,
                     Send(bounded=True, own_member=True), id="left, and perhaps sent"),
        pytest.param(facts(confirmed=False), sent(), WAIT, id="unconfirmed"),
        pytest.param(facts(confirmed=False), None, None, id="unconfirmed, never sent"),
        pytest.param(facts(rejoined=True, membership="invite"), sent(), None, id="invited"),
    ],
)  # fmt: skip
@pytest.mark.rules("S-82", "S-83", "S-120")
def test_a_room_that_is_not_shown(known: Facts, before: Sent | None, send: Send | None) -> None:
    assert UNSTABLE.decide(known, before, None) == send


@pytest.mark.rules("S-171", "S-172", "S-277", "S-292")
def test_changed_flags_are_told_by_the_stable_dialect() -> None:
    as_dm = sent(is_dm=False)
    expected = difference(dm=True)
    assert STABLE.decide(facts(is_dm=True), as_dm, ASKED) == expected
    assert STABLE.decide(facts(changed=True), as_dm, ASKED) == difference(dm=None)
    invite = facts(membership="invite", is_dm=True)
    assert STABLE.decide(invite, as_dm, ASKED) == Send(ASKED, bounded=True, dm=True)
    left = STABLE.decide(ENDED, as_dm, ASKED)
    assert isinstance(left, Send) and STABLE.is_said(left, RoomAnswer())
    assert not UNSTABLE.is_said(difference(), RoomAnswer(name="", avatar=(None,)))
    assert STABLE.is_said(difference(), RoomAnswer(name=""))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(RoomAnswer(), False, id="nothing"),
        pytest.param(RoomAnswer(bump_stamp=1, limited=True, num_live=1, prev_batch="t",
                                notification_count=2, highlight_count=1, is_dm=True), False,
                     id="what never counts"),
        pytest.param(RoomAnswer(timeline=(b"{}",)), True, id="event"),
        pytest.param(RoomAnswer(required_state=(b"{}",)), True, id="state"),
        pytest.param(RoomAnswer(joined_count=0), True, id="counts"),
        pytest.param(RoomAnswer(heroes=(Hero(UserID("@a:hs")),)), True, id="heroes"),
        pytest.param(RoomAnswer(name="a"), True, id="name"),
        pytest.param(RoomAnswer(avatar=("mxc://a",)), True, id="avatar"),
        pytest.param(RoomAnswer(stripped_state=()), True, id="invite"),
        pytest.param(RoomAnswer(gone=(TOPIC,)), True, id="stub"),
        pytest.param(RoomAnswer(reminder=(b"{}",)), False, id="the own leave once more"),
    ],
)  # fmt: skip
@pytest.mark.rules("S-172", "S-173", "S-242")
def test_an_empty_entry_is_not_said(answer: RoomAnswer, said: bool) -> None:
    assert UNSTABLE.is_said(difference(), answer) is said
    assert UNSTABLE.is_said(whole(), answer)


NEW = Sent(ASKED.number, GENERATION, ASKED)
INSIDE = replace(NEW, inside=True)
BUILT, LIMITED = Built(RoomAnswer()), Built(RoomAnswer(limited=True))


def after(
    known: Facts, before: Sent | None, asked: RoomConfig | None, built: Built | None = None
) -> Sent | None:
    return UNSTABLE.after(known, before, asked, built, held=False, generation=GENERATION)


@pytest.mark.parametrize(
    ("known", "before", "built", "now"),
    [
        pytest.param(facts(), None, BUILT, INSIDE, id="sent"),
        pytest.param(facts(rejoined=True), sent(MORE), BUILT, INSIDE, id="joined anew"),
        pytest.param(facts(membership="invite"), None, BUILT, NEW, id="invited"),
        pytest.param(facts(membership="ban"), None, BUILT, NEW, id="ended before"),
        pytest.param(
            facts(rejoined=True, membership="invite"),
            replace(sent(), inside=True),
            BUILT,
            INSIDE,
            id="invited again",
        ),
        pytest.param(ENDED, replace(sent(upto=4), inside=True), BUILT, INSIDE, id="left"),
        pytest.param(facts(changed=True), sent(), BUILT, sent(), id="told"),
        pytest.param(facts(changed=True, bound=4), sent(upto=4), BUILT, NEW, id="caught up"),
    ],
)
@pytest.mark.rules("S-170", "S-178", "S-252")
def test_a_shown_room_is_live_afterwards(
    known: Facts, before: Sent | None, built: Built, now: Sent
) -> None:
    found = after(known, before, ASKED, built)
    assert found == now
    assert (found is before) == (now == before)


@pytest.mark.parametrize(
    ("known", "before", "now"),
    [
        pytest.param(facts(), sent(), sent(), id="nothing happened"),
        pytest.param(facts(changed=True), sent(), sent(upto=10), id="news"),
        pytest.param(facts(changed=True, bound=4), sent(upto=4), sent(upto=4), id="more news"),
        pytest.param(facts(held=True, bound=8), sent(), sent(upto=8), id="held back"),
        pytest.param(facts(changed=True), None, None, id="never sent"),
        pytest.param(facts(changed=True, forgotten=True), sent(), None, id="forgotten"),
    ],
)
@pytest.mark.rules("S-170", "S-179", "S-180")
def test_a_room_outside_was_told_up_to_where_the_client_is(
    known: Facts, before: Sent | None, now: Sent | None
) -> None:
    assert after(known, before, None) == now


def test_a_room_outside_whose_end_was_told_is_live() -> None:
    assert after(ENDED, sent(upto=4), None, BUILT) == NEW


def config(limit: int, *keys: StateKey) -> RoomConfig:
    return RoomConfig(limit, (Asked(keys),))


@pytest.mark.parametrize(
    ("before", "asked", "built", "limit"),
    [
        pytest.param(config(5), config(9), BUILT, 9, id="expanded"),
        pytest.param(config(10), config(5), BUILT, 10, id="smaller, without a gap"),
        pytest.param(config(10), config(5), None, 10, id="smaller, nothing sent"),
        pytest.param(config(10), config(5), LIMITED, 5, id="smaller, with a gap"),
        pytest.param(config(10, TOPIC), config(5, NAME), BUILT, 10, id="with other state"),
        pytest.param(config(50), config(1000), BUILT, 50, id="never more than a timeline has"),
    ],
)
@pytest.mark.rules("S-200", "S-202", "S-203")
def test_the_limit_that_is_recorded(
    before: RoomConfig, asked: RoomConfig, built: Built | None, limit: int
) -> None:
    now = after(facts(), sent(before), asked, built)
    assert now is not None and now.config is not None
    assert now.config.timeline_limit == limit
    assert now.config.required_state == asked.required_state


@pytest.mark.rules("S-250")
def test_state_that_is_asked_for_no_more_is_kept_as_of_then() -> None:
    dropped = after(facts(bound=8), sent(config(5, TOPIC, NAME)), config(5, NAME))
    assert dropped is not None and (dropped.kept, dropped.kept_upto) == (frozenset({TOPIC}), 8)
    assert dropped.generation == 1, "the client that has not this answer lacks nothing of it"
    again = after(facts(bound=12), dropped, config(5), BUILT)
    assert again is not None and (again.kept, again.kept_upto) == (frozenset({TOPIC, NAME}), 8)
    back = after(facts(bound=14), again, config(5, TOPIC), BUILT)
    assert back is not None and (back.kept, back.kept_upto) == (frozenset({NAME}), 8)
    assert back.generation == GENERATION
    all_back = after(facts(bound=15), back, config(5, TOPIC, NAME), BUILT)
    assert all_back is not None and (all_back.kept, all_back.kept_upto) == (frozenset(), 0)


@pytest.mark.rules("S-250")
def test_only_so_much_is_kept_and_no_wildcard() -> None:
    many = [("m.space.child", f"!{number}:hs") for number in range(KEPT_MOST + 20)]
    before = RoomConfig(5, (Asked((*many, TOPIC), types=("m.room.name",)),))
    now = after(facts(), sent(before), config(5))
    assert now is not None and len(now.kept) == KEPT_MOST + 1 and TOPIC in now.kept
    assert NAME not in now.kept


def computed(rooms: int = 0, *, moved: bool = False) -> Computed:
    answers = {RoomID(f"!{number}:hs"): RoomAnswer() for number in range(rooms)}
    return Computed(View(1, 1, 10), rooms=answers, lists_moved=moved)


@pytest.mark.rules("S-322", "S-327")
def test_only_rooms_are_news_and_counts_while_these_come_in() -> None:
    assert UNSTABLE.is_news(computed(1), importing=False)
    assert not UNSTABLE.is_news(computed(moved=True), importing=False)
    assert UNSTABLE.is_news(computed(moved=True), importing=True)
    assert not UNSTABLE.is_news(computed(), importing=True)


@pytest.mark.rules("S-322", "S-327")
def test_of_a_list_only_its_count_may_be_news() -> None:
    spec = ListSpec()
    before = ListState(spec, ((1, 2),), 2)
    assert not UNSTABLE.list_is_news(before, ListState(spec, ((2, 1),), 2))
    assert UNSTABLE.list_is_news(before, ListState(spec, ((1, 2, 3),), 3))


@pytest.mark.rules("S-321")
def test_a_request_without_timeout_does_not_wait() -> None:
    assert UNSTABLE.shortest_wait_s == 0


@pytest.mark.rules("S-277")
@pytest.mark.parametrize(
    ("was", "now", "remembered"),
    [
        pytest.param(False, True, False, id="changed"),
        pytest.param(None, True, None, id="unknown, and set"),
        pytest.param(None, False, False, id="unknown, and nothing to tell"),
        pytest.param(True, True, True, id="unchanged"),
    ],
)
def test_a_flag_in_a_room_whose_news_wait_is_not_remembered_as_told(
    was: bool | None, now: bool, remembered: bool | None
) -> None:
    known = facts(changed=True, held=True, bound=8, is_dm=now)
    before = sent(is_dm=was)
    found = STABLE.after(known, before, ASKED, None, held=True, generation=GENERATION)
    assert found is not None
    assert found.is_dm == remembered
