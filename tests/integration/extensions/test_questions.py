"""An extension asks the homeserver in a device's name."""

import json
from typing import Any, ClassVar

import asyncpg
import pytest

from syncv3.errors import HomeserverError, UnknownToken
from syncv3.extension import Answer, Extension, Scope, Services
from syncv3.types import DeviceKey
from tests.integration.extensions.running import LAZY, Start, on
from tests.support.account import Account
from tests.support.faults import Fault
from tests.support.homeserver import FakeHomeserver

WHOAMI = "/_matrix/client/v3/account/whoami"


class Curious(Extension):
    """Tells a client what the homeserver says at a path."""

    name = "curious"
    always: ClassVar[bool] = True

    async def start(self, services: Services) -> None:
        self.ask = services.ask

    async def load(self, scope: Scope, pool: asyncpg.Pool) -> Any:
        return json.loads(await self.ask(scope.device.device_key, WHOAMI, {"n": "1 2"}))

    def respond(self, scope: Scope, loaded: Any) -> Answer:
        return Answer(loaded)


async def test_it_is_answered_as_the_device(
    start: Start, homeserver: FakeHomeserver, alice: Account
) -> None:
    await alice.create_room("Kitchen")
    running = await start(Curious())
    answer = await running.sync(alice, {"lists": LAZY, "extensions": on("curious")})
    assert answer["extensions"]["curious"]["device_id"] == alice.device_id
    assert {"n": "1 2"} in [seen.query for seen in homeserver.seen if seen.path == WHOAMI]


async def test_it_is_told_what_went_wrong(
    start: Start, homeserver: FakeHomeserver, alice: Account
) -> None:
    await alice.create_room("Kitchen")
    curious = Curious()
    running = await start(curious)
    await running.sync(alice, {"lists": LAZY})
    device = (await running.service.auth.device_of(alice.token)).device_key
    with pytest.raises(HomeserverError) as refused:
        await curious.ask(device, "/_matrix/client/v3/nothing")
    assert refused.value.status == 404
    homeserver.break_(Fault(body=b" " * (1024 * 1024 + 1)), path=WHOAMI)
    with pytest.raises(HomeserverError, match="larger than"):
        await curious.ask(device, WHOAMI)
    with pytest.raises(UnknownToken):
        await curious.ask(DeviceKey(device + 1), WHOAMI)
