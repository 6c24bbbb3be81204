"""What the hot paths cost, counted: calls by the module that is called, and queries.

``python -m tests.integration.costs.counted`` prints a table; ``--json`` prints the same as JSON,
and ``--record`` makes it the one that ``test_calls`` compares with; ``--top 40`` prints where the
calls are. A coroutine counts as called each time it goes on. Nothing here measures time, so a busy
machine changes nothing; each way is gone several times and the least counts, since a timer of the
service may come in between. Who compares stops as soon as it is what was recorded.
"""

import argparse
import asyncio
import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final, Self

import aiohttp
import uvloop

from syncv3 import logs
from syncv3.config import Config
from syncv3.engine import turns
from syncv3.store.migrate import apply_migrations
from tests.support.account import Account
from tests.support.client import SlidingClient, window
from tests.support.faults import Fault
from tests.support.homeserver import FakeHomeserver
from tests.support.inside import Outside, service_inside
from tests.support.postgres import Postgres
from tests.support.room import JSON
from tests.support.service import SECRET

RECORDED: Final = Path(__file__).with_name("counted.json")
ROOMS: Final = 20
TIMES: Final = 6
INTERPRETER: Final = (3, 11)
"""Others call functions at other times: a comprehension was one, say."""
TOLERATED: Final = (0.01, 0.1, 0.1)
"""How far the numbers of calls may be off. Of ours because a timer of the service may have come in
between each time, of the others' because the versions of libraries differ."""
SETTLE_S: Final = 0.15
"""Longer than the service waits for anything on these paths."""
TIMERS: Final = (
    "Claims.run",
    "Connections._flush_often",
    "E2EE._ask_for_ever",
    "Heartbeat.run",
    "OpenFiles.watch",
    "Typing._watch",
    "regularly",
)
OURS: Final = ("syncv3", "extensions")
EXTENSIONS: Final = {
    name: {"enabled": True} for name in ("to_device", "e2ee", "account_data", "receipts", "typing")
}
STATE: Final = [["m.room.name", ""], ["m.room.member", "$LAZY"]]
LIST: Final = window(0, ROOMS - 1, timeline_limit=1, required_state=STATE)
AGAIN: Final = {"all": {"ranges": LIST["ranges"]}}


class Profile:
    """Counts calls of this thread while it is entered, by the code that is called.

    ``builtins`` are calls of functions in C, by the code that calls them. What the service does by
    the clock (``TIMERS``) is left out.
    """

    def __init__(self) -> None:
        self.frames: Counter[CodeType] = Counter()
        self.builtins: Counter[CodeType] = Counter()
        self.queries = 0
        self._modules: dict[CodeType, str] = {}
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> Self:
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, argument: Any) -> None:
        code, task = frame.f_code, asyncio.current_task(self._loop)
        if task is not None and getattr(task.get_coro(), "__qualname__", "") in TIMERS:
            return
        if code not in self._modules:
            self._modules[code] = frame.f_globals.get("__name__", "")
        if event == "call":
            self.frames[code] += 1
            self.queries += _begins_query(code)
        elif event == "c_call":
            self.builtins[code] += 1

    def package(self, code: CodeType) -> str:
        return self._modules[code].partition(".")[0]

    def count(self) -> "Count":
        frames: Counter[str] = Counter()
        for code, number in self.frames.items():
            frames[self.package(code)] += number
        ours = sum(frames.pop(name, 0) for name in OURS)
        return Count(self.queries, ours, frames.total(), self.builtins.total())

    def top(self, most: int) -> Iterable[str]:
        """Where the calls are, the most frequent first."""
        for code, number in self.frames.most_common(most):
            yield f"{number:6} {self.builtins[code]:6}  {self._modules[code]}.{code.co_qualname}"


def _begins_query(code: CodeType) -> bool:
    """The driver makes one such function for each query that it runs."""
    return code.co_qualname == "Connection.__execute.<locals>.<lambda>"


@dataclass(frozen=True, slots=True)
class Count:
    """Queries, calls of functions of ours, of libraries' in Python, and of those in C."""

    queries: int
    ours: int
    libraries: int
    builtins: int

    @property
    def columns(self) -> tuple[int, int, int, int]:
        return self.queries, self.ours, self.libraries, self.builtins

    @property
    def calls(self) -> int:
        return self.ours + self.libraries + self.builtins


class Scene:
    """The service, and around it a homeserver, Bob who talks, and Alice and Carol with a client.

    Alice's client waits all the time; Carol's has asked once, so her device is polled. The methods
    are run outside, by their names in ``WAYS``: what prepares a way, then the way itself. What came
    before has settled whenever one begins.
    """

    def __init__(self, url: str, homeserver: FakeHomeserver) -> None:
        self._url = url
        self._homeserver = homeserver
        self._rooms: list[str] = []
        self._said = 0
        self._frozen = False

    async def begin(self) -> None:
        """Everybody is in all rooms, and both clients have them."""
        self._http = aiohttp.ClientSession()
        hs = self._homeserver.url
        self._bob = await Account.register(self._http, hs, "bob")
        self._alice = await Account.register(self._http, hs, "alice")
        self._carol = await Account.register(self._http, hs, "carol")
        for number in range(ROOMS):
            room = await self._bob.create_room(f"room {number}")
            self._rooms.append(room)
            for each in (self._alice, self._carol):
                await each.join(room)
            await self._bob.send(room, "hello")
        self._client = await self._opened(self._alice)
        await self._opened(self._carol)
        self._wait()

    async def end(self) -> None:
        self._waiting.cancel()
        await self._http.close()

    async def _opened(self, account: Account) -> SlidingClient:
        """A client that has all rooms of the account."""
        client = SlidingClient(self._http, self._url, account.token, conn_id="app")
        await client.until(
            lambda: len(client.rooms) == ROOMS, lists={"all": LIST}, extensions=EXTENSIONS
        )
        while (await client.sync(lists=AGAIN, timeout_ms=300)).rooms:
            pass
        return client

    def _wait(self, timeout_ms: int = 30_000) -> None:
        """Alice's client asks on, as clients do: for what it has asked before."""
        self._said += 1
        asked = self._client.sync(lists=AGAIN, txn_id=f"t{self._said}", timeout_ms=timeout_ms)
        self._waiting = asyncio.create_task(asked)

    async def _told(self, timeout_ms: int = 30_000) -> None:
        """Bob says something, Alice's client is told and asks on."""
        sent = await self._bob.send(self._rooms[0], "hi")
        await self._waiting
        assert self._client.event_ids(self._rooms[0])[-1] == sent
        self._wait(timeout_ms)

    async def _settled(self, timeout_ms: int = 30_000) -> None:
        """The same, and the service has done with it."""
        await self._told(timeout_ms)
        await asyncio.sleep(SETTLE_S)  # what follows an answer is counted, too

    async def alone(self) -> None:
        """From now on Carol's poll is not shown what happens."""
        if not self._frozen:
            self._homeserver.freeze(self._carol.user_id, self._carol.device_id)
        self._frozen = True

    async def message(self) -> None:
        await self._told()

    async def known(self) -> None:
        """What Carol's poll will bring has been brought by Alice's."""
        await self.alone()
        await self._settled()

    async def redundant(self) -> None:
        self._frozen = False
        self._homeserver.thaw(self._carol.user_id, self._carol.device_id)

    async def mute(self) -> None:
        """The answer after the next one to Carol's poll will have nothing in it."""
        self._homeserver.break_(Fault(rewrite=_emptied), user_id=self._carol.user_id)
        await self._settled()

    async def empty(self) -> None:
        self._homeserver.world.to_device(
            self._bob.user_id, self._carol.user_id, self._carol.device_id, "m.none", {}
        )

    async def patience(self) -> None:
        """The request of Alice's client ends soon."""
        await self._settled(timeout_ms=300)

    async def idle(self) -> None:
        answer = await self._waiting
        assert not answer.rooms
        self._wait()

    async def warm(self) -> None:
        """Carol opens the app, with a connection of its own."""
        client = SlidingClient(self._http, self._url, self._carol.token, conn_id="warm")
        await client.sync(lists={"all": LIST}, extensions=EXTENSIONS)
        assert len(client.rooms) == ROOMS

    async def nothing(self) -> None:
        """No preparation."""


def _emptied(answer: JSON) -> JSON:
    kept = ("next_batch", "device_one_time_keys_count", "device_unused_fallback_key_types")
    return {name: answer[name] for name in kept if name in answer}


Step = Callable[[Scene], Coroutine[Any, Any, None]]
WAYS: Final[Mapping[str, tuple[Step, Step]]] = {
    "a client opens a connection: 20 rooms that are in memory": (Scene.nothing, Scene.warm),
    "a message is taken in and delivered, and the client asks on": (Scene.alone, Scene.message),
    "the same message comes with another device's poll": (Scene.known, Scene.redundant),
    "a poll brings nothing": (Scene.mute, Scene.empty),
    "a client's long poll times out, and it asks on": (Scene.patience, Scene.idle),
}
"""What is counted: how it is prepared, and what is counted then. The opening of a
connection comes first: the more has been said, the more calls it takes."""


Enough = Callable[[str, list[Profile]], bool]
"""Whether a way of that name need not be gone again."""


def often(_: str, gone: list[Profile]) -> bool:
    return len(gone) >= TIMES


async def profiles(database: str, enough: Enough = often) -> dict[str, list[Profile]]:
    """Each way gone until that is ``enough``."""
    found: dict[str, list[Profile]] = {}
    logs.set_up("info", "text", io.StringIO())
    setattr(turns, "SLICE_S", 60.0)  # noqa: B010 - counting makes all slow: slices would be short
    with Outside() as outside:
        homeserver = FakeHomeserver()
        await outside.run(homeserver.up())
        config = Config.from_environ({
            "SYNCV3_SERVER": homeserver.url, "SYNCV3_SECRET": SECRET, "SYNCV3_DB": database,
        })  # fmt: skip
        async with service_inside(config) as url:
            scene = Scene(url, homeserver)
            await outside.run(scene.begin())
            for name, way in WAYS.items():
                gone = found[name] = []
                await profile(outside, scene, *way)  # the first is slower, as everywhere
                while not enough(name, gone):
                    gone.append(await profile(outside, scene, *way))
            await outside.run(scene.end())
        await outside.run(homeserver.down())
    return found


async def profile(outside: Outside, scene: Scene, prepare: Step, go: Step) -> Profile:
    await outside.run(prepare(scene))
    with Profile() as counting:
        await outside.run(go(scene))
        await asyncio.sleep(SETTLE_S)  # what follows an answer is counted, too
    return counting


async def count(database: str, recorded: Mapping[str, Sequence[int]]) -> dict[str, Count]:
    """What each way costs at least: what else came in between is not of it."""

    def enough(name: str, gone: list[Profile]) -> bool:
        same = bool(gone) and agrees(least(gone), recorded[name])
        return same or often(name, gone)

    return {name: least(gone) for name, gone in (await profiles(database, enough)).items()}


def agrees(found: Count, recorded: Sequence[int]) -> bool:
    """Whether it is what was recorded; other interpreters count no calls."""
    if found.queries != recorded[0]:
        return False
    made = zip(found.columns[1:], recorded[1:], TOLERATED, strict=True)
    other = sys.version_info[:2] != INTERPRETER
    return other or all(abs(now - before) <= before * most for now, before, most in made)


def least(gone: Iterable[Profile]) -> Count:
    columns = zip(*(each.count().columns for each in gone), strict=True)
    return Count(*map(min, columns))


def table(counts: Mapping[str, Count]) -> str:
    rows = [
        "| | queries | our functions | libraries' | in C | all calls |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in counts.items():
        columns = " | ".join(f"{number:,}" for number in (*found.columns, found.calls))
        rows.append(f"| {name} | {columns} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="for the test to compare with")
    parser.add_argument("--json", metavar="DATABASE", help="with this database, print JSON")
    parser.add_argument("--top", type=int, default=0, help="so many functions of each way")
    asked = parser.parse_args()
    if asked.json:
        counts = uvloop.run(count(asked.json, json.loads(RECORDED.read_text())))
        print(json.dumps({name: found.columns for name, found in counts.items()}))
        return
    server = Postgres.start()
    try:
        gone = uvloop.run(_with(server))
    finally:
        server.close()
    counts = {name: least(some) for name, some in gone.items()}
    print(table(counts))
    for name, some in gone.items() if asked.top else ():
        print(f"\n{name}\n" + "\n".join(some[-1].top(asked.top)))
    if asked.record:
        lines = (f"  {json.dumps(name)}: {list(c.columns)}" for name, c in counts.items())
        RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n")


async def _with(server: Postgres) -> dict[str, list[Profile]]:
    await server.make_template(apply_migrations)
    return await profiles(await server.clone())


if __name__ == "__main__":
    main()
