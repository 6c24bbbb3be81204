"""Carries a story out: the model homeserver, its pollers, workers and clients.

Everything waits for everything, and time is a counter: a story goes the same way each time.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from tests.simulation.clients import Clients
from tests.simulation.database import Database
from tests.simulation.histories import Histories
from tests.simulation.people import People
from tests.simulation.polls import Polls
from tests.simulation.processes import Processes
from tests.simulation.reader import STATE, Violation
from tests.simulation.story import Action, Story
from tests.simulation.truth import Truth
from tests.simulation.verdict import check, check_screenful, check_transactions
from tests.support.world import World

ROUNDS: Final = 12
DELIVERING: Final = ("hear", "deliver", "deliver_together", "deliver_twice", "confirm")
WHOLE: Final[dict[str, Any]] = {
    "ranges": [[0, 20]],
    "timeline_limit": 50,
    "sort": ["by_recency"],
    "filters": {},
    "required_state": STATE,
}


@dataclass(slots=True)
class Tally:
    """What was done: actions and faults by kind; ``events`` checked in timelines, and how many
    ``older`` ones were fetched."""

    done: Counter[str] = field(default_factory=Counter)
    events: int = 0
    answers: int = 0
    older: int = 0


class Simulation:
    """One run of a story, on an empty database. ``extended``: with extensions."""

    extended = False

    def __init__(self, database: Database, story: Story) -> None:
        self.story = story
        self.database = database
        self.kept = False
        pool = database.pool
        world = World()
        truth = Truth(world)
        self.tally = Tally()
        self.people = self.new_people(world, truth)
        self.processes = Processes(pool, story.setting, extended=self.extended)
        self.polls = Polls(pool, world, self.processes, story.setting)
        self.processes.on_gap = self.polls.ask_members
        self.histories = Histories(world, self.processes, self.polls)
        self.processes.on_restart = self.resume
        self.clients = self.new_clients(truth)

    def new_people(self, world: World, truth: Truth) -> People:
        return People(world, truth, self.story.setting)

    def new_clients(self, truth: Truth) -> Clients:
        return Clients(self.processes, self.polls, truth, self.people.rooms)

    async def run(self) -> Tally:
        """Carries the story out and checks how it ends. Raises ``Violation``."""
        await self.start()
        for action in self.story.actions:
            await self.act(action)
        await self.settle()
        self.tally.answers = self.clients.answers
        self.tally.older = self.histories.stored
        self.tally.events = sum(reader.checked for reader in self.clients.readers)
        return self.tally

    async def close(self) -> None:
        await self.histories.close()
        await self.processes.close()

    async def resume(self, number: int) -> None:
        """A new worker is there in place of one that has ended."""
        self.histories.forget(number)
        await self.polls.resume(number)

    async def start(self) -> None:
        await self.processes.start()
        for n, user in enumerate(self.story.setting.devices):
            self.clients.add(await self.polls.new_poller(self.people.users[user], f"D{n}"))
        if self.story.setting.warm:
            await self.polls.poll_all()
            for n in range(len(self.clients.readers)):
                await self.clients.do_sync(n, n)

    async def act(self, action: Action) -> None:
        """Carries one action out, if it makes sense."""
        actors = (self, self.people, self.polls, self.processes, self.clients, self.histories)
        name = f"do_{action.kind}"
        do = next(getattr(actor, name) for actor in actors if hasattr(actor, name))
        done: Any = do(*action.numbers)
        if not isinstance(done, bool):
            done = await done
        if done:
            self.tally.done[action.kind] += 1
        if self.story.setting.prompt and action.kind in DELIVERING:
            for worker in self.processes.workers[: 1 if self.story.setting.deaf else None]:
                await worker.cache.refresh()

    async def do_keep(self, *_: int) -> bool:
        """Makes a backup of the database."""
        if any(poller.since is None for poller in self.polls.pollers):
            return False  # of what ended before its first poll a poller is never told
        self.kept = True
        await self.database.keep()
        self.clients.keep()
        return True

    async def do_lose(self, *_: int) -> bool:
        """The service is stopped without notice, and the backup is put back."""
        if not self.story.setting.faults or not self.kept:
            return False
        for worker in self.processes.workers:
            await worker.kill()
        await self.database.put_back()
        self.clients.lose()
        await self.polls.go_back()
        for number in range(len(self.processes.workers)):
            await self.processes.restart(number)
        return True

    async def do_fail_over(self, *_: int) -> bool:
        """A copy of the database that is behind takes its place; the workers go on."""
        if not self.story.setting.faults or not self.kept:
            return False
        self.processes.lost |= {worker.cache.epoch for worker in self.processes.workers}
        await self.database.put_back()
        self.clients.lose()
        await self.polls.go_back()
        return True

    async def settle(self) -> None:
        """Everything comes in; then everybody must have everything."""
        while self.polls.stale:
            await self.polls.deliver_stale(0)
        for _ in range(ROUNDS):
            if not await self.polls.poll_all():
                break
        else:
            raise Violation("the pollers find no end")
        while self.polls.doubtful:
            await self.polls.do_confirm(0)
        for worker in self.processes.workers:
            await worker.cache.refresh()
        await self.judge()

    async def judge(self) -> None:
        """Every client, and one more of each device, catches up and is looked at."""
        for n, reader in enumerate(self.clients.readers):
            fresh = self.clients.new(reader.device, "fresh", {"all": WHOLE})
            for one in (reader, fresh):
                await self.clients.catch_up(one, n)
                check(one)
            check_transactions(fresh)
        await self.show_screenfuls()

    async def show_screenfuls(self) -> None:
        """When all that is wanted has been fetched, everybody has a screenful of each room."""
        for n in range(len(self.clients.readers)):
            await self.histories.fill_all()
            reader = self.clients.new(self.clients.readers[n].device, "full", {"all": WHOLE})
            await self.clients.catch_up(reader, n)
            await self.histories.fill_all()
            again = self.clients.new(reader.device, "again", {"all": WHOLE})
            again.met = True
            await self.clients.catch_up(again, n)
            check(again)
            check_screenful(again)
