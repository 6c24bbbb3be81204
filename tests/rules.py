"""``make rules``: the rules of docs/spec, and the tests that name them.

A page of docs/spec says what a rule demands, in an item of a list that begins with its id:
``- **L-63** An empty list …``. Where no test can hold a rule, its text ends with the reason:
``(No test: …)``. A test names its rules by ``@pytest.mark.rules("L-70", "L-71")``.
``make rules ID=L-63`` prints a rule and where it is named.

An id that a test names and no page has fails the command. So does one that two pages have, as
a test that names it would not say which rule it holds; one with a reason *and* a test; and one
with neither.
"""

import ast
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "spec"
SOURCES = ("syncv3", "extensions", "models", "migrations", "tests", "docs")
SUFFIXES = {".py", ".sql", ".md"}
NOT_OURS = {"node_modules", "target"}
COLUMNS = 12
ITEM = re.compile(r"- \*\*([\w-]+)\*\* (.+)")
REASON = re.compile(r"\(No test[ \w]*: (.+)\)$")

Named = Mapping[str, Sequence[str]]
"""Where each rule is named: ``path:line`` of each mark."""


class Rule(NamedTuple):
    """A rule of the specification. ``exempt`` says why no test names it; "": one has to."""

    id: str
    text: str
    exempt: str = ""

    @property
    def family(self) -> str:
        return self.id.rpartition("-")[0]


def known_rules() -> list[Rule]:
    return [rule for page in sorted(PAGES.glob("*.md")) for rule in rules_in(page.read_text())]


def rules_in(page: str) -> Iterator[Rule]:
    """The rules of a page: each item that begins with an id, and its indented lines."""
    for item in re.sub(r"\n +", " ", page).splitlines():
        if found := ITEM.match(item):
            reason = REASON.search(found[2])
            yield Rule(found[1], found[2], reason[1] if reason else "")


@cache
def named_rules() -> dict[str, list[str]]:
    """Which places in the tests name each rule."""
    named: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for rule_id, line in _named_in(ast.parse(path.read_text())):
            named[rule_id].append(f"{path.relative_to(ROOT)}:{line}")
    return dict(named)


def _named_in(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rules":
            yield from ((str(ast.literal_eval(argument)), node.lineno) for argument in node.args)


def mentioned_rules(known: Sequence[Rule]) -> set[str]:
    """What has the form of a known family's id, anywhere in code, tests and documentation."""
    families = "|".join(sorted({re.escape(rule.family) for rule in known}))
    form = re.compile(rf"(?<![\w-])(?:{families})-(?:\d\w*|(?<=O-)[A-C]\w)(?![\w-])")
    return {rule_id for path in sources() for rule_id in form.findall(path.read_text())}


def sources() -> Iterator[Path]:
    """The files of code, tests and documentation."""
    yield from (ROOT / "app.py", *ROOT.glob("*.md"))
    for name in SOURCES:
        for path in (ROOT / name).rglob("*"):
            if path.suffix in SUFFIXES and NOT_OURS.isdisjoint(path.parts):
                yield path


def faults(known: Sequence[Rule], named: Named) -> list[str]:
    """What is wrong with the pages, or with what tests name; empty if nothing is."""
    times = Counter(rule.id for rule in known)
    ambiguous = [rule_id for rule_id, count in times.items() if count > 1]
    unknown = sorted(set(named) - set(times))
    needless = [rule.id for rule in known if rule.exempt and named.get(rule.id)]
    neither = untested(known, named)
    found = {"ambiguous": ambiguous, "unknown": unknown}
    found |= {"with a reason and a test": needless, "with neither": neither}
    return [f"{fault}: {' '.join(ids)}" for fault, ids in found.items() if ids]


def untested(known: Sequence[Rule], named: Named) -> list[str]:
    return [rule.id for rule in known if not rule.exempt and not named.get(rule.id)]


def table(known: Sequence[Rule], named: Named) -> Iterator[str]:
    """A line a family: how many of its rules have tests, and which have none."""
    families: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in known:
        families[rule.family].append(rule)
    for family in sorted(families):
        yield _counts(family, families[family], named)
        without = untested(families[family], named)
        for start in range(0, len(without), COLUMNS):
            yield "           without: " + " ".join(without[start : start + COLUMNS])
    yield _counts("all", known, named)


def _counts(family: str, rules: Sequence[Rule], named: Named) -> str:
    exempt = sum(1 for rule in rules if rule.exempt)
    tested = len(rules) - exempt - len(untested(rules, named))
    return f"{family:<10}{tested:>4} of {len(rules):<4}" + (f" ({exempt} exempt)" * bool(exempt))


def described(rule_id: str, known: Sequence[Rule], named: Named) -> Iterator[str]:
    """The text of one rule, and the places that name it."""
    yield from (f"{rule.id}: {rule.text}" for rule in known if rule.id == rule_id)
    yield from named.get(rule_id, ())


def main(asked: Sequence[str]) -> int:
    known, named = known_rules(), named_rules()
    if asked:
        print("\n".join(line for rule_id in asked for line in described(rule_id, known, named)))
        return 0
    wrong = faults(known, named)
    print("\n".join([*table(known, named), *wrong]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
