"""The hooks in the whole service: who wakes, who fails, who costs nothing."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar

import aiohttp
import asyncpg
import pytest

from syncv3.batch import DeviceData, Part
from syncv3.bus.local import LocalBus
from syncv3.config import Config
from syncv3.errors import ConfigError
from syncv3.extension import HOOK_S, Answer, Extension, Ingested, Scope, Write
from syncv3.metrics import Metrics
from syncv3.service import Service, load_extensions, open_pool, warn_of_losses
from tests.support.account import Account
from tests.support.client import window
from tests.support.homeserver import FakeHomeserver
from tests.support.room import JSON

LAZY = {"all": window(0, 20, required_state=[["m.room.member", "$LAZY"]])}
ALL_FIVE = ("to_device", "e2ee", "account_data", "receipts", "typing")


class Odd(Extension):
    """Does wrong what it is told to."""

    name = "odd"
    always: ClassVar[bool] = True

    def __init__(self, wrong: str = "") -> None:
        self.wrong = wrong
        self.calls: Counter[str] = Counter()

    def ingest(self, part: Part) -> Ingested:
        self.calls["ingest"] += 1
        if self.wrong == "ingest":
            raise ValueError("odd")
        if self.wrong == "statement":
            return Ingested((Write("SELECT nothing FROM nowhere", [{"n": 1}]),))
        return Ingested()

    async def load(self, scope: Scope, pool: asyncpg.Pool) -> Any:
        self.calls["load"] += 1
        if self.wrong == "hang":
            await asyncio.sleep(HOOK_S * 10)

    def respond(self, scope: Scope, loaded: Any) -> Answer:
        if self.wrong == "respond":
            raise ValueError("odd")
        return Answer({"since": scope.since}, news=False)


class Running:
    """A service in the test's own loop, with extensions of the test's choice."""

    def __init__(self, service: Service, pool: asyncpg.Pool, metrics: Metrics) -> None:
        self.service = service
        self.pool = pool
        self.metrics = metrics

    async def sync(
        self,
        who: Account,
        body: JSON | None = None,
        *,
        pos: str | None = None,
        timeout_ms: int = 0,
    ) -> JSON:
        codec = self.service.codec
        answer = await self.service.engine.sync(
            await self.service.auth.device_of(who.token),
            who.token,
            codec,
            codec.parse(json.dumps(body or {}).encode()),
            pos=pos,
            timeout_ms=timeout_ms,
        )
        decoded: JSON = json.loads(codec.encode(answer))
        return decoded

    def failures(self, name: str, hook: str) -> float:
        labels = {"extension": name, "hook": hook}
        metric = "sliding_sync_extension_num_failures_total"
        return self.metrics.registry.get_sample_value(metric, labels) or 0

    async def caught_up(self, homeserver: FakeHomeserver, *accounts: Account) -> None:
        await homeserver.settled(*(account.user_id for account in accounts))
        await asyncio.sleep(0.05)


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def homeserver() -> AsyncIterator[FakeHomeserver]:
    async with FakeHomeserver() as running:
        yield running


@pytest.fixture
async def start(
    homeserver: FakeHomeserver, database_url: str, tmp_path: Path
) -> AsyncIterator[Start]:
    services: list[Service] = []

    async def started(*extensions: Extension) -> Running:
        config = Config(server=homeserver.url, secret="secret", data_dir=tmp_path, db=database_url)
        metrics = Metrics()
        pool = await open_pool(config)
        service = Service(config, metrics, pool, LocalBus(), extensions)
        services.append(service)
        await service._start()
        return Running(service, pool, metrics)

    yield started
    for service in services:
        await service.stop()


@pytest.fixture
async def alice(http: aiohttp.ClientSession, homeserver: FakeHomeserver) -> Account:
    return await Account.register(http, homeserver.url, "alice")


@pytest.fixture
async def bob(http: aiohttp.ClientSession, homeserver: FakeHomeserver) -> Account:
    return await Account.register(http, homeserver.url, "bob")


def built_in(*names: str) -> list[Extension]:
    return load_extensions(names)


def on(*names: str, **fields: Any) -> JSON:
    return {name: {"enabled": True, **fields} for name in names}


async def test_typing_wakes_only_who_asked_for_it_there(
    start: Start, homeserver: FakeHomeserver, alice: Account, bob: Account
) -> None:
    here, there = await alice.create_room("Here"), await alice.create_room("There")
    for room in (here, there):
        await bob.join(room)
    running = await start(*built_in(*ALL_FIVE))
    await running.sync(alice, {"lists": LAZY})
    first = await running.sync(
        bob, {"lists": LAZY, "extensions": on("typing", lists=[], rooms=[here])}
    )
    await running.caught_up(homeserver, alice, bob)
    computed = Counter[str]()
    engine: Any = running.service.engine
    compute = engine._compute

    async def counted(*arguments: Any) -> Any:
        computed["times"] += 1
        return await compute(*arguments)

    engine._compute = counted
    waiting = asyncio.create_task(running.sync(bob, pos=first["pos"], timeout_ms=5_000))
    await asyncio.sleep(0.1)
    await alice.type_in(there)
    await running.caught_up(homeserver, alice, bob)
    assert computed["times"] == 1
    await alice.type_in(here)
    answer = await waiting
    assert computed["times"] == 2
    assert list(answer["extensions"]["typing"]["rooms"]) == [here]


@pytest.mark.rules("D-64", "TY-7")
async def test_who_is_typing_comes_as_member_once(
    start: Start, homeserver: FakeHomeserver, alice: Account, bob: Account
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await alice.send_all(room, ["1", "2"])
    running = await start(*built_in(*ALL_FIVE))
    lists = {"all": LAZY["all"] | {"timeline_limit": 1}}
    answer = await running.sync(bob, {"lists": lists, "extensions": on("typing")})
    members = [e["state_key"] for e in answer["rooms"][room]["required_state"]]
    assert members == [alice.user_id]
    await bob.type_in(room)
    answer = await running.sync(bob, pos=answer["pos"], timeout_ms=5_000)
    assert [e["state_key"] for e in answer["rooms"][room]["required_state"]] == [bob.user_id]
    assert answer["rooms"][room].keys() == {"required_state"}
    await bob.type_in(room, on=False)
    answer = await running.sync(bob, pos=answer["pos"], timeout_ms=5_000)
    assert answer["extensions"]["typing"]["rooms"][room]["content"]["user_ids"] == []
    assert answer["rooms"] == {}


@pytest.mark.parametrize("wrong", ["respond", "hang"])
async def test_one_that_fails_to_answer_leaves_the_others_alone(
    start: Start, alice: Account, wrong: str
) -> None:
    room = await alice.create_room("Kitchen")
    odd = Odd(wrong)
    running = await start(odd, *built_in("account_data"))
    asked = {"lists": LAZY, "extensions": on("odd", "account_data")}
    answer = await running.sync(alice, asked)
    assert room in answer["rooms"]
    assert "odd" not in answer["extensions"]
    assert running.failures("odd", "respond") == 1
    odd.wrong = ""
    answer = await running.sync(alice, pos=answer["pos"])
    assert answer["extensions"]["odd"] == {"since": None}


@pytest.mark.parametrize("wrong", ["ingest", "statement"])
async def test_what_one_cannot_take_in_is_set_aside_and_the_poll_goes_on(
    start: Start, alice: Account, wrong: str
) -> None:
    room = await alice.create_room("Kitchen")
    await alice.set_account_data("org.example", {"n": 1})
    running = await start(Odd(wrong), *built_in("account_data"))
    answer = await running.sync(alice, {"lists": LAZY, "extensions": on("account_data")})
    assert room in answer["rooms"]
    assert "org.example" in str(answer["extensions"]["account_data"]["global"])
    rows = await running.pool.fetch("SELECT extension, rows FROM ss_rejected_sections")
    assert {row["extension"] for row in rows} == {"odd"}
    assert running.failures("odd", "ingest") >= 1


async def test_one_that_is_switched_on_later_is_not_told_the_past(
    start: Start, homeserver: FakeHomeserver, alice: Account
) -> None:
    await alice.create_room("Kitchen")
    running = await start(Odd())
    answer = await running.sync(alice, {"lists": LAZY})
    await alice.create_room("Garden")
    await running.caught_up(homeserver, alice)
    answer = await running.sync(alice, pos=answer["pos"])
    later = await running.sync(alice, {"extensions": on("odd")}, pos=answer["pos"])
    assert later["extensions"]["odd"]["since"] > 1


async def test_a_disabled_one_costs_nothing(
    start: Start, homeserver: FakeHomeserver, alice: Account, bob: Account
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    event = await alice.send(room, "hello")
    running = await start()
    committer: Any = running.service._committer
    commit = committer.commit
    decoded: list[Part] = []

    async def noting(part: Part) -> None:
        decoded.extend([part] if part.device != DeviceData() or part.presence else [])
        await commit(part)

    committer.commit = noting
    asked = {"lists": LAZY, "extensions": on(*ALL_FIVE)}
    answer = await running.sync(alice, asked)
    await bob.read(room, event)
    await bob.type_in(room)
    await bob.send_to_device(alice, "m.dummy", {})
    await alice.set_account_data("org.example", {"n": 1})
    await running.caught_up(homeserver, alice)
    answer = await running.sync(alice, pos=answer["pos"])
    assert answer["extensions"] == {}
    for table in ("ss_account_data", "ss_receipts", "ss_typing", "ss_device_keys", "ss_changes",
                  "syncv3_to_device_messages", "syncv3_device_list_updates"):  # fmt: skip
        assert await running.pool.fetchval(f"SELECT count(*) FROM {table}") == 0, table
    assert decoded == []
    asked_for = json.loads(homeserver.seen[-1].query["filter"])
    assert asked_for["room"]["ephemeral"] == {"not_types": ["*"]}


@pytest.mark.rules("E-6", "EE-7", "AD-6", "RR-6")
async def test_a_first_answer_has_what_is_there_at_once(
    start: Start, alice: Account, bob: Account
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await bob.read(room, await alice.send(room, "hello"))
    await alice.tag(room, "m.favourite")
    running = await start(*built_in(*ALL_FIVE))
    asked = {"lists": LAZY, "extensions": on(*ALL_FIVE)}
    async with asyncio.timeout(5):
        answer = await running.sync(alice, asked, timeout_ms=30_000)
    told = answer["extensions"]
    assert told.keys() == {"to_device", "e2ee", "account_data", "receipts"}
    assert list(told["account_data"]["rooms"]) == list(told["receipts"]["rooms"]) == [room]


async def test_one_that_is_enabled_but_not_asked_for_is_not_called(
    start: Start, alice: Account
) -> None:
    odd = Odd()
    await alice.create_room("Kitchen")
    running = await start(odd)
    await running.sync(alice, {"lists": LAZY})
    assert odd.calls["load"] == 0


def test_what_is_lost_while_one_is_disabled_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        warn_of_losses(["account_data", "to_device"])
    assert [record.getMessage() for record in caplog.records] == [
        "Extension e2ee is not enabled: what the homeserver sends for it is lost"
    ]


def test_names_must_be_registered() -> None:
    with pytest.raises(ConfigError, match="no extension 'nonsense'"):
        load_extensions(("typing", "nonsense"))
