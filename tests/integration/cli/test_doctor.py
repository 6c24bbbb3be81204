"""``syncv3 doctor`` as a whole: what it prints, its status, and the real service behind it."""

import json
from pathlib import Path

import aiohttp

from tests.integration.cli.running import syncv3
from tests.support.account import Account
from tests.support.homeserver import FakeHomeserver
from tests.support.service import SECRET, Service


async def test_what_is_wrong_is_told_with_status_1(database_url: str) -> None:
    variables = {"SYNCV3_DB": database_url, "SYNCV3_SECRET": SECRET}
    server = {"SYNCV3_SERVER": "http://127.0.0.1:1", "SYNCV3_SERVR": "x"}
    done = await syncv3("doctor", "--json", **variables, **server)
    found = {one["check"]: one for one in json.loads(done.out)}
    assert done.status == 1
    assert found["homeserver: versions"]["level"] == "error"
    assert found["configuration: names"]["advice"] == "perhaps SYNCV3_SERVER is meant"
    assert "own listener" in (await syncv3("doctor", **variables, **server)).output


async def test_without_a_configuration_nothing_else_is_looked_at() -> None:
    done = await syncv3("doctor", "--json", SYNCV3_SERVER="hs.test", SYNCV3_SECRET=SECRET)
    assert done.status == 1
    assert [one["check"] for one in json.loads(done.out)] == ["configuration"]


async def test_the_real_service_is_found_well_and_itself_behind_its_own_address(
    database_url: str, tmp_path: Path
) -> None:
    async with FakeHomeserver() as homeserver, aiohttp.ClientSession() as http:
        alice = await Account.register(http, homeserver.url, "alice")
        (tmp_path / "token").write_text(alice.token)
        service = await Service.start(http, homeserver=homeserver.url, database=database_url)
        variables = {"SYNCV3_DB": database_url, "SYNCV3_SECRET": SECRET}
        words = ("doctor", "--json", "--public-url", service.url, "--wait", "2",
                 "--token-file", str(tmp_path / "token"))  # fmt: skip
        try:
            well = await syncv3(*words, **variables, SYNCV3_SERVER=homeserver.url)
            loop = await syncv3(*words, **variables, SYNCV3_SERVER=service.url)
        finally:
            service.close()
    levels = {one["check"]: one["level"] for one in json.loads(well.out)}
    assert well.status == 0 and set(levels.values()) == {"ok"}, well.out
    assert {"homeserver: whoami", "public address: long poll"} <= levels.keys()
    said = {one["check"]: one["said"] for one in json.loads(loop.out)}
    assert loop.status == 1 and "leads back to this service" in said["homeserver: versions"]
