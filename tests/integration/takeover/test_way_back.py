"""Giving everything back to the Go proxy, taking it over again, and dropping its tables."""

import asyncpg
import pytest

from syncv3.crypt import TokenCipher
from syncv3.errors import ConfigError
from syncv3.store.migrate import apply_migrations, locked
from syncv3.takeover import GoProxy, Returned, drop_old, give_back
from tests.support.go_proxy import PEOPLE, SECRET

ALICE = (PEOPLE["alice"]["user_id"], PEOPLE["alice"]["device_id"])
CIPHER = TokenCipher(SECRET)
MESSAGES = "SELECT * FROM syncv3_to_device_messages ORDER BY position"
ALL_BUT_TIMES = """SELECT (SELECT json_agg(m ORDER BY position) FROM syncv3_to_device_messages m),
    (SELECT json_agg(d ORDER BY user_id, device_id) FROM syncv3_sync2_devices d),
    (SELECT json_agg(l ORDER BY user_id, device_id) FROM syncv3_device_list_updates l),
    (SELECT json_agg(t ORDER BY token_hash) FROM syncv3_sync2_tokens t)"""


async def take(url: str, cipher: TokenCipher = CIPHER) -> None:
    await apply_migrations(url, predecessor=GoProxy(cipher))


async def back(
    url: str, *, rooms_anew: bool = False, any_session: bool = False, cipher: TokenCipher = CIPHER
) -> Returned:
    async with locked(url) as connection:
        return await give_back(connection, cipher, rooms_anew=rooms_anew, any_session=any_session)


async def drop(url: str) -> None:
    async with locked(url) as connection:
        await drop_old(connection)


async def test_what_nobody_has_used_comes_back_as_it_was(
    old_url: str, db: asyncpg.Connection
) -> None:
    before = await db.fetchrow(ALL_BUT_TIMES)
    await take(old_url)
    assert await back(old_url) == Returned(devices=4, tokens=4, messages=8, lists=4)
    assert await db.fetchrow(ALL_BUT_TIMES) == before
    assert await db.fetchval("SELECT nextval('syncv3_to_device_messages_seq')") == 11


async def test_what_was_told_here_is_gone_and_what_came_here_is_there(
    old_url: str, db: asyncpg.Connection
) -> None:
    await take(old_url)
    await db.execute("DELETE FROM ss_to_device_messages WHERE position <= 9")
    await db.execute("UPDATE ss_pollers SET since = 's77'")
    await db.execute("""INSERT INTO ss_to_device_messages
        (user_id, device_id, event_type, sender, message, pos) VALUES ($1, $2, 'm.x', '@e:hs',
        '{}', 9)""", *ALICE)  # fmt: skip
    await db.execute("""INSERT INTO ss_device_keys (device_key, pos, lists_acknowledged)
        SELECT d.id, 0, 1000 FROM ss_devices d JOIN ss_users u ON u.id = d.user_key
        WHERE (u.user_id, d.device_id) = ($1, $2)""", *ALICE)  # fmt: skip
    returned = await back(old_url)
    rows = await db.fetch(MESSAGES)
    assert [row["position"] for row in rows] == [10, 11] and rows[1]["user_id"] == ALICE[0]
    assert {r[0] for r in await db.fetch("SELECT since FROM syncv3_sync2_devices")} == {"s77"}
    assert (returned.messages, returned.lists) == (2, 3)
    waiting = await db.fetchval("""SELECT count(*) FROM syncv3_device_list_updates
        WHERE (user_id, device_id) = ($1, $2)""", *ALICE)  # fmt: skip
    assert waiting == 0


async def test_it_can_be_taken_over_again_and_no_position_comes_twice(
    old_url: str, db: asyncpg.Connection
) -> None:
    await take(old_url)
    head = await db.fetchval("SELECT max(last_pos) FROM ss_stream_commits")
    await back(old_url)
    assert await db.fetchval("SELECT count(*) FROM ss_devices") == 0
    await db.execute("DELETE FROM syncv3_to_device_messages WHERE position < 9")  # the Go proxy
    await db.execute("SELECT nextval('syncv3_to_device_messages_seq')")
    await take(old_url)
    assert await db.fetchval("SELECT max(last_pos) FROM ss_stream_commits") > head
    assert await db.fetchval("SELECT min(position) FROM ss_to_device_messages") == 9
    assert await db.fetchval("SELECT nextval('ss_to_device_messages_seq')") == 12


async def test_tokens_of_an_earlier_secret_are_sealed_anew_for_the_go_proxy(
    old_url: str, db: asyncpg.Connection
) -> None:
    await take(old_url)
    new = "the secret that we have now"
    await back(old_url, cipher=TokenCipher(new, [SECRET]))
    sealed = await db.fetch("SELECT token_encrypted FROM syncv3_sync2_tokens")
    opened = {TokenCipher(new).decrypt(row[0]).token for row in sealed}
    assert opened == {person["access_token"] for person in PEOPLE.values()}


async def test_rooms_can_be_asked_for_anew(old_url: str, db: asyncpg.Connection) -> None:
    await take(old_url)
    await back(old_url, rooms_anew=True)
    assert {r[0] for r in await db.fetch("SELECT since FROM syncv3_sync2_devices")} == {""}


async def test_a_key_that_a_text_column_cannot_have_does_not_stop_the_way_back(
    old_url: str, db: asyncpg.Connection
) -> None:
    await take(old_url)
    await db.execute("""UPDATE ss_to_device_messages SET unique_key = $1 WHERE position = 9""",
                     '["m.room_key_request", "@e:hs", "D", "a\\u0000"]')  # fmt: skip
    await db.execute("""UPDATE ss_to_device_messages SET unique_key = $1 WHERE position = 10""",
                     '["m.room_key_request", "@e:hs", "D", "\\ud800"]')  # fmt: skip
    await back(old_url)
    keys = await db.fetch("SELECT unique_key FROM syncv3_to_device_messages WHERE action = 1")
    assert [row[0] for row in keys] == [None, None]


async def refusal(url: str) -> str:
    with pytest.raises(ConfigError) as refused:
        await back(url)
    return str(refused.value)


async def test_there_is_no_way_back_from_nothing_and_none_twice(
    old_url: str, database_url: str
) -> None:
    assert "no way back" in await refusal(database_url)
    await take(old_url)
    await back(old_url)
    assert "no way back" in await refusal(old_url)


async def test_there_is_no_way_back_while_anybody_is_at_work(
    old_url: str, db: asyncpg.Connection
) -> None:
    await take(old_url)
    await db.execute("INSERT INTO ss_workers VALUES ('w', now(), now())")
    assert "stop them first" in await refusal(old_url)
    await db.execute("DELETE FROM ss_workers")
    proxy = await asyncpg.connect(old_url)
    assert "stop it first" in await refusal(old_url)
    await proxy.close()
    await db.execute("""INSERT INTO ss_set_aside
        (extension, device_key, generated_us, item, error, created)
        VALUES ('to_device', 1, 0, '{}', '', now())""")
    assert "syncv3.replay" in await refusal(old_url)


async def test_dropping_takes_the_old_tables_and_no_other(
    old_url: str, db: asyncpg.Connection
) -> None:
    ours = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'S') AND relname LIKE 'ss\\_%'"
    await take(old_url)
    before = set(await db.fetch(ours))
    await drop(old_url)
    left = """SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace
        AND (relname LIKE 'syncv3\\_%' OR relname LIKE 'goose%')"""
    assert await db.fetchval(left) == 0
    assert set(await db.fetch(ours)) == before
    assert await db.fetchval("SELECT count(*) FROM ss_to_device_messages") == 8
    await take(old_url)  # a start finds nothing more to do
    upto = await db.fetchval("SELECT decimals_upto FROM ss_takeovers")
    assert upto == await db.fetchval("SELECT max(last_pos) FROM ss_stream_commits")


async def test_what_was_given_back_or_never_taken_is_not_dropped(
    old_url: str, db: asyncpg.Connection
) -> None:
    with pytest.raises(ConfigError, match="no tables"):
        await drop(old_url)
    await take(old_url)
    await back(old_url)
    with pytest.raises(ConfigError, match="given back"):
        await drop(old_url)
    assert len(await db.fetch(MESSAGES)) == 8
