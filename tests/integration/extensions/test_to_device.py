"""To-device messages between the homeserver's answer and the client's acknowledgement."""

import json
import logging
import random
from collections.abc import AsyncIterator
from itertools import product
from time import perf_counter
from typing import Any

import asyncpg
import pytest

from extensions.to_device import (
    CANCELLATION,
    DIGITS_MOST,
    NESTED_MOST,
    REQUEST,
    ToDevice,
    read_message,
)
from syncv3.batch import DeviceData, Lease, Part
from syncv3.extension import Answer
from syncv3.types import DeviceID, DeviceKey, UserID, UserKey
from tests.integration.extensions.stage import Stage


@pytest.fixture
async def stage(pool: asyncpg.Pool) -> AsyncIterator[Stage]:
    async with Stage(pool, ToDevice()) as stage:
        yield stage


def message(n: int, kind: str = "m.dummy", **content: Any) -> bytes:
    event = {"type": kind, "sender": "@bob:hs", "content": {"n": n, **content}}
    return json.dumps(event).encode()


def key_request(action: str, request_id: str = "r1", device_id: str = "BOB") -> bytes:
    content = {"action": action, "requesting_device_id": device_id, "request_id": request_id}
    event = {"type": "m.room_key_request", "sender": "@bob:hs", "content": content}
    return json.dumps(event).encode()


def numbers(answer: Answer) -> list[int]:
    assert answer.body is not None
    return [json.loads(bytes(event))["content"]["n"] for event in answer.body.get("events", ())]


def actions(answer: Answer) -> list[str]:
    assert answer.body is not None
    return [json.loads(bytes(e))["content"]["action"] for e in answer.body.get("events", ())]


def token(answer: Answer) -> str:
    assert answer.body is not None
    return str(answer.body["next_batch"])


async def asked(stage: Stage, device: Any, since: str | None = None, **fields: Any) -> Answer:
    """A whole request: acknowledgement, then the answer."""
    config = fields | ({"since": since} if since is not None else {})
    await stage.accept(device, config=config)
    return await stage.ask(device, config=config)


@pytest.mark.rules("TD-1", "TD-3", "TD-4", "U-120")
async def test_messages_come_in_order_and_no_more_than_the_limit(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, to_device=tuple(map(message, range(5))))
    first = await asked(stage, device, limit=3)
    assert numbers(first) == [0, 1, 2]
    assert numbers(await asked(stage, device, token(first), limit=3)) == [3, 4]


@pytest.mark.rules("TD-3", "TD-10", "U-121")
async def test_what_is_acknowledged_is_deleted_and_nothing_else(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, to_device=(message(1), message(2)))
    first = await asked(stage, device, limit=1)
    assert await stage.pool.fetchval("SELECT count(*) FROM ss_to_device_messages") == 2
    await stage.accept(device, config={"since": token(first)})  # and the answer gets lost
    assert await stage.pool.fetchval("SELECT count(*) FROM ss_to_device_messages") == 1
    assert numbers(await asked(stage, device, token(first))) == [2]


@pytest.mark.rules("TD-2", "TD-4")
async def test_who_only_looks_changes_nothing(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, to_device=(message(1),))
    assert numbers(await asked(stage, device)) == numbers(await asked(stage, device)) == [1]


@pytest.mark.rules("TD-6", "TD-7")
async def test_without_messages_there_is_a_token_and_no_news(stage: Stage) -> None:
    device = await stage.device()
    answer = await asked(stage, device)
    assert answer.body is not None
    assert answer.body.keys() == {"next_batch"} == stage.extension.constant


@pytest.mark.rules("TD-9a")
async def test_a_token_goes_on_as_it_is_when_nothing_is_new(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, to_device=(message(1),))
    since = token(await asked(stage, device))
    assert token(await asked(stage, device, since)) == since


@pytest.mark.rules("TD-9a", "U-17I", "O-9B")
async def test_a_token_of_a_database_that_is_gone_hides_nothing(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, to_device=(message(1),))
    answer = await asked(stage, device, "t1234567890123456_999")
    assert numbers(answer) == [1]
    assert numbers(await asked(stage, device, "t1234567890123456_999")) == [1]


@pytest.mark.rules("TD-9a", "TD-9")
async def test_a_token_of_an_epoch_that_was_cut_off_counts_up_to_its_end(stage: Stage) -> None:
    """A backup was restored: positions the client has seen are given out again."""
    device = await stage.device()
    await stage.report_device(device, to_device=(message(1),))
    stamp = token(await asked(stage, device)).partition("_")[0]
    await begin_epoch(stage)
    await stage.report_device(device, to_device=(message(2),))
    answer = await asked(stage, device, f"{stamp}_999")
    assert numbers(answer) == [2]
    assert numbers(await asked(stage, device, token(answer))) == []


@pytest.mark.rules("TD-9a", "TD-9")
async def test_a_token_of_an_epoch_that_is_gone_hides_nothing_from_who_knew_it(
    stage: Stage,
) -> None:
    """The same backup was put back twice, and the worker has served in between."""
    device = await stage.device()
    await begin_epoch(stage)
    await stage.report_device(device, to_device=(message(1),))
    since = token(await asked(stage, device))
    await stage.pool.execute("DELETE FROM ss_to_device_messages")
    await stage.pool.execute(
        "DELETE FROM ss_stream_epochs WHERE epoch = (SELECT epoch FROM ss_stream_fence)"
    )
    await begin_epoch(stage)
    await stage.pool.execute("SELECT setval('ss_to_device_messages_seq', 1)")
    await stage.report_device(device, to_device=(message(2),))
    assert numbers(await asked(stage, device, since)) == [2]


async def begin_epoch(stage: Stage) -> None:
    """PostgreSQL has crashed or is another one now: it has emptied the fence."""
    await stage.pool.execute("DELETE FROM ss_stream_fence")
    await stage.pool.execute("SELECT ss_open_epoch()")
    await stage.cache.refresh()


@pytest.mark.rules("TD-9a", "TD-3")
async def test_what_was_acknowledged_in_an_epoch_that_was_cut_off_does_not_come_again(
    stage: Stage,
) -> None:
    """The acknowledgement was lost with the newest commits of a server that crashed."""
    device = await stage.device()
    await stage.report_device(device, to_device=(message(1),))
    since = token(await asked(stage, device))
    await begin_epoch(stage)
    answer = await stage.ask(device, config={"since": since})  # ``accept`` knows the token
    assert numbers(answer) == []
    await stage.report_device(device, to_device=(message(2),))
    assert numbers(await asked(stage, device, token(answer))) == [2]


@pytest.mark.rules("TD-9a")
async def test_a_decimal_counts_for_messages_that_were_taken_over(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, to_device=tuple(map(message, range(3))))
    await stage.pool.execute(
        "UPDATE ss_to_device_messages SET pos = 0 WHERE position <="
        " (SELECT min(position) + 1 FROM ss_to_device_messages)"
    )
    first = await stage.pool.fetchval("SELECT min(position) FROM ss_to_device_messages")
    assert numbers(await asked(stage, device, str(first))) == [1, 2]
    assert numbers(await asked(stage, device, "999999")) == [2]


TAKEN = """INSERT INTO ss_takeovers (devices, tokens, messages, lists, decimals_upto, dropped)
    VALUES (0, 0, 0, 0, $1, CASE WHEN $2 THEN now() END)"""


@pytest.mark.rules("TD-3", "TD-9a")
async def test_bare_numbers_are_given_and_count_for_everything_while_there_is_a_way_back(
    stage: Stage,
) -> None:
    await stage.pool.execute(TAKEN, 2**63 - 1, False)
    device = await stage.device()
    assert token(await asked(stage, device)) == "0"
    await stage.report_device(device, to_device=(message(1), message(2)))
    first = await asked(stage, device, limit=1)
    assert token(first).isdecimal()
    assert numbers(await asked(stage, device, token(first))) == [2]
    assert await stage.pool.fetchval("SELECT count(*) FROM ss_to_device_messages") == 1


@pytest.mark.rules("TD-9a")
async def test_bare_numbers_count_up_to_where_the_way_back_ended(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, to_device=(message(1),))
    head = await stage.pool.fetchval("SELECT max(last_pos) FROM ss_stream_commits")
    await stage.report_device(device, to_device=(message(2),))
    await stage.pool.execute(TAKEN, head, True)
    last = await stage.pool.fetchval("SELECT max(position) FROM ss_to_device_messages")
    answer = await asked(stage, device, str(last))
    assert numbers(answer) == [2] and token(answer).startswith("t")


@pytest.mark.rules("TD-5")
async def test_a_since_that_is_no_token_silences_the_extension(stage: Stage) -> None:
    device = await stage.device()
    for since in ("x", "t1", "t_1", "t1_", "-1", "s1_2", "9" * 30, "²"):
        assert (await asked(stage, device, since)).body is None
    assert (await asked(stage, device, "")).body is not None


@pytest.mark.rules("TD-8", "U-124")
async def test_only_the_device_hears_of_its_messages(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, to_device=(message(1),))
    assert [(c.user_key, c.device_key, c.room_key) for c in stage.changes] == [
        (None, device.device_key, None)
    ]


@pytest.mark.rules("TD-11")
async def test_devices_have_inboxes_of_their_own(stage: Stage) -> None:
    phone, laptop = await stage.device(), await stage.device(device_id="LAPTOP")
    await stage.report_device(phone, to_device=(message(1),))
    await stage.report_device(laptop, to_device=(message(1),))
    await asked(stage, phone, token(await asked(stage, phone)))
    assert numbers(await asked(stage, laptop)) == [1]


async def test_equal_messages_are_not_one(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, to_device=(message(1), message(1)))
    assert numbers(await asked(stage, device)) == [1, 1]


@pytest.mark.rules("U-123", "TD-12")
async def test_a_request_and_its_cancellation_annihilate_each_other(stage: Stage) -> None:
    device = await stage.device()
    both = (key_request("request"), key_request("request_cancellation"))
    await stage.report_device(device, to_device=both)
    await stage.report_device(device, to_device=(key_request("request", "r2"),))
    await stage.report_device(device, to_device=(key_request("request_cancellation", "r2"),))
    assert actions(await asked(stage, device)) == []


@pytest.mark.rules("U-123", "U-122")
async def test_a_request_that_was_handed_out_is_cancelled_by_message(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, to_device=(key_request("request"),))
    since = token(await asked(stage, device))
    await stage.report_device(device, to_device=(key_request("request_cancellation"),))
    assert actions(await asked(stage, device)) == ["request", "request_cancellation"]
    assert actions(await asked(stage, device, since)) == ["request_cancellation"]


@pytest.mark.rules("U-123")
async def test_a_cancellation_of_something_unknown_is_delivered(stage: Stage) -> None:
    device = await stage.device()
    order = (key_request("request_cancellation"), key_request("request"))
    await stage.report_device(device, to_device=order)
    assert actions(await asked(stage, device)) == ["request_cancellation", "request"]


async def test_an_inbox_known_to_be_empty_costs_no_query(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, to_device=(message(1),))
    since = token(await asked(stage, device))
    await asked(stage, device, since)
    stage.queries.statements.clear()
    for _ in range(3):
        assert token(await asked(stage, device, since)) == since
    assert stage.queries.statements == []
    await stage.report_device(device, to_device=(message(2),))
    assert numbers(await asked(stage, device, since)) == [2]


@pytest.mark.rules("U-191", "U-120", "UZ-17")
async def test_no_content_can_stop_the_poll(stage: Stage) -> None:
    device = await stage.device()
    odd = (
        b'{"type":"a\\u0000b","sender":7,"content":[1]}',
        b'{"content":{"n":"\\u0000"}}',
        b'{"type":"m.room_key_request","content":{"action":1e400,"request_id":{}}}',
        b'{"type":"x","content":{"n":1e400,"m":-%s},"type":"y"}' % (b"9" * DIGITS_MOST),
        b'{"content":"%s\\\\"}' % (b"9" * 5000),
        b'{"content":{"%s":1}}' % (b"k" * 10_000),
        nested(NESTED_MOST),
        b'{"content":"%s"}' % (b"{[" * NESTED_MOST),
        b"3",
    )
    await stage.report_device(device, to_device=odd)
    answer = await asked(stage, device)
    assert answer.body is not None
    assert [bytes(event) for event in answer.body["events"]] == list(odd)


def nested(levels: int) -> bytes:
    """A message of so many levels, with a bracket in a string."""
    return b'{"content":%s"]"%s}' % (b"[" * (levels - 1), b"]" * (levels - 1))


@pytest.mark.rules("U-120")
async def test_what_no_client_could_read_the_answer_behind_is_not_taken_in(stage: Stage) -> None:
    device = await stage.device()
    deep = [nested(levels) for levels in (NESTED_MOST + 1, 990, 100_000)]
    long = [b'{"content":["%s",%s]}' % (b"9" * 5000, b"9" * (DIGITS_MOST + 1))]
    for message_, reason in [*((raw, "nested deeper") for raw in deep), (long[0], "digits")]:
        part = stage.part(device, device=DeviceData(to_device=(message_,)))
        with pytest.raises(ValueError, match=reason):
            stage.extension.ingest(part)


@pytest.mark.rules("U-123")
@pytest.mark.parametrize("length", [10, 2_700, 100_000])
async def test_a_request_id_may_have_any_length(stage: Stage, length: int) -> None:
    device = await stage.device()
    long, other = (random.Random(n).randbytes(length // 2).hex() for n in range(2))
    await stage.report_device(device, to_device=(key_request("request", long),))
    await stage.report_device(device, to_device=(key_request("request", other),))
    await stage.report_device(device, to_device=(key_request("request_cancellation", long),))
    answer = await asked(stage, device)
    assert answer.body is not None
    (left,) = answer.body["events"]
    assert other.encode() in bytes(left)


@pytest.mark.rules("U-123")
async def test_only_the_whole_key_annihilates(stage: Stage, pool: asyncpg.Pool) -> None:
    device = await stage.device()
    await stage.report_device(device, to_device=(key_request("request", "r1"),))
    stored = "SELECT key_hash FROM ss_to_device_messages"
    await pool.execute("UPDATE ss_to_device_messages SET unique_key = 'another of the same hash'")
    assert len(await pool.fetchval(stored)) == 32
    await stage.report_device(device, to_device=(key_request("request_cancellation", "r1"),))
    assert actions(await asked(stage, device)) == ["request", "request_cancellation"]


@pytest.mark.rules("U-123")
def test_the_hash_tells_where_one_field_ends() -> None:
    pairs = (("ab", "c"), ("a", "bc"), ("abc", ""), ("", "abc"))
    hashes = {read_message(key_request("request", *pair)).key_hash for pair in pairs}
    assert len(hashes - {None}) == 4


@pytest.mark.rules("U-123")
def test_what_annihilates_in_one_answer() -> None:
    """R and C are a request and its cancellation, r and c others; against the rule itself."""
    for order in product("RCrc", repeat=4):
        told = [(CANCELLATION if c in "Cc" else REQUEST, f"key {c.isupper()}") for c in order]
        staying = set()
        for n, (action, key) in enumerate(told):
            others = told[n + 1 :] if action == REQUEST else told[:n]
            partner = CANCELLATION if action == REQUEST else REQUEST
            if (partner, key) not in others:
                staying.add(n)
        raw = tuple(
            key_request("request" if action == REQUEST else "request_cancellation", key)
            for action, key in told
        )
        part = Part(
            UserID("@a:hs"), DeviceID("D"), UserKey(1), Lease(DeviceKey(1), "worker", 1), None, "1",
            1, device=DeviceData(to_device=raw),
        )  # fmt: skip
        [write] = ToDevice().ingest(part).writes
        assert {row["n"] for row in write.rows if row["stays"]} == staying, order


async def test_many_key_requests_cost_in_proportion(stage: Stage) -> None:
    """Eight times as many took 64 times as long, while everybody's messages waited."""
    device = await stage.device()

    async def seconds(count: int) -> float:
        ids = [f"{count}-{n}" for n in range(count)]
        messages = tuple(key_request("request", i) for i in ids)
        started = perf_counter()
        await stage.report_device(device, to_device=messages)
        return perf_counter() - started

    few = min([await seconds(500) for _ in range(3)])
    many = min([await seconds(4_000 + n) for n in range(2)])
    assert many < 24 * few


@pytest.mark.rules("U-125")
async def test_messages_that_say_so_can_be_traced(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    device = await stage.device()
    with caplog.at_level(logging.DEBUG, logger="extensions.to_device"):
        traced = message(1, **{"org.matrix.msgid": "abc"})[:-1] + b',"m":1e400}'
        await stage.report_device(device, to_device=(traced, message(2)))
        await asked(stage, device)
    assert [record.getMessage() for record in caplog.records] == [
        "to-device message arrived",
        "to-device message delivered",
    ]
