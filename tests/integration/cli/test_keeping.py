"""``export``, ``import``, ``purge`` and ``reset`` lose nothing that nobody sends twice."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from syncv3.crypt import TokenCipher
from syncv3.store.migrate import apply_migrations
from syncv3.takeover import GoProxy
from tests.integration.cli.running import Done, syncv3
from tests.support.account import Account, text
from tests.support.client import SlidingClient, window
from tests.support.go_proxy import PEOPLE, SECRET, left_behind
from tests.support.homeserver import FakeHomeserver
from tests.support.postgres import Postgres
from tests.support.service import Service

ALICE = PEOPLE["alice"]["user_id"]
EVERYTHING = """SELECT
    (SELECT json_agg(r ORDER BY position) FROM (SELECT position, user_id, device_id, event_type,
        sender, message, unique_key, key_hash, action, sent FROM ss_to_device_messages) r),
    (SELECT json_agg(r ORDER BY user_id, device_id) FROM (SELECT user_id, device_id, target_user_id,
        target_state FROM ss_device_list_updates) r),
    (SELECT json_agg(r ORDER BY hash) FROM (SELECT t.hash, t.token, d.device_id, t.last_seen
        FROM ss_tokens t JOIN ss_devices d ON d.id = t.device_key) r),
    (SELECT json_agg(r ORDER BY device_id) FROM (SELECT d.device_id, p.since, p.rooms_due
        FROM ss_pollers p JOIN ss_devices d ON d.id = p.device_key) r),
    (SELECT last_value FROM ss_to_device_messages_seq)"""
ALL = {"all": window(0, 20)}
INBOX = {"to_device": {"enabled": True}}


@pytest.fixture
async def full(postgres: Postgres) -> AsyncIterator[str]:
    """A database with devices, tokens, messages and changes."""
    url = await left_behind(postgres)
    await apply_migrations(url, predecessor=GoProxy(TokenCipher(SECRET)))
    yield url
    await postgres.drop(url)


async def value(url: str, statement: str, *arguments: object) -> object:
    db = await asyncpg.connect(url, server_settings={"application_name": "psql"})
    try:
        row = await db.fetchrow(statement, *arguments)
        return None if row is None else tuple(row)
    finally:
        await db.close()


async def command(url: str, *words: str, answers: str = "") -> Done:
    return await syncv3(*words, answers=answers, SYNCV3_DB=url, SYNCV3_SECRET=SECRET)


@pytest.mark.rules("O-9A")
async def test_what_is_exported_comes_back_as_it_was(
    full: str, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "out"
    assert (await command(full, "export", str(file))).output.startswith("21 rows written")
    assert file.stat().st_mode & 0o777 == 0o600
    assert (await command(database_url, "import", str(file))).status == 0
    assert await value(database_url, EVERYTHING) == await value(full, EVERYTHING)
    told = "SELECT count(*) FROM ss_device_list_updates WHERE pos > 0"
    assert await value(database_url, told) == (4,)


async def test_only_a_whole_export_is_taken_in_and_only_into_an_empty_database(
    full: str, database_url: str, tmp_path: Path
) -> None:
    file, cut, other = tmp_path / "out", tmp_path / "cut", tmp_path / "other"
    await command(full, "export", str(file))
    lines = file.read_text().splitlines(keepends=True)
    cut.write_text("".join(lines[:-3]))
    other.write_text("{}\n")
    for path, said in (
        (cut, "not complete"),
        (other, "is no export"),
        (tmp_path / "no", "no file"),
    ):
        done = await command(database_url, "import", str(path))
        assert done.status == 1 and said in done.output
    refused = await command(full, "import", str(file))
    assert refused.status == 1 and "into an empty one" in refused.output
    assert await value(database_url, "SELECT count(*) FROM ss_pollers") == (0,)


@pytest.mark.parametrize(
    "words", [("reset", "--yes"), ("purge", "user", ALICE), ("purge", "room", "!r:hs")]
)
async def test_nothing_is_forgotten_while_the_service_runs(
    full: str, words: tuple[str, ...]
) -> None:
    await value(full, "INSERT INTO ss_workers VALUES ('w', now(), now())")
    done = await command(full, *words)
    assert done.status == 1 and "stop them first" in done.output


async def test_forgetting_a_device_leaves_nothing_of_it_and_all_of_the_others(full: str) -> None:
    device = PEOPLE["alice"]["device_id"]
    refused = await command(full, "purge", "device", ALICE, device, "--forget", answers="n\n")
    assert refused.status == 1
    assert await value(full, "SELECT count(*) FROM ss_tokens") == (4,)
    done = await command(full, "purge", "device", ALICE, device, "--forget", "--yes")
    assert done.status == 0
    left = """SELECT (SELECT count(*) FROM ss_tokens), (SELECT count(*) FROM ss_pollers),
        (SELECT count(*) FROM ss_devices), (SELECT count(*) FROM ss_to_device_messages),
        (SELECT count(*) FROM ss_device_list_updates)"""
    assert await value(full, left) == (3, 3, 3, 4, 3)


async def test_what_is_not_known_is_said(full: str) -> None:
    for words in (("user", "@no:hs"), ("device", ALICE, "NO"), ("room", "!no:hs")):
        done = await command(full, "purge", *words)
        assert done.status == 1 and "not known here" in done.output


async def test_after_each_of_them_rooms_come_anew_and_messages_come_once(
    database_url: str,
) -> None:
    async with FakeHomeserver() as homeserver, aiohttp.ClientSession() as http:
        alice = await Account.register(http, homeserver.url, "alice")
        bob = await Account.register(http, homeserver.url, "bob")
        room = await alice.create_room("room", invite=[bob])
        await bob.join(room)
        service = await Service.start(http, homeserver=homeserver.url, database=database_url)
        client = SlidingClient(http, service.url, alice.token)
        other = SlidingClient(http, service.url, bob.token)
        try:
            for n, words in enumerate(
                (("reset", "--yes"), ("purge", "user", alice.user_id), ("purge", "room", room))
            ):
                await client.sync(lists=ALL, extensions=INBOX)
                await other.sync(lists=ALL)
                await service.stop()
                await bob.send_to_device(alice, "m.dummy", {"n": n})
                await bob.send(room, text(f"message {n}"))
                assert (await command(database_url, *words)).status == 0
                await service.launch()
                client.forget()
                other.forget()
                answer = await client.sync(lists=ALL, extensions=INBOX)
                came = answer.extensions["to_device"]
                assert [e["content"]["n"] for e in came["events"]] == [n], words
                assert client.rooms[room].bodies[-1] == f"message {n}", words
                since = {"to_device": {"enabled": True, "since": came["next_batch"]}}
                assert "events" not in (await client.sync(extensions=since)).extensions["to_device"]
                await other.sync(lists=ALL)
                assert other.rooms[room].bodies[-1] == f"message {n}", words
        finally:
            print(service.output[-6000:])
            service.close()
