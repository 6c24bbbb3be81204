"""Mistakes of a server, put into right answers: the comparison must find each of them."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Final

from tests.support.room import JSON
from tests.support.simplified.answer import Answer
from tests.support.simplified.connection import Connection

Mistake = Callable[[JSON, JSON], JSON]
"""An entry of ``rooms`` and the one before it of the same room → the entry with a mistake."""


def lose_the_newest_event(entry: JSON, before: JSON) -> JSON:
    return entry | {"timeline": entry["timeline"][:-1]} if "timeline" in entry else entry


def lose_the_oldest_event(entry: JSON, before: JSON) -> JSON:
    """Without saying so: the timeline is not limited, but begins too late."""
    if entry.get("initial") or entry.get("limited") or len(entry.get("timeline", ())) < 2:
        return entry
    return entry | {"timeline": entry["timeline"][1:]}


def repeat_an_event(entry: JSON, before: JSON) -> JSON:
    if entry.get("initial") or "timeline" not in entry or "timeline" not in before:
        return entry
    return entry | {"timeline": [before["timeline"][-1], *entry["timeline"]]}


def hide_a_hole(entry: JSON, before: JSON) -> JSON:
    return entry | {"limited": False} if "limited" in entry else entry


def lose_changed_state(entry: JSON, before: JSON) -> JSON:
    if entry.get("initial"):
        return entry
    kept = [e for e in entry.get("required_state", ()) if e["type"] == "m.room.member"]
    return {k: v for k, v in entry.items() if k != "required_state"} | (
        {"required_state": kept} if kept else {}
    )


def lose_the_own_membership(entry: JSON, before: JSON) -> JSON:
    kept = [e for e in entry.get("required_state", ()) if e["type"] != "m.room.member"]
    return entry | {"required_state": kept}


def lose_counts(entry: JSON, before: JSON) -> JSON:
    counts = ("joined_count", "invited_count")
    return {k: v for k, v in entry.items() if entry.get("initial") or k not in counts}


MISTAKES: Final[Mapping[str, Mistake]] = MappingProxyType(
    {
        made.__name__: made
        for made in (
            lose_the_newest_event,
            lose_the_oldest_event,
            repeat_an_event,
            hide_a_hole,
            lose_changed_state,
            lose_the_own_membership,
            lose_counts,
        )
    }
)


class FaultyConnection(Connection):
    """Gives answers as they would be if the server always made the mistake."""

    def spoil(self, mistake: Mistake) -> None:
        self._mistake = mistake
        self._before: dict[str, JSON] = {}

    def take(self, answer: Answer) -> None:
        raw = deepcopy(answer.raw)
        for room_id, entry in raw["rooms"].items():
            raw["rooms"][room_id] = self._mistake(entry, self._before.get(room_id, {}))
            self._before[room_id] = entry
        super().take(Answer(raw, answer.asked, answer.dialect))
