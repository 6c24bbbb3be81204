"""Which rooms their tombstones hide, and which stays of those that replace each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncv3.cache.replaced import Replaced

NAMES = "ABCDEFGH"
KEYS = {name: key for key, name in enumerate(NAMES, 1)}


class House:
    """A user's rooms by one-letter names: who replaces whom, and which are joined."""

    def __init__(self, *tombstones: str, joined: str = NAMES) -> None:
        self.joined = set(joined)
        self.replaced = Replaced(lambda name: KEYS[name] if name in self.joined else None)
        for pair in tombstones:
            self.replaced.note(KEYS[pair[0]], pair[0], pair[1])
        self.affected = self.settle()

    def settle(self) -> set[str]:
        names = {key: name for name, key in KEYS.items()}
        return {names[key] for key in self.replaced.settle()}

    def change(self, name: str, *, joined: bool) -> set[str]:
        """Joins or leaves; gives the rooms to look at again."""
        (self.joined.add if joined else self.joined.discard)(name)
        self.replaced.changed(KEYS[name], name)
        return self.settle()

    def decide(self) -> None:
        """The first by name stays of each circle."""
        for circle in self.replaced.undecided():
            circle.kept = min(circle.rooms)

    def hidden(self) -> set[str]:
        return {name for name in self.joined if self.replaced.hides(KEYS[name])}


@pytest.mark.rules("L-2")
def test_a_room_is_hidden_while_its_replacement_is_joined() -> None:
    assert House("AB").hidden() == {"A"}
    assert House("AB", joined="A").hidden() == set()


@pytest.mark.rules("L-2", "Z-8")
def test_joining_or_leaving_the_replacement_concerns_the_old_rooms() -> None:
    house = House("AC", "BC", "DE", joined="ABD")
    assert house.change("C", joined=True) == {"A", "B", "C"}
    assert house.hidden() == {"A", "B"}
    assert house.change("C", joined=False) == {"A", "B", "C"}
    assert house.hidden() == set()


@pytest.mark.rules("L-2")
def test_a_tombstone_that_comes_after_the_join_hides_and_may_be_taken_back() -> None:
    house = House(joined="AB")
    house.replaced.note(KEYS["A"], "A", "B")
    assert house.settle() == {"A"} and house.hidden() == {"A"}
    house.replaced.note(KEYS["A"], "A", None)
    assert house.settle() == {"A"} and house.hidden() == set()


def test_a_room_without_tombstones_concerns_nobody() -> None:
    assert House("AB").change("D", joined=False) == set()


@pytest.mark.rules("L-2")
@pytest.mark.parametrize(
    ("tombstones", "hidden"),
    [
        pytest.param(["AA"], set(), id="itself"),
        pytest.param(["AB", "BA"], {"B"}, id="two"),
        pytest.param(["AB", "BC", "CA"], {"B", "C"}, id="three"),
        pytest.param(["CA", "AB", "BA"], {"B", "C"}, id="and one that leads into them"),
        pytest.param(["AB", "BA", "CD", "DC"], {"B", "D"}, id="two circles"),
    ],
)
def test_one_room_of_a_circle_stays(tombstones: list[str], hidden: set[str]) -> None:
    house = House(*tombstones)
    house.decide()
    assert house.hidden() == hidden


@pytest.mark.rules("L-2")
def test_leaving_a_room_opens_a_circle_and_joining_closes_it() -> None:
    house = House("AB", "BC", "CA")
    house.decide()
    assert house.change("B", joined=False) == {"A", "B", "C"}
    assert house.hidden() == {"C"}  # A is joined, B is not
    assert house.change("B", joined=True) == {"A", "B", "C"}
    house.decide()
    assert house.hidden() == {"B", "C"}


@pytest.mark.rules("L-2")
def test_a_newer_tombstone_in_a_circle_is_looked_at() -> None:
    house = House("AB", "BA")
    house.decide()
    house.replaced.changed(KEYS["B"], "B")
    assert house.settle() == {"A", "B"}
    assert [circle.kept for circle in house.replaced.undecided()] == [None]


STEPS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from([*NAMES, None]), st.booleans()), max_size=30
)


@pytest.mark.rules("L-2", "Z-8")
@given(STEPS)
def test_after_any_changes_it_is_as_if_all_had_been_so_from_the_start(
    steps: list[tuple[str, str | None, bool]],
) -> None:
    house = House()
    successors: dict[str, str | None] = {}
    for name, successor, joined in steps:
        before = house.hidden()
        successors[name] = successor
        house.replaced.note(KEYS[name], name, successor)
        affected = house.change(name, joined=joined)
        house.decide()
        assert before ^ house.hidden() <= affected | {name}
    fresh = House(
        *(old + new for old, new in successors.items() if new), joined="".join(house.joined)
    )
    fresh.decide()
    assert house.hidden() == fresh.hidden()
    joined_successors = {o: n for o, n in successors.items() if {o, n} <= house.joined}
    assert all(old in joined_successors for old in house.hidden())
    for start in joined_successors:  # from each room the tombstones lead to one that is listed
        at: str | None = start
        for _ in NAMES:
            at = joined_successors.get(at or "", at)
            if at not in house.hidden():
                break
        assert at not in house.hidden()


def test_a_long_chain_is_gone_along_once() -> None:
    count, steps = 2_000, 0

    def joined(name: str) -> int | None:
        nonlocal steps
        steps += 1
        return int(name)

    replaced = Replaced(joined)
    for key in range(count):
        replaced.note(key, str(key), str(key + 1))
    replaced.settle()
    assert steps < 3 * count
