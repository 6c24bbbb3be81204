"""Real clients against a server that serves the simplified dialect, through a recorder.

The server is this service as a gateway to Synapse. With ``CLIENTS_NATIVE=1`` it is Synapse's own
implementation, and with ``CLIENTS_BASE_URL`` another one on this machine: one base URL for
everything a client asks, so a gateway, or a reverse proxy that leads to this service and to a
homeserver with open registration. ``CLIENTS_RESTART`` is then the shell command that restarts
what answers there, and returns when it is back. ``CLIENTS_RECORD=1`` keeps what the clients asked
in ``tests/clients/recorded``.
"""

import os
import sys
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.clients.served import Server, alone, behind, elsewhere, migrated
from tests.support import recorded
from tests.support.fixtures import alice, bob, carol, http, person
from tests.support.recorder import Recorder, recording
from tests.support.synapse import start_synapse

# What makes clients ask for the extensions of thread subscriptions and of sticky events.
FEATURES = ("msc4306_enabled", "msc4354_enabled")

# Statuses of sliding sync that a client lives with; None: it was not answered. A server that
# is stopped or started meanwhile may say so (502, 503).
PASSING = (None, 200, 502, 503)

__all__ = ["Server", "alice", "bob", "carol", "http", "person"]


@pytest.fixture(scope="session")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The server under test, at one base URL."""
    if url := os.environ.get("CLIENTS_BASE_URL"):
        yield elsewhere(url)
        return
    try:
        synapse = start_synapse(features=FEATURES)
    except FileNotFoundError as error:
        pytest.fail(str(error))
    if os.environ.get("CLIENTS_NATIVE"):
        running = alone(synapse)
    else:
        database = migrated(request.getfixturevalue("postgres"))
        running = behind(synapse, database, sys.executable, tmp_path_factory.mktemp("service"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def homeserver_url(server: Server) -> str:
    """Where accounts are registered and the other side acts: not through the recorder."""
    return server.url


@pytest_asyncio.fixture(loop_scope="module")
async def recorder(server: Server, request: pytest.FixtureRequest) -> AsyncIterator[Recorder]:
    """In front of the server, one for each test; clients are given its URL."""
    async with recording(server.url) as running:
        yield running
    name = request.node.name.removeprefix("test_")
    refused = [one for one in running.exchanges if one.status not in PASSING]
    assert not refused, f"refused: {refused}"
    if os.environ.get("CLIENTS_RECORD"):
        recorded.write(f"{request.module.SDK}-{name}", running.exchanges)
        print(f"{name} also asked:", *sorted(running.others), sep="\n    ")
