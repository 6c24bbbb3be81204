"""What a check has found, and what to change."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check has found.

    ``check`` is its name, such as "database: clock". ``said`` is what was seen. ``advice`` is what
    to change; empty if all is well. ``error``: clients are not served, or something gets lost.
    ``warning``: it works, but not as well as it could, or not for all clients.
    """

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
