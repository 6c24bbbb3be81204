"""``make rules``: which rules of the specification have tests that name them.

A test names its rules by ``@pytest.mark.rules("L-70", "L-71")``. The ids are those of
``rules.txt``; an id that is not there is shown as unknown and fails the command.
"""

import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parent
COLUMNS = 12


def known_rules() -> list[str]:
    lines = (TESTS / "rules.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


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


def table(known: list[str], named: Counter[str]) -> Iterator[str]:
    """A line a family: how many of its rules have tests, and which have none."""
    families: defaultdict[str, list[str]] = defaultdict(list)
    for rule in known:
        families[rule.split("-")[0]].append(rule)
    for family, rules in families.items():
        without = [rule for rule in rules if not named[rule]]
        yield f"{family:<4}{len(rules) - len(without):>4} of {len(rules):<4}"
        for start in range(0, len(without), COLUMNS):
            yield "        without: " + " ".join(without[start : start + COLUMNS])
    tested = sum(1 for rule in known if named[rule])
    yield f"{tested} of {len(known)} rules have tests"


def main() -> int:
    known, named = known_rules(), named_rules()
    print("\n".join(table(known, named)))
    unknown = sorted(set(named) - set(known))
    if unknown:
        print("unknown rules: " + " ".join(unknown))
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
