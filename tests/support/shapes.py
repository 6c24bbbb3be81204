"""The shapes in which the service is deployed, and which of them the tests are run with.

The whole-service suites hold for each. ``TEST_SHAPE=workers pytest tests/e2e`` chooses
one; ``make shapes`` runs them all.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Self


@dataclass(frozen=True, slots=True)
class Shape:
    """How many ``processes``, of how many ``workers`` each, with which variables of ours."""

    name: str
    processes: int = 1
    workers: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def serving(self) -> int:
        """How many workers answer requests."""
        return self.processes * self.workers

    def alone(self) -> Self:
        """One worker, with the same variables."""
        return replace(self, processes=1, workers=1)


ONE: Final = Shape("one")
WORKERS: Final = Shape("workers", workers=3)
INSTANCES: Final = Shape("instances", processes=2)
POOL1: Final = Shape("pool1", settings={"SYNCV3_MAX_DB_CONN": "1"})
POOL2: Final = Shape("pool2", settings={"SYNCV3_MAX_DB_CONN": "2"})
SHAPES: Final = MappingProxyType(
    {shape.name: shape for shape in (ONE, WORKERS, INSTANCES, POOL1, POOL2)}
)


def chosen() -> Shape:
    """The shape that ``TEST_SHAPE`` names; one process unless it is set."""
    name = os.environ.get("TEST_SHAPE") or ONE.name
    if name not in SHAPES:
        raise ValueError(f"TEST_SHAPE is {name!r}, but must be one of {', '.join(SHAPES)}")
    return SHAPES[name]
