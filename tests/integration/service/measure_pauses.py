"""What devices that nobody waits for cost, with pauses and without.

    .venv/bin/python -m tests.integration.service.measure_pauses [--devices 1000] [--connected 50]
        [--rate 2] [--warm 150] [--secs 180]

Two services run beside each other, each with a homeserver and a database of its own. The same
messages are sent at both. One of the services never pauses. Some of the devices keep a request
waiting, as connected clients do; the others have asked once. When pauses have grown to their
length, the processor's time of the services, that of their databases, and the questions to their
homeservers are counted for a while: the figures to look at are the ratios.
"""

import argparse
import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import aiohttp
from aiohttp import web

from syncv3.store.migrate import apply_migrations
from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.service import FRESH, Service
from tests.support.shapes import Shape
from tests.support.usage import children_of, processor_s

ROOMS_EACH: Final = 10
MEMBERS: Final = 25
GRACE_S: Final = 5
POLL_S: Final = 30
KEYS: Final = {"device_one_time_keys_count": {"signed_curve25519": 50}}
"""Every answer has them: a homeserver that says nothing of them is asked."""
PATH: Final = "/_matrix/client/unstable/org.matrix.msc3575/sync"
VARIANTS: Final[Mapping[str, Mapping[str, str]]] = {
    "before": {"SYNCV3_PAUSE_AFTER_SECS": "0"},
    "after": {"SYNCV3_PAUSE_AFTER_SECS": str(GRACE_S), "SYNCV3_LONGEST_POLL_SECS": str(POLL_S)},
}


def event(number: int, kind: str, sender: str, content: Any, **more: Any) -> dict[str, Any]:
    name = sha256(f"{number} {kind} {sender} {more}".encode()).hexdigest()[:43]
    return {"type": kind, "sender": sender, "content": content, "event_id": f"${name}",
            "origin_server_ts": 1_700_000_000_000 + number, **more}  # fmt: skip


class Homeserver:
    """Rooms with members and messages; a user's token is ``u17``. ``asked`` counts by path."""

    def __init__(self, devices: int) -> None:
        chance = random.Random(1)
        self.rooms = [
            chance.sample(range(devices), MEMBERS) for _ in range(devices * ROOMS_EACH // MEMBERS)
        ]
        self.of_user: dict[int, list[int]] = {}
        for room, members in enumerate(self.rooms):
            for member in members:
                self.of_user.setdefault(member, []).append(room)
        self.messages: list[tuple[int, dict[str, Any]]] = []  # the room, and what was said
        self.newest = dict.fromkeys(range(devices), 0)
        self.waiting: dict[int, asyncio.Event] = {}
        self.asked: Counter[str] = Counter()
        self.port = free_port()

    def say(self, room: int, sender: int) -> None:
        content = {"msgtype": "m.text", "body": f"message {len(self.messages)}"}
        said = event(len(self.messages), "m.room.message", f"@u{sender}:hs", content)
        self.messages.append((room, said))
        for member in self.rooms[room]:
            self.newest[member] = len(self.messages)
            if waiting := self.waiting.get(member):
                waiting.set()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            yield f"http://127.0.0.1:{self.port}"
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        name = request.path.rpartition("/")[2]
        self.asked[name] += 1
        if name == "versions":
            return web.json_response({"versions": ["v1.11"]})
        user = int(request.headers["Authorization"].removeprefix("Bearer u"))
        if name == "whoami":
            return web.json_response({"user_id": f"@u{user}:hs", "device_id": f"D{user}"})
        if name == "sync":
            return web.json_response(KEYS | await self._sync(user, request.query))
        if name == "joined_members":
            room = int(re.findall(r"r(\d+)", request.path)[-1])
            return web.json_response({"joined": {f"@u{n}:hs": {} for n in self.rooms[room]}})
        return web.json_response({"errcode": "M_NOT_FOUND"}, status=404)

    async def _sync(self, user: int, query: Mapping[str, str]) -> dict[str, Any]:
        if "since" not in query:
            rooms = {f"!r{room}:hs": self._whole(room) for room in self.of_user.get(user, ())}
            return {"next_batch": f"s{len(self.messages)}", "rooms": {"join": rooms}}
        since = int(query["since"].removeprefix("s"))
        if self.newest[user] <= since and query["timeout"] != "0":
            news = self.waiting[user] = asyncio.Event()
            try:
                await asyncio.wait_for(news.wait(), int(query["timeout"]) / 1000)
            except TimeoutError:
                return {"next_batch": query["since"]}
        limit = json.loads(query["filter"])["room"]["timeline"]["limit"]
        own, said = set(self.of_user.get(user, ())), dict[int, list[dict[str, Any]]]()
        for room, message in self.messages[since:]:
            if room in own:
                said.setdefault(room, []).append(message)
        rooms = {f"!r{room}:hs": _chunk(new, limit) for room, new in said.items()}
        answer: dict[str, Any] = {"next_batch": f"s{len(self.messages)}"}
        return answer | ({"rooms": {"join": rooms}} if rooms else {})

    def _whole(self, room: int) -> dict[str, Any]:
        first = f"@u{self.rooms[room][0]}:hs"
        state = [event(-room, "m.room.create", first, {"room_version": "10"}, state_key="")]
        state += [
            event(-room, "m.room.member", f"@u{n}:hs", {"membership": "join"},
                  state_key=f"@u{n}:hs")
            for n in self.rooms[room]
        ]  # fmt: skip
        said = [message for at, message in self.messages if at == room]
        named = event(-room, "m.room.name", first, {"name": f"Room {room}"}, state_key="")
        return {"state": {"events": state}, **_chunk([named, *said], 10)}


def _chunk(events: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    return {"timeline": {"events": events[-limit:], "limited": len(events) > limit,
                         "prev_batch": "p1"}}  # fmt: skip


@dataclass
class Side:
    """One service, with what it is asked and asks."""

    homeserver: Homeserver
    service: Service
    postgres: Postgres
    delivered: int = 0

    def used(self) -> dict[str, float]:
        """What it has cost up to now."""
        server = self.postgres.pid
        return {
            "CPU of the service": processor_s(self.service.pid),
            "CPU of the database": sum(map(processor_s, [server, *children_of(server)])),
            "requests to the homeserver": float(self.homeserver.asked.total()),
            "/sync among them": float(self.homeserver.asked["sync"]),
            "/joined_members among them": float(self.homeserver.asked["joined_members"]),
            "messages delivered": float(self.delivered),
        }

    async def client(self, http: aiohttp.ClientSession, user: int, *, stays: bool) -> None:
        """One request; if it ``stays``, others behind it, for ever."""
        lists = {"all": {"ranges": [[0, 19]], "timeline_limit": 1, "required_state": []}}
        query: dict[str, str] = {"timeout": "0"}
        while True:
            async with http.post(
                self.service.url + PATH, params=query, json={"lists": lists},
                headers={"Authorization": f"Bearer u{user}"},
            ) as response:  # fmt: skip
                answer = await response.json()
                assert response.status == 200, answer
            if not stays:
                return
            said = sum(len(room.get("timeline", ())) for room in answer["rooms"].values())
            self.delivered += said if "pos" in query else 0
            query = {"timeout": str(POLL_S * 1000), "pos": answer["pos"]}


@asynccontextmanager
async def side(
    http: aiohttp.ClientSession, devices: int, settings: Mapping[str, str]
) -> AsyncIterator[Side]:
    postgres = await asyncio.to_thread(Postgres.start)
    try:
        await postgres.make_template(apply_migrations)
        homeserver = Homeserver(devices)
        async with homeserver.serve() as url:
            service = await Service.deploy(
                Shape("one"), http, homeserver=url, database=await postgres.clone(),
                python=FRESH, SYNCV3_LOG_LEVEL="warn", **settings,
            )  # fmt: skip
            try:
                yield Side(homeserver, service, postgres)
            finally:
                service.close()
    finally:
        postgres.close()


async def talk(sides: list[Side], rate: float) -> None:
    """Messages at random times, the same at all."""
    chance = random.Random(2)
    while True:
        await asyncio.sleep(chance.expovariate(rate))  # the rate
        rooms = sides[0].homeserver.rooms
        room = chance.randrange(len(rooms))
        sender = chance.choice(rooms[room])
        for each in sides:
            each.homeserver.say(room, sender)


async def arrive(http: aiohttp.ClientSession, sides: list[Side], devices: int) -> None:
    """Every device asks once, a few at a time."""
    places = asyncio.Semaphore(10)

    async def one(each: Side, user: int) -> None:
        async with places:
            await each.client(http, user, stays=False)

    await asyncio.gather(*(one(each, user) for user in range(devices) for each in sides))


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("devices", 1000), ("connected", 50), ("warm", 150), ("secs", 180)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--rate", type=float, default=2.0, help="messages a second, in all rooms")
    asked = parser.parse_args()
    async with AsyncExitStack() as stack:
        connector = aiohttp.TCPConnector(limit=0)
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        sides = [
            await stack.enter_async_context(side(http, asked.devices, settings))
            for settings in VARIANTS.values()
        ]
        await arrive(http, sides, asked.devices)
        tasks = [
            asyncio.create_task(each.client(http, user, stays=True))
            for user in range(asked.connected)
            for each in sides
        ]
        tasks.append(asyncio.create_task(talk(sides, asked.rate)))
        await asyncio.sleep(asked.warm)  # what is measured begins later
        before = [each.used() for each in sides]
        await asyncio.sleep(asked.secs)  # it is measured
        spent = [
            {what: each.used()[what] - was[what] for what in was}
            for each, was in zip(sides, before, strict=True)
        ]
        failed = [task.exception() for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    print(f"clients that failed: {failed}")
    for what in spent[0]:
        old, new = spent[0][what], spent[1][what]
        print(f"{what}: {old:.1f} before, {new:.1f} after; x {new / old if old else 0:.2f}")


if __name__ == "__main__":
    asyncio.run(main())
