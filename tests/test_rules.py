"""Which rules of the specification have tests: ``rules.txt`` and the marks of tests agree."""

import pytest

from tests.rules import Rule, faults, known_rules, named_rules, rules_in, untested

MOST_EXEMPTIONS = 20


@pytest.mark.parametrize(
    ("text", "named", "fault"),
    [
        pytest.param("A-1\nB-1\nA-1\n", {"A-1": 1}, "ambiguous: A-1", id="of two pages"),
        pytest.param("A-1\n", {"A-1": 1, "A-2": 1}, "unknown: A-2", id="of none"),
        pytest.param("A-1 cannot be\n", {"A-1": 1}, "exempt but tested: A-1", id="exempt"),
    ],
)
def test_an_id_that_does_not_say_which_rule_is_held_is_a_fault(
    text: str, named: dict[str, int], fault: str
) -> None:
    assert faults(list(rules_in(text)), named) == [fault]


def test_a_reason_stands_behind_its_rule() -> None:
    assert list(rules_in("# a page\nA-1\nA-2 no reason to\n")) == [
        Rule("A-1", ""),
        Rule("A-2", "no reason to"),
    ]


def test_each_rule_that_a_test_names_is_one_rule_of_the_specification() -> None:
    assert faults(known_rules(), named_rules()) == []


def test_each_rule_of_simplified_sliding_sync_is_tested_or_says_why_it_cannot_be() -> None:
    simplified = [rule for rule in known_rules() if rule.id.startswith("S-")]
    assert simplified
    assert untested(simplified, named_rules()) == []
    assert sum(1 for rule in simplified if rule.exempt) <= MOST_EXEMPTIONS
