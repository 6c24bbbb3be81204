"""Each fault around the service, injected for real: the finding that names it, and the advice."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import pytest

from syncv3.doctor import configuration, database, homeserver, public, reaching
from syncv3.doctor.asking import Asker, ProbeReply
from syncv3.doctor.finding import Finding
from tests.integration.doctor.stage import Says, answering, certificate, serving, trusting
from tests.support.go_proxy import left_behind
from tests.support.postgres import Postgres

ASKER = Asker(timeout_s=20.0)
VERSIONS = "GET /_matrix/client/versions"
SYNC = f"POST {public.MSC3575}"
OPTIONS = f"OPTIONS {public.MSC3575}"
WHOAMI = "GET /_matrix/client/v3/account/whoami"
WELL_KNOWN = "GET /.well-known/matrix/client"
ORIGIN = ("Access-Control-Allow-Origin", "*")
ALLOWED = ("Access-Control-Allow-Headers", "Content-Type, Authorization")
BASE = {"m.homeserver": {"base_url": "https://hs.test"}}


def proxy(url: object) -> dict[str, object]:
    return BASE | {"org.matrix.msc3575.proxy": {"url": url}}


def is_told(finding: Finding | None, level: str, *words: str) -> None:
    """It has this level and says these words; whatever is wrong comes with advice."""
    assert finding is not None
    assert finding.level == level, finding
    assert all(word in f"{finding.said} | {finding.advice}" for word in words), finding
    assert bool(finding.advice) == (level != "ok")


VERSIONS_FAULTS = [
    (Says(200, {"versions": ["v1.1"]}), "ok", ["is a homeserver"]),
    (Says(404, "not found"), "error", ["is no homeserver", "404"]),
    (Says(200, "<html>"), "error", ["is no homeserver"]),
    (Says(301, "", (("Location", "https://b.test"),)), "error", ["redirects to https://b.test"]),
    (
        Says(502, {"error": "SYNCV3_SERVER leads back to this service"}),
        "error",
        ["leads back", "own listener"],
    ),
]


@pytest.mark.parametrize(("says", "level", "words"), VERSIONS_FAULTS)
async def test_what_is_no_homeserver_is_named(says: Says, level: str, words: list[str]) -> None:
    async with answering({VERSIONS: says}) as url:
        is_told(await homeserver.versions(ASKER, url), level, *words)


async def test_a_homeserver_that_is_away_is_named() -> None:
    is_told(await homeserver.versions(ASKER, "http://127.0.0.1:1"), "error", "does not answer")


async def test_a_homeserver_that_hangs_is_named() -> None:
    gone = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the other side gives up
        writer.close()
        gone.set()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finding = await homeserver.versions(Asker(timeout_s=0.2), url)
    await gone.wait()
    server.close()
    is_told(finding, "error", "no answer in time")


@pytest.mark.parametrize(
    ("says", "level", "words"),
    [
        (Says(200, {"user_id": "@a:hs", "device_id": "D"}), "ok", ["@a:hs"]),
        (Says(200, {"user_id": "@a:hs"}), "error", ["device"]),
        (Says(401, {"errcode": "M_UNKNOWN_TOKEN"}), "error", ["does not know the token"]),
        (Says(500, "no"), "error", ["500"]),
    ],
)
async def test_what_is_wrong_with_a_token_is_named(
    says: Says, level: str, words: list[str]
) -> None:
    async with answering({WHOAMI: says}) as url:
        is_told(await homeserver.whoami(ASKER, url, "token"), level, *words)


@pytest.mark.parametrize(
    ("says", "level", "words"),
    [
        (Says(401, {"errcode": "M_MISSING_TOKEN"}), "ok", ["leads to a sliding sync"]),
        (Says(404, {"errcode": "M_UNRECOGNIZED"}), "error", ["M_UNRECOGNIZED", "route "]),
        (Says(502, "bad gateway"), "error", ["does not reach", "SYNCV3_BINDADDR"]),
        (Says(200, "<html>"), "error", ["200"]),
    ],
)
async def test_a_path_that_is_not_routed_is_named(says: Says, level: str, words: list[str]) -> None:
    async with answering({SYNC: says}) as url:
        is_told(await public.route(ASKER, url), level, *words)


@pytest.mark.rules("O-46", "O-47")
@pytest.mark.parametrize(
    ("says", "level", "words"),
    [
        (Says(200, "", (ORIGIN, ALLOWED)), "ok", ["may ask"]),
        (Says(200, "", (ORIGIN, ORIGIN, ALLOWED)), "error", ["comes 2 times"]),
        (Says(200, "", (ALLOWED,)), "error", ["comes 0 times"]),
        (Says(200, "", (ORIGIN,)), "error", ["lacks Authorization"]),
        (Says(405, ""), "error", ["405", "OPTIONS"]),
    ],
)
async def test_what_keeps_browsers_out_is_named(says: Says, level: str, words: list[str]) -> None:
    async with answering({OPTIONS: says}) as url:
        is_told(await public.preflight(ASKER, url), level, *words)


@pytest.mark.parametrize(
    ("body", "native", "level"),
    [
        ({"unstable_features": {"org.matrix.simplified_msc3575": True}}, False, "ok"),
        ({"unstable_features": {}}, False, "warning"),
        ({"unstable_features": {}}, True, "ok"),
        ([], False, "warning"),
    ],
)
async def test_versions_that_come_from_elsewhere_are_named(
    body: object, native: bool, level: str
) -> None:
    async with answering({VERSIONS: Says(200, body)}) as url:
        is_told(await public.versions(ASKER, url, native=native), level)


@pytest.mark.rules("O-48")
@pytest.mark.parametrize(
    ("says", "level", "words"),
    [
        (Says(200, proxy("https://sync.test/"), (ORIGIN,)), "ok", ["https://sync.test"]),
        (Says(200, proxy("https://other.test"), (ORIGIN,)), "error", ["other.test"]),
        (Says(200, proxy("sync.test"), (ORIGIN,)), "error", ["begin it with https://"]),
        (Says(200, proxy("https://sync.test")), "error", ["Allow-Origin"]),
        (Says(200, BASE, (ORIGIN,)), "warning", ["do not find the service"]),
        (Says(200, {"m.homeserver": 7}, (ORIGIN,)), "error", ["base_url"]),
        (Says(200, "{", (ORIGIN,)), "error", ["base_url"]),
        (Says(404, ""), "error", ["404"]),
    ],
)
async def test_what_is_wrong_with_a_well_known_file_is_named(
    says: Says, level: str, words: list[str]
) -> None:
    async with answering({WELL_KNOWN: says}) as url:
        is_told(await public.well_known(ASKER, url, "https://sync.test"), level, *words)


@pytest.mark.parametrize(
    ("reply", "level", "words"),
    [
        (ProbeReply(200, took_s=60.1), "ok", ["60 s"]),
        (ProbeReply(504, took_s=30.0), "error", ["after 30 s", "proxy_read_timeout"]),
        (ProbeReply(failure="connection closed", took_s=30.0), "error", ["connection closed"]),
        (ProbeReply(200, took_s=3.0), "warning", ["not measured"]),
    ],
)
def test_a_proxy_that_cuts_long_polls_off_is_named(
    reply: ProbeReply, level: str, words: list[str]
) -> None:
    is_told(public.judge_long_poll(reply, 60.0), level, *words)


async def test_a_long_poll_is_measured_through_the_proxy() -> None:
    answers = {SYNC: Says(200, {"pos": "p1"})}
    async with answering(answers) as url:
        is_told(await public.long_poll(ASKER, url, "t", 2.0), "warning", "not measured")
    async with answering({SYNC: Says(401, {"errcode": "M_UNKNOWN_TOKEN"})}) as url:
        is_told(await public.long_poll(ASKER, url, "t", 2.0), "error", "401")


async def test_a_name_that_does_not_exist_is_named() -> None:
    is_told(await reaching.names("homeserver", "https://nowhere.invalid"), "error", "no address")
    is_told(await reaching.names("homeserver", "https://127.0.0.1"), "ok", "127.0.0.1")


async def test_what_is_wrong_with_a_certificate_is_named(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, 90)
    async with answering({}, serving(cert, key)) as url:
        is_told(await reaching.certificate("x", url), "error", "is not trusted", "fullchain")
        is_told(await reaching.certificate("x", url, trusting(cert)), "ok", "days")
    cert, key = certificate(tmp_path, 3)
    async with answering({}, serving(cert, key)) as url:
        is_told(await reaching.certificate("x", url, trusting(cert)), "warning", "renew")
    cert, key = certificate(tmp_path, -3)
    async with answering({}, serving(cert, key)) as url:
        is_told(await reaching.certificate("x", url, trusting(cert)), "error", "expired")
    cert, key = certificate(tmp_path, 90, "other.test")
    async with answering({}, serving(cert, key)) as url:
        is_told(await reaching.certificate("x", url, trusting(cert)), "error", "not trusted")
    async with answering({}) as url:
        told = await reaching.certificate("x", url.replace("http:", "https:"))
        is_told(told, "error", "speaks no TLS")
        assert await reaching.certificate("x", url) is None


# The database


async def findings(url: str) -> Mapping[str, Finding]:
    return {finding.check: finding for finding in await database.examine(url)}


async def test_a_database_where_all_is_well(database_url: str) -> None:
    found = await findings(database_url)
    assert {finding.level for finding in found.values()} == {"ok"}
    assert "database: Go proxy" not in found


async def test_a_database_that_is_away_is_named() -> None:
    found = await findings("postgresql://nobody@127.0.0.1:1/none")
    is_told(found["database"], "error", "cannot be reached", "psql")


async def test_a_schema_of_a_newer_version_is_named(database_url: str) -> None:
    db = await asyncpg.connect(database_url)
    await db.execute(
        "INSERT INTO aerich (version, app, content) VALUES ('99_x.py', 'models', '{}')"
    )
    await db.close()
    is_told((await findings(database_url))["database: schema"], "error", "99_x.py")


async def test_a_go_proxy_on_the_same_database_is_named(postgres: Postgres) -> None:
    url = await left_behind(postgres)
    is_told((await findings(url))["database: Go proxy"], "warning", "docs/moving.md")
    old = await asyncpg.connect(url)
    is_told((await findings(url))["database: Go proxy"], "error", "stop it")
    await old.close()
    await postgres.drop(url)


def test_old_servers_slow_ways_and_wrong_clocks_are_named() -> None:
    is_told(database.judge_version(12), "error", "PostgreSQL 12")
    is_told(database.judge_latency(80), "warning", "80 ms", "near")
    is_told(database.judge_clock(40), "warning", "40 s", "time service")


# The configuration

GOOD = {"SYNCV3_SERVER": "https://hs.test", "SYNCV3_SECRET": "0123456789abcdef"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"SYNCV3_SERVER": "hs.test"}, ["starts with https://"]),
        ({"SYNCV3_SERVER": ""}, ["SYNCV3_SERVER is not set"]),
        ({"SYNCV3_SECRET": "short"}, ["fewer than 16"]),
    ],
)
def test_a_configuration_that_cannot_be_used_is_named(
    changed: dict[str, str], words: list[str]
) -> None:
    config, finding = configuration.read(GOOD | changed)
    assert config is None
    is_told(finding, "error", *words)


def test_a_variable_that_nothing_reads_is_named_with_the_one_that_is_meant() -> None:
    [finding] = configuration.misspelt(GOOD | {"SYNCV3_BINDADR": "x", "SYNCV3_COMMIT": "y"})
    is_told(finding, "warning", "SYNCV3_BINDADR", "SYNCV3_BINDADDR is meant")
