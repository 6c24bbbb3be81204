"""``syncv3 status``: what it tells, and its exit status."""

import json

import asyncpg

from tests.integration.cli.running import syncv3
from tests.support.postgres import Postgres

DEVICE = """WITH u AS (INSERT INTO ss_users (user_id) VALUES ($1) RETURNING id),
    d AS (INSERT INTO ss_devices (user_key, device_id) SELECT id, $2 FROM u RETURNING id)
    INSERT INTO ss_pollers (device_key, since, generated_us, last_used)
    SELECT id, 's1', (extract(epoch FROM now()) * 1e6)::bigint - $3 * 1000000, now() FROM d"""


async def test_all_is_well_without_pollers_that_are_behind(database_url: str) -> None:
    db = await asyncpg.connect(database_url)
    await db.execute(DEVICE, "@well:hs", "D", 10)
    await db.close()
    done = await syncv3("status", "--json", SYNCV3_DB=database_url)
    told = json.loads(done.out)
    assert done.status == 0 and told["behind"] == []
    assert told["counts"]["devices"] == 1
    assert {"table", "size_bytes", "rows"} == set(told["tables"][0])


async def test_a_poll_that_has_stopped_is_named_with_the_reason(database_url: str) -> None:
    db = await asyncpg.connect(database_url)
    await db.execute(DEVICE, "@late:hs", "D\x1b[31m[bold]", 500)
    await db.close()
    done = await syncv3("status", "--json", SYNCV3_DB=database_url)
    [late] = json.loads(done.out)["behind"]
    assert done.status == 1
    assert (late["user_id"], late["tokens"]) == ("@late:hs", 0)
    assert late["lag_s"] > 499 and "rejected its tokens" in late["why"]
    shown = await syncv3("status", SYNCV3_DB=database_url)
    assert shown.status == 1 and "D?[31m[bold]" in shown.output


async def test_a_database_without_our_tables_is_one_sentence(postgres: Postgres) -> None:
    url = await postgres.clone("template0")
    done = await syncv3("status", SYNCV3_DB=url)
    await postgres.drop(url)
    assert done == (1, "The service was never started on this database.", "")
