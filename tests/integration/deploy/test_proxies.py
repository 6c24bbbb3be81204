"""The configurations of docs/deploy in front of a homeserver and this service.

nginx and HAProxy (Debian packages) are run with the very files; only where they listen, and
where the two behind them do, is changed.
"""

import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest

from syncv3.web.edge import VERSIONS
from syncv3.web.sync import PATHS, V3_SYNC
from tests.integration.gateway.stage import Home, Stage, gateway
from tests.support.answers import read
from tests.support.ports import free_port

DEPLOY = Path(__file__).resolve().parents[3] / "docs" / "deploy"
FILES = ("nginx.conf", "haproxy.cfg", "Caddyfile", "traefik.yaml")
WELL_KNOWN = "/.well-known/matrix/client"
OURS = {*PATHS, VERSIONS, WELL_KNOWN} - {V3_SYNC}
UPLOAD = "/_matrix/media/v3/upload"
START_S = 20.0

NGINX = """
daemon off;
pid {folder}/pid;
error_log {folder}/log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


@pytest.mark.rules("O-49")
@pytest.mark.parametrize("name", FILES)
def test_each_file_routes_here_what_is_served_here_and_nothing_else(name: str) -> None:
    text = (DEPLOY / name).read_text()
    assert set(re.findall(r"(/(?:_matrix|\.well-known)/[\w./-]+)", text)) == OURS


def moved(text: str, port: int, homeserver: int, service: int) -> str:
    """The configuration on loopback without TLS, with other addresses behind it."""
    text = re.sub(r"listen 443 ssl", f"listen 127.0.0.1:{port}", text)
    text = re.sub(r"bind :443 ssl crt \S+", f"bind 127.0.0.1:{port}", text)
    text = re.sub(r" *ssl_certificate.*\n", "", text)
    return text.replace("127.0.0.1:8008", f"127.0.0.1:{homeserver}").replace(
        "127.0.0.1:8009", f"127.0.0.1:{service}"
    )


def command_of(name: str, text: str, folder: Path) -> list[str]:
    file = folder / name
    if name == "nginx.conf":
        file.write_text(NGINX.format(folder=folder, site=text))
        return [_program("nginx"), "-c", str(file), "-p", str(folder)]
    file.write_text(text)
    return [_program("haproxy"), "-f", str(file)]


def _program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    assert found, f"{name} is not installed: apt-get install {name}"
    return found


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[None]:
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(START_S)


@asynccontextmanager
async def in_front(name: str, folder: Path) -> AsyncIterator[tuple[str, Stage]]:
    """The base URL of clients, and what is behind it."""
    async with gateway(gateway=False, base_url="https://matrix.example.org") as stage:
        port = free_port()
        text = moved((DEPLOY / name).read_text(), port, stage.home.port, stage.proxy.address[1])
        with ExitStack() as stack:
            stack.enter_context(running(command_of(name, text, folder), folder))
            url = f"http://127.0.0.1:{port}"
            await answers(url)
            stage.home.asked.clear()
            yield url, stage


async def answers(url: str) -> None:
    """Wait until something listens there."""
    deadline = time.monotonic() + START_S
    async with aiohttp.ClientSession() as http:
        while time.monotonic() < deadline:
            try:
                await read(http.get(f"{url}/_matrix/client/v3/x"))
                return
            except aiohttp.ClientConnectionError:
                time.sleep(0.05)  # noqa: ASYNC251 between two tries; nobody else waits
    raise AssertionError(f"nothing listens at {url}")


@pytest.mark.rules("S-571", "O-46")
@pytest.mark.parametrize("name", ["nginx.conf", "haproxy.cfg"])
async def test_a_client_finds_both_at_one_base_url(name: str, tmp_path: Path) -> None:
    async with in_front(name, tmp_path) as (url, stage), aiohttp.ClientSession(url) as http:
        bearer = {"Authorization": "Bearer good"}
        sliding = await read(http.post(PATHS[0], headers=bearer))
        assert (sliding.status, (await sliding.json())["pos"]) == (200, "2")
        assert sliding.headers.getall("Access-Control-Allow-Origin") == ["*"]
        preflight = await read(http.options(PATHS[0]))
        assert preflight.headers.getall("Access-Control-Allow-Origin") == ["*"]
        assert await (await read(http.get(VERSIONS))).json() == {"versions": ["v1.11"]}
        file = await (await read(http.get(WELL_KNOWN))).json()
        assert file["m.homeserver"]["base_url"] == "https://matrix.example.org"
        assert stage.home.asked == [WELL_KNOWN]  # by the service
        await _asks_the_homeserver(http, stage.home)


async def _asks_the_homeserver(http: aiohttp.ClientSession, home: Home) -> None:
    """Also /sync v2, whatever the method, and uploads."""
    home.asked.clear()
    asked = [("GET", V3_SYNC), ("POST", "/_matrix/client/v3/login"), ("POST", UPLOAD)]
    for method, path in asked:
        body = BytesIO(bytes(5_000_000))
        response = await read(http.request(method, path, data=body))
        assert (response.status, (await response.json())["size"]) == (200, 5_000_000)
    assert home.asked == [path for _, path in asked]
