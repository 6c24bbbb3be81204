"""``syncv3 migrate`` on an empty database, one of ours, and one that the Go proxy has left."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.integration.cli.running import Done, syncv3
from tests.support.go_proxy import SECRET, left_behind
from tests.support.postgres import Postgres

NEWEST = "12"


@pytest.fixture
async def old_url(postgres: Postgres) -> AsyncIterator[str]:
    url = await left_behind(postgres)
    yield url
    await postgres.drop(url)


async def migrate(url: str, *words: str, answers: str = "") -> Done:
    return await syncv3("migrate", *words, answers=answers, SYNCV3_DB=url, SYNCV3_SECRET=SECRET)


async def tables(url: str, pattern: str) -> int:
    db = await asyncpg.connect(url, server_settings={"application_name": "psql"})
    try:
        statement = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE $1"
        found: int = await db.fetchval(statement, pattern)
    finally:
        await db.close()
    return found


@pytest.mark.rules("O-35")
async def test_without_a_word_it_says_what_there_is(database_url: str) -> None:
    done = await migrate(database_url)
    assert done.status == 0 and "up-by-one" in done.output


@pytest.mark.rules("O-36", "O-99")
async def test_steps_go_down_and_up_again(database_url: str) -> None:
    assert (await migrate(database_url, "version")).out.strip() == NEWEST
    assert "12_2026" in (await migrate(database_url, "down", "--yes")).output
    assert (await migrate(database_url, "version")).out.strip() == "11"
    await migrate(database_url, "down-to", "10", "--yes")
    assert await tables(database_url, "syncv3\\_%") == 2
    await migrate(database_url, "down-to", "7", "--yes")
    assert (await migrate(database_url, "version")).out.strip() == "7"
    await migrate(database_url, "up-by-one")
    assert (await migrate(database_url, "version")).out.strip() == "8"
    await migrate(database_url, "up-to", "9")
    assert (await migrate(database_url, "version")).out.strip() == "9"
    await migrate(database_url, "up")
    assert (await migrate(database_url, "redo", "--yes")).status == 0
    assert (await migrate(database_url, "version")).out.strip() == NEWEST


@pytest.mark.rules("O-36")
async def test_reset_asks_twice_and_leaves_nothing_of_ours(database_url: str) -> None:
    assert (await migrate(database_url, "reset", answers="y\nn\n")).status == 1
    assert (await migrate(database_url, "version")).out.strip() == NEWEST
    assert (await migrate(database_url, "reset", answers="y\ny\n")).status == 0
    assert await tables(database_url, "ss\\_%") == 0
    assert (await migrate(database_url, "version")).out.strip() == "-1"
    assert (await migrate(database_url, "up")).status == 0
    assert (await migrate(database_url, "version")).out.strip() == NEWEST


@pytest.mark.rules("O-36")
async def test_status_tells_of_migrations_and_of_the_go_proxys_tables(old_url: str) -> None:
    assert "the next start takes over" in (await migrate(old_url, "status")).output
    done = await migrate(old_url, "up")
    assert "were taken over" in done.output and "12_2026" in done.output
    assert (await migrate(old_url, "back", "--yes")).output.startswith("Given back: 4 devices")
    assert "the next start takes over" in (await migrate(old_url, "status")).output


async def test_the_way_back_is_asked_about(old_url: str) -> None:
    await migrate(old_url, "up")
    assert (await migrate(old_url, "back", answers="n\n")).status == 1
    assert "were taken over" in (await migrate(old_url, "status")).output


async def test_dropping_the_old_tables_is_asked_about_twice(old_url: str) -> None:
    name = old_url.rsplit("/", 1)[1]
    await migrate(old_url, "up")
    assert (await migrate(old_url, "--drop-old", answers="n\n")).status == 1
    wrong = await migrate(old_url, "--drop-old", answers="y\nanother\n")
    assert wrong.status == 1 and "nothing was dropped" in wrong.output
    assert await tables(old_url, "syncv3\\_%") == 16
    assert (await migrate(old_url, "--drop-old", answers=f"y\n{name}\n")).status == 0
    assert await tables(old_url, "syncv3\\_%") == 0
    assert "no tables of a Go proxy" in (await migrate(old_url, "status")).output


async def test_without_the_go_proxys_secret_it_is_not_taken_over(old_url: str) -> None:
    done = await syncv3("migrate", "up", SYNCV3_DB=old_url, SYNCV3_SECRET="another secret")
    assert done.status == 1 and "SYNCV3_SECRET" in done.output


async def test_a_database_that_is_away_is_one_sentence() -> None:
    done = await migrate("postgresql://nobody@127.0.0.1:1/none", "status")
    assert done.status == 1 and done.output.startswith("The database cannot be reached: ")
