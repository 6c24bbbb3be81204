"""What a start says by itself of homeserver and well-known file."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from syncv3.config import Config
from syncv3.doctor import arrival, public
from syncv3.doctor.asking import Asker, ProbeReply
from tests.integration.doctor.stage import Says, answering

VERSIONS = {"GET /_matrix/client/versions": Says(200, {"versions": ["v1.11"]})}
NAMED = VERSIONS | {f"GET {arrival.KEYS}": Says(200, {"server_name": "example.org:8448"})}
ROUTED = ProbeReply(401, b'{"errcode": "M_MISSING_TOKEN"}')


class Web(Asker):
    """The web beyond the homeserver: replies by URL; nothing else is there."""

    def __init__(self, **replies: ProbeReply) -> None:
        super().__init__()
        object.__setattr__(self, "replies", replies)

    async def ask(self, method: str, url: str, **_: Any) -> ProbeReply:
        replies: Mapping[str, ProbeReply] = self.replies  # type: ignore[attr-defined]
        return next(
            (r for part, r in replies.items() if part in url), ProbeReply(failure="not here")
        )


def well_known(proxy: object) -> ProbeReply:
    text = '{"m.homeserver": {"base_url": "https://hs.test"}, "%s": {"url": "%s"}}'
    return ProbeReply(200, (text % (public.KEY, proxy)).encode(), origins=("*",))


def config(server: str, **more: str) -> Config:
    given = {"SYNCV3_SERVER": server, "SYNCV3_SECRET": "x" * 16, "SYNCV3_DB": "user=u"}
    return Config.from_environ(given | more)


async def told(
    caplog: pytest.LogCaptureFixture, answers: Mapping[str, Says], web: Web, **more: str
) -> list[tuple[int, str]]:
    """What the log is told, with levels."""
    async with answering(answers) as url:
        await arrival.look(config(url, **more), web)
    return [(record.levelno, record.getMessage()) for record in caplog.records]


async def test_nothing_is_said_when_nothing_is_wrong(caplog: pytest.LogCaptureFixture) -> None:
    web = Web(well=well_known("https://sync.example.org"), msc3575=ROUTED)
    assert await told(caplog, NAMED, web) == []


async def test_that_nothing_is_published_is_no_mistake(caplog: pytest.LogCaptureFixture) -> None:
    assert await told(caplog, NAMED, Web()) == []
    assert await told(caplog, VERSIONS, Web()) == []


@pytest.mark.rules("O-C3")
async def test_what_is_no_homeserver_is_named(caplog: pytest.LogCaptureFixture) -> None:
    [(level, said)] = await told(caplog, {}, Web())
    assert level == logging.ERROR
    assert "is no homeserver: /versions answers 404: name the homeserver's client API" in said


@pytest.mark.rules("O-C3")
async def test_a_name_of_another_network_is_named(caplog: pytest.LogCaptureFixture) -> None:
    await arrival.look(config("http://synapse.invalid:8008"), Web())
    assert "synapse.invalid has no address here" in caplog.text
    assert "known only inside one container network" in caplog.text


@pytest.mark.rules("O-C3", "O-48")
@pytest.mark.parametrize(
    ("proxy", "web", "more", "words"),
    [
        ("sync.example.org", {}, {}, "is no URL: sync.example.org: begin it with https://"),
        (
            "https://sync.test",
            {"msc3575": ProbeReply(404)},
            {},
            "https://sync.test answers 404 for",
        ),
        ("https://sync.test", {"msc3575": ProbeReply(502)}, {}, "compare its upstream with"),
        (
            "https://sync.test",
            {"msc3575": ROUTED},
            {"SYNCV3_BASE_URL": "https://other.test"},
            "is https://sync.test, and the service's address https://other.test",
        ),
    ],
)
async def test_a_well_known_file_that_leads_elsewhere_is_named(
    caplog: pytest.LogCaptureFixture,
    proxy: str,
    web: dict[str, ProbeReply],
    more: dict[str, str],
    words: str,
) -> None:
    asked = Web(**{"well": well_known(proxy)} | web)
    [(level, said)] = await told(caplog, NAMED, asked, **more)
    assert level == logging.ERROR
    assert words in said


async def test_a_homeserver_behind_a_socket_that_is_away_is_named(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    await arrival.look(config(str(tmp_path / "no.sock")), Web())
    assert "does not answer" in caplog.text
