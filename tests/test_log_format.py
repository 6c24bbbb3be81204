"""docs/log_format.md against the code: each field is documented, and no field is made up."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

from syncv3.extension import COUNTED
from syncv3.ingest.measures import Tally
from syncv3.web.edge import FIELDS
from tests.test_imports import sources

PAGE = Path(__file__).resolve().parent.parent / "docs" / "log_format.md"
COMMANDS = ("syncv3.cli", "syncv3.doctor", "syncv3.replay")
"""They print, and log nothing."""
MADE = {
    "syncv3.web.edge": {"line", "said"},
    "syncv3.ingest.measures": {"counts"},
    "syncv3.logs": {"{**extra, **more}"},
}
"""Modules that make their fields by a name, not as written there; ``KNOWN`` has those."""
KNOWN = {"status", "size", "duration", "path", "errcode", "error", "left_out"}


@cache
def trees() -> dict[str, ast.AST]:
    return {module: ast.parse(path.read_text()) for module, path in sources().items()}


def written() -> dict[str, set[str]]:
    """Fields by the module that writes them, as keys of ``extra`` and of bounded lines."""
    found: dict[str, set[str]] = {}
    for module, tree in trees().items():
        if not module.startswith(COMMANDS):
            names = set(named_in(module, tree))
            found |= {module: names} if names else {}
    return found


def named_in(module: str, tree: ast.AST) -> Iterator[str]:
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        for value in extras(call):
            if isinstance(value, ast.Dict) and all(value.keys):
                yield from (ast.literal_eval(key) for key in value.keys if key is not None)
            else:
                assert ast.unparse(value) in MADE.get(module, set()), f"{module}: {call.lineno}"


def extras(call: ast.Call) -> Iterator[ast.expr]:
    """What a call gives as the fields of a line."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if name in ("debug", "info", "warning", "error", "exception", "log"):
        yield from (each.value for each in call.keywords if each.arg == "extra")
        if name == "log" and len(call.args) == 4:  # a bounded line, see ``logs.Seldom``
            yield call.args[3]


def noted() -> set[str]:
    """Fields of the access line that something notes."""
    names: set[str] = set()
    for tree in trees().values():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in ("logs.note", "note"):
                names |= {each.arg for each in call.keywords if each.arg}
    return names & set(FIELDS) | {name.replace("_", "-") for name in COUNTED}


def documented() -> set[str]:
    rows = re.findall(r"(?m)^\| ((?:`[\w-]+`(?:, )?)+) \|", PAGE.read_text())
    levels = {"trace", "debug", "info", "warn"}
    return {name for row in rows for name in re.findall(r"`([\w-]+)`", row)} - levels


def test_every_field_is_documented_and_no_field_is_made_up() -> None:
    tally = {field.name for field in fields(Tally)}
    in_code = set().union(*written().values()) | KNOWN | noted() | tally
    assert documented() == in_code


def test_the_access_line_is_told_of_as_it_is_written() -> None:
    text = PAGE.read_text()
    assert {name.replace("_", "-") for name in FIELDS} == noted()
    told = text[text.index("## From the Go proxy's") :]
    assert set(re.findall(r"`([\w-]+)`", told)) == {"b"}


def test_the_json_line_of_the_page_is_one() -> None:
    (line,) = re.findall(r"```json\n(.+)\n```", PAGE.read_text())
    assert list(json.loads(line))[:4] == ["time", "level", "logger", "message"]
