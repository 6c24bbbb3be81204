"""The documentation against the tree: nothing that can be set, counted or hooked is left out."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry

from syncv3.config import VARIABLES
from syncv3.environment import READ_ELSEWHERE
from syncv3.extension import Extension
from syncv3.gateway.gateway import Gateway
from syncv3.metrics import Metrics
from syncv3.web.server import build
from syncv3.web.sync import PATHS
from tests.support.homeservers import CAPABILITIES, KINDS, Kind
from tests.unit.web.fakes import FakeService, config

ROOT = Path(__file__).resolve().parent.parent
PAGES = (*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md")))
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
    registry: CollectorRegistry = Metrics().registry
    return {family.name for family in registry.collect() if family.name.startswith(OURS)}


def test_every_variable_has_a_row_and_no_row_is_made_up() -> None:
    assert set(rows_of_variables()) == {variable.name for variable in VARIABLES}


@pytest.mark.rules("O-C9")
@pytest.mark.parametrize("name", [v.name for v in VARIABLES if v.default.isalnum()])
def test_plain_defaults_are_those_of_the_code(name: str) -> None:
    default = next(v.default for v in VARIABLES if v.name == name)
    assert rows_of_variables()[name][0] == f"`{default}`"


def test_no_page_names_a_variable_that_does_not_exist() -> None:
    known = {variable.name for variable in VARIABLES} | READ_ELSEWHERE
    named = {name for page in PAGES for name in re.findall(r"SYNCV3_[A-Z_]+\b", page.read_text())}
    assert named <= known


@pytest.mark.rules("O-C5")
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


def test_the_openapi_file_has_the_paths_that_are_answered() -> None:
    """What a service has routes for, with or without the gateway."""
    app = build(config(gateway=True), FakeService.start, mount=Gateway(config(gateway=True)))
    routes = {f"/{route.path}".replace("<path:path>", "{path}") for route in app.router.routes}
    passed_on = {route for route in routes if "_path" in route}
    assert passed_on
    described = set(yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text())["paths"])
    assert described == routes - passed_on


def test_the_proposals_that_are_served_are_those_of_the_code() -> None:
    """Paths of dialects, and what the extensions that come along say of themselves."""
    page = (ROOT / "docs" / "mscs.md").read_text()
    served, _, rest = page.partition("| asked of the homeserver |")
    assert set(re.findall(r"`(?:POST )?(/_matrix/[^`]+)`", served)) == set(PATHS)
    for path in (ROOT / "extensions").glob("*.py"):
        for number in re.findall(r"\((MSC\d+)\)", path.read_text().partition("\n")[0]):
            assert f"| {number} | extension `{path.stem}` |" in served
    refused = re.findall(r"extension `(\w+)`", rest)
    assert refused and not {*refused} & {path.stem for path in (ROOT / "extensions").glob("*.py")}


TABLES = {
    "syncv3/cache": ("The cache",),
    "syncv3/dialects": ("Dialects",),
    "syncv3/engine": ("Answers",),
    "syncv3/history": ("History",),
    "syncv3/ingest": ("Groups and the guard", "Pollers"),
    "syncv3/ingest/planning": ("Planning is a pure function",),
}
"""Folders, and the sections of architecture.md that say which of their files knows what."""


def architecture() -> str:
    return (ROOT / "docs" / "architecture.md").read_text()


def named_in(section: str) -> set[str]:
    """The files that one section of architecture.md names."""
    text = next(t for t in architecture().split("\n## ") if t.startswith(f"{section}\n"))
    return set(re.findall(r"`(?:[\w/]+/)?(\w+\.py)`", text))


def modules_of(folder: str) -> list[Path]:
    """The modules of a folder, and of the folders in it that have no entry of their own."""
    found = (ROOT / folder).rglob("*.py")
    others = [ROOT / other for other in TABLES if other.startswith(f"{folder}/")]
    inner = (path for path in found if not any(path.is_relative_to(other) for other in others))
    return [path for path in inner if path.name != "__init__.py"]


@pytest.mark.parametrize("folder", TABLES)
def test_every_file_of_a_folder_is_told_of(folder: str) -> None:
    """In the folder's sections, or elsewhere by its path."""
    named = set[str]().union(*map(named_in, TABLES[folder]))
    untold = (path for path in modules_of(folder) if path.name not in named)
    text = architecture()
    assert [path for path in untold if f"`{path.parent.name}/{path.name}`" not in text] == []


def test_the_architecture_names_no_file_that_does_not_exist() -> None:
    named = set(re.findall(r"`(?:[\w/]+/)?(\w+\.py)`", architecture()))
    places = (ROOT / "syncv3", ROOT / "extensions", ROOT / "models", ROOT / "tests")
    known = {path.name for place in places for path in place.rglob("*.py")} | {"app.py"}
    assert named <= known


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
