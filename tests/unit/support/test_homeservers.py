"""Which scenarios are run with which homeserver."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.homeservers import (
    CAPABILITIES,
    DENDRITE,
    OF_ITSELF,
    SYNAPSE,
    chosen,
    left_out,
    missing,
)

SCENARIOS = Path(__file__).parents[2] / "integration" / "service"


@dataclass
class Scenario:
    """Stands for a test that pytest has collected."""

    path: Path
    needed: tuple[str, ...] = ()
    added: list[pytest.Mark] = field(default_factory=list)

    def iter_markers(self, name: str | None = None) -> Iterator[pytest.Mark]:
        assert name == "needs"
        if self.needed:
            yield pytest.mark.needs(*self.needed).mark

    def add_marker(self, marker: str | pytest.MarkDecorator) -> None:
        assert isinstance(marker, pytest.MarkDecorator)
        self.added.append(marker.mark)


def needed_in(path: Path) -> set[str]:
    """The capabilities that the tests of a module name."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return {
        str(ast.literal_eval(argument))
        for call in calls
        if ast.unparse(call.func) == "pytest.mark.needs"
        for argument in call.args
    }


def test_only_scenarios_that_need_what_is_lacking_are_left_out() -> None:
    plain, knocking = Scenario(Path("test_a.py")), Scenario(Path("test_a.py"), ("knocking",))
    assert left_out(SYNAPSE, [plain, knocking]) == []
    assert left_out(DENDRITE, [plain, knocking]) == [knocking]
    assert plain.added == knocking.added == []


def test_a_test_of_the_homeserver_itself_must_fail_where_that_lacks_something() -> None:
    one = Scenario(Path(OF_ITSELF), ("knocking", "highlights"))
    assert left_out(SYNAPSE, [one]) == [] and one.added == []
    assert left_out(DENDRITE, [one]) == []
    reason = "dendrite lacks highlights, knocking"
    assert [mark.kwargs for mark in one.added] == [{"strict": True, "reason": reason}]


def test_a_made_up_capability_is_an_error() -> None:
    with pytest.raises(ValueError, match="telepathy"):
        missing(SYNAPSE, ["knocking", "telepathy"])


def test_each_capability_is_asked_of_the_homeserver_and_no_other_is_named() -> None:
    assert needed_in(SCENARIOS / OF_ITSELF) == CAPABILITIES
    assert set().union(*map(needed_in, SCENARIOS.glob("test_*.py"))) == CAPABILITIES


@pytest.mark.parametrize("name", ["synapse", "dendrite"])
def test_a_homeserver_is_chosen_by_its_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("TEST_HOMESERVER", name)
    assert chosen().name == name


def test_synapse_is_chosen_by_nobody_and_an_unknown_one_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEST_HOMESERVER", "")
    assert chosen() is SYNAPSE
    monkeypatch.setenv("TEST_HOMESERVER", "construct")
    with pytest.raises(ValueError, match="construct"):
        chosen()
