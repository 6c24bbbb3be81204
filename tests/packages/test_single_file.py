"""``dist/syncv3`` on a machine that has nothing else: no Python, no PostgreSQL, no variables."""

import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ports import free_port

PROGRAM = Path(__file__).resolve().parents[2] / "dist" / "syncv3"
START_S = 60.0
STOP_S = 30.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """For files of the service and for what the program unpacks. PostgreSQL of root is another
    user, who has to pass through it, and the path of its socket must be short."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o711)
        (path / "unpacked").mkdir()
        (path / "unpacked").chmod(0o711)
        yield path


@pytest.fixture
def bare(folder: Path) -> dict[str, str]:
    """All variables of the machine."""
    return {
        "PATH": "/nonexistent",
        "TMPDIR": str(folder / "unpacked"),
        "SYNCV3_SERVER": "http://127.0.0.1:1",
        "SYNCV3_DATA_DIR": str(folder / "data"),
        "SYNCV3_BINDADDR": f"127.0.0.1:{free_port()}",
    }


def said(bare: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [PROGRAM, *arguments],
        env=bare,
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def fetched(bare: dict[str, str], path: str) -> str:
    with urllib.request.urlopen(f"http://{bare['SYNCV3_BINDADDR']}{path}", timeout=5) as answer:
        return str(answer.read().decode())


def wait_until_healthy(process: subprocess.Popen[bytes], bare: dict[str, str], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            fetched(bare, "/health")
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)  # between two looks
    raise AssertionError(log.read_text())


def test_it_says_which_version_it_is(bare: dict[str, str]) -> None:
    assert said(bare, "--version").startswith("Sync v3 [")


@pytest.mark.timeout(180)
def test_it_serves_with_a_database_of_its_own_and_goes_without_a_trace(
    bare: dict[str, str], folder: Path
) -> None:
    log = folder / "output"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [PROGRAM, "serve"], env=bare, cwd=folder, stdout=output, stderr=output
        )
    try:
        wait_until_healthy(process, bare, log)
        assert 'src="main.js"' in fetched(bare, "/client/")
        said(bare, "healthcheck")
        said(bare, "status")
        process.terminate()
        assert process.wait(timeout=STOP_S) == 0, log.read_text()
    finally:
        process.kill()
    assert os.listdir(folder / "unpacked") == []
    assert not (folder / "data" / "postgresql" / "postmaster.pid").exists()
