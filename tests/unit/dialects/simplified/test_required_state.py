"""Which state is asked for, in both forms (S-230 to S-235), each by the events that it selects."""

from typing import Any

import msgspec
import pytest

from syncv3.dialects.msc4186.required_state import StateJson
from syncv3.dialects.simplified.required_state import Pairs
from syncv3.protocol.request import RoomConfig, union
from syncv3.protocol.required_state import Wanted, wanted
from syncv3.types import UserID

ME = UserID("@me:hs")
STATE = {
    key: key
    for key in (
        ("m.room.name", ""),
        ("m.room.topic", ""),
        ("m.space.child", "!a"),
        ("m.space.child", "!b"),
        ("m.room.member", "@me:hs"),
        ("m.room.member", "@al:hs"),
        ("x", "@me:hs"),
        ("*", "*"),
        ("m.room.member", "$ME"),
    )
}
MEMBERS = {key for key in STATE if key[0] == "m.room.member"}


def unstable(*entries: tuple[str, str]) -> Wanted:
    source = Pairs(entries).source(ME)
    return Wanted() if source is None else source.wanted


def stable(**fields: Any) -> Wanted:
    source = msgspec.convert(fields, StateJson).elements().source(ME)
    return Wanted() if source is None else source.wanted


def selects(want: Wanted) -> set[tuple[str, str]]:
    return set(want.among(STATE))


@pytest.mark.rules("S-230", "S-231", "S-151", "S-235")
@pytest.mark.parametrize(
    ("entries", "expected", "lazy"),
    [
        ((), set(), False),
        ([("m.room.name", "")], {("m.room.name", "")}, False),
        ([("m.room.name", "x")], set(), False),
        ([("m.space.child", "*")], {("m.space.child", "!a"), ("m.space.child", "!b")}, False),
        ([("*", "")], {("m.room.name", ""), ("m.room.topic", "")}, False),
        ([("*", "@al:hs")], {("m.room.member", "@al:hs")}, False),
        ([("*", "*")], set(STATE), False),
        ([("*", "*"), ("m.room.name", "")], set(STATE), False),
        ([("m.room.member", "$ME")], {("m.room.member", "@me:hs")}, False),
        ([("*", "$ME")], {("m.room.member", "@me:hs"), ("x", "@me:hs")}, False),
        ([("x", "$ME")], {("x", "@me:hs")}, False),
        ([("m.room.member", "$LAZY")], set(), True),
        ([("m.room.name", "$LAZY")], set(), False),
        ([("*", "$LAZY")], set(), False),
        ([("*", "*"), ("m.room.member", "$LAZY")], set(STATE), False),
        ([("m.room.member", "*"), ("m.room.member", "$LAZY")], MEMBERS, False),
        (
            [("*", "@me:hs"), ("m.room.member", "$LAZY")],
            {("m.room.member", "@me:hs"), ("x", "@me:hs")},
            True,
        ),
    ],
)
def test_pairs(entries: list[tuple[str, str]], expected: set[tuple[str, str]], lazy: bool) -> None:
    want = unstable(*entries)
    assert (selects(want), want.lazy) == (expected, lazy)
    again = unstable(*reversed(entries), *entries)
    assert again == want, "order and repetition mattered"


BODY = {"include": [{"type": "m.room.topic", "state_key": ""}]}


@pytest.mark.rules("S-232", "S-233", "S-234", "S-235")
@pytest.mark.parametrize(
    ("fields", "expected", "lazy"),
    [
        ({}, set(), False),
        ({"include": None, "exclude": None, "lazy_members": None}, set(), False),
        ({"include": [{"type": "m.room.name", "state_key": ""}]}, {("m.room.name", "")}, False),
        (
            {"include": [{"type": "m.space.child"}]},
            {("m.space.child", k) for k in ("!a", "!b")},
            False,
        ),
        ({"include": [{"state_key": ""}]}, {("m.room.name", ""), ("m.room.topic", "")}, False),
        ({"include": [{}]}, set(STATE), False),
        ({"include": [{"type": None, "state_key": None, "own": 1}]}, set(STATE), False),
        ({"include": [{"type": "*", "state_key": "*"}]}, {("*", "*")}, False),
        ({"include": [{"type": "*"}]}, {("*", "*")}, False),
        (
            {"include": [{"type": "m.room.member", "state_key": "$ME"}]},
            {("m.room.member", "$ME")},
            False,
        ),
        ({"lazy_members": True}, set(), True),
        ({"include": [{}], "lazy_members": True}, set(STATE) - MEMBERS, True),
        ({"include": [{"type": "m.room.member"}], "lazy_members": True}, set(), True),
        (
            {
                "include": [{}, {"type": "m.room.member", "state_key": "@me:hs"}],
                "lazy_members": True,
            },
            (set(STATE) - MEMBERS) | {("m.room.member", "@me:hs")},
            True,
        ),
        (
            {"include": [{"state_key": "@me:hs"}], "lazy_members": True},
            {("m.room.member", "@me:hs"), ("x", "@me:hs")},
            True,
        ),
        (
            {"include": [{}], "exclude": [{"type": "m.room.member"}]},
            set(STATE) - MEMBERS,
            False,
        ),
        (
            {"include": [{}], "exclude": [{"state_key": "@me:hs"}, {"type": "m.space.child"}]},
            {k for k in STATE if k[1] != "@me:hs" and k[0] != "m.space.child"},
            False,
        ),
        (
            {
                "include": [{"type": "m.space.child"}],
                "exclude": [{"type": "m.space.child", "state_key": "!a"}],
            },
            {("m.space.child", "!b")},
            False,
        ),
        (
            {"include": [{"state_key": ""}], "exclude": [{"type": "m.room.topic"}]},
            {("m.room.name", "")},
            False,
        ),
        (
            {"include": [{"type": "m.room.name", "state_key": ""}], "exclude": [{"state_key": ""}]},
            set(),
            False,
        ),
        ({"include": [{}], "exclude": [{}]}, set(), False),
        ({"include": [{}], "exclude": [{}], "lazy_members": True}, set(), True),
        (
            {"include": [{}], "exclude": [{"type": "m.room.member"}], "lazy_members": True},
            set(STATE) - MEMBERS,
            True,
        ),
    ],
)
def test_elements(fields: Any, expected: set[tuple[str, str]], lazy: bool) -> None:
    want = stable(**fields)
    assert (selects(want), want.lazy) == (expected, lazy)
    assert want.nothing or expected


@pytest.mark.rules("S-150", "S-152")
def test_what_one_source_excludes_another_may_include() -> None:
    all_but_topic = (
        msgspec.convert(
            {"include": [{}], "exclude": [{"type": "m.room.topic", "state_key": ""}]}, StateJson
        )
        .elements()
        .source(ME)
    )
    topic = msgspec.convert(BODY, StateJson).elements().source(ME)
    assert all_but_topic is not None and topic is not None
    configs = [
        RoomConfig(timeline_limit=5, required_state=(all_but_topic,)),
        RoomConfig(timeline_limit=9, required_state=(topic,)),
    ]
    both = union(configs)
    assert both.timeline_limit == 9
    assert selects(both.wanted) == set(STATE)
    assert selects(union(configs[:1]).wanted) == set(STATE) - {("m.room.topic", "")}
    assert both.number == union(reversed(configs)).number


@pytest.mark.rules("S-152", "S-233")
def test_who_is_left_out_of_all_members() -> None:
    but_al = {"include": [{}], "exclude": [{"state_key": "@al:hs"}]}
    but_al_and_bo = {
        "include": [{"type": "m.room.member"}],
        "exclude": [{"type": "m.room.member", "state_key": user} for user in ("@al:hs", "@bo:hs")],
    }
    one, other = stable(**but_al), stable(**but_al_and_bo)
    assert one.all_members and one.members_left_out == {"@al:hs"}
    assert other.members_left_out == {"@al:hs", "@bo:hs"}
    sources = [msgspec.convert(b, StateJson).elements().source(ME) for b in (but_al, but_al_and_bo)]
    assert wanted(s for s in sources if s is not None).members_left_out == {"@al:hs"}
    assert not stable(include=[{}], lazy_members=True).all_members


@pytest.mark.rules("S-250")
@pytest.mark.parametrize(
    ("one", "other", "within"),
    [
        ({"include": [{}]}, {"include": [{}]}, True),
        ({"include": [{}], "exclude": [{"state_key": ""}]}, {"include": [{}]}, True),
        ({"include": [{}]}, {"include": [{}], "exclude": [{"state_key": ""}]}, False),
        (
            {"include": [{}], "exclude": [{"state_key": ""}]},
            {"include": [{}], "exclude": [{"state_key": ""}]},
            True,
        ),
        (BODY, {"include": [{}], "exclude": [{"type": "m.room.name", "state_key": ""}]}, True),
        (BODY, {"include": [{}], "exclude": [{"state_key": ""}]}, False),
        ({"lazy_members": True}, {"include": [{}]}, True),
        ({"lazy_members": True}, {"include": [{}], "exclude": [{"state_key": "@al:hs"}]}, False),
    ],
)
def test_what_is_within(one: Any, other: Any, within: bool) -> None:
    assert stable(**one).within(stable(**other)) is within
