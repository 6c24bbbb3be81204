"""The whole service between a real Synapse and a client that knows the protocol."""

from collections.abc import Iterator

import pytest

from tests.support.fixtures import (
    alice,
    bob,
    carol,
    connect,
    database,
    http,
    person,
    said_by_the_service,
    service,
    shape,
)
from tests.support.synapse import Synapse, synapse_python

__all__ = [
    "alice",
    "bob",
    "carol",
    "connect",
    "database",
    "http",
    "person",
    "said_by_the_service",
    "service",
    "shape",
]


@pytest.fixture(scope="session")
def synapse() -> Iterator[Synapse]:
    """The session's Synapse; without one installed the test fails."""
    python = synapse_python()
    if python is None:
        pytest.fail("no Synapse: make .venv-synapse/done, or set SYNAPSE_PYTHON")
    running = Synapse.start(python)
    yield running
    running.close()


@pytest.fixture(scope="module")
def homeserver_url(synapse: Synapse) -> str:
    return synapse.url
