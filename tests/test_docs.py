"""The documentation against the tree: nothing that can be set, counted or hooked is left out."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry

from syncv3.config import VARIABLES
from syncv3.dialects.msc3575.bodies import FilterBody
from syncv3.dialects.simplified.requests import ListFiltersJson
from syncv3.environment import READ_ELSEWHERE
from syncv3.extension import Extension
from syncv3.gateway.gateway import Gateway
from syncv3.metrics import Metrics
from syncv3.web.server import build
from syncv3.web.sync import PATHS
from tests.support.homeservers import CAPABILITIES, KINDS, Kind
from tests.unit.web.fakes import FakeService, config

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests" / "README.md"
PAGES = (*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md")), TESTS)
ARCHITECTURE = (
    ROOT / "docs" / "architecture.md",
    *sorted((ROOT / "docs" / "architecture").glob("*.md")),
)
OURS = "sliding_sync_"


@cache
def documentation() -> str:
    pages = (*(ROOT / "docs").glob("*.md"), *ARCHITECTURE)
    return "\n".join(path.read_text() for path in sorted(pages))


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


def test_the_openapi_file_has_the_filters_of_all_dialects() -> None:
    schemas = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text())["components"]["schemas"]
    read = (FilterBody, ListFiltersJson)
    fields = {field for shape in read for field in shape.__struct_fields__}
    assert set(schemas["Filters"]["properties"]) == fields


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
    "syncv3/cache": ("cache",),
    "syncv3/dialects": ("dialects",),
    "syncv3/engine": ("answers", "waiting", "extensions"),
    "syncv3/history": ("history",),
    "syncv3/ingest": ("groups", "pollers"),
    "syncv3/ingest/planning": ("planning",),
}
"""Folders, and the pages of docs/architecture that say which of their files knows what."""

READING_WORDS = 3_500
"""What somebody reads in fifteen minutes."""


def architecture() -> str:
    return "\n".join(path.read_text() for path in ARCHITECTURE)


def files_named_in(text: str) -> set[str]:
    return set(re.findall(r"`(?:[\w/]+/)?(\w+\.py)`", text))


def modules_of(folder: str) -> list[Path]:
    """The modules of a folder, and of the folders in it that have no entry of their own."""
    found = (ROOT / folder).rglob("*.py")
    others = [ROOT / other for other in TABLES if other.startswith(f"{folder}/")]
    inner = (path for path in found if not any(path.is_relative_to(other) for other in others))
    return [path for path in inner if path.name != "__init__.py"]


@pytest.mark.parametrize("folder", TABLES)
def test_every_file_of_a_folder_is_told_of(folder: str) -> None:
    """In the folder's pages, or elsewhere by its path."""
    pages = (ROOT / "docs" / "architecture" / f"{page}.md" for page in TABLES[folder])
    named = set[str]().union(*(files_named_in(page.read_text()) for page in pages))
    untold = (path for path in modules_of(folder) if path.name not in named)
    text = architecture()
    assert [path for path in untold if f"`{path.parent.name}/{path.name}`" not in text] == []


def test_the_architecture_names_no_file_that_does_not_exist() -> None:
    places = (ROOT / "syncv3", ROOT / "extensions", ROOT / "models", ROOT / "tests")
    known = {path.name for place in places for path in place.rglob("*.py")} | {"app.py"}
    assert files_named_in(architecture()) <= known


def folders_and_modules() -> set[str]:
    """What a reader of the tree meets: folders with code in them, and modules beside these."""
    inner = {f"syncv3/{path.parent.name}/" for path in (ROOT / "syncv3").glob("*/*.py")}
    beside = {path.name for path in (ROOT / "syncv3").glob("*.py")}
    return inner | (beside - {"__init__.py"})


SELF_EXPLANATORY = {
    "batch.py",
    "crypt.py",
    "errors.py",
    "logs.py",
    "metrics.py",
    "types.py",
    "version.py",
}
"""Values and the foundation, which CONTRIBUTING.md names."""


def test_the_tree_is_the_real_one() -> None:
    page = ARCHITECTURE[0].read_text()
    tree = page.partition("## The tree")[2].partition("\n## ")[0]
    told = set(re.findall(r"`(syncv3/\w+/)`", tree)) | files_named_in(tree)
    assert folders_and_modules() - told == SELF_EXPLANATORY
    assert {name for name in re.findall(r"`(syncv3/[\w/]+/)`", tree)} <= {
        f"{path.relative_to(ROOT)}/" for path in (ROOT / "syncv3").rglob("*") if path.is_dir()
    }


def test_the_architecture_is_read_in_fifteen_minutes() -> None:
    assert len(ARCHITECTURE[0].read_text().split()) <= READING_WORDS


def defined_in(path: Path) -> Iterator[str]:
    """The functions and classes of a module, and the methods of these: ``Class.method``."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            methods = (
                m for m in node.body if isinstance(m, ast.FunctionDef | ast.AsyncFunctionDef)
            )
            yield from (f"{node.name}.{method.name}" for method in methods)


LINKED = [
    pytest.param(page, name, target, id=f"{page.stem}-{name}")
    for page in ARCHITECTURE
    for name, target in sorted(
        set(re.findall(r"\[`([\w.]+)`\]\(([^)\s]+\.py)\)", page.read_text()))
    )
]
"""Functions and classes that pages link to, and the files that these should be in."""


@pytest.mark.parametrize(("page", "name", "target"), LINKED)
def test_a_function_that_is_linked_to_is_there(page: Path, name: str, target: str) -> None:
    assert name in set(defined_in(page.parent / target))


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
