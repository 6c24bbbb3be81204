"""One word, one meaning: a class or function whose name another has too says why it may.

``SHARED`` is the list of those that may. Each entry is one of a few cases: a value and the table's
row of it, a part and the Protocol of what somebody needs of it, the same thing in each dialect, the
same question asked of different values, or the verb of a module (``items.decode``).
"""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("syncv3", "extensions", "models")

NAMED_BY_MATRIX = {"AccountData", "History", "Receipt", "User"}
"""What the specification calls so, as an extension or a part here and as a value or a row."""

ROWS = {"Change", "Connection", "Event", "Poller"}
"""A value or a part, and the model of the table that it is stored in. Models keep their names:
migrations know them by these, and would drop and create the table of a model with another name."""

PORTS = {
    "Accounts", "Dialect", "Engine", "Homeserver", "KeyUploads", "Page", "Pollers", "Service",
    "Tokens", "VersionsRelay", "Writer",
}  # fmt: skip
"""A part, and the Protocols of those which need something of it."""

DIALECTS = {
    "Body", "ConfigJson", "HeroJson", "ListBody", "ListConfigJson", "ListJson", "RequestJson",
    "ResponseJson", "RoomConfigJson", "RoomJson", "read_config", "room_json", "write_config",
}  # fmt: skip
"""The same thing in the form of each dialect."""

QUESTIONS = {"is_reused", "profile_of", "read_heroes", "token_of", "was_in"}
"""The same question about different values."""

CHECKS = {"examine", "judge_versions", "names", "preflight", "versions", "well_known"}
"""What the doctor looks at is called as what it asks about."""

VERBS = {
    "decode", "encode", "main", "only", "read", "reset", "run", "start", "status", "take_in",
    "text", "write",
}  # fmt: skip
"""They are told apart by their module."""

SHARED = NAMED_BY_MATRIX | ROWS | PORTS | DIALECTS | QUESTIONS | CHECKS | VERBS


@cache
def names() -> Counter[str]:
    """How many modules have a public class or function of each name."""
    return Counter(
        node.name
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if not node.name.startswith("_")
    )


def test_a_name_means_one_thing() -> None:
    assert {name for name, number in names().items() if number > 1} - SHARED == set()


def test_what_may_be_shared_is() -> None:
    assert {name for name in SHARED if names()[name] < 2} == set()
