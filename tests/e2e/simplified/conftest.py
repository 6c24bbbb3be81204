"""Tests that know only the protocol, asked of Synapse's own endpoint and of both of ours.

Each test with a ``target`` is run with all targets it holds for. Without a mark these are all
three. ``differs("reason")``: the specification wants something else than Synapse does, so
Synapse is not asked. ``only("U")``, ``only("S")``: the test speaks of fields or rules that the
other form does not have. So nothing is skipped: these marks say for whom a test is made, as
parameters do. ``lacking("reason")``: what is wanted holds for Synapse, and not yet for our
service; there the test must fail, so that nobody forgets the mark when it holds.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from tests.support.account import Account
from tests.support.homeservers import SYNAPSE
from tests.support.homeservers import chosen as chosen_homeserver
from tests.support.simplified.answer import Answer
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import DIALECTS, NATIVE, Target, chosen

HERE = Path(__file__).parent

LONG_MS: Final = 20_000
"""Of waits that something is to end."""
SHORT_MS: Final = 2_000
"""Of waits that nothing is to end."""

Sync = Callable[..., Awaitable[Answer]]
Raise = Callable[[str], Awaitable[str]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target" in metafunc.fixturenames:
        metafunc.parametrize("target", _targets_of(metafunc.definition), indirect=True)


def _targets_of(test: pytest.Item) -> list[str]:
    """The names of the targets that the test holds for."""
    only = [name for mark in test.iter_markers("only") for name in mark.args]
    names = [name for name in DIALECTS if not only or DIALECTS[name].name in only]
    return [name for name in names if name != NATIVE or not any(test.iter_markers("differs"))]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the targets that were not chosen, or that there are not; and expects the
    failures of those that lack something."""
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    for item in ours:
        for mark in item.iter_markers("lacking"):
            if _target_of(item) != NATIVE:
                item.add_marker(pytest.mark.xfail(reason=mark.args[0], strict=True))
    unwanted = [item for item in ours if _target_of(item) not in _wanted(item)]
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)
        items[:] = [item for item in items if item not in set(unwanted)]


def _wanted(item: pytest.Item) -> frozenset[str]:
    targets = chosen(item.path.stem.removeprefix("test_"))
    return targets if chosen_homeserver() is SYNAPSE else targets - {NATIVE}


def _target_of(item: pytest.Item) -> Any:
    assert isinstance(item, pytest.Function)
    return item.callspec.params["target"]


@pytest.fixture
def target(
    request: pytest.FixtureRequest, http: aiohttp.ClientSession, homeserver_url: str
) -> Iterator[Target]:
    """Whom to ask; what our service says meanwhile is shown with a failure."""
    name = request.param
    if name == NATIVE:
        yield Target(name, DIALECTS[name], http, homeserver_url)
        return
    service = request.getfixturevalue("service")
    seen = len(service.output)
    yield Target(name, DIALECTS[name], http, service.url, service)
    print(service.output[seen:][-8000:])


@pytest.fixture
def conn(target: Target, alice: Account) -> Connection:
    """Alice's first connection."""
    return target.connect(alice)


@pytest.fixture
def sync(target: Target, conn: Connection) -> Sync:
    """Alice asks once, when the target knows all that has happened until now."""

    async def caught_up_sync(**request: Any) -> Answer:
        await target.caught_up(conn.account)
        return await conn.sync(**request)

    return caught_up_sync


@pytest.fixture
def raise_to_top(target: Target, conn: Connection) -> Raise:
    """Alice sends a message to a room, which is the first of her list then.

    What a homeserver tells in one answer has no order for our service (S-604); so it is
    given the time to hear of what was before.
    """

    async def raised(room: str) -> str:
        await target.caught_up(conn.account)
        return await conn.account.send(room, "on top")

    return raised


@asynccontextmanager
async def waiting(
    conn: Connection, timeout_ms: int = LONG_MS
) -> AsyncIterator[asyncio.Task[Answer]]:
    """A request that the server has had time to find nothing for."""
    task = asyncio.create_task(conn.sync(timeout_ms=timeout_ms))
    try:
        done, _ = await asyncio.wait([task], timeout=0.3)
        assert not done, f"there was news already: {task.result().raw}"
        yield task
    finally:
        task.cancel()
