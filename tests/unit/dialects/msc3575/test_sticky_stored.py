"""What is stored of a connection means later what it meant when it was stored."""

import pytest

from syncv3.dialects.msc3575 import sticky
from syncv3.protocol.request import CompleteRequest, ListSpec, RoomConfig, Sort, union
from tests.unit.dialects.msc3575.asking import ME, ROOM, config, restored, the_filters

STORED = (
    b'{"lists":{"a":{"ranges":[[0,9]],"sort":["by_name"],"filters":{"is_dm":true,"tags":[],'
    b'"not_tags":["m.lowpriority"],"room_types":[null],"not_room_types":[],"spaces":[]},'
    b'"timeline_limit":20,"required_state":[["m.room.topic",""],["m.room.member","$ME"],'
    b'["m.room.member","$LAZY"]]},"b":{"timeline_limit":1,"required_state":[["*","*"],'
    b'["m.room.member","$LAZY"]],"include_old_rooms":{"timeline_limit":2}},"c":{}},'
    b'"rooms":{"!r:hs":0},"configs":[{"timeline_limit":3}],'
    b'"extensions":{"e2ee":{"lists":["*"],"rooms":["*"],"enabled":true}}}'
)
"""A connection of version 0.1: its row says this, and the rooms' rows say ``NUMBERS``."""
NUMBERS = {"a": 400352646, "b": 1985330109, "c": 1812576311}
OF_BOTH = 425369416


@pytest.mark.rules("P-2", "R-13", "R-18", "R-30")
def test_a_stored_request_means_what_it_meant_when_it_was_stored() -> None:
    ask = restored(STORED)
    members = (("m.room.topic", ""), ("m.room.member", str(ME)))
    assert ask.lists == {
        "a": ListSpec(
            ranges=((0, 10),),
            sort=(Sort.NAME,),
            filters=the_filters(is_dm=True, not_tags=["m.lowpriority"], room_types=[None]),
            config=config(20, *members, lazy=True),
        ),
        "b": ListSpec(
            config=RoomConfig(1, config(1, ("*", "*"), lazy=True).required_state, False, config(2))
        ),
        "c": ListSpec(),
    }
    assert ask.subscriptions == {ROOM: config(3)}
    assert ask.sticky == STORED


@pytest.mark.rules("P-2")
def test_the_stored_numbers_of_configs_stay_as_they_are() -> None:
    """Other numbers would make every room of every connection be sent anew."""
    lists = restored(STORED).lists
    assert {name: spec.config.number for name, spec in lists.items()} == NUMBERS
    assert union([lists["a"].config, lists["b"].config]).number == OF_BOTH


def test_subscriptions_that_were_stored_one_by_one_are_read() -> None:
    stored = b'{"room_subscriptions":{"!r:hs":{"timeline_limit":3}}}'
    assert restored(stored).subscriptions == {ROOM: config(3)}


def test_nothing_remembered_is_an_empty_request() -> None:
    assert sticky.restore(b"", me=ME, known=frozenset()) == CompleteRequest()
