"""What was set aside is listed, taken in once more, or deleted."""

import asyncio
import os
import sys
from typing import Any

import asyncpg
import pytest

from extensions.e2ee import E2EE
from extensions.to_device import NESTED_MOST, ToDevice
from syncv3.batch import DeviceData
from syncv3.ingest.hooks import Hooks
from syncv3.replay import Choice, found, retry
from syncv3.types import Device, UserID
from syncv3.watchdog import Watchdog
from tests.integration.extensions.stage import Stage
from tests.integration.extensions.test_set_aside import TABLES, Careful, Desk
from tests.support.service import ROOT

DEEP = b'{"type":"x","sender":"@mallory:hs","content":%s1%s}' % (
    b'{"a":' * NESTED_MOST, b"}" * NESTED_MOST,
)  # fmt: skip


async def command(database_url: str, *arguments: str) -> tuple[int | None, str]:
    """Exit status, and all that it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "syncv3.replay", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
        env=os.environ
        | {"SYNCV3_DB": database_url, "SYNCV3_SERVER": "http://127.0.0.1:1"}
        | {"SYNCV3_SECRET": "a secret of the tests, long enough"},
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def test_what_is_mended_is_taken_in_and_forgotten(pool: asyncpg.Pool) -> None:
    await pool.execute(TABLES)
    desk = Desk(pool, Careful())
    async with desk.stage:
        device = await desk.stage.device()
        await desk.commit(device, {"n": 1, "state": "22P02", "times": 8}, {"n": 2})
        await desk.commit(device, {"n": 3, "state": "22P02"})
    assert await desk.aside() == [[1], [3]]
    await pool.execute("SELECT nextval('failures') FROM generate_series(1, 8)")
    results = [await retry(pool, Careful(), row) async for row in found(pool, Choice())]
    assert results[0] is None
    assert results[1] is not None and results[1].startswith("22P02")
    assert await desk.taken() == [1, 2]
    assert await desk.aside() == [[3]]


async def test_it_wakes_and_is_as_old_as_it_was(pool: asyncpg.Pool) -> None:
    """Newer key counts stay as they are, and a change of a device list is told."""
    async with Stage(pool, E2EE()) as stage:
        device = await stage.device()
        await set_aside(pool, stage, device, one_time_keys=b'{"a":1}', changed=(UserID("@b:hs"),))
        stage.clock_us += 3600 * 1_000_000
        await stage.report_device(device, one_time_keys=b'{"a":50}')
        await stage.cache.refresh()
        stage.changes.clear()
        results = [await retry(pool, E2EE(), row) async for row in found(pool, Choice())]
        assert results == [None, None]
        await stage.cache.refresh()
        assert [change.device_key for change in stage.changes] == [device.device_key]
        body: Any = (await stage.ask(device)).body
    assert body["device_one_time_keys_count"] == {"a": 50}
    assert list(body["device_lists"]["changed"]) == ["@b:hs"]


async def set_aside(pool: asyncpg.Pool, stage: Stage, who: Device, **data: Any) -> None:
    hooks = Hooks(
        pool, [stage.extension], Watchdog(), on_failure=lambda name: None,
        on_set_aside=lambda name, kept, number: None,
    )  # fmt: skip
    part = stage.part(who, device=DeviceData(**data))
    stage.since[who.device_key] -= 1
    gave = await hooks.give_up(part, await hooks.take_in(part), stage.extension.name, "because")
    rows = [row for given in gave for write in given.writes for row in write.rows]
    await pool.execute(gave[0].writes[0].statement, f"[{','.join(rows)}]")


@pytest.mark.rules("U-120")
async def test_the_command_lists_retries_and_deletes(pool: asyncpg.Pool, database_url: str) -> None:
    async with Stage(pool, ToDevice()) as stage:
        device = await stage.device()
        part = stage.part(device, device=DeviceData(to_device=(DEEP, b'{"type":"y"}')))
        await stage.committer.commit(part)
    assert await pool.fetchval("SELECT string_agg(message, '') FROM ss_to_device_messages") == (
        '{"type":"y"}'
    )
    status, said = await command(database_url, "list", "--extension", "to_device")
    assert status == 0
    assert "@alice:hs PHONE\t@mallory:hs\t" in said and said.endswith("1 set aside\n")
    assert "nested deeper" in said and '{"a":' not in said
    status, said = await command(database_url, "retry")
    assert status == 1 and said.endswith("0 taken in, 1 not\n")
    assert await command(database_url, "drop", "--user", "@bob:hs") == (0, "0 deleted\n")
    assert await command(database_url, "drop") == (0, "1 deleted\n")
    assert await command(database_url, "list") == (0, "0 set aside\n")
