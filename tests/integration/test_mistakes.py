"""Classic mistakes of setting up: with which sentence, and which status, a start answers.

They are what people asked about in the threads of the Go proxy: a missing scheme, the proxy
pointed at itself, quotes of an env file, a name of another container's network.
"""

import json
import os
import sys
from functools import cache
from pathlib import Path
from subprocess import run
from typing import NamedTuple

import aiohttp
import pytest

from tests.integration.test_start import ROOT, free_port, healthy, started
from tests.support.link import Link
from tests.support.waiting import until

GOOD = {"SYNCV3_SERVER": "http://hs.test", "SYNCV3_SECRET": "a secret for tests"}
OFF = {"SYNCV3_DB": "host=127.0.0.1", "SYNCV3_BINDADDR": "127.0.0.1:8008"}


class Mistake(NamedTuple):
    variables: dict[str, str]
    sentence: str


MISTAKES = {
    "nothing set": Mistake({"SYNCV3_SERVER": ""}, "SYNCV3_SERVER is not set"),
    "a typo": Mistake(
        {"SYNCV3_SERVER": "", "SYNCV3_SEVER": "http://hs.test"},
        "SYNCV3_SEVER means nothing: perhaps SYNCV3_SERVER is meant.\nSYNCV3_SERVER is not set",
    ),
    "no scheme": Mistake(
        {"SYNCV3_SERVER": "matrix.example.org"},
        "SYNCV3_SERVER must be a URL that starts with https:// or http://, for example",
    ),
    "no scheme, a port": Mistake(
        {"SYNCV3_SERVER": "synapse:8008"}, "SYNCV3_SERVER must be a URL that starts with"
    ),
    "a path of the API": Mistake(
        {"SYNCV3_SERVER": "https://hs.test/_matrix/client"},
        "SYNCV3_SERVER must be the homeserver's base URL, without /_matrix",
    ),
    "itself by name": Mistake(
        {"SYNCV3_SERVER": "http://localhost:8008"},
        "SYNCV3_SERVER (http://localhost:8008) is where this service itself listens",
    ),
    "itself by address": Mistake(
        {"SYNCV3_SERVER": "http://127.0.0.1:8008", "SYNCV3_BINDADDR": ":8008"},
        "SYNCV3_SERVER (http://127.0.0.1:8008) is where this service itself listens",
    ),
    "itself by default": Mistake(
        {"SYNCV3_SERVER": "http://localhost:8008", "SYNCV3_BINDADDR": ""},
        "SYNCV3_SERVER (http://localhost:8008) is where this service itself listens",
    ),
    "itself by socket": Mistake(
        {"SYNCV3_SERVER": "/run/s.sock", "SYNCV3_BINDADDR": "/run/s.sock"},
        "SYNCV3_SERVER (/run/s.sock) is where this service itself listens",
    ),
    "quotes of an env file": Mistake(
        {"SYNCV3_SERVER": '"https://hs.test"'},
        "SYNCV3_SERVER has quotation marks around its value",
    ),
    "quotes around the database": Mistake(
        {"SYNCV3_DB": "'user=u dbname=d'"}, "SYNCV3_DB has quotation marks around its value"
    ),
    "a port alone": Mistake(
        {"SYNCV3_BINDADDR": "8008"}, "SYNCV3_BINDADDR must be host:port, :port or the path"
    ),
    "a URL to listen on": Mistake(
        {"SYNCV3_BINDADDR": "http://0.0.0.0:8008"}, "SYNCV3_BINDADDR must be host:port"
    ),
    "a secret twice": Mistake(
        {"SYNCV3_SECRET_FILE": "/etc/hostname"},
        "SYNCV3_SECRET and SYNCV3_SECRET_FILE are both set",
    ),
    "a short secret": Mistake({"SYNCV3_SECRET": "secret"}, "SYNCV3_SECRET has fewer than 16"),
    "half of TLS": Mistake(
        {"SYNCV3_TLS_CERT": "/etc/hostname"}, "SYNCV3_TLS_CERT and SYNCV3_TLS_KEY must be set"
    ),
    "another database": Mistake({"SYNCV3_DB": "mysql://u@h/d"}, "SYNCV3_DB"),
}

SENTENCE = "leads back to this service: name the homeserver's own listener"

ALL_STARTS = """
import contextlib, io, json, os, sys
import app
for variables in json.load(sys.stdin):
    os.environ |= variables
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            app.app()
            status = "started"
        except SystemExit as end:
            status = end.code
    print(json.dumps([status, said.getvalue()]))
    for name in variables:
        del os.environ[name]
"""


@cache
def starts() -> dict[str, tuple[int, str]]:
    """How each of them ends: status, and what is said at last. One process tries them all."""
    theirs = {k: v for k, v in os.environ.items() if not k.startswith(("SYNCV3_", "SANIC_"))}
    given = json.dumps([GOOD | OFF | mistake.variables for mistake in MISTAKES.values()])
    command = [sys.executable, "-c", ALL_STARTS]
    done = run(command, input=given, env=theirs, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ends = [json.loads(line) for line in done.stdout.splitlines()]
    return {name: tuple(end) for name, end in zip(MISTAKES, ends, strict=True)}


@pytest.mark.rules("O-30", "O-C3")
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_ends_the_start_with_its_sentence(name: str) -> None:
    status, said = starts()[name]
    assert status == 1
    last = said.rstrip("\n").rpartition("\n\n")[2]
    assert last.startswith(MISTAKES[name].sentence), last
    assert MISTAKES[name].variables.get("SYNCV3_SECRET", "-") not in said.split("\n\n")[-1]


@pytest.mark.rules("O-C3")
async def test_a_server_that_leads_back_by_another_way_is_named_at_the_start(
    tmp_path: Path,
) -> None:
    port = free_port()
    async with Link(port) as link:
        variables = {"SYNCV3_SERVER": f"http://127.0.0.1:{link.port}", "SYNCV3_DBB": "x"}
        async with (
            started(tmp_path, **variables, SYNCV3_BINDADDR=f"127.0.0.1:{port}") as service,
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
        ):
            await healthy(http)
            await until(lambda: SENTENCE in service.err, 20)
            assert "SYNCV3_DBB means nothing: perhaps SYNCV3_DB is meant" in service.err
            service.process.terminate()
            assert await service.ended() == 0
