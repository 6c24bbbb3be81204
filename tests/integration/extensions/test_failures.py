"""Hooks that raise or hang: nothing is lost, nobody else is stopped, and it is said."""

import pytest

from syncv3.errors import ConfigError
from tests.integration.extensions.odd import Odd, Precious
from tests.integration.extensions.running import LAZY, Start, built_in, on
from tests.support.account import Account
from tests.support.homeserver import FakeHomeserver


@pytest.mark.parametrize("wrong", ["respond", "respond hangs", "load waits", "load hangs"])
async def test_one_that_fails_to_answer_leaves_the_others_alone(
    start: Start, alice: Account, wrong: str
) -> None:
    room = await alice.create_room("Kitchen")
    odd = Odd(wrong)
    running = await start(odd, *built_in("account_data"))
    asked = {"lists": LAZY, "extensions": on("odd", "account_data")}
    answer = await running.sync(alice, asked)
    assert room in answer["rooms"]
    assert "odd" not in answer["extensions"]
    assert running.failures("odd", "respond") == 1
    odd.wrong = ""
    answer = await running.sync(alice, pos=answer["pos"])
    assert answer["extensions"]["odd"] == {"since": None}


@pytest.mark.parametrize("wrong", ["ingest", "ingest hangs", "statement", "statement hangs"])
async def test_what_one_cannot_take_in_is_set_aside_and_the_poll_goes_on(
    start: Start, alice: Account, wrong: str
) -> None:
    room = await alice.create_room("Kitchen")
    await alice.set_account_data("org.example", {"n": 1})
    running = await start(Odd(wrong), *built_in("account_data"))
    answer = await running.sync(alice, {"lists": LAZY, "extensions": on("account_data")})
    assert room in answer["rooms"]
    assert "org.example" in str(answer["extensions"]["account_data"]["global"])
    rows = await running.pool.fetch("SELECT extension, item FROM ss_set_aside")
    assert {row["extension"] for row in rows} == {"odd"}
    assert running.set_aside("odd") == len(rows)
    assert running.failures("odd", "ingest") >= 1


@pytest.mark.rules("U-120")
@pytest.mark.parametrize("wrong", ["ingest", "ingest hangs", "statement", "statement hangs"])
async def test_the_poll_goes_on_where_one_cannot_take_in_what_must_not_be_lost(
    start: Start, homeserver: FakeHomeserver, alice: Account, bob: Account, wrong: str
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    precious = Precious()
    running = await start(precious, *built_in("to_device"))
    asked = {"lists": LAZY, "extensions": on("to_device")}
    answer = await running.sync(alice, asked)
    await running.sync(bob, asked)
    await running.caught_up(homeserver, alice, bob)
    first_since = await running.since(alice)
    precious.wrong, precious.whom = wrong, alice.user_id
    await bob.send_to_device(alice, "m.hello", {"n": 1})
    answer = await running.until(alice, answer, "m.hello")
    assert await running.since(alice) != first_since
    event = await bob.send(room, "hello")
    while room not in answer["rooms"]:
        answer = await running.sync(alice, pos=answer["pos"], timeout_ms=5_000)
    assert answer["rooms"][room]["timeline"][-1]["event_id"] == event
    assert running.set_aside("precious") >= 1
    assert running.failures("precious", "ingest") >= 1


async def test_a_first_sync_that_cannot_be_taken_in_by_one_is_served(
    start: Start, alice: Account
) -> None:
    room = await alice.create_room("Kitchen")
    running = await start(Precious("ingest"))
    assert room in (await running.sync(alice, {"lists": LAZY}))["rooms"]


async def test_one_that_cannot_start_or_end_says_so(
    start: Start, alice: Account, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ConfigError, match="The extension 'odd' cannot start"):
        await start(Odd("start"))
    odd = Odd()
    running = await start(odd)
    odd.wrong = "stop"
    await running.service.stop()
    assert running.failures("odd", "stop") == 1
    assert "Extension odd failed in stop" in caplog.text
