"""Taking over the database of the Go proxy, and giving it back (docs/moving.md).

What must move is what no homeserver sends twice: to-device messages that a client has not fetched
yet, changes of device lists, and how far each device's sync is (``since``). Access tokens move too,
so that nobody has to log in. Rooms do not: they are asked for anew (``syncv3.ingest.handover``).

Two dangers decide how. *Two services at once*: the homeserver gives each to-device message to one
of them only. So nothing is taken over while another session of the same role is connected that does
not call itself by a known name, and the old tables are locked meanwhile. *Half of it*: all happens
in one transaction, so a crash leaves the database as it was.

The way back does the same in the other direction, also in one transaction. It stays open until an
operator drops the old tables (``drop_old``).

Nothing here commits: the transaction is that of the migrations, or of the command that calls
``give_back``, and holds the migrations' lock. ``store/old_proxy.py`` and ``store/way_back.py`` have
the SQL. ``docs/architecture/takeover.md`` says why each step is as it is.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import asyncpg

from extensions.to_device import REQUEST, read_message
from syncv3.batch import DeviceData, Lease, Part
from syncv3.crypt import CannotDecrypt, TokenCipher
from syncv3.errors import ConfigError
from syncv3.ingest.items import encode
from syncv3.store import old_proxy, way_back
from syncv3.store.old_proxy import NewMessage, OldMessage
from syncv3.store.pool import NAME
from syncv3.types import DeviceID, DeviceKey, UserID, UserKey

log = logging.getLogger(__name__)

HARMLESS: Final = (NAME, "psql", "pg_dump", "pg_dumpall", "pg_basebackup")
"""What sessions call themselves that may go on meanwhile."""
LOCK_MS: Final = 5000  # how long the old tables may be in use before taking over is refused
TRIED_TOKENS: Final = 100  # of the newest: none of them opens only if the secret is another one
TOLD_EVERY_S: Final = 5.0
NAMED_MOST: Final = 5  # sessions that a refusal names
ALIVE: Final = timedelta(seconds=30)  # since its last beat: a worker that may still run

Told = Callable[[int, int], None]
"""Told now and then how many to-device messages are copied, and of how many."""


def log_progress(every_s: float = TOLD_EVERY_S) -> Told:
    """What writes progress to the log, each ``every_s`` seconds; for where there is no terminal."""
    last = time.monotonic()

    def told(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= every_s:
            last = time.monotonic()
            log.info("taking over messages", extra={"done": done, "total": total})

    return told


class GoProxy:
    """The Go proxy's tables, as what was in the database before us
    (``syncv3.store.migrate.Predecessor``).

    ``told`` hears of progress. ``any_session``: take over although other sessions might be the Go
    proxy's.
    """

    def __init__(
        self, cipher: TokenCipher, told: Told | None = None, *, any_session: bool = False
    ) -> None:
        self._cipher = cipher
        self._told = told or log_progress()
        self._any_session = any_session

    async def waits(self, connection: Any) -> bool:
        """Whether its tables are there and not taken over. If so, nobody can write them until the
        transaction ends.

        Raises ``ConfigError``, with a sentence for the operator, if they cannot be taken over: they
        are of an unknown version, the Go proxy seems to run, or the secret is not the one it had.
        """
        if not await old_proxy.is_here(connection):
            return False
        state = await old_proxy.state(connection)
        if state is not None and not state.returned:  # it was done, at an earlier start
            await _warn_of_sessions(connection)
            return False
        _refuse_schema(await old_proxy.schema_versions(connection))
        if not self._any_session:
            _refuse_sessions(await old_proxy.sessions(connection, HARMLESS))
        # From here on nobody writes the tables: what is read below is what will be copied.
        await _lock(connection)
        self._refuse_secret(await old_proxy.newest_ciphertexts(connection, TRIED_TOKENS))
        return True

    async def take_over(self, connection: Any) -> None:
        """Copy what no homeserver sends twice, and what it takes to go on.

        The old tables are only read, and stay for the way back.
        """
        devices = await old_proxy.copy_devices(connection)
        tokens = await old_proxy.copy_tokens(connection)
        lists = await old_proxy.copy_lists(connection)
        messages = await _copy_messages(connection, self._told)
        await old_proxy.note_taken(
            connection, devices=devices, tokens=tokens, messages=messages, lists=lists
        )
        log.info(
            "took over the Go proxy's database",
            extra={"devices": devices, "tokens": tokens, "messages": messages, "lists": lists},
        )

    def _refuse_secret(self, ciphertexts: Sequence[str]) -> None:
        """Raises ``ConfigError`` if no token can be opened. Some may have been sealed with an
        earlier secret: one is enough."""
        if ciphertexts and not any(map(self._opens, ciphertexts)):
            raise ConfigError(
                "SYNCV3_SECRET opens no access token that the Go proxy has stored:"
                " set the secret that it had."
            )

    def _opens(self, ciphertext: str) -> bool:
        try:
            self._cipher.decrypt(ciphertext)
        except CannotDecrypt:
            return False
        return True


def _refuse_schema(versions: Sequence[int]) -> None:
    """Raises ``ConfigError`` for tables that are not those of the last version of the Go proxy."""
    if old_proxy.LAST_SCHEMA not in versions:
        raise ConfigError(
            "The database belongs to a Go proxy older than v0.99.19: start v0.99.19 on it once,"
            " and stop it again, so that it brings its tables up to date."
        )
    if versions[-1] != old_proxy.LAST_SCHEMA:
        raise ConfigError(
            f"The database was migrated by a later version of the Go proxy ({versions[-1]}),"
            " which is not known here; it is not taken over."
        )


async def _warn_of_sessions(connection: asyncpg.Connection) -> None:
    """Warns if the Go proxy may have been started again on a database that was taken over."""
    if sessions := await old_proxy.sessions(connection, HARMLESS):
        log.warning(
            "another session may be the Go proxy: stop it, as each message goes to one only",
            extra={"sessions": len(sessions), "pid": sessions[0].pid},
        )


def _refuse_sessions(sessions: Sequence[old_proxy.Session]) -> None:
    """Raises ``ConfigError`` if the Go proxy may be running: both would fetch messages, and each
    gets only some."""
    if sessions:
        named = ", ".join(
            f"pid {one.pid} from {one.address}" + (f" ({one.name})" if one.name else "")
            for one in sessions[:NAMED_MOST]
        )
        raise ConfigError(
            "The Go proxy seems to be connected to its database still: stop it first. Sessions of"
            f" this role: {named}. If they are others', use --any-session of syncv3 migrate."
        )


async def _lock(connection: asyncpg.Connection) -> None:
    try:
        await old_proxy.lock_tables(connection, LOCK_MS)
    except asyncpg.LockNotAvailableError as error:
        raise ConfigError(
            "The Go proxy's tables are being written: stop it before its database is taken over."
        ) from error


async def _copy_messages(connection: asyncpg.Connection, told: Told) -> int:
    """Copies all to-device messages; how many there were.

    They keep their numbers, because clients' tokens count by them. If there are messages of ours
    already, as the service has run on this database before, the old ones get new numbers.
    """
    total = await old_proxy.count_messages(connection)
    renumber = await old_proxy.have_messages(connection)
    await old_proxy.go_on_behind(connection)
    done = 0
    async for page in old_proxy.pages_of_messages(connection):
        rows = [row for old in page if (row := await _new(connection, old)) is not None]
        if renumber:
            numbers = await old_proxy.next_positions(connection, len(rows))
            rows = [row._replace(position=n) for row, n in zip(rows, numbers, strict=True)]
        await old_proxy.add_messages(connection, rows)
        done += len(page)
        told(done, total)
    return total


async def _new(connection: asyncpg.Connection, old: OldMessage) -> NewMessage | None:
    """Our row for a message. None: no client could be sent it, so it is set aside for a replay."""
    try:
        read = read_message(old.message.encode())
    except ValueError as error:
        await old_proxy.set_aside(connection, old, _item(old), str(error))
        return None
    return NewMessage(
        old.position,
        old.user_id,
        old.device_id,
        old.event_type,
        old.sender,
        old.message,
        read.unique_key,
        None if read.key_hash is None else bytes.fromhex(read.key_hash),
        read.action,
        read.action == REQUEST and old.sent,
    )


def _item(old: OldMessage) -> str:
    """The message in the form in which ``replay`` reads it: a part with nothing else. Whose device
    it is for stands beside it, so the keys in here mean nothing."""
    part = Part(
        UserID(old.user_id),
        DeviceID(old.device_id),
        UserKey(0),
        Lease(DeviceKey(0), "", 0),
        since=None,
        next_since=None,
        generated_us=0,
        device=DeviceData(to_device=(old.message.encode(),)),
    )
    item = encode(part)
    assert item is not None
    return item


# -- the way back ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Returned:
    """How much was written back to the Go proxy's tables."""

    devices: int
    tokens: int
    messages: int
    lists: int


async def give_back(
    connection: asyncpg.Connection, cipher: TokenCipher, *, rooms_anew: bool, any_session: bool
) -> Returned:
    """Writes everything into the Go proxy's tables and empties ours, in the caller's transaction.

    ``rooms_anew``: the Go proxy is then to ask for all rooms of each device. Raises ``ConfigError``
    if nothing was taken over, something is set aside, or a worker or the Go proxy may be running.
    """
    await _refuse_way_back(connection, any_session=any_session)
    if number := await way_back.count_set_aside(connection):
        raise ConfigError(
            f"{number} things are set aside, which the Go proxy has no place for: take them in, or"
            " drop them, with python -m syncv3.replay first."
        )
    returned = Returned(
        devices=await way_back.write_devices(connection, rooms_anew=rooms_anew),
        tokens=await way_back.write_tokens(connection, lambda sealed: _reseal(cipher, sealed)),
        messages=await way_back.write_messages(connection),
        lists=await way_back.write_lists(connection),
    )
    await way_back.empty_ours(connection)
    await way_back.note_returned(connection)
    return returned


async def drop_old(connection: asyncpg.Connection) -> None:
    """Drop the Go proxy's tables, in the transaction. Raises ``ConfigError``.

    The service may run meanwhile.
    """
    state = await old_proxy.state(connection)
    if state is None or not await old_proxy.is_here(connection):
        raise ConfigError("There are no tables of a Go proxy that was taken over.")
    if state.returned:
        raise ConfigError(
            "Everything was given back to the Go proxy: its tables have what no client was given"
            " yet. Take it over again first, by a start."
        )
    await way_back.drop_theirs(connection)


async def _refuse_way_back(connection: asyncpg.Connection, *, any_session: bool) -> None:
    state = await old_proxy.state(connection)
    if state is None or state.returned or not await old_proxy.is_here(connection):
        raise ConfigError("Nothing is taken over from a Go proxy: there is no way back.")
    if workers := await way_back.live_workers(connection, ALIVE):
        raise ConfigError(
            f"{len(workers)} workers of this service run, or ended without a word less than"
            f" {ALIVE.seconds} s ago: stop them first."
        )
    if not any_session:
        _refuse_sessions(await old_proxy.sessions(connection, HARMLESS))
    await _lock(connection)


def _reseal(cipher: TokenCipher, sealed: str) -> str:
    """The token sealed with the secret of now, the only one that the Go proxy can be given.

    Unchanged if it is sealed so already, or cannot be opened.
    """
    try:
        opened = cipher.decrypt(sealed)
    except CannotDecrypt:
        return sealed
    return sealed if opened.current else cipher.encrypt(opened.token)
