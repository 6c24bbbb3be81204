"""The hooks in the whole service: who wakes, who is asked, who costs nothing."""

import asyncio
import json
import logging

import pytest

from extensions.typing import Typing
from syncv3.batch import DeviceData, Part
from syncv3.engine.computing import Computing
from syncv3.errors import ConfigError
from syncv3.ingest.committer import Committer
from syncv3.plugins import load_extensions, warn_of_losses
from tests.integration.extensions.odd import Odd
from tests.integration.extensions.running import ALL_FIVE, LAZY, Start, built_in, on
from tests.support.account import Account
from tests.support.costs import counted
from tests.support.homeserver import FakeHomeserver
from tests.support.waiting import until


async def test_typing_wakes_only_who_asked_for_it_there(
    start: Start,
    homeserver: FakeHomeserver,
    alice: Account,
    bob: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, there = await alice.create_room("Here"), await alice.create_room("There")
    for room in (here, there):
        await bob.join(room)
    running = await start(*built_in(*ALL_FIVE))
    await running.sync(alice, {"lists": LAZY})
    first = await running.sync(
        bob, {"lists": LAZY, "extensions": on("typing", lists=[], rooms=[here])}
    )
    await running.caught_up(homeserver, alice, bob)
    computed = counted(monkeypatch, Computing, "compute")
    waiting = asyncio.create_task(running.sync(bob, pos=first["pos"], timeout_ms=5_000))
    await until(lambda: computed)
    await alice.type_in(there)
    await running.caught_up(homeserver, alice, bob)
    assert len(computed) == 1
    await alice.type_in(here)
    answer = await waiting
    assert len(computed) == 2
    assert list(answer["extensions"]["typing"]["rooms"]) == [here]


@pytest.mark.rules("D-64", "TY-7")
async def test_who_is_typing_comes_as_member_once(
    start: Start, homeserver: FakeHomeserver, alice: Account, bob: Account
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await alice.send_all(room, ["1", "2"])
    running = await start(*built_in(*ALL_FIVE))
    lists = {"all": LAZY["all"] | {"timeline_limit": 1}}
    answer = await running.sync(bob, {"lists": lists, "extensions": on("typing")})
    members = [e["state_key"] for e in answer["rooms"][room]["required_state"]]
    assert members == [alice.user_id]
    await bob.type_in(room)
    answer = await running.sync(bob, pos=answer["pos"], timeout_ms=5_000)
    assert [e["state_key"] for e in answer["rooms"][room]["required_state"]] == [bob.user_id]
    assert answer["rooms"][room].keys() == {"required_state"}
    await bob.type_in(room, on=False)
    answer = await running.sync(bob, pos=answer["pos"], timeout_ms=5_000)
    assert answer["extensions"]["typing"]["rooms"][room]["content"]["user_ids"] == []
    assert answer["rooms"] == {}


async def test_one_that_is_switched_on_later_is_not_told_the_past(
    start: Start, homeserver: FakeHomeserver, alice: Account
) -> None:
    await alice.create_room("Kitchen")
    running = await start(Odd())
    answer = await running.sync(alice, {"lists": LAZY})
    await alice.create_room("Garden")
    await running.caught_up(homeserver, alice)
    answer = await running.sync(alice, pos=answer["pos"])
    later = await running.sync(alice, {"extensions": on("odd")}, pos=answer["pos"])
    assert later["extensions"]["odd"]["since"] > 1


async def test_a_disabled_one_costs_nothing(
    start: Start,
    homeserver: FakeHomeserver,
    alice: Account,
    bob: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    event = await alice.send(room, "hello")
    running = await start()
    commit = Committer.commit
    decoded: list[Part] = []

    async def noting(committer: Committer, part: Part) -> None:
        decoded.extend([part] if part.device != DeviceData() or part.presence else [])
        await commit(committer, part)

    monkeypatch.setattr(Committer, "commit", noting)
    asked = {"lists": LAZY, "extensions": on(*ALL_FIVE)}
    answer = await running.sync(alice, asked)
    await bob.read(room, event)
    await bob.type_in(room)
    await bob.send_to_device(alice, "m.dummy", {})
    await alice.set_account_data("org.example", {"n": 1})
    await running.caught_up(homeserver, alice)
    answer = await running.sync(alice, pos=answer["pos"])
    assert answer["extensions"] == {}
    for table in ("ss_account_data", "ss_receipts", "ss_typing", "ss_device_keys", "ss_changes",
                  "ss_to_device_messages", "ss_device_list_updates"):  # fmt: skip
        assert await running.pool.fetchval(f"SELECT count(*) FROM {table}") == 0, table
    assert decoded == []
    asked_for = json.loads(homeserver.seen[-1].query["filter"])
    assert asked_for["room"]["ephemeral"] == {"not_types": ["*"]}


@pytest.mark.rules("E-6", "EE-7", "AD-6", "RR-6")
async def test_a_first_answer_has_what_is_there_at_once(
    start: Start, alice: Account, bob: Account
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await bob.read(room, await alice.send(room, "hello"))
    await alice.tag(room, "m.favourite")
    running = await start(*built_in(*ALL_FIVE))
    asked = {"lists": LAZY, "extensions": on(*ALL_FIVE)}
    async with asyncio.timeout(5):
        answer = await running.sync(alice, asked, timeout_ms=30_000)
    told = answer["extensions"]
    assert told.keys() == {"to_device", "e2ee", "account_data", "receipts"}
    assert list(told["account_data"]["rooms"]) == list(told["receipts"]["rooms"]) == [room]


async def test_one_that_is_enabled_but_not_asked_for_is_not_called(
    start: Start, alice: Account
) -> None:
    odd = Odd()
    await alice.create_room("Kitchen")
    running = await start(odd)
    await running.sync(alice, {"lists": LAZY})
    assert odd.calls["load"] == 0


def test_what_is_lost_while_one_is_disabled_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        warn_of_losses(["account_data", "to_device"])
    assert [record.getMessage() for record in caplog.records] == [
        "Extension e2ee is not enabled: what the homeserver sends for it is lost"
    ]


def test_names_must_be_registered() -> None:
    with pytest.raises(ConfigError, match="no extension 'nonsense'"):
        load_extensions(("typing", "nonsense"))


@pytest.mark.rules("TY-4")
async def test_typing_that_the_homeserver_never_ends_is_over_in_time(
    start: Start, homeserver: FakeHomeserver, alice: Account, bob: Account
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    running = await start(Typing(named_s=2.0, look_every_s=0.2))
    asked = {"lists": LAZY, "extensions": on("typing")}
    answer = await running.sync(alice, asked)
    await bob.type_in(room)  # the homeserver here takes that for good
    answer = await running.until(alice, answer, bob.user_id)
    answer = await running.until(alice, answer, "'user_ids': []")
    again = await running.sync(alice, asked)
    assert bob.user_id not in str(again["extensions"])
    await running.service.stop()
    running = await start(Typing(named_s=2.0, look_every_s=0.2))
    assert bob.user_id not in str((await running.sync(alice, asked))["extensions"])
