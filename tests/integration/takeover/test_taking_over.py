"""What is in the database when the Go proxy's has been taken over, and when it is refused."""

import asyncio
import subprocess
from pathlib import Path
from types import ModuleType

import asyncpg
import pytest

from syncv3 import takeover
from syncv3.crypt import TokenCipher
from syncv3.errors import ConfigError
from syncv3.store import beside, old_proxy
from syncv3.store.migrate import apply_migrations
from syncv3.takeover import GoProxy
from tests.support.go_proxy import PEOPLE, SECRET
from tests.support.postgres import Postgres, client_program

ALICE = (PEOPLE["alice"]["user_id"], PEOPLE["alice"]["device_id"])
OURS = """SELECT position, message::json->'content' AS content, action, sent, pos
    FROM ss_to_device_messages WHERE (user_id, device_id) = ($1, $2) ORDER BY position"""
THEIRS = """SELECT (SELECT count(*) FROM syncv3_to_device_messages),
    (SELECT count(*) FROM syncv3_device_list_updates), (SELECT count(*) FROM syncv3_events)"""
OUR_TABLES = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'ss\\_%'"


async def take(url: str, *, secret: str = SECRET, any_session: bool = False) -> None:
    proxy = GoProxy(TokenCipher(secret), any_session=any_session)
    await apply_migrations(url, predecessor=proxy)


@pytest.mark.rules("U-1", "U-5", "U-6", "TD-10")
async def test_devices_tokens_and_messages_are_as_they_were(
    old_url: str, db: asyncpg.Connection
) -> None:
    await take(old_url)
    pollers = await db.fetch("""SELECT u.user_id, d.device_id, p.since, p.rooms_due
        FROM ss_pollers p JOIN ss_devices d ON d.id = p.device_key JOIN ss_users u
        ON u.id = d.user_key""")
    old = await db.fetch("SELECT user_id, device_id, since, 1 FROM syncv3_sync2_devices")
    assert {tuple(row) for row in pollers} == {tuple(row) for row in old}
    cipher = TokenCipher(SECRET)
    tokens = [row[0] for row in await db.fetch("SELECT token FROM ss_tokens")]
    opened = {cipher.decrypt(token).token for token in tokens}
    assert opened == {person["access_token"] for person in PEOPLE.values()}
    rows = await db.fetch(OURS, *ALICE)
    assert [(row["position"], row["action"], row["sent"], row["pos"]) for row in rows] == [
        (1, 0, False, 0),
        (3, 0, False, 0),
        (5, 0, False, 0),
        (9, 1, False, 0),
    ]
    assert await db.fetchval("SELECT nextval('ss_to_device_messages_seq')") == 11


async def test_a_key_request_that_a_client_was_given_cannot_be_withdrawn_any_more(
    old_url: str, db: asyncpg.Connection
) -> None:
    await db.execute("UPDATE syncv3_to_device_ack_pos SET unack_pos = 9 WHERE unack_pos = 3")
    await take(old_url)
    sent = await db.fetch("SELECT position FROM ss_to_device_messages WHERE sent")
    assert [row[0] for row in sent] == [9]
    keys = await db.fetch("""SELECT DISTINCT unique_key, key_hash FROM ss_to_device_messages
        WHERE action = 1""")
    assert [row[0] for row in keys] == [
        f'["m.room_key_request", "{PEOPLE["carol"]["user_id"]}", "CGMFTGKVMC", "R2"]'
    ]
    assert len(keys[0]["key_hash"]) == 32


async def test_changes_of_device_lists_are_news_in_the_stream_once_for_each_target(
    old_url: str, db: asyncpg.Connection
) -> None:
    await db.execute("""INSERT INTO syncv3_device_list_updates
        SELECT user_id, device_id, target_user_id, 2, 2 FROM syncv3_device_list_updates
        UNION SELECT user_id, device_id, '@sent:hs', 1, 2 FROM syncv3_device_list_updates""")
    await take(old_url)
    rows = await db.fetch("""SELECT target_user_id, target_state, pos FROM ss_device_list_updates
        WHERE (user_id, device_id) = ($1, $2) ORDER BY target_user_id""", *ALICE)  # fmt: skip
    assert [tuple(row)[:2] for row in rows] == [
        (PEOPLE["bob"]["user_id"], 1),
        ("@sent:hs", 1),
    ]
    head = await db.fetchval("SELECT max(last_pos) FROM ss_stream_commits")
    assert {row["pos"] for row in rows} == {head}


async def test_of_two_that_start_one_takes_over_and_a_later_start_changes_nothing(
    old_url: str, db: asyncpg.Connection
) -> None:
    await asyncio.gather(take(old_url), take(old_url))
    await db.execute("DELETE FROM ss_to_device_messages WHERE position = 1")
    await take(old_url)
    assert await db.fetchval("SELECT count(*) FROM ss_takeovers") == 1
    assert await db.fetchval("SELECT min(position) FROM ss_to_device_messages") == 2
    assert tuple(await db.fetchrow(THEIRS)) == (8, 4, 28)


SCHEMA_DUMP = ("--schema-only", "--no-owner", "--exclude-table=syncv3_*", "--exclude-table=goose*")


def dumped(url: str) -> str:
    """All that is no data, without the Go proxy's tables."""
    command: list[str | Path] = [
        client_program("pg_dump"),
        *SCHEMA_DUMP,
        "--exclude-table=*nids_seq",
        url,
    ]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return "\n".join(line for line in text.splitlines() if not line.startswith("\\"))


async def test_our_schema_is_the_same_as_in_an_empty_database(
    old_url: str, database_url: str
) -> None:
    await take(old_url)
    ours = dumped(database_url)
    assert "ss_commit_group" in ours and dumped(old_url) == ours


class Died(Exception):
    pass


@pytest.mark.parametrize(
    ("module", "where"),
    [
        pytest.param(old_proxy, "add_messages", id="while messages are copied"),
        pytest.param(beside, "move", id="while their tables are moved"),
    ],
)
async def test_a_start_that_dies_leaves_their_database_as_it_was_and_the_next_takes_over(
    old_url: str,
    db: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    where: str,
) -> None:
    async def dies(*_: object) -> int:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(module, where, dies)
        with pytest.raises(Died):
            await take(old_url)
    in_their_schema = OUR_TABLES + " AND relnamespace = 'public'::regnamespace"
    assert await db.fetchval(in_their_schema) == 0
    assert tuple(await db.fetchrow(THEIRS)) == (8, 4, 28)
    await take(old_url)
    assert len(await db.fetch(OURS, *ALICE)) == 4
    assert await db.fetchval("SELECT to_regnamespace($1) IS NULL", beside.SCHEMA)


async def refusal(url: str, secret: str = SECRET) -> str:
    with pytest.raises(ConfigError) as refused:
        await take(url, secret=secret)
    return str(refused.value)


async def test_it_is_not_taken_over_while_the_go_proxy_is_connected(
    old_url: str, db: asyncpg.Connection
) -> None:
    proxy = await asyncpg.connect(old_url)
    said = await refusal(old_url)
    assert "stop it first" in said and f"pid {proxy.get_server_pid()} from" in said
    assert await db.fetchval(OUR_TABLES) == 0
    await take(old_url, any_session=True)
    await proxy.close()
    assert len(await db.fetch(OURS, *ALICE)) == 4


async def test_a_go_proxy_that_was_started_again_is_told_of(
    old_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    await take(old_url)
    proxy = await asyncpg.connect(old_url)
    await take(old_url)
    await proxy.close()
    assert [r.levelname for r in caplog.records if "may be the Go proxy" in r.message] == [
        "WARNING"
    ]


async def test_it_is_not_taken_over_while_somebody_writes_its_tables(
    old_url: str, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeover, "LOCK_MS", 50)
    async with db.transaction():
        await db.execute("UPDATE syncv3_sync2_devices SET since = 's1'")
        assert "are being written" in await refusal(old_url)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ("UPDATE goose_db_version SET is_applied = false WHERE id = 9", "start v0.99.19"),
        ("DROP TABLE goose_db_version", "start v0.99.19"),
        ("INSERT INTO goose_db_version VALUES (10, 20250101000000, true)", "20250101000000"),
    ],
)
@pytest.mark.rules("O-90", "O-98")
async def test_only_the_last_schema_is_taken_over(
    old_url: str, db: asyncpg.Connection, changed: str, said: str
) -> None:
    await db.execute(changed)
    assert said in await refusal(old_url)
    assert await db.fetchval(OUR_TABLES) == 0


@pytest.mark.rules("O-12")
async def test_a_wrong_secret_is_noticed_before_anything_is_changed(
    old_url: str, db: asyncpg.Connection
) -> None:
    assert "SYNCV3_SECRET" in await refusal(old_url, secret="another secret")
    assert await db.fetchval(OUR_TABLES) == 0


async def test_a_role_that_may_make_no_schema_is_told_what_it_needs(
    old_url: str, db: asyncpg.Connection, postgres: Postgres
) -> None:
    name = old_url.rsplit("/", 1)[1]
    await db.execute(f"CREATE ROLE {name}_poor LOGIN")
    await db.execute(f"""GRANT ALL ON SCHEMA public TO {name}_poor;
        GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}_poor;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {name}_poor""")
    said = await refusal(old_url.replace("postgres@", f"{name}_poor@"))
    assert "GRANT CREATE ON DATABASE" in said


async def test_a_message_that_no_client_could_read_is_set_aside(
    old_url: str, db: asyncpg.Connection
) -> None:
    deep = '{"type":"m.x","sender":"@eve:hs","content":' + '{"a":' * 120 + "1" + "}" * 121
    await db.execute("UPDATE syncv3_to_device_messages SET message = $1 WHERE position = 3", deep)
    await take(old_url)
    assert [row["position"] for row in await db.fetch(OURS, *ALICE)] == [1, 5, 9]
    assert await db.fetchval("SELECT extension FROM ss_set_aside") == "to_device"
