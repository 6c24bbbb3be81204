"""``syncv3 doctor`` through a real nginx that is set up wrongly, before the real service."""

import json
from pathlib import Path

import aiohttp
import pytest

from tests.integration.cli.running import syncv3
from tests.integration.deploy.test_proxies import answers, command_of, running
from tests.support.account import Account
from tests.support.homeserver import FakeHomeserver
from tests.support.ports import free_port
from tests.support.service import SECRET, Service

SITE = """
server {{
    listen 127.0.0.1:{port};
    {extra}
    location / {{ proxy_pass http://127.0.0.1:{service}{path}; {inner} }}
}}
"""
GOOD = {"extra": "", "path": "", "inner": "proxy_read_timeout 180s;"}
FAULTS: dict[str, tuple[dict[str, str], str, str]] = {
    "well": ({}, "", ""),
    "short": ({"inner": "proxy_read_timeout 2s;"}, "public address: long poll", "after 2 s"),
    "twice": (
        {"extra": "add_header Access-Control-Allow-Origin * always;"},
        "public address: CORS",
        "comes 2 times",
    ),
    "path": ({"path": "/elsewhere/"}, "public address: route", "answers 404"),
    "away": ({"service": "1"}, "public address: route", "does not reach this service"),
}


@pytest.mark.timeout(240)
async def test_each_mistake_is_named_and_nothing_where_there_is_none(
    database_url: str, tmp_path: Path
) -> None:
    async with FakeHomeserver() as homeserver, aiohttp.ClientSession() as http:
        alice = await Account.register(http, homeserver.url, "alice")
        (tmp_path / "token").write_text(alice.token)
        service = await Service.start(http, homeserver=homeserver.url, database=database_url)
        ports = {name: free_port() for name in FAULTS}
        sites = [
            SITE.format(**GOOD | {"port": ports[name], "service": service.port} | changed)
            for name, (changed, _, _) in FAULTS.items()
        ]
        try:
            with running(command_of("nginx.conf", "\n".join(sites), tmp_path), tmp_path):
                await answers(f"http://127.0.0.1:{ports['well']}")
                for name, (_, check, said) in FAULTS.items():
                    done = await syncv3(
                        "doctor", "--json", "--wait", "4",
                        "--public-url", f"http://127.0.0.1:{ports[name]}",
                        "--token-file", str(tmp_path / "token"),
                        SYNCV3_SERVER=homeserver.url, SYNCV3_DB=database_url, SYNCV3_SECRET=SECRET,
                    )  # fmt: skip
                    found = {f["check"]: f for f in json.loads(done.out) if f["level"] == "error"}
                    if not check:
                        assert (done.status, found) == (0, {})
                        continue
                    assert done.status == 1, name
                    assert said in f"{found[check]['said']} {found[check]['advice']}", name
                    assert found[check]["advice"], name
        finally:
            service.close()
