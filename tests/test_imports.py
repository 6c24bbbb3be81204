"""Who may import whom: arrows go down only, and no circle is closed.

``ALLOWED`` is the table of ``CONTRIBUTING.md``. A key is the longest module prefix that a
file belongs to; modules of one key may import each other as long as there is no cycle.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FOUNDATION = {
    "syncv3.types",
    "syncv3.errors",
    "syncv3.version",
    "syncv3.logs",
    "syncv3.metrics",
    "syncv3.resources",
    "syncv3.untrusted",
    "syncv3.rates",
    "syncv3.complaints",
}
SETTINGS = {
    "syncv3.config",
    "syncv3.environment",
    "syncv3.settings",
    "syncv3.dsn",
    "syncv3.crypt",
}
CORE = FOUNDATION | SETTINGS | {"syncv3.batch"}

ALLOWED: dict[str, set[str]] = {
    "syncv3.types": set(),
    "syncv3.errors": set(),
    "syncv3.version": set(),
    "syncv3.logs": set(),
    "syncv3.metrics": set(),
    "syncv3.resources": set(),
    "syncv3.untrusted": set(),
    "syncv3.rates": set(),
    "syncv3.complaints": set(),
    "syncv3.batch": {"syncv3.types"},
    "syncv3.crypt": FOUNDATION,
    "syncv3.dsn": FOUNDATION,
    "syncv3.settings": FOUNDATION,
    "syncv3.environment": FOUNDATION,
    "syncv3.config": FOUNDATION | {"syncv3.environment", "syncv3.settings", "syncv3.dsn"},
    "syncv3.embedded": FOUNDATION | {"syncv3.dsn"},
    "models": {"syncv3.types"},
    "syncv3.extension": FOUNDATION | {"syncv3.batch"},
    "syncv3.watchdog": {"syncv3.extension"},
    "syncv3.protocol": FOUNDATION,
    "syncv3.upstream": CORE,
    "syncv3.store": CORE | {"models"},
    "syncv3.bus": CORE | {"models"},
    "syncv3.cache": CORE | {"syncv3.store", "syncv3.bus", "syncv3.protocol"},
    "syncv3.ingest": CORE
    | {"syncv3.upstream", "syncv3.store", "syncv3.bus", "syncv3.extension", "syncv3.protocol"}
    | {"syncv3.watchdog"},
    "syncv3.history": CORE | {"syncv3.store", "syncv3.cache", "syncv3.ingest", "syncv3.protocol"},
    "syncv3.engine": CORE
    | {"syncv3.cache", "syncv3.store", "syncv3.bus", "syncv3.extension", "syncv3.protocol"}
    | {"syncv3.watchdog"},
    "syncv3.dialects": FOUNDATION
    | {"syncv3.engine", "syncv3.cache", "syncv3.store"}
    | {"syncv3.protocol"},
    "syncv3.web": CORE | {"syncv3.protocol", "syncv3.extension", "syncv3.embedded"},
    "syncv3.gateway": CORE | {"syncv3.web", "syncv3.upstream"},
    "extensions": FOUNDATION | {"syncv3.extension", "syncv3.batch", "models"},
    "migrations": set(),
    "syncv3.plugins": FOUNDATION | {"syncv3.extension", "syncv3.ingest", "syncv3.watchdog"},
    "syncv3.takeover": CORE | {"syncv3.store", "syncv3.ingest", "extensions"},
    "syncv3.service": CORE
    | {"syncv3.upstream", "syncv3.store", "syncv3.bus", "syncv3.cache", "syncv3.ingest"}
    | {"syncv3.engine", "syncv3.dialects", "syncv3.extension", "syncv3.protocol"}
    | {"syncv3.history", "extensions", "models"}
    | {"syncv3.plugins", "syncv3.watchdog", "syncv3.jobs", "syncv3.takeover"}
    | {"syncv3.health", "syncv3.upkeep"},
    "syncv3.jobs": {"syncv3.store"},
    "syncv3.health": {"syncv3.store"},
    "syncv3.upkeep": CORE
    | {"syncv3.store", "syncv3.bus", "syncv3.cache", "syncv3.ingest", "syncv3.engine"}
    | {"syncv3.plugins", "syncv3.jobs"},
    "syncv3.tracing": CORE,
    "syncv3.profiling": CORE,
    "syncv3.replay": CORE
    | {"syncv3.bus", "syncv3.ingest", "syncv3.extension", "syncv3.plugins", "syncv3.embedded"},
    "syncv3.doctor": CORE | {"syncv3.embedded", "syncv3.store", "syncv3.takeover"},
    "syncv3.cli": CORE
    | {"syncv3.embedded", "syncv3.store", "syncv3.plugins", "syncv3.takeover"}
    | {"syncv3.doctor"},
    "app": {"syncv3", "extensions", "models"},
}

OURS = {"app", "syncv3", "extensions", "models", "migrations"}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def sources() -> dict[str, Path]:
    found = [ROOT / "app.py"]
    for package in sorted(OURS - {"app"}):
        found += sorted((ROOT / package).rglob("*.py"))
    return {module_of(path): path for path in found}


def imports_of(tree: ast.AST, known: set[str]) -> Iterator[str]:
    """Modules of ours that a file imports, wherever in it the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            base = node.module or ""
            inside = [f"{base}.{alias.name}" for alias in node.names]
            names = [name if name in known else base for name in inside]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] in OURS)


def key_of(module: str) -> str | None:
    parts = module.split(".")
    prefixes = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    return next((prefix for prefix in prefixes if prefix in ALLOWED), None)


@cache
def edges() -> dict[str, set[str]]:
    files = sources()
    return {
        module: {i for i in imports_of(ast.parse(path.read_text()), set(files)) if i != module}
        for module, path in files.items()
    }


def may(importer: str, imported: str) -> bool:
    own, other = key_of(importer), key_of(imported)
    if own is None:
        return importer in OURS  # the empty __init__ of a package
    above = {imported, other} | {imported.split(".")[0]}
    return other == own != "extensions" or bool(above & ALLOWED[own])


@pytest.mark.parametrize("module", sorted(sources()))
def test_a_module_imports_only_what_lies_below(module: str) -> None:
    wrong = sorted(name for name in edges()[module] if not may(module, name))
    assert not wrong, f"{module} may not import {', '.join(wrong)}"


def test_no_imports_form_a_circle() -> None:
    graph, done, path = edges(), set[str](), list[str]()

    def visit(module: str) -> None:
        assert module not in path, " -> ".join([*path[path.index(module) :], module])
        if module in done:
            return
        path.append(module)
        for imported in graph.get(module, ()):
            visit(imported)
        done.add(path.pop())

    for module in graph:
        visit(module)


@pytest.mark.parametrize("module", sorted(sources()))
def test_imports_stand_at_the_top(module: str) -> None:
    tree = ast.parse(sources()[module].read_text())
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    lines = [
        node.lineno
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not lines


NEUTRAL = (
    "syncv3.engine",
    "syncv3.cache",
    "syncv3.store",
    "syncv3.ingest",
    "syncv3.history",
    "extensions",
)
DIALECTS = ("3575", "4186", "simplified", "codec.")
"""What a dialect may be told by: whoever reads these modules must not see which there are."""


@pytest.mark.parametrize("module", [m for m in sources() if key_of(m) in NEUTRAL])
def test_nobody_below_the_dialects_knows_one(module: str) -> None:
    lines = sources()[module].read_text().splitlines()
    named = [line for line in lines if any(word in line.lower() for word in DIALECTS)]
    assert named == []


def test_dialects_do_not_know_each_other() -> None:
    """What all share stands beside them; the stable dialect is made of the unstable one."""
    for module in sources():
        if key_of(module) == "syncv3.dialects":
            own = module.split(".")[2:3]
            may_know = {*own, "reading", *(["simplified"] if own == ["msc4186"] else [])}
            others = {name for name in edges()[module] if key_of(name) == "syncv3.dialects"}
            assert {name.split(".")[2] for name in others} <= may_know


@pytest.mark.parametrize("module", [m for m, p in sources().items() if p.name == "__init__.py"])
def test_packages_hold_no_code(module: str) -> None:
    """Except ``models``: what it names is what a model is found by."""
    body = ast.parse(sources()[module].read_text()).body
    code = [n for n in body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
    assert not code or module == "models"


def test_what_not_every_process_needs_is_loaded_late() -> None:
    """Imports take most of a start, and of an idle process's memory."""
    asked = "import sys, app, syncv3.service; print(*sorted(sys.modules))"
    command = [sys.executable, "-c", asked]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = told.stdout.split()
    assert "syncv3.web.server" in loaded
    assert not {"sentry_sdk", "tortoise", "aerich"} & set(loaded)
    switched_on = (
        "opentelemetry",
        "syncv3.tracing",
        "syncv3.profiling",
        "pyinstrument",
        "viztracer",
    )
    assert not [name for name in loaded if name.startswith(switched_on)]
