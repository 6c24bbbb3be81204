"""The whole service between a real homeserver and a client that knows the protocol."""

from collections.abc import Iterator
from pathlib import Path

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
from tests.support.homeservers import chosen, left_out
from tests.support.real_homeserver import RealHomeserver

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

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the scenarios of this folder that the homeserver cannot do."""
    impossible = left_out(chosen(), (item for item in items if item.path.is_relative_to(HERE)))
    if impossible:
        config.hook.pytest_deselected(items=impossible)
        items[:] = [item for item in items if item not in impossible]


@pytest.fixture(scope="session")
def homeserver() -> Iterator[RealHomeserver]:
    """The session's homeserver; without one installed the test fails."""
    try:
        running = chosen().start()
    except FileNotFoundError as error:
        pytest.fail(str(error))
    yield running
    running.close()


@pytest.fixture(scope="module")
def homeserver_url(homeserver: RealHomeserver) -> str:
    return homeserver.url
