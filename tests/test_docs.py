"""The documentation against the tree: nothing that can be set, counted or hooked is left out."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from syncv3.config import VARIABLES
from syncv3.extension import Extension
from syncv3.ingest.measures import PollerMeasures
from syncv3.metrics import Metrics
from tests.support.homeservers import CAPABILITIES, KINDS, Kind

ROOT = Path(__file__).resolve().parent.parent
PAGES = (*sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*.md")))
READ_ELSEWHERE = {"SYNCV3_COMMIT"}  # by the image's build and syncv3.version
OURS = "sliding_sync_"


@cache
def documentation() -> str:
    return "\n".join(path.read_text() for path in sorted((ROOT / "docs").glob("*.md")))


def rows_of_variables() -> dict[str, list[str]]:
    """Variable → the cells behind its name, from the tables of configuration.md."""
    rows = {}
    for line in (ROOT / "docs" / "configuration.md").read_text().splitlines():
        if found := re.match(r"\| `(SYNCV3_\w+)` \|", line):
            rows[found[1]] = [cell.strip() for cell in line.strip("|").split(" | ")[1:]]
    return rows


def names_of_metrics() -> set[str]:
    metrics = Metrics()
    PollerMeasures(metrics)
    registry: CollectorRegistry = metrics.registry
    return {family.name for family in registry.collect() if family.name.startswith(OURS)}


def test_every_variable_has_a_row_and_no_row_is_made_up() -> None:
    assert set(rows_of_variables()) == {variable.name for variable in VARIABLES}


@pytest.mark.parametrize("name", [v.name for v in VARIABLES if v.default.isalnum()])
def test_plain_defaults_are_those_of_the_code(name: str) -> None:
    default = next(v.default for v in VARIABLES if v.name == name)
    assert rows_of_variables()[name][0] == f"`{default}`"


def test_no_page_names_a_variable_that_does_not_exist() -> None:
    known = {variable.name for variable in VARIABLES} | READ_ELSEWHERE
    named = {name for page in PAGES for name in re.findall(r"SYNCV3_[A-Z_]+\b", page.read_text())}
    assert named <= known


def test_every_metric_is_documented() -> None:
    assert {name for name in names_of_metrics() if f"`{name}`" not in documentation()} == set()


def test_no_page_names_a_metric_that_does_not_exist() -> None:
    named = set(re.findall(rf"`({OURS}\w+)`", documentation()))
    assert named <= names_of_metrics()


def test_every_hook_is_documented() -> None:
    hooks = {name for name in vars(Extension) if not name.startswith("_")}
    assert {name for name in hooks if f"`{name}`" not in documentation()} == set()


def test_no_page_names_a_test_that_does_not_exist() -> None:
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", documentation()))
    assert {name for name in named if f"def {name}(" not in tests} == set()


def rows_of_homeservers() -> Iterator[tuple[str, set[str]]]:
    """What is in backquotes in each row of homeservers.md, by the row's first cell."""
    for line in (ROOT / "docs" / "homeservers.md").read_text().splitlines():
        if line.startswith("|"):
            first, _, rest = line.strip("|").partition("|")
            yield first.strip().strip("`").lower(), set(re.findall(r"`([^`]+)`", rest))


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_what_a_homeserver_lacks_is_documented(kind: Kind) -> None:
    assert dict(rows_of_homeservers())[kind.name] == kind.lacks


def test_every_capability_has_a_row() -> None:
    assert {name for name, _ in rows_of_homeservers()} >= CAPABILITIES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_headings_name_a_heading(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s:]*)#([^)]+)\)", page.read_text()):
        other = page.parent / target if target else page
        assert anchor in anchors(other), f"{target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings as GitHub makes them, and those it names itself."""
    text = page.read_text()
    headings = re.findall(r"(?m)^#+ (.+)$", text)
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a name="([^"]+)">', text))
