"""How tests are written: what no linter looks at.

Sleeps: a test that sleeps until something has come about fails on a slow machine and is slow on all
others. It waits *until* it has (``tests/support/waiting.py``). Where the time is what happens, say
the pause of a client, a comment in the line of the sleep says so.

Private attributes: a test that reads ``worker.pollers._running`` breaks when that is put in order,
and says nothing of what the code does. It asks what others can ask, or measures: the tasks that
were begun (``tests/support/tasks.py``), what an object keeps alive (``held.py``), the calls that
something takes (``costs.py``).
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).resolve().parent
FILES = sorted(
    path
    for path in HERE.rglob("*.py")
    if not {"node_modules", "target"} & set(path.relative_to(HERE).parts)
)
OF_TUPLES = {"_replace", "_asdict", "_fields", "_make", "_field_defaults"}
"""The public methods of named tuples, which have a name like this because fields have none."""
NO_OTHER_WAY: Mapping[tuple[str, str], str] = {
    ("support/costs.py", "_run"): "asyncio has no other name for one step of its loop",
    ("test_monitoring.py", "_name"): "prometheus_client tells the names of what was counted only",
    ("test_monitoring.py", "_labelnames"): "the same of labels",
}
"""Private names of libraries, by file, and why there is no public one."""

MAY_BE_PRIVATE = re.compile(
    r"""(?<!\bself)(?<!\bcls)\._[a-z]|\bimport\b.*\b_[a-z]|^\s+_[a-z]\w*,$|["'.]_[a-z]\w*["']""",
    re.MULTILINE | re.IGNORECASE,
)
"""Whether it is worth while to parse a file: few have any such name."""


class Access(NamedTuple):
    """A private name that is reached for, from outside of the class that has it."""

    line: int
    name: str


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in OF_TUPLES


def own_names(tree: ast.AST) -> set[str]:
    """The private names that a class gives itself: its methods, and what it sets."""
    names = {
        n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names |= {node.attr} if is_self(node.value) else set()
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def is_self(node: ast.expr) -> bool:
    """``self``, ``cls`` and ``super()``, of which a class may use what is private."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "super"
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def accesses(node: ast.AST, own: frozenset[str] = frozenset()) -> Iterator[Access]:
    """Private names that a file's code reads, patches, or imports. ``own``: of the class around.

    A class method that makes an object of its own class may finish it, as ``__init__`` does.
    """
    inside = own | own_names(node) if isinstance(node, ast.ClassDef) else own
    for child in ast.iter_child_nodes(node):
        yield from accesses(child, frozenset(inside))
    if isinstance(node, ast.Attribute) and is_private(node.attr):
        if not is_self(node.value) and node.attr not in own:
            yield Access(node.lineno, node.attr)
    elif isinstance(node, ast.ImportFrom):
        parts = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
        yield from (Access(node.lineno, part) for part in parts if is_private(part))
    elif isinstance(node, ast.Call):
        yield from (Access(node.lineno, name) for name in names_in(node) if is_private(name))


def names_in(call: ast.Call) -> Iterator[str]:
    """Attributes that are named by a string: ``setattr(where, "_name", …)`` and the like."""
    if name_of(call.func) not in ("getattr", "setattr", "delattr", "hasattr", "counted"):
        return
    for argument in call.args:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value.rpartition(".")[2]


def found(path: Path) -> list[Access]:
    text = path.read_text()
    return list(accesses(ast.parse(text))) if MAY_BE_PRIVATE.search(text) else []


def test_no_test_reaches_into_what_is_private() -> None:
    wrong = [
        f"{path.relative_to(HERE)}:{each.line}: {each.name}"
        for path in FILES
        for each in found(path)
        if (str(path.relative_to(HERE)), each.name) not in NO_OTHER_WAY
    ]
    assert not wrong, "\n".join(wrong)


def test_every_exception_is_needed() -> None:
    needed = {(name, each.name) for name, _ in NO_OTHER_WAY for each in found(HERE / name)}
    assert needed == set(NO_OTHER_WAY)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        pytest.param("world.connections._flush()", ["_flush"], id="a method"),
        pytest.param("one._a._b", ["_a", "_b"], id="two of them"),
        pytest.param("from syncv3.x import _y", ["_y"], id="an import"),
        pytest.param("patch.setattr(Queue, '_not_before', None)", ["_not_before"], id="a patch"),
        pytest.param("patch.setattr('syncv3.x._y', None)", ["_y"], id="a patch by its path"),
        pytest.param("class A:\n def f(self): return self._a", [], id="one's own"),
        pytest.param("class A:\n def _a(self): super()._a()", [], id="of a class below"),
        pytest.param("class A:\n def f(self, b): return b._a", ["_a"], id="of another class"),
        pytest.param("class A:\n def f(self, b): self._a = b._a", [], id="of another object"),
        pytest.param("row._replace(n=1)", [], id="of a named tuple"),
        pytest.param("it.__class__.__name__", [], id="of the language"),
    ],
)
def test_what_counts_as_reaching_into_something(code: str, names: list[str]) -> None:
    assert not names or MAY_BE_PRIVATE.search(code)
    assert sorted(each.name for each in accesses(ast.parse(code))) == names


MAY_SLEEP = re.compile(r"\bsleep\((?!0\))")
NOQA = re.compile(r"noqa: \w+ ?")
"""What only a linter reads."""


def sleeps(text: str) -> Iterator[int]:
    """The lines that sleep, for longer than a turn of the event loop, and do not say why."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or name_of(node.func) != "sleep":
            continue
        is_turn = len(node.args) == 1 and ast.unparse(node.args[0]) == "0"
        last = lines[(node.end_lineno or node.lineno) - 1]
        said = last.partition("  # ")[2]
        if not is_turn and not NOQA.sub("", said):
            yield node.lineno


def name_of(function: ast.expr) -> str:
    """``sleep`` of ``asyncio.sleep``, ``time.sleep`` and ``sleep``."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def test_a_test_that_sleeps_says_why() -> None:
    texts = {path: path.read_text() for path in FILES}
    wrong = [
        f"{path.relative_to(HERE)}:{line}"
        for path, text in texts.items()
        if MAY_SLEEP.search(text)
        for line in sleeps(text)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("code", "count"),
    [
        pytest.param("await asyncio.sleep(0.1)", 1, id="without a reason"),
        pytest.param("await asyncio.sleep(0.1)  # noqa: ASYNC110", 1, id="none that is one"),
        pytest.param("time.sleep(60)  # noqa: ASYNC251 it hangs", 0, id="both"),
        pytest.param("sleep(\n    LONG\n)", 1, id="in lines"),
        pytest.param("time.sleep(PAUSE_S)  # the pause of a client", 0, id="with a reason"),
        pytest.param("await asyncio.sleep(0)", 0, id="a turn of the loop"),
        pytest.param("call('time.sleep(60)')", 0, id="in a string"),
    ],
)
def test_what_counts_as_a_sleep_without_a_reason(code: str, count: int) -> None:
    assert len(list(sleeps(code))) == count
