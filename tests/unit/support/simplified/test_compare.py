"""The comparison finds what one client knows otherwise than another, and what is untrue."""

import pytest

from tests.support.room import JSON
from tests.support.simplified.compare import unexplained
from tests.support.simplified.facts import Facts, facts
from tests.support.simplified.faulty import MISTAKES, Mistake
from tests.support.simplified.known import KNOWN, Truth, numbered_lines
from tests.support.simplified.model import Contradiction, Model
from tests.support.simplified.oracle import timeline_mistakes
from tests.unit.support.simplified.making import ME, ROOM, answer, entry, event, own, state

LETTERS = "ABCDEFG"
EVENTS = {letter: event(f"${letter}") for letter in LETTERS}
TRUTH = Truth({ROOM: ("join", True)}, {ROOM}, set(), set())


def timeline(letters: str) -> list[JSON]:
    return [EVENTS[letter] for letter in letters]


def story(membership: str = "ban") -> tuple[JSON, ...]:
    """What happens to a room, answer by answer; how the account is in it in the end."""
    return (
        entry(timeline("AB"), [own(), state("$t1", "m.room.topic", {})], initial=True,
              name="Kitchen", joined_count=2, invited_count=0),
        entry(timeline("CD"), [state("$t2", "m.room.topic", {})]),
        entry(timeline("F"), limited=True, joined_count=3, invited_count=0),
        entry(timeline("G"), [own(membership, "$last")]),
    )  # fmt: skip


def told(entries: tuple[JSON, ...]) -> Model:
    model = Model(ME)
    for one in entries:
        model.take(answer({ROOM: one}))
    return model


def spoiled(entries: tuple[JSON, ...], mistake: Mistake) -> tuple[JSON, ...]:
    before: tuple[JSON, ...] = ({}, *entries)
    return tuple(mistake(one, before[number]) for number, one in enumerate(entries))


def compared(right: tuple[JSON, ...], other: tuple[JSON, ...]) -> list[str]:
    """What a client does not know as the right answers tell it, or cannot be as it knows it."""
    try:
        model = told(other)
    except Contradiction as contradiction:
        return [str(contradiction)]
    found = unexplained(facts(told(right)), facts(model), TRUTH)
    lines = timeline_mistakes(model.rooms[ROOM], [event["event_id"] for event in EVENTS.values()])
    return ["/".join(one.path) for one in found] + list(lines)


@pytest.mark.parametrize("membership", ["join", "ban"])
def test_who_was_told_the_same_knows_the_same(membership: str) -> None:
    assert compared(story(membership), story(membership)) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_found(name: str) -> None:
    stories = [story("join"), story("ban")]
    assert any(compared(one, spoiled(one, MISTAKES[name])) for one in stories)


def test_the_same_cut_otherwise_is_no_difference() -> None:
    at_once = [own(), state("$t2", "m.room.topic", {})]
    whole = entry(timeline("ABCD"), at_once, initial=True, name="Kitchen",
                  joined_count=2, invited_count=0)  # fmt: skip
    assert compared(story(), (whole, *story()[2:])) == []


def test_a_room_that_only_one_knows_is_a_difference() -> None:
    native, ours = facts(told(story())), facts(Model(ME))
    paths = {difference.path for difference in unexplained(native, ours, TRUTH)}
    assert (ROOM, "known") in paths and (ROOM, "membership") in paths


def test_every_known_difference_is_a_line_of_the_document_with_its_rule() -> None:
    lines = numbered_lines()
    assert set(KNOWN) <= set(lines)
    assert list(lines) == list(range(1, len(lines) + 1))
    assert all(line.startswith("S-") for line in lines.values())


def test_a_difference_of_a_room_that_was_left_is_explained() -> None:
    native, ours = facts(told(story())), facts(Model(ME))
    left = Truth({ROOM: ("leave", True)}, {ROOM}, set(), set())
    assert [one.path for one in unexplained(native, ours, left)] == [("count", "all")]


def test_only_of_a_room_joined_anew_may_synapse_not_tell_state() -> None:
    anew = Truth({ROOM: ("join", True)}, {ROOM}, {ROOM}, set())
    ours: Facts = {(ROOM, "state", "m.room.name", ""): "$name"}
    assert not unexplained({}, ours, anew)
    assert unexplained({}, ours, TRUTH)
    assert unexplained(ours, {}, anew)
    unnamed: Facts = {(ROOM, "name"): None}
    for name, explained in ((None, True), ("Cellar", False)):
        native: Facts = {(ROOM, "name"): name}
        assert (not unexplained(native, {(ROOM, "name"): "Kitchen"}, anew)) == explained
    assert unexplained({(ROOM, "name"): "Kitchen"}, unnamed, anew)


@pytest.mark.parametrize("ended", ["leave", "ban"])
def test_only_a_client_of_synapse_may_take_an_ended_stay_for_a_joined_room(ended: str) -> None:
    def known_as(membership: str) -> Facts:
        return {(ROOM, "membership"): membership}

    out = Truth({ROOM: (ended, False)}, {ROOM}, set(), set())
    assert not unexplained(known_as("join") | {(ROOM, "is_dm"): False}, known_as(ended), out)
    assert unexplained(known_as(ended), known_as("join"), out)
    assert unexplained(known_as("join"), known_as("invite"), out)
    assert unexplained(known_as("join"), known_as("leave"), TRUTH)


def test_counts_may_differ_by_as_many_rooms_as_lines_name() -> None:
    banned = Truth({ROOM: ("ban", False)}, set(), set(), set())
    for number, explained in ((1, True), (2, False)):
        found = unexplained({("count", "all"): number}, {("count", "all"): 0}, banned)
        assert (not found) == explained
    assert unexplained({("count", "all"): 1}, {("count", "all"): 0}, TRUTH)


def test_a_client_may_have_seen_events_more_but_no_others() -> None:
    def newest(*letters: str) -> Facts:
        return {(ROOM, "newest events"): letters}

    assert not unexplained(newest("B", "C"), newest("A", "B", "C"), TRUTH)
    assert unexplained(newest("A", "C"), newest("A", "B", "C"), TRUTH)
    assert unexplained(newest(), newest("A"), TRUTH)
