"""One process with three workers; each request goes to one of them, drawn by lot."""

import pytest

from tests.integration.service.test_connections import *  # noqa: F403
from tests.integration.service.test_extensions import *  # noqa: F403
from tests.integration.service.test_lists import *  # noqa: F403
from tests.integration.service.test_live import *  # noqa: F403
from tests.integration.service.test_state import *  # noqa: F403
from tests.support.account import Account
from tests.support.client import window
from tests.support.fixtures import Connect
from tests.support.service import Service
from tests.support.shapes import WORKERS, Shape


@pytest.fixture(scope="module")
def shape() -> Shape:
    return WORKERS


async def test_requests_of_one_client_are_answered_by_all_workers(
    alice: Account, connect: Connect, service: Service
) -> None:
    balancer = service.balancer
    assert balancer is not None
    balancer.answered.clear()
    room = await alice.create_room("Kitchen")
    client = connect(alice)
    await client.sync(lists={"all": window(0, 9)})
    for number in range(30):
        await client.until_event(room, await alice.send(room, f"message {number}"))
    assert client.bodies(room) == [f"message {number}" for number in range(30)]
    assert len(balancer.answered) == WORKERS.workers
