"""Stories with clients of all three dialects on one account, against the real core."""

import json
from typing import Any, Final

from syncv3.types import Device
from tests.simulation.clients import Clients
from tests.simulation.people import People
from tests.simulation.polls import Flight, Poller, Polls
from tests.simulation.processes import Processes
from tests.simulation.reader import Reader
from tests.simulation.simplified.client import Client, Clock
from tests.simulation.simplified.crowd import Crowd
from tests.simulation.simplified.inbox import Inbox
from tests.simulation.simplified.people import Chatters
from tests.simulation.simplified.sight import Sights
from tests.simulation.simplified.speech import SPEECHES
from tests.simulation.simplified.verdict import check, check_fresh, check_stamps
from tests.simulation.simulation import Simulation, Tally
from tests.simulation.story import Action
from tests.simulation.truth import Truth
from tests.simulation.verdict import check as check_old
from tests.support.world import World

UNSTORED: Final = ("kill", "fence", "cut", "lose", "fail_over", "expire")
"""Beginnings of what makes a worker forget what it had not stored."""


def messages_of(poller: Poller) -> int:
    """How many messages to its device the service has stored."""
    return sum(position <= (poller.since or 0) for position, _ in poller.home.inbox)


class Service:
    """The workers as the crowd asks them."""

    def __init__(self, processes: Processes, polls: Polls) -> None:
        self.processes = processes
        self.polls = polls

    async def answer(self, worker: int, client: Client) -> bytes:
        query, raw = client.request()
        asked = self.processes.worker(worker)
        return await asked.speak(client.speech.name, client.device, query, raw)

    def serves(self, device: Device) -> bool:
        return self.polls.served(device)

    def rests(self, client: Client) -> bool:
        """A client waits for longer than events are held back."""
        workers = self.processes.workers
        asked = client.speech.name, client.device, client.conn_id
        if not any(worker.holds(*asked) for worker in workers):
            return True
        for worker in workers:
            worker.release()
        return False


class OldReader(Reader):
    """A client of MSC3575 that also asks for to-device messages."""

    inbox: Inbox

    def request(self) -> bytes:
        since = self.inbox.ask()
        body = json.loads(super().request())
        asked = {"enabled": True} | ({"since": since} if since is not None else {})
        return json.dumps(body | {"extensions": {"to_device": asked}}).encode()

    def take(self, raw: bytes) -> bool:
        told = json.loads(raw).get("extensions", {}).get("to_device")
        if told is not None:
            self.inbox.take(told)
        return super().take(raw) or bool(told and told.get("events"))


class Mixed(Clients):
    """The clients of all dialects. Numbers name them, those of MSC3575 last."""

    def __init__(
        self, processes: Processes, polls: Polls, truth: Truth, rooms: list[str], seed: int
    ) -> None:  # fmt: skip
        super().__init__(processes, polls, truth, rooms)
        self.seed = seed
        self.clock = Clock()
        self.left: set[tuple[str, str]] = set()
        sights = Sights(truth, lambda user, room_id: (user, room_id) in self.left)
        self.crowd = Crowd(Service(processes, polls), sights, self.clock, polls.gapped)
        polls.on_delivery = self.hear
        polls.dated = True  # stamps are times
        truth.world.tells_of_gaps = True  # clients are shown the history of gaps, too

    def hear(self, poller: Poller, flight: Flight) -> None:
        """The service is being told this: from now on it may know of it."""
        rooms = json.loads(flight.body).get("rooms", {})
        for section, entries in rooms.items():
            for room_id, entry in entries.items():
                if section == "invite":
                    self.hear_invite(poller, room_id, flight, entry["invite_state"]["events"])
                if section == "leave":
                    self.left.add((poller.device.user_id, room_id))
                for event in entry.get("timeline", {}).get("events", ()):
                    self.clock.hear(event["event_id"])

    def hear_invite(
        self, poller: Poller, room_id: str, flight: Flight, stripped: list[dict[str, Any]]
    ) -> None:
        """Until the user joins the room is called what the newest report of the invite says."""
        names = [e["content"]["name"] for e in stripped if e["type"] == "m.room.name"]
        key, made = (poller.device.user_id, room_id), flight.frame.generated_us
        if names and made >= self.truth.invites.get(key, (0, ""))[0]:
            self.truth.invites[key] = made, names[0]

    def add(self, device: Device) -> None:
        """Which dialects a device speaks depends on the story."""
        n = len(self.crowd.inboxes)
        speeches = ((0,), (1,), (0, 1))[(self.seed // 3**n) % 3]
        for which in speeches:
            self.crowd.add(device, self.seed + n, SPEECHES[which])
        if (self.seed + n) % 2:
            super().add(device)

    def new(
        self, device: Device, conn_id: str, lists: dict[str, Any], *, stores: bool = False
    ) -> Reader:
        reader = OldReader(device, conn_id, self.truth, lists, self.polls.gapped, stores=stores)
        reader.inbox = self.crowd.inboxes[device]
        return reader

    def list_of(self, numbers: tuple[int, ...]) -> dict[str, Any]:
        """By name: the model does not know when the service was told of an invite."""
        return super().list_of(numbers) | {"sort": ["by_name"]}

    async def ask(self, reader: Reader, worker: int, pos: str | None) -> bytes | None:
        raw = await super().ask(reader, worker, pos)
        told = json.loads(raw)["extensions"].get("to_device") if raw is not None else None
        if told is not None:
            inbox = self.crowd.inboxes[reader.device]
            inbox.check(told, inbox.acknowledged, 100)
        return raw

    def is_old(self, number: int) -> bool:
        """Whether the number names a client of MSC3575."""
        every = len(self.crowd.clients) + len(self.readers)
        return number % every >= len(self.crowd.clients)

    async def do(self, kind: str, numbers: tuple[int, ...]) -> bool:
        """Has one of the clients do something."""
        actor: Any = super() if self.is_old(numbers[0]) else self.crowd
        do = getattr(actor, f"do_{kind}", None)
        if do is None:
            return False
        every = len(self.crowd.clients) + len(self.readers)
        number = numbers[0] % every
        number -= len(self.crowd.clients) if self.is_old(numbers[0]) else 0
        done: Any = do(number, *numbers[1:])
        return bool(done if isinstance(done, bool) else await done)

    async def do_sync(self, *numbers: int) -> bool:
        return await self.do("sync", numbers)

    async def do_lose_answer(self, *numbers: int) -> bool:
        return await self.do("lose_answer", numbers)

    async def do_overlap(self, *numbers: int) -> bool:
        return await self.do("overlap", numbers)

    async def do_delayed(self, *numbers: int) -> bool:  # type: ignore[override]
        return await self.do("delayed", numbers)

    async def do_change(self, *numbers: int) -> bool:  # type: ignore[override]
        return await self.do("change", numbers)

    async def do_subscribe(self, *numbers: int) -> bool:  # type: ignore[override]
        return await self.do("subscribe", numbers)

    async def do_rewind(self, *numbers: int) -> bool:  # type: ignore[override]
        return await self.do("rewind", numbers)

    async def do_start_anew(self, *numbers: int) -> bool:  # type: ignore[override]
        return await self.do("start_anew", numbers)

    async def do_come_back(self, *numbers: int) -> bool:  # type: ignore[override]
        return await self.do("come_back", numbers)

    async def do_invent(self, *numbers: int) -> bool:
        return await self.do("invent", numbers)

    async def do_extend(self, *numbers: int) -> bool:
        return await self.do("extend", numbers)

    async def do_fall_back(self, *numbers: int) -> bool:
        return await self.do("fall_back", numbers)

    async def do_expire(self, number: int, *_: int) -> bool:
        """All connections of a device end, after it was away for long."""
        devices = list(self.crowd.inboxes)
        device = devices[number % len(devices)]
        workers = self.processes.workers
        for worker in workers:
            await worker.forget(device)
        await self.processes.pool.execute(
            "UPDATE ss_connections SET last_used = '-infinity' WHERE device_key = $1",
            device.device_key,
        )
        await workers[0].connections.expire()
        for reader in self.readers:
            if reader.device == device:
                reader.unused = reader.has.pos is not None
        for client in self.crowd.clients:
            if client.device == device:
                client.unused = client.has.pos is not None
        return True

    def keep(self) -> None:
        super().keep()
        self.crowd.keep({poller.device: messages_of(poller) for poller in self.polls.pollers})

    def lose(self) -> None:
        super().lose()
        self.crowd.lose()


class Mixture(Simulation):
    """One run of a story of the simplified dialects, on an empty database."""

    extended = True
    clients: Mixed
    people: Chatters

    def new_people(self, world: World, truth: Truth) -> People:
        return Chatters(world, truth, self.story.setting)

    def new_clients(self, truth: Truth) -> Clients:
        return Mixed(self.processes, self.polls, truth, self.people.rooms, self.story.seed)

    async def start(self) -> None:
        await super().start()
        self.people.names_stay = bool(self.clients.readers)
        for n in range(len(self.clients.crowd.clients) if self.story.setting.warm else 0):
            await self.clients.crowd.do_sync(n, n)

    async def run(self) -> Tally:
        tally = await super().run()
        crowd = self.clients.crowd
        tally.answers += crowd.answers
        tally.events += sum(client.checked for client in crowd.clients)
        return tally

    async def act(self, action: Action) -> None:
        await super().act(action)
        if action.kind.startswith(UNSTORED):
            self.clients.crowd.excuse()

    async def judge(self) -> None:
        crowd = self.clients.crowd
        for n, reader in enumerate(self.clients.readers):
            await self.clients.catch_up(reader, n)
            check_old(reader)
        fresh = [client for device in list(crowd.inboxes) for client in crowd.fresh(device)]
        for client in fresh:
            await crowd.catch_up(client, 0)
            order = client.has.windows["all"]
            if order is not None:
                crowd.sights.ranks.setdefault(client.user, list(order))
        for n, client in enumerate(crowd.clients):
            await crowd.catch_up(client, n)
            check(client, exact=False)
        for client in fresh:
            check(client, exact=False)
            check_fresh(client)
        crowd.clients += fresh
        check_stamps(crowd.clients)
        self.check_messages()

    def check_messages(self) -> None:
        """Each device has all of its messages, if any of its clients asks for them."""
        crowd = self.clients.crowd
        for client in crowd.clients:
            home = crowd.sights.world.devices[(client.user, client.device.device_id)]
            asks = "to_device" in client.asks.extensions
            assert not asks or client.inbox.held == len(home.inbox), f"lost: {client.inbox}"
