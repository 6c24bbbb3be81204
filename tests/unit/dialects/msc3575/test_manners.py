"""What is sent of a room, as a table of what there is to know of it."""

from typing import Any

import pytest

from syncv3.dialects.msc3575.manners import Manners3575
from syncv3.dialects.msc3575.required_state import RequiredState
from syncv3.engine.facts import Facts
from syncv3.engine.sending import COUNTS, WAIT, Fields, LastWords, Latest, Send, Since, StateSent
from syncv3.engine.view import ListState, Sent, number_of
from syncv3.protocol.request import Filters, ListSpec, RoomConfig, Sort

MANNERS = Manners3575()
TOPIC = RequiredState((("m.room.topic", ""),))
MEMBERS = RequiredState((("m.room.member", "*"),))
SMALL = RoomConfig(1)
ASKED = RoomConfig(5, (TOPIC,))
EVERYBODY = RoomConfig(5, (MEMBERS,))
OLD = RoomConfig(2)


def facts(**known: Any) -> Facts:
    """The client was told all up to 10, and nothing has happened since."""
    return Facts(position=10, bound=known.pop("bound", 10), **known)


def sent(config: RoomConfig, *, complete: bool = True, generation: int = 1) -> Sent:
    return Sent(number_of(config, members_complete=complete), generation, config)


def whole(config: RoomConfig = ASKED, live_after: int | None = 10, **other: Any) -> Send:
    parts: dict[str, Any] = {
        "timeline": Latest(config.timeline_limit),
        "state": StateSent.ALL,
    } | other
    return Send(
        config, initial=True, fields=Fields.ALL, counts=True, live_after=live_after, **parts
    )


INVITE = Send(ASKED, initial=True, stripped=True, fields=Fields.ALL, counts=True)


def changes(bound: int = 10) -> Send:
    return Send(
        ASKED, timeline=Since(bound), state=StateSent.IN_TIMELINE, fields=Fields.CHANGED,
        counts=True, fields_after=10,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("known", "before", "send"),
    [
        pytest.param(facts(), None, whole(), id="new"),
        pytest.param(Facts(None, 0), None, whole(live_after=None), id="first answer"),
        pytest.param(facts(), sent(ASKED), None, id="nothing happened"),
        pytest.param(facts(changed=True), sent(ASKED), changes(), id="changed"),
        pytest.param(facts(held=True, bound=7), sent(ASKED), changes(7), id="held back"),
        pytest.param(facts(dm_changed=True), sent(ASKED), changes(), id="became a DM"),
        pytest.param(facts(changed=True, overflow=True), sent(ASKED), whole(), id="too much"),
        pytest.param(facts(changed=True, gap=True), sent(ASKED), whole(), id="gap, Z-16"),
        pytest.param(facts(changed=True, rejoined=True), sent(ASKED), whole(), id="joined anew"),
        pytest.param(facts(found_again=True), sent(ASKED), whole(), id="in it after all"),
        pytest.param(facts(membership="invite"), None, INVITE, id="invite"),
        pytest.param(facts(membership="invite"), sent(ASKED), None, id="known invite"),
        pytest.param(
            facts(membership="invite", dm_changed=True), sent(ASKED), INVITE, id="invite to a DM"
        ),
        pytest.param(
            facts(membership="invite", changed=True), sent(ASKED), None, id="tags of an invite"
        ),
    ],
)
@pytest.mark.rules("D-25", "D-26", "M-30", "TX-3", "Z-16")
def test_a_shown_room(known: Facts, before: Sent | None, send: Send | None) -> None:
    assert MANNERS.decide(known, before, ASKED) == send


def reconfigured(before: RoomConfig, now: RoomConfig = ASKED, **known: Any) -> Facts:
    return facts(reconfigured=((before, now),), **known)


@pytest.mark.parametrize(
    ("known", "before", "send"),
    [
        pytest.param(reconfigured(RoomConfig(1, (TOPIC,))), sent(RoomConfig(1, (TOPIC,))),
                     whole(state=None), id="longer timeline"),
        pytest.param(reconfigured(RoomConfig(5)), sent(RoomConfig(5)), whole(timeline=None),
                     id="other state"),
        pytest.param(reconfigured(SMALL), sent(SMALL), whole(), id="both"),
        pytest.param(reconfigured(RoomConfig(1, (TOPIC,)), changed=True),
                     sent(RoomConfig(1, (TOPIC,))), whole(), id="longer timeline and news"),
        pytest.param(facts(), sent(SMALL), whole(), id="in another window that asks for more"),
        pytest.param(facts(), sent(RoomConfig(9, (TOPIC, MEMBERS))), None,
                     id="in another window that asks for less"),
        pytest.param(facts(), Sent(77, 1), whole(), id="only a number survived a restart"),
        pytest.param(facts(resubscribed=True), sent(RoomConfig(9, (TOPIC,))), whole(),
                     id="subscribed to"),
        pytest.param(facts(resubscribed=False), sent(SMALL), None, id="subscribed to no more"),
        pytest.param(reconfigured(SMALL, membership="invite"), sent(SMALL), None, id="invite"),
    ],
)  # fmt: skip
@pytest.mark.rules("L-53")
def test_a_room_that_is_shown_otherwise(known: Facts, before: Sent, send: Send | None) -> None:
    assert MANNERS.decide(known, before, ASKED) == send


@pytest.mark.rules("D-52")
def test_a_room_is_sent_again_when_all_its_members_have_become_known() -> None:
    before = sent(EVERYBODY, complete=False)
    assert MANNERS.decide(facts(members_complete=False), before, EVERYBODY) is None
    assert MANNERS.decide(facts(), before, EVERYBODY) == whole(EVERYBODY)


@pytest.mark.rules("D-70")
def test_old_rooms_come_with_a_whole_room() -> None:
    asked = RoomConfig(5, (TOPIC,), old_rooms=OLD)
    send = MANNERS.decide(facts(), None, asked)
    assert isinstance(send, Send) and send.predecessors == whole(OLD, live_after=None)


LAST_WORDS = Send(timeline=LastWords(10))


@pytest.mark.parametrize(
    ("known", "before", "send"),
    [
        pytest.param(facts(), sent(ASKED), None, id="nothing"),
        pytest.param(facts(changed=True), None, None, id="a message"),
        pytest.param(facts(unread=True), None, COUNTS, id="counts"),
        pytest.param(facts(membership="invite", unread=True), None, None, id="invite"),
        pytest.param(facts(listing=ASKED, unread=True), None, whole(), id="joined, L-111"),
        pytest.param(facts(membership="leave", rejoined=True), sent(ASKED), LAST_WORDS, id="left"),
        pytest.param(facts(membership="ban", rejoined=True), sent(ASKED), LAST_WORDS, id="banned"),
        pytest.param(facts(membership="leave", rejoined=True), None, None, id="never had"),
        pytest.param(facts(membership="leave", rejoined=True, unsure=True), None, LAST_WORDS,
                     id="perhaps had"),
        pytest.param(facts(membership="leave"), sent(ASKED), None, id="left and told"),
        pytest.param(facts(confirmed=False), sent(ASKED), WAIT, id="in doubt"),
        pytest.param(facts(confirmed=False, unsure=True), None, WAIT, id="perhaps in doubt"),
        pytest.param(facts(confirmed=False, unread=True), None, None, id="in doubt, never had"),
    ],
)  # fmt: skip
@pytest.mark.rules("D-40", "L-111", "M-8")
def test_a_room_that_is_not_shown(known: Facts, before: Sent | None, send: object) -> None:
    assert MANNERS.decide(known, before, None) == send


def after(known: Facts, before: Sent | None, asked: RoomConfig | None, **other: Any) -> Sent | None:
    held = other.pop("held", False)
    return MANNERS.after(known, before, asked, None, held=held, generation=5)


@pytest.mark.parametrize(
    ("known", "before", "asked", "then"),
    [
        pytest.param(facts(), None, ASKED, sent(ASKED, generation=5), id="new"),
        pytest.param(facts(), sent(ASKED), ASKED, sent(ASKED), id="as before"),
        pytest.param(facts(changed=True), sent(ASKED), ASKED, sent(ASKED), id="changed"),
        pytest.param(facts(gap=True), sent(ASKED), ASKED, sent(ASKED, generation=5), id="anew"),
        pytest.param(facts(), sent(SMALL), ASKED, sent(ASKED, generation=5), id="otherwise"),
        pytest.param(facts(), Sent(ASKED.number, 2), ASKED, sent(ASKED, generation=2),
                     id="the number fits"),
        pytest.param(facts(unread=True), sent(ASKED), None, None, id="not shown: forgotten"),
    ],
)  # fmt: skip
def test_how_a_room_is_sent_then(
    known: Facts, before: Sent | None, asked: RoomConfig | None, then: Sent | None
) -> None:
    assert after(known, before, asked) == then


def test_a_room_in_doubt_is_remembered_as_it_was() -> None:
    assert after(facts(confirmed=False), sent(ASKED), None, held=True) == sent(ASKED)
    assert after(facts(confirmed=False, unsure=True), None, None, held=True) == Sent(0, 5)


ALL = ListSpec(all_rooms=True)


@pytest.mark.parametrize(
    ("before", "now", "news"),
    [
        pytest.param(None, ListState(ListSpec()), True, id="new"),
        pytest.param(ListState(ListSpec(), ((1, 2),), 2), ListState(ListSpec(), ((1, 2),), 3),
                     False, id="longer behind the windows"),
        pytest.param(ListState(ListSpec(), ((1, 2),), 2), ListState(ListSpec(), ((2, 1),), 2),
                     True, id="moved"),
        pytest.param(ListState(ListSpec(), known=False), ListState(ListSpec()), True,
                     id="forgotten"),
        pytest.param(ListState(ALL, ((1, 2),), 2), ListState(ALL, ((2, 1),), 2), False,
                     id="moved in a list of all rooms"),
        pytest.param(ListState(ALL, ((1,),), 1), ListState(ALL, ((1, 2),), 2), True,
                     id="more in a list of all rooms"),
        pytest.param(ListState(ListSpec()), ListState(ListSpec(filters=Filters(is_dm=True))),
                     True, id="other filters"),
        pytest.param(ListState(ListSpec()), ListState(ListSpec(sort=(Sort.NAME,))), True,
                     id="another order"),
    ],
)  # fmt: skip
@pytest.mark.rules("W-9", "L-121")
def test_when_there_is_something_to_say_of_a_list(
    before: ListState | None, now: ListState, news: bool
) -> None:
    assert MANNERS.list_is_news(before, now) is news
