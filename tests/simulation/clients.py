"""The clients of a story: they ask, lose answers, go back, and change what they ask for."""

from collections.abc import Sequence
from typing import Any, Final

from syncv3.errors import UnknownPosition
from syncv3.types import Device
from tests.simulation.polls import Polls
from tests.simulation.processes import Processes
from tests.simulation.reader import STATE, Reader, Violation
from tests.simulation.truth import Truth

SORTS: Final = (["by_recency"], ["by_name"], ["by_notification_level", "by_recency"])
FILTERS: Final[tuple[dict[str, Any], ...]] = (
    {}, {}, {"is_dm": True}, {"is_dm": False}, {"is_invite": False},
)  # fmt: skip
RANGES: Final = ([[0, 20]], [[0, 1]], [[0, 0]], [[1, 2]], [[0, 0], [2, 3]])
LIMITS: Final = (20, 5, 2, 1, 0)
ROUNDS: Final = 12


class Clients:
    """All readers. ``answers`` counts."""

    def __init__(
        self, processes: Processes, polls: Polls, truth: Truth, rooms: Sequence[str]
    ) -> None:
        self.processes = processes
        self.polls = polls
        self.truth = truth
        self.rooms = rooms
        self.readers: list[Reader] = []
        self.answers = 0

    def add(self, device: Device) -> None:
        """A client of a device; what it asks for depends on how many there are."""
        n = len(self.readers)
        lists = {"a": self.list_of((n // 2, n, 0, 0))}
        self.readers.append(self.new(device, "", lists, stores=n % 3 != 2))

    def new(
        self, device: Device, conn_id: str, lists: dict[str, Any], *, stores: bool = False
    ) -> Reader:
        gapped, filled = self.polls.gapped, self.polls.filled
        return Reader(device, conn_id, self.truth, lists, gapped, filled, stores=stores)

    def list_of(self, numbers: tuple[int, ...]) -> dict[str, Any]:
        ranges, limit, sort, filters = numbers[:4]
        return {
            "ranges": RANGES[ranges % len(RANGES)],
            "timeline_limit": LIMITS[limit % len(LIMITS)],
            "sort": SORTS[sort % len(SORTS)],
            "filters": FILTERS[filters % len(FILTERS)],
            "required_state": STATE,
        }

    def reader(self, number: int) -> Reader:
        return self.readers[number % len(self.readers)]

    async def ask(self, reader: Reader, worker: int, pos: str | None) -> bytes | None:
        """One request and its answer; None: the client cannot have an account here yet."""
        if pos is None and not self.polls.served(reader.device):
            return None
        self.answers += 1
        try:
            raw = await self.processes.worker(worker).sync(reader.device, pos, reader.request())
            reader.made += pos is None
            reader.unused = False
            reader.sure = self.processes.knows(worker)
            return raw
        except UnknownPosition as error:
            if reader.lost or reader.unused:  # younger than the backup that was put back
                reader.start_anew()
                return None
            raise Violation(f"expired: {reader.user} may not go on: {error}") from error

    async def do_sync(self, number: int, worker: int, *_: int) -> bool:
        reader = self.reader(number)
        raw = await self.ask(reader, worker, reader.has.pos)
        if raw is None:
            return False
        reader.take(raw)
        reader.overlapping.clear()
        return True

    async def do_lose_answer(self, number: int, worker: int, times: int, *_: int) -> bool:
        """The client never gets the answers. It asks again from where it is."""
        reader = self.reader(number)
        if reader.has.pos is None:
            return False
        for _n in range(1 + times % 3):
            await self.ask(reader, worker, reader.has.pos)
        return True

    async def do_overlap(self, number: int, worker: int, *_: int) -> bool:
        """An answer is late: the client may use it after later ones to the same ``pos``."""
        reader = self.reader(number)
        raw = await self.ask(reader, worker, reader.has.pos) if reader.has.pos else None
        if raw is None:
            return False
        reader.overlapping.append((reader.has.pos, raw))
        return True

    def do_delayed(self, number: int, which: int, *_: int) -> bool:
        """One of the late answers arrives, and the client goes on from it."""
        reader = self.reader(number)
        if not reader.overlapping:
            return False
        pos, raw = reader.overlapping[which % len(reader.overlapping)]
        assert pos == reader.has.pos
        reader.take(raw)
        reader.overlapping.clear()
        return True

    def do_change(self, number: int, what: int, *numbers: int) -> bool:
        """Other parameters, with the next request."""
        reader = self.reader(number)
        if reader.overlapping:
            return False
        reader.acknowledged = False
        if what % 5 == 0 and "b" not in reader.lists:
            reader.lists = {**reader.lists, "b": self.list_of(numbers)}
            return True
        name = "b" if "b" in reader.lists and what % 2 else "a"
        entry = dict(reader.lists[name])
        fresh = self.list_of(numbers)
        field_ = ("ranges", "timeline_limit", "sort", "filters")[what % 4]
        entry[field_] = fresh[field_]
        reader.lists = {**reader.lists, name: entry}
        return True

    def do_subscribe(self, number: int, room: int, on: int, limit: int, *_: int) -> bool:
        reader = self.reader(number)
        if reader.overlapping:
            return False
        room_id = self.rooms[room % len(self.rooms)]
        reader.acknowledged = False
        if on % 3:
            wanted = {"timeline_limit": LIMITS[limit % 4], "required_state": STATE}
            reader.subscriptions = {**reader.subscriptions, room_id: wanted}
            reader.unsubscribed.discard(room_id)
        elif room_id in reader.subscriptions:
            reader.subscriptions = {
                r: wanted for r, wanted in reader.subscriptions.items() if r != room_id
            }
            reader.unsubscribed.add(room_id)
        return True

    def do_rewind(self, number: int, back: int, *_: int) -> bool:
        """The client's device lost power: it has an older state again."""
        reader = self.reader(number)
        if len(reader.earlier) < 2:
            return False
        reader.rewind(back)
        return True

    def do_start_anew(self, number: int, *_: int) -> bool:
        self.reader(number).start_anew()
        return True

    def do_come_back(self, number: int, *_: int) -> bool:
        """The client ends, and begins a connection with what it has stored."""
        reader = self.reader(number)
        if not reader.stores or reader.has.pos is None:
            return False
        reader.come_back()
        return True

    async def do_invent(self, number: int, worker: int, *_: int) -> bool:
        """A ``pos`` that nobody gave out is refused, and spoils nothing."""
        reader = self.reader(number)
        if reader.has.pos is None:
            return False
        forged = reader.has.pos[:-2] + ("AA" if reader.has.pos[-2:] != "AA" else "BB")
        try:
            await self.processes.worker(worker).sync(reader.device, forged, reader.request())
        except UnknownPosition:
            return True
        raise Violation("a forged pos was taken for ours")

    async def do_expire(self, number: int, *_: int) -> bool:
        """A device was away for so long that its connections are deleted; then it returns."""
        reader = self.reader(number)
        workers = self.processes.workers
        for worker in workers:
            await worker.forget(reader.device)
        await self.processes.pool.execute(
            "UPDATE ss_connections SET last_used = '-infinity' WHERE device_key = $1",
            reader.device.device_key,
        )
        await workers[0].connections.expire()
        reader.unused = reader.has.pos is not None
        return reader.unused

    def keep(self) -> None:
        for reader in self.readers:
            reader.keep()

    def lose(self) -> None:
        for reader in self.readers:
            reader.lose()

    async def catch_up(self, reader: Reader, worker: int) -> None:
        """Asks until there is no news."""
        reader.overlapping.clear()
        quiet = 0
        for n in range(ROUNDS):
            raw = await self.ask(reader, worker + n, reader.has.pos)
            if raw is None:
                continue  # it begins anew
            quiet = 0 if reader.take(raw) else quiet + 1
            workers = self.processes.workers
            if quiet >= len(workers) and not any(
                w.holds("msc3575", reader.device, reader.conn_id) for w in workers
            ):
                return
            for other in workers:
                other.release()  # the client waits for longer than events are held back
        raise Violation(f"{reader.user} is told something new for ever")
