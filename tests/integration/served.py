"""``sanic tests.integration.served:app serve``: the real start, with a fake service inside.

A request waits until the service stops, so that a test can see it answered then.
"""

import asyncio
import os
from argparse import Namespace

import app as real
from syncv3.config import Config
from syncv3.errors import ConfigError
from syncv3.metrics import Metrics
from syncv3.protocol.response import SyncResponse
from syncv3.web.server import App
from tests.unit.web.fakes import FakeService


def app(args: Namespace | None = None) -> App:
    return real.application(args, _start, _look)


async def _look(config: Config) -> None:
    """Around the service, unless the homeserver is only a name of a test."""
    if not config.server.endswith(".test"):
        await real.look_around(config)


async def _never() -> None:
    """A start that does not end by itself, and says whether it was undone."""
    print("Starting for ever.", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print("Undone.", flush=True)


async def _start(config: Config, _metrics: Metrics) -> FakeService:
    if config.server == "http://refuse.test":
        raise ConfigError("No start today.")
    if config.server == "http://slow.test":
        await _never()
    service = FakeService(facts={"worker": os.getpid()})

    async def respond() -> SyncResponse:
        await service.stopping.wait()
        return SyncResponse("last")

    service.respond = respond
    return service
