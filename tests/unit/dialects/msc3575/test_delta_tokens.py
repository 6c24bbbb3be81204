"""Delta tokens in requests and answers, and what is sent of the rooms that go on with one."""

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from syncv3.dialects.msc3575 import sticky
from syncv3.dialects.msc3575.codec import encode, parse
from syncv3.dialects.msc3575.configs import read_config, write_config
from syncv3.dialects.msc3575.manners import GOES_ON_MOST, Manners3575
from syncv3.dialects.msc3575.required_state import RequiredState
from syncv3.engine.facts import Facts
from syncv3.engine.sending import COUNTS, Fields, LastWords, Latest, Send, Since, StateSent
from syncv3.engine.view import INHERITED, Sent
from syncv3.protocol.request import RoomConfig
from syncv3.protocol.response import SyncResponse
from syncv3.types import UserID

pytestmark = pytest.mark.rules("R-7")
ME = UserID("@alice:hs")
TOPIC = RequiredState((("m.room.topic", ""),))
BOTH = RequiredState((("m.room.topic", ""), ("m.room.name", "")))
LAZY = RequiredState((("m.room.topic", ""),), lazy_members=True)
ASKED = RoomConfig(5, (TOPIC,))
MANNERS = Manners3575()


def had(config: RoomConfig | None = ASKED, generation: int = INHERITED, **more: Any) -> Sent:
    number = ASKED.number if config is None else config.number
    return msgspec.structs.replace(Sent(number, generation, config, upto=8), **more)


def facts(**known: Any) -> Facts:
    """The client was told of the room up to 8, by an earlier connection, and this one begins."""
    return Facts(position=None, bound=8, **known)


WHOLE = Send(
    ASKED, initial=True, timeline=Latest(5), state=StateSent.ALL, fields=Fields.ALL, counts=True
)
CHANGES = Send(
    ASKED, timeline=Since(8, GOES_ON_MOST), state=StateSent.IN_TIMELINE, fields=Fields.CHANGED,
    counts=True, fields_after=8,
)  # fmt: skip


@pytest.mark.parametrize(
    ("known", "before", "send"),
    [
        pytest.param(facts(), had(), None, id="nothing happened"),
        pytest.param(facts(changed=True), had(), CHANGES, id="changed"),
        pytest.param(facts(dm_changed=True), had(), CHANGES, id="became a DM"),
        pytest.param(facts(changed=True, overflow=True), had(), WHOLE, id="too much"),
        pytest.param(facts(changed=True, gap=True), had(), WHOLE, id="gap"),
        pytest.param(facts(changed=True, rejoined=True), had(), WHOLE, id="rejoin"),
        pytest.param(facts(), had(RoomConfig(6, (TOPIC,))), None, id="had more events"),
        pytest.param(facts(), had(RoomConfig(4, (TOPIC,))), WHOLE, id="more events"),
        pytest.param(facts(), had(RoomConfig(5, (BOTH,))), None, id="had more state"),
        pytest.param(facts(), had(RoomConfig(5, (LAZY,))), None, id="had members, too"),
        pytest.param(facts(), had(RoomConfig(5)), WHOLE, id="more state"),
        pytest.param(facts(), had(None), WHOLE, id="nobody knows with what"),
        pytest.param(facts(), had(config_id=~ASKED.number), WHOLE, id="members were not known"),
        pytest.param(facts(), had(generation=3), WHOLE, id="of this connection, L-79"),
        pytest.param(facts(membership="invite"), had(), None, id="the same invite"),
    ],
)
def test_what_is_sent_of_a_room_that_the_client_has(
    known: Facts, before: Sent, send: Send | None
) -> None:
    assert MANNERS.decide(known, before, ASKED) == send
    after = MANNERS.after(known, before, ASKED, None, held=False, generation=9)
    assert after is not None and (after.upto, after.generation, after.config) == (None, 9, ASKED)


@pytest.mark.parametrize(
    ("asked", "goes_on"),
    [
        (ASKED, True),
        (replace(ASKED, heroes=True), False),
        (replace(ASKED, old_rooms=RoomConfig(2)), False),
    ],
)
def test_heroes_and_old_rooms_count_though_they_are_no_part_of_the_number(
    asked: RoomConfig, goes_on: bool
) -> None:
    assert (MANNERS.decide(facts(), had(), asked) is None) == goes_on
    assert MANNERS.decide(facts(), had(asked), asked) is None
    assert MANNERS.decide(facts(), had(asked), ASKED) is None


@pytest.mark.parametrize(
    ("known", "send"),
    [
        (facts(), None),
        (facts(changed=True, unread=True), COUNTS),
        (facts(membership="leave", rejoined=True), Send(timeline=LastWords(8))),
        (facts(changed=True, confirmed=False), None),  # it waits where it is, and holds up nobody
    ],
)
def test_what_is_sent_of_one_that_is_not_shown(known: Facts, send: Send | None) -> None:
    assert MANNERS.decide(known, had(), None) == send
    assert MANNERS.after(known, had(), None, None, held=False, generation=9) is None


@pytest.mark.parametrize(
    ("given", "token"),
    [
        ({}, None),
        ({"delta_token": None}, None),
        ({"delta_token": ""}, ""),
        ({"delta_token": "abc"}, "abc"),
        ({"delta_token": 5}, None),
        ({"delta_token": ["abc"]}, None),
        ({"delta_token": {"a": {"b": None}}}, None),
    ],
)
def test_a_token_is_a_text_and_all_else_is_as_if_absent(given: Any, token: str | None) -> None:
    body = parse(json.dumps(given).encode(), known=frozenset())
    assert body.delta_token == token
    assert sticky.merge(body, None, me=ME).resumable == (token is not None)


def test_who_has_asked_once_is_remembered_to_want_tokens() -> None:
    asks = parse(b'{"delta_token": ""}', known=frozenset())
    says_nothing = parse(b"{}", known=frozenset())
    first = sticky.merge(says_nothing, None, me=ME)
    second = sticky.merge(asks, first, me=ME)
    third = sticky.merge(says_nothing, second, me=ME)
    assert (first.resumable, second.resumable, third.resumable) == (False, True, True)
    assert sticky.merge(asks, third, me=ME) is third  # nothing has to be stored
    assert sticky.restore(third.sticky, me=ME, known=frozenset()).resumable
    assert b"delta" not in first.sticky  # a connection without costs what it did


def test_an_answer_has_the_token_if_there_is_one() -> None:
    assert json.loads(encode(SyncResponse("p", resume="t")))["delta_token"] == "t"
    assert b"delta_token" not in encode(SyncResponse("p"))


@pytest.mark.parametrize(
    "config",
    [
        RoomConfig(),
        ASKED,
        RoomConfig(9, (LAZY, BOTH), True, RoomConfig(2, (TOPIC,), True)),
        RoomConfig(1, (RequiredState((('m."\\\x00', "\U0001f600"), ("*", "*"))),)),
    ],
)
def test_a_config_is_read_as_it_was_written(config: RoomConfig) -> None:
    again = read_config(write_config(config))
    assert again is not None
    assert (again, again.number, hash(again)) == (config, config.number, hash(config))


@pytest.mark.parametrize("stored", [b"", b"{", b"[]", b'{"limit": "x"}', b"\xff"])
def test_a_config_that_nobody_can_read_is_none(stored: bytes) -> None:
    assert read_config(stored) is None
