"""The package as an operator installs it: a wheel, an environment of its own, an empty folder."""

import asyncio
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.support.answers import read
from tests.support.ports import free_port
from tests.support.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
SOURCES = ("app.py", "client", "extensions", "LICENSE", "migrations", "models", "pyproject.toml",
           "setup.py", "syncv3")  # fmt: skip
START_S = 30.0


def uv(*arguments: str | Path) -> str:
    done = subprocess.run([UV, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that nothing of an earlier build is in it."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, tree / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, tree / name)
    uv("build", "--quiet", "--wheel", "--out-dir", out, tree)
    [built] = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A fresh environment with the wheel in it, and versions as they are in this one."""
    environment = tmp_path_factory.mktemp("installed") / "venv"
    versions = environment.with_name("versions.txt")
    versions.write_text(uv("pip", "freeze", "--exclude-editable", "--python", sys.executable))
    uv("venv", "--quiet", "--python", sys.executable, environment)
    uv("pip", "install", "--quiet", "--python", environment / "bin" / "python",
       "--constraint", versions, wheel)  # fmt: skip
    yield environment
    shutil.rmtree(environment)


@asynccontextmanager
async def started(
    installed: Path, folder: Path, **variables: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """``sanic app serve`` in a folder, without anything of the source tree."""
    foreign = ("SYNCV3_", "SANIC_", "PYTHON")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    process = await asyncio.create_subprocess_exec(
        *(installed / "bin" / "sanic", "app", "serve"),
        cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env=environment | {"SYNCV3_SECRET": "a secret for tests"} | variables,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def healthy(http: aiohttp.ClientSession, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(START_S):
        while process.returncode is None:
            try:
                if (await read(http.get("/health"))).status == 200:
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)  # between two tries
    assert process.stdout is not None
    raise AssertionError((await process.stdout.read()).decode())


def test_a_wheel_takes_no_more_names_than_it_must(wheel: Path) -> None:
    """``migrations`` and ``client`` are inside ``syncv3``: elsewhere they could be anybody's."""
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert top == {"app.py", "extensions", "models", "syncv3"}
    kept = {path.name for path in (ROOT / "migrations" / "models").glob("*.py")}
    assert {n.split("/")[-1] for n in names if n.startswith("syncv3/migrations/")} == kept
    assert not [name for name in names if "test" in name or "__pycache__" in name]


@pytest.mark.rules("O-2", "O-44", "O-90")
async def test_an_installed_wheel_serves_from_an_empty_folder(
    installed: Path, postgres: Postgres, tmp_path: Path
) -> None:
    database, port = await postgres.clone("template0"), free_port()
    variables = {"SYNCV3_DB": database, "SYNCV3_BINDADDR": f"127.0.0.1:{port}"}
    async with (
        started(installed, tmp_path, SYNCV3_SERVER="http://127.0.0.1:1", **variables) as process,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        await healthy(http, process)
        index = await read(http.get("/client/"))
        assert (index.status, index.content_type) == (200, "text/html")
        assert 'src="main.js"' in await index.text()
        script = await read(http.get("/client/main.js"))
        assert (script.status, script.content_type) == (200, "text/javascript")
        version = (await (await read(http.get("/client/server.json"))).json())["version"]
        assert version.endswith("(unknown)")
        process.terminate()
        assert await process.wait() == 0
    await postgres.drop(database)


@pytest.fixture
def no_migrations(installed: Path) -> Iterator[Path]:
    """Where the migrations of the installation were."""
    [migrations] = installed.glob("lib/python*/site-packages/syncv3/migrations")
    away = migrations.rename(migrations.with_name("away"))
    yield migrations
    away.rename(migrations)


@pytest.mark.rules("O-4", "O-90")
async def test_an_installation_without_migrations_says_so(
    installed: Path, no_migrations: Path, postgres: Postgres, tmp_path: Path
) -> None:
    async with started(
        installed, tmp_path, SYNCV3_SERVER="http://hs.test", SYNCV3_DB=postgres.url()
    ) as process:
        said, _ = await process.communicate()
    assert process.returncode == 1
    assert said.decode().splitlines()[-1] == (
        f"There are no migrations in {no_migrations}/models: the installation is incomplete."
    )
    assert b"Traceback" not in said
