"""``make rules``: which rules of the specification have tests that name them.

A test names its rules by ``@pytest.mark.rules("L-70", "L-71")``. The ids are those of
``rules.txt``; an id that is not there is shown as unknown and fails the command, and so does
one that is there twice: a test that names it would not say which rule it holds.
"""

import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).resolve().parent
COLUMNS = 12


class Rule(NamedTuple):
    """A rule of the specification. ``exempt`` says why no test names it; "": one has to."""

    id: str
    exempt: str


def known_rules() -> list[Rule]:
    return list(rules_in((TESTS / "rules.txt").read_text()))


def rules_in(text: str) -> Iterator[Rule]:
    for line in text.splitlines():
        if line and not line.startswith("#"):
            rule_id, _, reason = line.partition(" ")
            yield Rule(rule_id, reason.strip())


def named_rules() -> Counter[str]:
    """How many tests name each rule."""
    named: Counter[str] = Counter()
    for path in sorted(TESTS.rglob("test_*.py")):
        named.update(_named_in(ast.parse(path.read_text())))
    return named


def _named_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rules":
            yield from (str(ast.literal_eval(argument)) for argument in node.args)


def faults(known: Sequence[Rule], named: Mapping[str, int]) -> list[str]:
    """What is wrong with the list of rules, or with what tests name; empty if nothing is."""
    times = Counter(rule.id for rule in known)
    ambiguous = [rule_id for rule_id, count in times.items() if count > 1]
    unknown = sorted(set(named) - set(times))
    needless = [rule.id for rule in known if rule.exempt and named.get(rule.id)]
    found = {"ambiguous": ambiguous, "unknown": unknown, "exempt but tested": needless}
    return [f"{fault}: {' '.join(ids)}" for fault, ids in found.items() if ids]


def untested(known: Sequence[Rule], named: Mapping[str, int]) -> list[str]:
    return [rule.id for rule in known if not rule.exempt and not named.get(rule.id)]


def table(known: Sequence[Rule], named: Mapping[str, int]) -> Iterator[str]:
    """A line a family: how many of its rules have tests, and which have none."""
    families: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in known:
        families[rule.id.rpartition("-")[0]].append(rule)
    for family, rules in families.items():
        yield _counts(family, rules, named)
        without = untested(rules, named)
        for start in range(0, len(without), COLUMNS):
            yield "           without: " + " ".join(without[start : start + COLUMNS])
    yield _counts("all", known, named)


def _counts(family: str, rules: Sequence[Rule], named: Mapping[str, int]) -> str:
    exempt = sum(1 for rule in rules if rule.exempt)
    tested = len(rules) - exempt - len(untested(rules, named))
    return f"{family:<10}{tested:>4} of {len(rules):<4}" + (f" ({exempt} exempt)" * bool(exempt))


def main() -> int:
    known, named = known_rules(), named_rules()
    wrong = faults(known, named)
    print("\n".join([*table(known, named), *wrong]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
