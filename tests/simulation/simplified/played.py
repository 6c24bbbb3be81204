"""Stories played against the naive server: no database, no pollers, nothing is ever late."""

from typing import Any, Final

from syncv3.types import Device, DeviceID, DeviceKey, UserID, UserKey
from tests.simulation.reader import Violation
from tests.simulation.simplified.client import Client, Clock
from tests.simulation.simplified.crowd import Crowd
from tests.simulation.simplified.people import Chatters
from tests.simulation.simplified.reference import Reference
from tests.simulation.simplified.sight import Sights
from tests.simulation.simplified.speech import SPEECHES
from tests.simulation.simplified.verdict import check, check_fresh, check_stamps
from tests.simulation.story import Action, Story
from tests.simulation.truth import Truth
from tests.support.world import World


class Naive:
    """The naive server as the crowd asks it."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference

    async def answer(self, worker: int, client: Client) -> bytes:
        client.request()
        since = client.inbox.since if "to_device" in client.asks.extensions else None
        return self.reference.sync(
            client.device, client.speech, client.conn_id, client.has.pos, client.asks, since
        )

    def serves(self, device: Device) -> bool:
        return True

    def rests(self, client: Client) -> bool:
        return True


class Play:
    """One run of a story against a server with a fault."""

    def __init__(self, story: Story, fault: str = "") -> None:
        world = World()
        truth = Truth(world)
        self.story = story
        self.people = Chatters(world, truth, story.setting)
        self.sights = Sights(truth)
        self.clock = Clock()
        server = Naive(Reference(self.sights, fault))
        self.crowd = Crowd(server, self.sights, self.clock, (), prompt=True)
        self.devices = []
        for n, user in enumerate(story.setting.devices):
            who, name = self.people.users[user], f"D{n}"
            world.create_token(who, name)
            device = Device(UserID(who), DeviceID(name), UserKey(user), DeviceKey(n))
            self.devices.append(device)
            self.crowd.add(device, n, SPEECHES[n % 2])
            self.crowd.add(device, n + 1, SPEECHES[(n + 1) % 2])

    async def run(self) -> Crowd:
        """Raises ``Violation``."""
        self.hear()
        for action in self.story.actions:
            await self.act(action)
            self.hear()
        for n, client in enumerate(self.crowd.clients):
            await self.crowd.catch_up(client, n)
            check(client, exact=True)
        check_stamps(self.crowd.clients)
        for device in self.devices:
            for client in self.crowd.fresh(device):
                await self.crowd.catch_up(client, 0)
                check(client, exact=True)
                check_fresh(client)
        return self.crowd

    async def act(self, action: Action) -> None:
        for actor in (self.crowd, self.people):
            do: Any = getattr(actor, f"do_{action.kind}", None)
            if do is not None:
                done = do(*action.numbers)
                if not isinstance(done, bool):
                    await done
                return

    def hear(self) -> None:
        """Everybody has heard of everything at once."""
        for room in self.sights.world.rooms.values():
            for stored in reversed(room.timeline):
                if stored.event["event_id"] in self.clock.heard:
                    break
                self.clock.hear(stored.event["event_id"])


UNREADABLE: Final = (KeyError, TypeError, ValueError)


async def failure_of(story: Story, fault: str = "") -> str | None:
    """What goes wrong; None: nothing."""
    try:
        await Play(story, fault).run()
    except Violation as violation:
        return str(violation)
    return None
