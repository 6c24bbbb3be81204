"""The pages of docs/spec, the marks of tests, and the codes in comments agree."""

import pytest

from tests.rules import (
    Named,
    Rule,
    described,
    faults,
    known_rules,
    mentioned_rules,
    named_rules,
    rules_in,
)

MOST_EXEMPTIONS = {"S": 20}
"""Of most families; a page that is changed should not make it easy to do without a test."""

PLACE = ("tests/test_a.py:1",)


@pytest.mark.parametrize(
    ("rules", "named", "fault"),
    [
        pytest.param(
            [Rule("A-1", "a"), Rule("B-1", "b"), Rule("A-1", "c")],
            {"A-1": PLACE, "B-1": PLACE},
            "ambiguous: A-1",
            id="of two pages",
        ),
        pytest.param(
            [Rule("A-1", "a")], {"A-1": PLACE, "A-2": PLACE}, "unknown: A-2", id="of none"
        ),
        pytest.param(
            [Rule("A-1", "a", "cannot be")],
            {"A-1": PLACE},
            "with a reason and a test: A-1",
            id="both",
        ),
        pytest.param(
            [Rule("A-1", "a"), Rule("A-2", "b", "cannot be")],
            {},
            "with neither: A-1",
            id="neither",
        ),
    ],
)
def test_an_id_that_does_not_say_which_rule_is_held_is_a_fault(
    rules: list[Rule], named: Named, fault: str
) -> None:
    assert faults(rules, named) == [fault]


def test_a_page_has_its_rules_in_items_and_the_reason_at_the_end() -> None:
    page = """# Lists

Prose with **A-9** in it.

- **A-1** A rule of one line.
- **A-2** A rule that (as some are)
  goes on. (No test here: nothing
  shows it (yet).)

- no rule
"""
    assert list(rules_in(page)) == [
        Rule("A-1", "A rule of one line."),
        Rule(
            "A-2",
            "A rule that (as some are) goes on. (No test here: nothing shows it (yet).)",
            "nothing shows it (yet).",
        ),
    ]


def test_a_rule_is_described_by_its_text_and_where_it_is_named() -> None:
    rules = [Rule("A-1", "Lists end."), Rule("A-2", "b")]
    assert list(described("A-1", rules, {"A-1": PLACE})) == ["A-1: Lists end.", *PLACE]


def test_each_rule_has_one_text_and_a_test_or_a_reason() -> None:
    assert faults(known_rules(), named_rules()) == []


def test_each_id_in_code_tests_and_documentation_has_a_text() -> None:
    known = known_rules()
    assert mentioned_rules(known) - {rule.id for rule in known} == set()


@pytest.mark.parametrize("family", MOST_EXEMPTIONS)
def test_few_rules_go_without_a_test(family: str) -> None:
    exempt = [rule.id for rule in known_rules() if rule.family == family and rule.exempt]
    assert len(exempt) <= MOST_EXEMPTIONS[family]
