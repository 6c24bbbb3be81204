"""The clients of a story in the simplified dialects, several connections a device."""

from collections.abc import Collection, Mapping
from typing import Final, Protocol

from syncv3.errors import UnknownPosition
from syncv3.types import Device
from tests.simulation.reader import Violation
from tests.simulation.simplified.asks import Asks, ListAsk, extensions_of, list_of, shape_of
from tests.simulation.simplified.client import Client, Clock, Reply
from tests.simulation.simplified.inbox import Inbox
from tests.simulation.simplified.sight import Sights
from tests.simulation.simplified.speech import SPEECHES, Speech

ROUNDS: Final = 30
QUIET: Final = 6  # answers without news, from all workers and after all is released
STEP: Final = 2  # rooms by which a growing window grows


class Server(Protocol):
    """What answers the clients."""

    async def answer(self, worker: int, client: Client) -> bytes:
        """Raises ``UnknownPosition``."""

    def serves(self, device: Device) -> bool:
        """Whether a client of the device can begin."""

    def rests(self, client: Client) -> bool:
        """Nothing is held back. If something was it comes with the next answer."""


class Crowd:
    """All clients. ``answers`` counts."""

    def __init__(
        self,
        server: Server,
        sights: Sights,
        clock: Clock,
        gapped: Collection[str],
        *,
        prompt: bool = False,
    ) -> None:
        self.server = server
        self.sights = sights
        self.clock = clock
        self.gapped = gapped
        self.prompt = prompt
        self.clients: list[Client] = []
        self.inboxes: dict[Device, Inbox] = {}
        self.answers = 0

    def add(self, device: Device, number: int, speech: Speech) -> None:
        """The connections of a device, as matrix-rust-sdk has them (S-530)."""
        lists = {"a": list_of(number // 2, number, number, 0)}
        connections = (
            ("room-list", Asks(lists, {}, extensions_of((0, 0, 4, 4)))),
            ("encryption", Asks({}, {}, extensions_of((4, 4, number, 0)))),
        )
        self.clients += [self.new(device, conn, speech, asks) for conn, asks in connections]

    def new(self, device: Device, conn_id: str, speech: Speech, asks: Asks) -> Client:
        inbox = self.inboxes.setdefault(device, Inbox(f"{device.user_id} {device.device_id}"))
        client = Client(
            device, conn_id, speech, self.sights, asks, inbox, self.clock, self.gapped
        )  # fmt: skip
        client.prompt = self.prompt
        return client

    def client(self, number: int) -> Client:
        return self.clients[number % len(self.clients)]

    async def ask(self, client: Client, worker: int) -> Reply | None:
        """One request and its answer; None: there is none, and the client begins anew."""
        if client.has.pos is None and not self.server.serves(client.device):
            return None
        self.answers += 1
        first = client.has.pos is None
        try:
            raw = await self.server.answer(worker, client)
        except UnknownPosition as error:
            if client.lost or client.unused:
                client.start_anew()
                return None
            raise Violation(f"expired: {client} may not go on: {error}") from error
        client.made += first
        client.unused = False
        return client.reply(raw)

    # -- requests and answers ----------------------------------------------------------

    async def do_sync(self, number: int, worker: int, *_: int) -> bool:
        client = self.client(number)
        reply = await self.ask(client, worker)
        if reply is not None:
            client.take(reply)
        return reply is not None

    async def do_lose_answer(self, number: int, worker: int, times: int, *_: int) -> bool:
        """The client never gets the answers. It asks again from where it is."""
        client = self.client(number)
        if client.has.pos is None:
            return False
        for _n in range(1 + times % 3):
            await self.ask(client, worker)
        return True

    async def do_overlap(self, number: int, worker: int, *_: int) -> bool:
        """An answer is late: the client may use it after later ones to the same ``pos``."""
        client = self.client(number)
        reply = await self.ask(client, worker) if client.has.pos else None
        if reply is not None:
            client.late.append(reply)
        return reply is not None

    def do_delayed(self, number: int, which: int, *_: int) -> bool:
        """One of the late answers arrives, and the client goes on from it."""
        client = self.client(number)
        if not client.late:
            return False
        client.take(client.late[which % len(client.late)])
        return True

    async def do_invent(self, number: int, worker: int, *_: int) -> bool:
        """A ``pos`` that was given to nobody, or to another connection, is refused (S-53)."""
        client, other = self.client(number), self.client(number + 1)
        pos = client.has.pos
        if pos is None:
            return False
        forged = [pos[:-2] + ("AA" if pos[-2:] != "AA" else "BB")]
        forged += [other.has.pos] if other is not client and other.has.pos else []
        for each in forged:
            await self._refused(client, worker, each)
        return True

    async def _refused(self, client: Client, worker: int, pos: str) -> None:
        whole = client.has
        client.has = type(whole)(pos=pos)
        try:
            await self.server.answer(worker, client)
        except UnknownPosition:
            return
        finally:
            client.has = whole
        raise Violation(f"forged: {client} may use {pos}, which it was never given")

    # -- what clients want -------------------------------------------------------------

    def do_change(self, number: int, what: int, *numbers: int) -> bool:
        """A list is added, taken away, or wanted in another way."""
        client = self.client(number)
        asks, fresh = client.asks, list_of(*numbers[:4])
        if not asks.lists or (what % 7 == 0 and "b" not in asks.lists):
            client.asks = asks.with_list("b" if asks.lists else "a", fresh)
            return True
        name = sorted(asks.lists)[what // 7 % len(asks.lists)]
        if what % 7 == 1 and name == "b":
            lists = {"a": asks.lists["a"]} if "a" in asks.lists else {}
            client.asks = Asks(lists, asks.subscriptions, asks.extensions)
            return True
        old = asks.lists[name]
        client.asks = asks.with_list(name, (
            ListAsk(fresh.shape, old.ranges, old.filters),
            ListAsk(old.shape, fresh.ranges, old.filters),
            ListAsk(old.shape, old.ranges, fresh.filters),
        )[what % 3])  # fmt: skip
        return True

    def do_subscribe(
        self, number: int, room: int, on: int, limit: int, which: int, *_: int
    ) -> bool:
        client = self.client(number)
        rooms = list(self.sights.world.rooms)
        shape = shape_of(limit, which) if on % 3 else None
        client.asks = client.asks.with_subscription(rooms[room % len(rooms)], shape)
        return True

    def do_extend(self, number: int, *numbers: int) -> bool:
        """Other extensions, or the same with other rooms."""
        client = self.client(number)
        client.asks = Asks(
            client.asks.lists, client.asks.subscriptions, extensions_of(numbers[:4])
        )  # fmt: skip
        return True

    async def do_fall_back(self, number: int, worker: int, *_: int) -> bool:
        """After a pause the window is small again, and grows, with the old ``pos`` (S-531)."""
        client = self.client(number)
        if "a" not in client.asks.lists or client.has.pos is None:
            return False
        ask = client.asks.lists["a"]
        end = 0
        while True:
            client.asks = client.asks.with_list("a", ListAsk(ask.shape, ((0, end),), ask.filters))
            reply = await self.ask(client, worker)
            if reply is None:
                return False
            client.take(reply)
            if end >= client.has.counts["a"] - 1:
                return True
            end += STEP

    def do_rewind(self, number: int, back: int, *_: int) -> bool:
        """The client's device lost power: it has an older state again."""
        client = self.client(number)
        if len(client.earlier) < 2:
            return False
        client.rewind(back)
        return True

    def do_start_anew(self, number: int, *_: int) -> bool:
        self.client(number).start_anew()
        return True

    # -- what happens to the service ---------------------------------------------------

    def excuse(self) -> None:
        for client in self.clients:
            client.excuse()

    def keep(self, stored: Mapping[Device, int]) -> None:
        """A backup is made, in which so many messages to each device are ``stored``."""
        for client in self.clients:
            client.keep()
        for device, inbox in self.inboxes.items():
            inbox.keep(stored[device])

    def lose(self) -> None:
        for client in self.clients:
            client.lose()
        for inbox in self.inboxes.values():
            inbox.lose()

    async def catch_up(self, client: Client, worker: int) -> None:
        """Asks until there is no news."""
        client.late.clear()
        quiet = 0
        for n in range(ROUNDS):
            reply = await self.ask(client, worker + n)
            if reply is None:
                continue  # it begins anew
            quiet = 0 if client.take(reply) else quiet + 1
            if quiet and (self.server.rests(client) or quiet >= QUIET):
                return
        raise Violation(f"endless: {client} is told something new for ever")

    def fresh(self, device: Device) -> list[Client]:
        """Clients that begin when all has come in: they are shown everything."""
        whole = Asks({"all": ListAsk(shape_of(0, 0))}, {}, extensions_of((0, 0, 4, 4)))
        return [self.new(device, "fresh", speech, whole) for speech in SPEECHES]
