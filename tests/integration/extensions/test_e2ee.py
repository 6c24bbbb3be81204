"""Device lists and key counts: complete across lost answers, restarts, two connections."""

import random
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec
import pytest

from extensions.e2ee import E2EE
from syncv3.batch import DeviceData
from syncv3.extension import Answer
from syncv3.types import Device, UserID
from tests.integration.extensions.stage import Stage


@pytest.fixture
async def stage(pool: asyncpg.Pool) -> AsyncIterator[Stage]:
    async with Stage(pool, E2EE()) as stage:
        yield stage


def lists(answer: Answer) -> tuple[list[str], list[str]]:
    told: Any = (answer.body or {}).get("device_lists", {"changed": [], "left": []})
    return list(told["changed"]), list(told["left"])


def counts(answer: Answer) -> tuple[bytes | None, bytes | None]:
    body: Any = answer.body or {}
    keys = ("device_one_time_keys_count", "device_unused_fallback_key_types")
    one_time, fallback = (msgspec.json.encode(body[k]) if k in body else None for k in keys)
    return one_time, fallback


async def next_request(stage: Stage, device: Device, pos: int | None) -> tuple[Answer, int]:
    """A request with the position it was given last, and the next position."""
    await stage.accept(device, acknowledged=pos)
    return await stage.ask(device, since=pos), stage.cache.position


@pytest.mark.rules("EE-1", "EE-2", "U-141", "U-143")
async def test_keys_are_told_at_first_and_when_they_change(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, one_time_keys=b'{"a":50}', fallback_key_types=b"[]")
    first, pos = await next_request(stage, device, None)
    assert counts(first) == (b'{"a":50}', b"[]")
    again, pos = await next_request(stage, device, pos)
    assert again.body is None
    await stage.report_device(device, one_time_keys=b'{"a":49}')
    changed, pos = await next_request(stage, device, pos)
    assert counts(changed) == (b'{"a":49}', b"[]")


@pytest.mark.rules("EE-2")
async def test_empty_counts_are_left_out_and_an_empty_list_is_not(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, one_time_keys=b"{}", fallback_key_types=b"[]")
    answer, _ = await next_request(stage, device, None)
    assert counts(answer) == (None, b"[]")


@pytest.mark.rules("U-141")
async def test_the_same_keys_again_are_no_change(stage: Stage) -> None:
    device = await stage.device()
    for _ in range(2):
        await stage.report_device(device, one_time_keys=b'{"a":50}')
    assert len(stage.changes) == 1


@pytest.mark.rules("EE-2", "U-141")
async def test_an_algorithm_that_is_not_there_any_more_has_no_keys_left(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, one_time_keys=b'{"a":50,"b":1}')
    _, pos = await next_request(stage, device, None)
    await stage.report_device(device, one_time_keys=b'{"a":49}')
    answer, pos = await next_request(stage, device, pos)
    assert counts(answer)[0] == b'{"b":0,"a":49}'
    await stage.report_device(device, one_time_keys=b"{}")
    answer, pos = await next_request(stage, device, pos)
    assert counts(answer)[0] == b'{"a":0,"b":0}'
    answer, _ = await next_request(stage, device, None)
    assert counts(answer)[0] == b'{"a":0,"b":0}'


@pytest.mark.rules("EE-2", "U-141")
@pytest.mark.parametrize(
    "odd",
    [
        b'{"a":-1}', b'{"a":1e400}', b'{"a":"5"}', b'{"a":null}', b"[]", b'{"\\u0000":1}',
        b'{"a":%s}' % (b"[" * 5000), b'{"%s":1}' % (b"k" * 300), b'{"a":%d}' % 2**63,
    ],
)  # fmt: skip
async def test_counts_that_are_none_are_unknown_and_never_none_left(
    stage: Stage, odd: bytes
) -> None:
    device = await stage.device()
    await stage.report_device(device, one_time_keys=b'{"a":50}', fallback_key_types=b'["a"]')
    await stage.report_device(device, one_time_keys=odd, fallback_key_types=odd)
    answer, _ = await next_request(stage, device, None)
    assert counts(answer) == (b'{"a":50}', b'["a"]' if odd != b"[]" else b"[]")
    await stage.report_device(device, one_time_keys=b'{"a":49}')
    answer, _ = await next_request(stage, device, None)
    assert counts(answer)[0] == b'{"a":49}'


@pytest.mark.rules("U-140")
async def test_what_is_no_user_id_costs_the_others_nothing(stage: Stage) -> None:
    device = await stage.device()
    long = UserID("@" + random.Random(1).randbytes(4000).hex() + ":hs")
    await stage.report_device(device, changed=(long, UserID("@b:hs")), left=(UserID("@\x00:hs"),))
    answer, _ = await next_request(stage, device, None)
    assert lists(answer) == (["@b:hs"], [])


@pytest.mark.rules("EE-3", "U-140", "EE-5", "EE-10")
async def test_the_latest_change_of_a_user_counts_and_both_lists_are_there(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, changed=("@b:hs", "@c:hs"), left=("@c:hs",))
    await stage.report_device(device, left=("@d:hs",))
    await stage.report_device(device, changed=("@d:hs",))
    answer, _ = await next_request(stage, device, None)
    assert lists(answer) == (["@b:hs", "@d:hs"], ["@c:hs"])


@pytest.mark.rules("EE-4", "EE-4a", "U-17J")
async def test_a_lost_answer_is_given_again(stage: Stage) -> None:
    device = await stage.device()
    _, pos = await next_request(stage, device, None)
    await stage.report_device(device, changed=("@b:hs",))
    for _ in range(2):
        answer, _ = await next_request(stage, device, pos)
        assert lists(answer)[0] == ["@b:hs"]


@pytest.mark.rules("EE-4", "EE-4a", "U-17J")
async def test_a_new_connection_begins_where_the_device_has_shown_to_be(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, changed=("@b:hs",))
    answer, pos = await next_request(stage, device, None)
    lost, _ = await next_request(stage, device, None)  # M_UNKNOWN_POS before it came back
    assert lists(lost) == lists(answer)
    await next_request(stage, device, pos)
    await stage.report_device(device, changed=("@c:hs",))
    anew, _ = await next_request(stage, device, None)
    assert lists(anew) == (["@c:hs"], [])


@pytest.mark.rules("EE-4a")
async def test_a_restart_loses_no_change(stage: Stage, pool: asyncpg.Pool) -> None:
    device = await stage.device()
    await stage.report_device(device, changed=("@b:hs",))
    _, pos = await next_request(stage, device, None)
    async with Stage(pool, E2EE()) as after:
        await after.accept(device, acknowledged=None)
        answer = await after.ask(device, since=pos, told=False)
        assert lists(answer)[0] == ["@b:hs"]


@pytest.mark.rules("EE-4a", "EE-8")
async def test_two_connections_do_not_rob_each_other(stage: Stage) -> None:
    device = await stage.device()
    _, one = await next_request(stage, device, None)
    _, two = await next_request(stage, device, None)
    await stage.report_device(device, changed=("@b:hs",))
    answer, one = await next_request(stage, device, one)
    assert lists(answer)[0] == ["@b:hs"]
    await next_request(stage, device, one)
    answer, two = await next_request(stage, device, two)
    assert lists(answer)[0] == ["@b:hs"]


@pytest.mark.rules("EE-4a", "S-369")
async def test_another_connection_takes_no_change_from_one_that_a_kill_made_forget(
    stage: Stage, pool: asyncpg.Pool
) -> None:
    device = await stage.device()
    _, one = await next_request(stage, device, None)
    _, two = await next_request(stage, device, None)
    await stage.report_device(device, changed=("@b:hs",))
    async with Stage(pool, E2EE()) as after:
        answer = await after.ask(device, since=one, told=False)
        assert lists(answer)[0] == ["@b:hs"]
        await after.accept(device, acknowledged=after.cache.position)
        answer = await after.ask(device, since=two, told=False)
        assert lists(answer)[0] == ["@b:hs"]


SHARED = """
WITH room AS (INSERT INTO ss_user_rooms (user_key, room_key, membership, joined_ord, joined_ts,
        pos, reset_pos, generated_us, stamp, confirmed_pos, unread_pos, unread_us, tags, tags_us,
        forgotten, notification_count, highlight_count)
    VALUES ($1, $2, $3, 1, 1, 1, 0, 0, 0, 0, 0, 0, '{}', 0, false, 0, 0)),
encrypted AS (UPDATE ss_rooms SET encrypted = $4 WHERE room_key = $2)
INSERT INTO ss_room_state (event_key, room_key, type, state_key, from_pos, to_pos, learned_pos)
SELECT 100 * $2 + n, $2, 'm.room.member', who, 1, NULL, 1
FROM unnest($5::text[]) WITH ORDINALITY u (who, n)
"""


@pytest.mark.rules("S-613", "S-369")
async def test_who_may_have_changed_while_the_homeserver_told_nothing_is_named(
    stage: Stage,
) -> None:
    """Its ``since`` was refused: what it tells then is how things are, not what has changed."""
    device = await stage.device()
    for name, membership, encrypted, *members in (
        ("!secret:hs", "join", True, "@bob:hs", "@carol:hs"),
        ("!more:hs", "join", True, "@bob:hs", "@dave:hs"),
        ("!plain:hs", "join", False, "@erin:hs"),
        ("!over:hs", "leave", True, "@frank:hs"),
    ):
        key = stage.rooms[await stage.room(name)]
        await stage.pool.execute(SHARED, device.user_key, key, membership, encrypted, members)
    await stage.report_device(device, changed=(UserID("@zoe:hs"),))
    _, pos = await next_request(stage, device, None)
    await stage.report(device, device=DeviceData(changed=(UserID("*"),)))
    assert lists((await next_request(stage, device, pos))[0]) == ([], [])  # it names nobody
    await stage.report(device, begins_anew=True)
    await stage.report_device(device, left=(UserID("@dave:hs"),))
    for _ in range(2):  # the first is lost
        answer, newer = await next_request(stage, device, pos)
        assert lists(answer) == (["@bob:hs", "@carol:hs"], ["@dave:hs"])
    assert lists((await next_request(stage, device, newer))[0]) == ([], [])


@pytest.mark.rules("EE-9", "EE-6")
async def test_a_device_of_which_nothing_is_known_is_told_nothing(stage: Stage) -> None:
    device = await stage.device()
    answer, _ = await next_request(stage, device, None)
    assert answer.body is None


@pytest.mark.rules("U-147")
async def test_lists_are_told_when_no_keys_are_known(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, left=("@b:hs",))
    answer, _ = await next_request(stage, device, None)
    assert answer.body is not None and answer.body.keys() == {"device_lists"}


@pytest.mark.rules("UZ-13")
async def test_clean_up_keeps_what_nobody_has_acknowledged(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, changed=("@b:hs",))
    _, pos = await next_request(stage, device, None)
    await stage.extension.cleanup(pos + 1, stage.pool)
    assert await stage.pool.fetchval("SELECT count(*) FROM ss_device_list_updates") == 1
    await next_request(stage, device, pos)
    await stage.extension.cleanup(pos + 1, stage.pool)
    assert await stage.pool.fetchval("SELECT count(*) FROM ss_device_list_updates") == 0


async def test_nothing_new_costs_no_query(stage: Stage) -> None:
    device = await stage.device()
    await stage.report_device(device, one_time_keys=b'{"a":50}', changed=("@b:hs",))
    _, pos = await next_request(stage, device, None)
    await next_request(stage, device, pos)
    stage.queries.statements.clear()
    await next_request(stage, device, pos)
    assert stage.queries.statements == []
