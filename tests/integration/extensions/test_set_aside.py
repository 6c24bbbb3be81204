"""What an extension cannot take in is kept aside; everything else arrives and ``since`` moves."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import asyncpg
import pytest

from syncv3.batch import AccountData, DeviceData, Part
from syncv3.bus.local import LocalBus
from syncv3.extension import HOOK_S, Extension, Ingested, Write
from syncv3.ingest import aside
from syncv3.ingest.committer import Committer
from syncv3.ingest.items import decode
from syncv3.types import Device
from syncv3.watchdog import Watchdog
from tests.integration.extensions.stage import Stage
from tests.support.waiting import still

TABLES = """
CREATE TABLE taken (n int, pos bigint);
CREATE SEQUENCE failures;
CREATE FUNCTION fail(state text, times int) RETURNS int LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF times = 0 OR nextval('failures') <= times THEN
        RAISE EXCEPTION USING ERRCODE = state, MESSAGE = 'secret';
    END IF;
    RETURN 1;
END $$;
"""
TAKE = """
INSERT INTO taken SELECT CASE WHEN state IS NULL THEN n ELSE n * fail(state, times) END, $2
FROM json_to_recordset($1) AS r (n int, state text, times int)
"""
SLOW = "INSERT INTO taken SELECT n, $2 FROM json_to_recordset($1) AS r (n int), pg_sleep(60)"

CONTENT = (
    "0A000", "21000", "22003", "22021", "22P02", "22P05", "23505", "2F002", "38000", "39004",
    "42804", "42P01", "44000", "54000", "54001", "54011", "P0001", "P0004", "72000",
)  # fmt: skip
EITHER = ("XX000", "53200", "53400", "57014")
FAULTS = ("08006", "25006", "40P01", "42501", "53100", "55P03", "57P01", "58030", "XX001")


class Careful(Extension):
    """Keeps the numbers of to-device messages; some say what goes wrong with them."""

    name = "careful"
    durable: ClassVar[bool] = True

    def ingest(self, part: Part) -> Ingested:
        messages = [json.loads(raw) for raw in part.device.to_device]
        if any(m.get("do") == "raise" for m in messages):
            raise ValueError("secret")
        if any(m.get("do") == "hang" for m in messages):
            time.sleep(HOOK_S * 10)  # it hangs
        if sum(m.get("do") == "not both" for m in messages) > 1:
            raise ValueError("secret")
        slow = [{"n": m["n"]} for m in messages if m.get("do") == "sleep"]
        rows = [
            {"n": m["n"], "state": m.get("state"), "times": m.get("times", 0)}
            for m in messages
            if m.get("do") != "sleep"
        ]
        writes = [Write(TAKE, rows)] if rows else []
        return Ingested((*writes, *([Write(SLOW, slow)] if slow else [])))


class Careless(Careful):
    """The same with data that comes again."""

    name = "careless"
    durable: ClassVar[bool] = False


class Desk:
    """A committer, and what it says."""

    def __init__(self, pool: asyncpg.Pool, extension: Extension, **options: Any) -> None:
        self.pool = pool
        self.stage = Stage(pool, extension)
        self.told: list[tuple[str, bool, int]] = []
        self.failures: list[str] = []
        self.stage.committer = self.committer = Committer(
            pool,
            LocalBus(),
            [extension],
            on_set_aside=lambda *told: self.told.append(told),
            on_hook_failure=self.failures.append,
            **options,
        )

    async def commit(self, who: Device, *messages: dict[str, Any], **sections: Any) -> None:
        raws = tuple(json.dumps(message).encode() for message in messages)
        part = self.stage.part(who, device=DeviceData(to_device=raws), **sections)
        await self.committer.commit(part)

    async def taken(self) -> list[int]:
        return [row[0] for row in await self.pool.fetch("SELECT n FROM taken ORDER BY n")]

    async def aside(self) -> list[list[int]]:
        """The numbers of the messages in each row of what was set aside."""
        rows = await self.pool.fetch("SELECT item, device_key FROM ss_set_aside ORDER BY id")
        parts = [decode(row[0], who_of(row[1]), 0) for row in rows]
        return [[json.loads(raw)["n"] for raw in part.device.to_device] for part in parts]

    async def since(self, who: Device) -> str:
        statement = "SELECT since FROM ss_pollers WHERE device_key = $1"
        return str(await self.pool.fetchval(statement, who.device_key))


def who_of(device_key: Any) -> Device:
    nobody: Any = ""
    return Device(nobody, nobody, device_key, device_key)


@pytest.fixture
async def tables(pool: asyncpg.Pool) -> None:
    await pool.execute(TABLES)


@pytest.fixture
async def desk(pool: asyncpg.Pool, tables: None) -> AsyncIterator[Desk]:
    desk = Desk(pool, Careful())
    async with desk.stage:
        yield desk


@pytest.mark.rules("U-120")
async def test_a_message_whose_statement_fails_is_set_aside_alone(desk: Desk) -> None:
    device = await desk.stage.device()
    for n, state in enumerate(CONTENT + EITHER):
        bad = {"n": 1000 + n, "state": state}
        await desk.commit(device, {"n": 3 * n}, {"n": 3 * n + 1}, bad, {"n": 3 * n + 2})
        assert await desk.aside() == [[1000 + i] for i in range(n + 1)], state
        assert await desk.taken() == list(range(3 * n + 3)), state
        assert await desk.since(device) == str(n + 1)
    assert desk.told == [("careful", True, 1)] * (n + 1)


@pytest.mark.rules("U-120")
@pytest.mark.parametrize("state", EITHER)
async def test_what_may_be_a_fault_of_the_database_is_looked_at_after_some_tries(
    desk: Desk, state: str
) -> None:
    device = await desk.stage.device()
    await desk.commit(device, {"n": 0, "state": state, "times": 4})
    assert (await desk.taken(), desk.told) == ([0], [])
    await desk.commit(device, {"n": 1, "state": state}, {"n": 2})
    assert (await desk.taken(), await desk.aside()) == ([0, 2], [[1]])


@pytest.mark.rules("U-120", "U-42")
async def test_a_fault_of_the_database_is_waited_for(desk: Desk) -> None:
    device = await desk.stage.device()
    for n, state in enumerate(FAULTS):
        await desk.pool.execute("ALTER SEQUENCE failures RESTART")
        await desk.commit(device, {"n": n, "state": state, "times": 3})
        assert await desk.taken() == list(range(n + 1)), state
    assert (await desk.aside(), desk.told) == ([], [])


@pytest.mark.rules("U-120")
@pytest.mark.parametrize("wrong", ["raise", "hang", "sleep"])
async def test_a_message_on_which_the_hook_raises_or_hangs_is_set_aside_alone(
    pool: asyncpg.Pool, tables: None, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    watchdog = Watchdog(limit_s=0.3)
    watchdog.start()
    desk = Desk(pool, Careful(), commit_s=1.0, watchdog=watchdog)
    async with desk.stage:
        device = await desk.stage.device()
        await desk.commit(device, {"n": 0}, {"n": 1, "do": wrong}, {"n": 2})
    watchdog.stop()
    assert await desk.taken() == [0, 2]
    assert await desk.aside() == [[1]]
    assert await desk.since(device) == "1"
    assert "secret" not in caplog.text


async def test_of_two_that_fail_only_together_one_is_set_aside(desk: Desk) -> None:
    device = await desk.stage.device()
    both = [{"n": n, "do": "not both"} for n in (3, 7)]
    await desk.commit(device, {"n": 1}, both[0], {"n": 5}, both[1], {"n": 9})
    assert await desk.taken() == [1, 3, 5, 9]
    assert await desk.aside() == [[7]]


async def test_others_in_the_group_do_not_notice(desk: Desk) -> None:
    phone, laptop = await desk.stage.device(), await desk.stage.device("@bob:hs")
    await asyncio.gather(
        desk.commit(phone, {"n": 1, "state": "22P02"}), desk.commit(laptop, {"n": 2})
    )
    assert await desk.taken() == [2]
    assert [await desk.since(device) for device in (phone, laptop)] == ["1", "1"]


async def test_what_is_not_durable_is_set_aside_as_a_whole(
    pool: asyncpg.Pool, tables: None
) -> None:
    desk = Desk(pool, Careless())
    async with desk.stage:
        device = await desk.stage.device()
        await desk.commit(device, {"n": 1}, {"n": 2, "state": "54000"})
    assert await desk.taken() == []
    assert await desk.aside() == [[1, 2]]
    assert await desk.since(device) == "1"


async def test_an_extension_that_can_take_in_nothing_holds_up_nobody(
    pool: asyncpg.Pool, tables: None
) -> None:
    class Broken(Careful):
        def ingest(self, part: Part) -> Ingested:
            super().ingest(part)
            raise ValueError("always")

    desk = Desk(pool, Broken())
    async with desk.stage:
        device = await desk.stage.device()
        datum = AccountData("m.x", b'{"type":"m.x","content":{}}')
        await desk.commit(device, {"n": 1}, {"n": 2}, account_data=(datum,))
        await desk.commit(device)
    assert await desk.aside() == [[], [1], [2]]
    assert await desk.since(device) == "2"


@pytest.mark.rules("U-120")
async def test_a_stranger_cannot_fill_the_table_nor_take_the_room_of_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "ITEMS_PER_SENDER", 3)
    monkeypatch.setattr(aside, "ITEMS_PER_DEVICE", 5)
    device = await desk.stage.device()

    def bad(n: int, sender: str) -> dict[str, Any]:
        return {"n": n, "state": "22P02", "sender": sender}

    await desk.commit(device, *(bad(n, "@mallory:hs") for n in range(10)))
    await desk.commit(device, *(bad(n, "@mallory:hs") for n in range(10, 20)), bad(20, "@bob:hs"))
    await desk.commit(device, bad(21, "@carol:hs"), bad(22, "@dave:hs"))
    assert await desk.aside() == [[0], [1], [2], [20], [21]]
    assert desk.told == [
        ("careful", True, 3), ("careful", False, 7), ("careful", True, 1),
        ("careful", False, 10), ("careful", True, 1), ("careful", False, 1),
    ]  # fmt: skip
    assert await desk.since(device) == "3"


async def test_it_is_logged_once_without_content(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    device = await desk.stage.device()
    for n in range(3):
        await desk.commit(device, {"n": n, "state": "P0001"})
    said = [r for r in caplog.records if "set aside" in r.getMessage()]
    assert [(r.levelname, r.__dict__["reason"]) for r in said] == [("ERROR", "SQLSTATE P0001")]
    assert "secret" not in caplog.text + str([r.__dict__ for r in caplog.records])


async def test_rows_that_are_no_json_are_the_extensions_own_fault(
    pool: asyncpg.Pool, tables: None
) -> None:
    class Odd(Careful):
        def ingest(self, part: Part) -> Ingested:
            rows: Any = [{"n": b"no text"} for _ in part.device.to_device]
            return Ingested((Write(TAKE, rows),)) if rows else Ingested()

    desk = Desk(pool, Odd())
    async with desk.stage:
        device = await desk.stage.device()
        await desk.commit(device, {"n": 1})
    assert await desk.aside() == [[1]]
    assert await desk.since(device) == "1"


async def test_while_a_newer_version_has_changed_the_schema_nothing_is_set_aside(
    desk: Desk, pool: asyncpg.Pool
) -> None:
    device = await desk.stage.device()
    await pool.execute("ALTER TABLE taken RENAME TO renamed")
    await pool.execute(
        "INSERT INTO aerich (version, app, content) VALUES ('9_x.py', 'models', '{}')"
    )
    committing = asyncio.create_task(desk.commit(device, {"n": 1}))
    await still(committing, for_s=0.5)
    await pool.execute("ALTER TABLE renamed RENAME TO taken")
    await committing
    assert await desk.taken() == [1]
    assert await desk.aside() == []
