"""The real homeservers of the end-to-end tests, and what each of them cannot do.

``TEST_HOMESERVER`` names one; it is Synapse unless that is set. A scenario that needs something
which not every homeserver has says so, by ``@pytest.mark.needs("private-receipts")``. Where the
homeserver lacks it, the scenario is not run; but a test of the homeserver itself is, and must
fail: so what is listed as lacking here is really lacking. docs/homeservers.md has the reasons.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol, TypeVar

import pytest

from tests.support.dendrite import start_dendrite
from tests.support.real_homeserver import RealHomeserver
from tests.support.synapse import start_synapse

OF_ITSELF: Final = "test_homeserver.py"
"""The module whose tests ask the homeserver, not the service."""
CAPABILITIES: Final = frozenset(
    {
        "fallback-keys",
        "filter-of-no-rooms",
        "highlights",
        "knocking",
        "private-receipts",
        "prompt-unread-counts",
        "threaded-receipts",
    }
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A homeserver that the scenarios can be run with; ``lacks`` are capabilities."""

    name: str
    start: Callable[[], RealHomeserver]
    lacks: frozenset[str] = frozenset()


SYNAPSE: Final = Kind("synapse", start_synapse)
DENDRITE: Final = Kind("dendrite", start_dendrite, lacks=CAPABILITIES)
KINDS: Final = MappingProxyType({kind.name: kind for kind in (SYNAPSE, DENDRITE)})


def chosen() -> Kind:
    """The homeserver that ``TEST_HOMESERVER`` names; Synapse unless it is set."""
    name = os.environ.get("TEST_HOMESERVER") or SYNAPSE.name
    if name not in KINDS:
        raise ValueError(f"TEST_HOMESERVER is {name!r}, but must be one of {', '.join(KINDS)}")
    return KINDS[name]


def missing(kind: Kind, needed: Iterable[str]) -> list[str]:
    """What the homeserver lacks of what is needed. Raises ``ValueError`` for a made-up name."""
    unknown = sorted(set(needed) - CAPABILITIES)
    if unknown:
        raise ValueError(f"no capabilities: {', '.join(unknown)}")
    return sorted(kind.lacks & set(needed))


class Test(Protocol):
    """What is asked of a test that pytest has collected."""

    path: Path

    def iter_markers(self, name: str | None = None) -> Iterator[pytest.Mark]: ...

    def add_marker(self, marker: str | pytest.MarkDecorator) -> None: ...


T = TypeVar("T", bound=Test)


def left_out(kind: Kind, tests: Iterable[T]) -> list[T]:
    """The tests that cannot be run with this homeserver.

    Those of the homeserver itself can; where it lacks what they need they are marked as tests
    that must fail.
    """
    found = []
    for test in tests:
        needed = [name for mark in test.iter_markers("needs") for name in mark.args]
        lacking = missing(kind, needed)
        if not lacking:
            continue
        if test.path.name == OF_ITSELF:
            reason = f"{kind.name} lacks {', '.join(lacking)}"
            test.add_marker(pytest.mark.xfail(strict=True, reason=reason))
        else:
            found.append(test)
    return found
