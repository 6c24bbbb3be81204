"""The service as an operator starts and stops it: a process, its output, its status."""

import asyncio
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from syncv3.config import help_text
from tests.support.answers import read
from tests.support.waiting import still, until
from tests.unit.web.fakes import SYNC

ROOT = Path(__file__).resolve().parent.parent.parent
SANIC = (sys.executable, "-m", "sanic", "tests.integration.served:app", "serve")


SECRET = "a secret for tests"
LONG = "/tmp/" + "x" * 110


class Process:
    def __init__(self, process: asyncio.subprocess.Process, out: Path, err: Path) -> None:
        self.process, self._out, self._err = process, out, err

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def err(self) -> str:
        return self._err.read_text()

    async def says(self, text: str) -> None:
        """Wait until it has said this."""
        await until(lambda: text in self.out, 30, every_s=0.001)

    async def ended(self) -> int:
        async with asyncio.timeout(20):
            return await self.process.wait()


@asynccontextmanager
async def started(folder: Path, *options: str, **variables: str) -> AsyncIterator[Process]:
    """The service with these variables and no others of ours; killed at the end."""
    theirs = {k: v for k, v in os.environ.items() if not k.startswith(("SYNCV3_", "SANIC_"))}
    theirs |= {"SYNCV3_SECRET": SECRET, "SYNCV3_DB": "host=127.0.0.1", "PYTHONUNBUFFERED": "1"}
    out, err = folder / "out", folder / "err"
    with out.open("w") as to_out, err.open("w") as to_err:
        process = await asyncio.create_subprocess_exec(
            *SANIC, *options, stdout=to_out, stderr=to_err, cwd=ROOT, env=theirs | variables
        )
    try:
        yield Process(process, out, err)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


async def healthy(http: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                async with http.get("/health") as response:
                    if response.status == 200:
                        return
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError):
                await asyncio.sleep(0.05)  # between two tries


@pytest.mark.rules("O-3", "O-85", "O-C0")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_it_starts_serves_and_answers_the_waiting_client_when_told_to_stop(
    tmp_path: Path, how: signal.Signals
) -> None:
    port = free_port()
    variables = {"SYNCV3_SERVER": "http://hs.test/", "SYNCV3_BINDADDR": f"127.0.0.1:{port}"}
    async with (
        started(tmp_path, **variables) as service,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        await healthy(http)
        waiting = asyncio.create_task(
            read(http.post(SYNC, headers={"Authorization": "Bearer good"}))
        )
        await still(waiting, for_s=0.2)
        service.process.send_signal(how)
        assert (await (await waiting).json())["pos"] == "last"
        assert await service.ended() == 0
        assert service.out.startswith("Sync v3 [")
        assert f"Listening on http://127.0.0.1:{port}, syncing from http://hs.test\n" in service.out
        assert "Traceback" not in service.err


async def test_a_gateway_says_which_address_to_enter(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    variables = {"SYNCV3_SERVER": "http://hs.test", "SYNCV3_GATEWAY": "on"}
    async with started(tmp_path, **variables, SYNCV3_BINDADDR=address) as service:
        await service.says(f"Next: enter http://{address} as the homeserver in a client")


SLOW = {"SYNCV3_SERVER": "http://slow.test"}


@pytest.mark.rules("O-C0")
async def test_a_start_that_is_told_to_stop_is_undone(tmp_path: Path) -> None:
    async with started(tmp_path, **SLOW, SYNCV3_BINDADDR=f"127.0.0.1:{free_port()}") as service:
        await service.says("Starting for ever.")
        service.process.send_signal(signal.SIGINT)
        assert await service.ended() == 0
        assert service.out.endswith("Undone.\n")
        assert service.err == ""


@pytest.mark.rules("O-C0")
@pytest.mark.parametrize("moment", ["Sync v3", "Listening on"])
async def test_whenever_it_is_told_to_stop_it_stops(tmp_path: Path, moment: str) -> None:
    variables = {"SYNCV3_SERVER": "http://hs.test"}
    async with started(
        tmp_path, **variables, SYNCV3_BINDADDR=f"127.0.0.1:{free_port()}"
    ) as service:
        await service.says(moment)
        service.process.send_signal(signal.SIGTERM)
        assert await service.ended() == 0
        assert service.err == ""


@pytest.mark.rules("O-C0")
async def test_workers_that_are_told_to_stop_while_they_start_stop(tmp_path: Path) -> None:
    async with started(
        tmp_path, "--workers=2", **SLOW, SYNCV3_BINDADDR=f"127.0.0.1:{free_port()}"
    ) as service:
        await service.says("Starting for ever.")
        service.process.send_signal(signal.SIGTERM)
        assert await service.ended() == 0
        assert "Undone." in service.out


@pytest.mark.rules("O-C0")
async def test_a_database_of_its_own_does_not_outlive_a_start_that_is_told_to_stop(
    tmp_path: Path,
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="s"))
    variables = {"SYNCV3_DB": "", "SYNCV3_DATA_DIR": str(folder)}
    address = f"127.0.0.1:{free_port()}"
    async with started(tmp_path, **SLOW, **variables, SYNCV3_BINDADDR=address) as service:
        await until((folder / "postgresql" / "PG_VERSION").exists, 30)
        service.process.send_signal(signal.SIGTERM)
        assert await service.ended() == 0
    assert not (folder / "postgresql" / "postmaster.pid").exists()
    shutil.rmtree(folder)


def leave_files(pid: int, number: int) -> None:
    """From now on the process can open only so many files more."""
    most = len(list(Path(f"/proc/{pid}/fd").iterdir())) + number
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, most))


async def test_at_the_open_file_limit_one_line_says_so_and_the_service_recovers(
    tmp_path: Path,
) -> None:
    port = free_port()
    variables = {"SYNCV3_SERVER": "http://hs.test", "SYNCV3_BINDADDR": f"127.0.0.1:{port}"}
    async with (
        started(tmp_path, **variables) as service,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        await healthy(http)
        leave_files(service.process.pid, 10)
        lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(30)]
        await until(lambda: "No more files" in service.err, 20)
        await asyncio.sleep(2.5)  # two more looks
        assert service.err.count("No more files") == 1
        for _, writer in lines:
            writer.close()
        await healthy(http)


@pytest.mark.rules("O-3", "O-43")
async def test_the_commit_is_looked_up_once_however_often_it_is_asked_for(tmp_path: Path) -> None:
    port, runs, git = free_port(), tmp_path / "runs", tmp_path / "git"
    git.write_text(f"#!/bin/sh\necho run >>{runs}\necho 1234567\n")
    git.chmod(0o755)
    variables = {"SYNCV3_SERVER": "http://hs.test", "SYNCV3_BINDADDR": f"127.0.0.1:{port}"}
    path = f"{tmp_path}:{os.environ['PATH']}"
    async with (
        started(tmp_path, **variables, PATH=path) as service,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        await healthy(http)
        for _ in range(5):
            answer = await read(http.get("/client/server.json"))
            assert (await answer.json())["version"].endswith("(1234567)")
        assert "(1234567)" in service.out
    assert runs.read_text().split() == ["run"]


@pytest.mark.rules("O-13", "O-40")
async def test_a_unix_socket_may_be_written_by_all_and_read_by_none(tmp_path: Path) -> None:
    path = Path(tempfile.mkdtemp()) / "s.sock"  # the folder of a test has too long a name
    async with started(
        tmp_path, SYNCV3_SERVER="http://hs.test", SYNCV3_BINDADDR=str(path)
    ) as service:
        connector = aiohttp.UnixConnector(str(path))
        async with aiohttp.ClientSession("http://x", connector=connector) as http:
            await healthy(http)
        assert path.stat().st_mode & 0o777 == 0o222
        service.process.terminate()
        assert await service.ended() == 0
        assert not path.exists()
    path.parent.rmdir()


@pytest.mark.rules("O-13", "O-C3")
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/no/folder/s.sock", "cannot listen on /no/folder/s.sock: No such file or directory"),
        ("/etc/hostname", "/etc/hostname exists and is not a socket"),
        (LONG, f"cannot listen on {LONG}: AF_UNIX path too long"),
    ],
)
async def test_a_socket_that_cannot_be_made_is_one_sentence(
    tmp_path: Path, path: str, reason: str
) -> None:
    async with started(tmp_path, SYNCV3_SERVER="http://hs.test", SYNCV3_BINDADDR=path) as service:
        assert await service.ended() == 1
    assert service.err == f"SYNCV3_BINDADDR: {reason}.\n"


@pytest.mark.rules("O-16", "O-70", "O-B8", "O-C4")
async def test_metrics_have_a_listener_of_their_own(tmp_path: Path) -> None:
    port, metrics = free_port(), free_port()
    async with (
        started(
            tmp_path,
            SYNCV3_SERVER="http://hs.test",
            SYNCV3_BINDADDR=f"127.0.0.1:{port}",
            SYNCV3_PROM=f"127.0.0.1:{metrics}",
        ),
        aiohttp.ClientSession() as http,
    ):
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as main:
            await healthy(main)
            assert (await read(main.get("/metrics"))).status == 404
        page = await (await read(http.get(f"http://127.0.0.1:{metrics}/metrics"))).text()
        assert "\nsliding_sync_api_num_active_conns 0.0\n" in page
        assert (await read(http.get(f"http://127.0.0.1:{metrics}/debug/pprof/"))).status == 404


async def asked_worker(address: str) -> int:
    """Which process answers a connection of its own."""
    async with aiohttp.ClientSession(address) as http:
        answer = await read(http.get("/health"))
        assert (await read(http.get("/client/server.json"))).status == 200
        return int((await answer.json())["worker"])


async def two_workers(address: str, but: set[int], asked: list[int]) -> set[int]:
    """The processes that answer, once they are two, none of them ``but`` these."""
    found: set[int] = set()
    async with asyncio.timeout(60):
        while len(found) < 2:
            at_once = [asked_worker(address) for _ in range(8)]
            for answer in await asyncio.gather(*at_once, return_exceptions=True):
                if isinstance(answer, int):
                    asked.append(answer)
            found = set(asked) - but
            await asyncio.sleep(0.05)  # between two tries
    return found


def answers_counted(page: str) -> int:
    [line] = [x for x in page.splitlines() if x.startswith("sliding_sync_api_num_responses{")]
    return int(float(line.rpartition(" ")[2]))


@pytest.mark.timeout(180)
@pytest.mark.rules("O-16", "O-6")
async def test_a_killed_worker_is_replaced_and_what_it_counted_stays(tmp_path: Path) -> None:
    port, metrics, asked = free_port(), free_port(), list[int]()
    variables = {
        "SYNCV3_SERVER": "http://hs.test",
        "SYNCV3_BINDADDR": f"127.0.0.1:{port}",
        "SYNCV3_PROM": f"127.0.0.1:{metrics}",
    }
    address = f"http://127.0.0.1:{port}"
    async with (
        started(tmp_path, "--workers=2", **variables) as service,
        aiohttp.ClientSession(f"http://127.0.0.1:{metrics}") as http,
    ):
        before = await two_workers(address, set(), asked)
        killed = min(before)
        os.kill(killed, signal.SIGKILL)
        asked_before = len(asked)
        asked.clear()
        after = await two_workers(address, {killed}, asked)
        assert len(after - before) == 1
        page = await (await read(http.get("/metrics"))).text()
        assert answers_counted(page) >= asked_before + len(asked)
        assert page.count("\nprocess_open_fds{") == 3
        service.process.terminate()
        async with asyncio.timeout(60):
            assert await service.process.wait() == 0
        assert "A worker has ended, another takes its place" in service.err
        assert " ERR " not in service.err


@pytest.mark.rules("O-30", "O-C3")
async def test_without_a_homeserver_it_explains_itself_and_ends(tmp_path: Path) -> None:
    async with started(tmp_path) as service:
        assert await service.ended() == 1
        assert service.err.startswith(help_text())
        assert service.err.splitlines()[-1].startswith("SYNCV3_SERVER is not set")
        assert "Traceback" not in service.err


@pytest.mark.rules("O-4")
async def test_an_occupied_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        async with started(
            tmp_path, SYNCV3_SERVER="http://hs.test", SYNCV3_BINDADDR=address
        ) as service:
            assert await service.ended() == 1
    expected = f"SYNCV3_BINDADDR: cannot listen on {address}: Address already in use.\n"
    assert service.err == expected


@pytest.mark.rules("O-4", "O-19")
@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"SYNCV3_SERVER": "http://refuse.test"}, "No start today.\n"),
        ({"SYNCV3_SENTRY_DSN": "nowhere"}, "SYNCV3_SENTRY_DSN is not a valid Sentry DSN.\n"),
    ],
)
async def test_what_fails_while_starting_is_one_sentence(
    tmp_path: Path, variables: dict[str, str], sentence: str
) -> None:
    address = f"127.0.0.1:{free_port()}"
    known = {"SYNCV3_SERVER": "http://hs.test", "SYNCV3_BINDADDR": address}
    async with started(tmp_path, **known | variables) as service:
        assert await service.ended() == 1
        assert service.err == sentence


@pytest.mark.rules("O-6")
async def test_several_workers_need_a_database_that_they_share(tmp_path: Path) -> None:
    variables = {"SYNCV3_SERVER": "http://hs.test", "SYNCV3_DB": ""}
    command = (*SANIC, "--workers=2")
    process = await asyncio.create_subprocess_exec(
        *command,
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
        env=os.environ | variables | {"SYNCV3_SECRET": SECRET, "SYNCV3_DATA_DIR": str(tmp_path)},
    )
    _, err = await process.communicate()
    assert process.returncode == 1
    assert err.decode() == "Several workers need a database of yours: set SYNCV3_DB.\n"


@pytest.mark.rules("O-15", "O-C4")
async def test_several_workers_do_not_share_a_profiling_listener(tmp_path: Path) -> None:
    variables = {"SYNCV3_SERVER": "http://hs.test", "SYNCV3_PPROF": ":6060"}
    async with started(tmp_path, "--workers=2", **variables) as service:
        assert await service.ended() == 1
    assert service.err.startswith("Several workers cannot share SYNCV3_PPROF: ")
