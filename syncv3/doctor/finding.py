"""What a check has found, and what to change."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """``check`` is the name of the check, ``advice`` what to change: empty if all is well."""

    check: str
    level: Level
    said: str
    advice: str = ""


def ok(check: str, said: str) -> Finding:
    return Finding(check, "ok", said)


def warning(check: str, said: str, advice: str) -> Finding:
    return Finding(check, "warning", said, advice)


def error(check: str, said: str, advice: str) -> Finding:
    return Finding(check, "error", said, advice)
