"""Key counts of homeservers that leave them out: they are asked for when a key may be gone."""

import asyncio
import json

import pytest

from extensions.e2ee import E2EE
from syncv3.batch import Part
from syncv3.errors import UnknownToken
from syncv3.extension import Extension, Ingested
from tests.integration.extensions.running import LAZY, Running, Start, built_in, on
from tests.support.account import Account
from tests.support.faults import Fault
from tests.support.homeserver import FakeHomeserver
from tests.support.room import JSON
from tests.support.waiting import until

KEYS = {"lists": LAZY, "extensions": on("e2ee")}
ASK_EVERY_S = 1.0


async def serving(start: Start) -> Running:
    return await start(E2EE(ask_every_s=ASK_EVERY_S, look_after_s=0.05), *built_in("to_device"))


def claim_all(homeserver: FakeHomeserver, account: Account) -> None:
    """Somebody takes the device's last keys; nothing tells the device so."""
    homeserver.world.devices[(account.user_id, account.device_id)].one_time_keys = {}


def questions(homeserver: FakeHomeserver) -> int:
    return sum(seen.path.endswith("/keys/upload") for seen in homeserver.seen)


def counts(answer: JSON) -> JSON | None:
    told: JSON | None = answer["extensions"].get("e2ee", {}).get("device_one_time_keys_count")
    return told


async def told_counts(running: Running, who: Account, answer: JSON) -> tuple[JSON | None, JSON]:
    async with asyncio.timeout(10):
        while counts(answer) is None:
            answer = await running.sync(who, pos=answer["pos"], timeout_ms=1_000)
    return counts(answer), answer


@pytest.mark.rules("EE-2", "U-141")
async def test_keys_that_are_gone_are_asked_for_after_a_message(
    start: Start, homeserver: FakeHomeserver, alice: Account, bob: Account
) -> None:
    homeserver.world.is_terse = True
    running = await serving(start)
    told, answer = await told_counts(running, alice, await running.sync(alice, KEYS))
    assert told == {"signed_curve25519": 50}
    asked = questions(homeserver)
    claim_all(homeserver, alice)
    await bob.send_to_device(alice, "m.room.encrypted", {"n": 1})
    answer = await running.sync(alice, pos=answer["pos"])
    told, answer = await told_counts(running, alice, answer)
    assert told == {"signed_curve25519": 0}
    assert questions(homeserver) == asked + 1
    anew = await running.sync(alice, KEYS)
    assert counts(anew) == {"signed_curve25519": 0}
    await alice.upload_one_time_key()
    told, _ = await told_counts(running, alice, await running.sync(alice, pos=anew["pos"]))
    assert told == {"signed_curve25519": 1}


@pytest.mark.rules("U-141")
async def test_many_messages_are_one_question_and_the_last_claim_is_not_overlooked(
    start: Start, homeserver: FakeHomeserver, alice: Account, bob: Account
) -> None:
    homeserver.world.is_terse = True
    running = await serving(start)
    _, answer = await told_counts(running, alice, await running.sync(alice, KEYS))
    asked = questions(homeserver)
    await bob.send_to_device(alice, "m.room.encrypted", {"n": 0})
    await until(lambda: questions(homeserver) == asked + 1)
    for n in range(1, 6):
        await bob.send_to_device(alice, "m.room.encrypted", {"n": n})
        await homeserver.settled(alice.user_id)
    claim_all(homeserver, alice)
    assert questions(homeserver) == asked + 1
    answer = await running.sync(alice, pos=answer["pos"])
    told, _ = await told_counts(running, alice, answer)
    assert told == {"signed_curve25519": 0}
    assert questions(homeserver) == asked + 2


@pytest.mark.rules("U-141")
async def test_what_cannot_be_asked_is_unknown_and_asked_again(
    start: Start, homeserver: FakeHomeserver, alice: Account, bob: Account
) -> None:
    homeserver.world.is_terse = True
    running = await serving(start)
    assert counts(await running.sync(alice, KEYS)) is not None
    claim_all(homeserver, alice)
    faults = [Fault(status=500), Fault(body=b'{"one_time_key_counts":7}'), Fault(body=b"[]")]
    traps = [homeserver.break_(fault, path="/keys/upload") for fault in faults]
    await bob.send_to_device(alice, "m.room.encrypted", {})
    await until(lambda: sum(trap.hits for trap in traps) == 2)
    answer = await running.sync(alice, KEYS)
    assert counts(answer) == {"signed_curve25519": 50}
    told, _ = await told_counts(running, alice, await running.sync(alice, pos=answer["pos"]))
    assert told == {"signed_curve25519": 0}  # asked for until there was an answer
    assert all(trap.hits for trap in traps)


@pytest.mark.rules("U-141")
async def test_a_homeserver_that_tells_counts_is_never_asked(
    start: Start, homeserver: FakeHomeserver, alice: Account, bob: Account
) -> None:
    running = await serving(start)
    assert counts(await running.sync(alice, KEYS)) is not None
    for n in range(3):
        await bob.send_to_device(alice, "m.room.encrypted", {"n": n})
        await homeserver.settled(alice.user_id)
    await asyncio.sleep(0.3)  # more than it takes to be asked
    assert questions(homeserver) == 0


@pytest.mark.rules("EE-2")
async def test_a_device_that_never_had_keys_is_told_nothing(
    start: Start, homeserver: FakeHomeserver, alice: Account
) -> None:
    homeserver.world.is_terse = True
    claim_all(homeserver, alice)
    running = await serving(start)
    answer = await running.sync(alice, KEYS)
    await until(lambda: questions(homeserver) == 1)
    answer = await running.sync(alice, pos=answer["pos"], timeout_ms=500)
    assert counts(answer) is None


FIFTY = b'{"signed_curve25519":50}'


@pytest.mark.rules("EE-2", "S-366")
async def test_what_an_upload_was_answered_is_told_at_once(
    start: Start, homeserver: FakeHomeserver, alice: Account
) -> None:
    claim_all(homeserver, alice)
    homeserver.world.devices[(alice.user_id, alice.device_id)].one_time_keys = {"x": 1}
    running = await serving(start)
    _, first = await told_counts(running, alice, await running.sync(alice, KEYS))
    homeserver.freeze(alice.user_id, alice.device_id)  # nothing happens that /sync would tell
    await running.service.key_uploads.told(alice.token, FIFTY)
    for pos in (first["pos"], None):
        answer = await running.sync(alice, KEYS, pos=pos)
        assert counts(answer) == {"signed_curve25519": 50, "x": 0}
    await running.service.key_uploads.told(alice.token, FIFTY)
    assert counts(await running.sync(alice, pos=answer["pos"])) is None  # nothing has changed
    assert running.failures("e2ee", "ingest") == 0


@pytest.mark.parametrize(
    "odd",
    [
        b"[]",
        b'"x"',
        b"null",
        b'{"signed_curve25519":-1}',
        b'{"signed_curve25519":1.5}',
        b'{"signed_curve25519":"50"}',
        b'{"\\u0000":1}',
        json.dumps({f"{n}": n for n in range(17)}).encode(),
        b'{"' + b"x" * 5000 + b'":1}',
    ],
    ids=lambda odd: odd[:20].decode(),
)
async def test_odd_counts_of_an_upload_are_no_counts(
    start: Start, alice: Account, odd: bytes
) -> None:
    running = await serving(start)
    told, answer = await told_counts(running, alice, await running.sync(alice, KEYS))
    await running.service.key_uploads.told(alice.token, odd)
    assert counts(await running.sync(alice, KEYS, pos=answer["pos"])) in (None, told)
    assert counts(await running.sync(alice, KEYS)) == told
    assert running.failures("e2ee", "ingest") == 0


async def test_an_upload_of_a_device_that_does_not_slide_here_leaves_nothing(
    start: Start, alice: Account
) -> None:
    running = await serving(start)
    await running.service.key_uploads.told(alice.token, FIFTY)
    with pytest.raises(UnknownToken):
        await running.service.key_uploads.told("unknown", FIFTY)
    assert await running.pool.fetchval("SELECT count(*) FROM ss_device_keys") == 0


async def test_an_extension_that_fails_in_an_upload_keeps_no_other_from_it(
    start: Start, alice: Account
) -> None:
    running = await start(Refuses(), E2EE())
    _, answer = await told_counts(running, alice, await running.sync(alice, KEYS))
    before = running.failures("refuses", "ingest")
    await running.service.key_uploads.told(alice.token, b'{"signed_curve25519":7}')
    told = counts(await running.sync(alice, KEYS, pos=answer["pos"]))
    assert told == {"signed_curve25519": 7}
    assert running.failures("refuses", "ingest") == before + 1


class Refuses(Extension):
    name = "refuses"
    sections = frozenset({"device_one_time_keys_count"})

    def ingest(self, part: Part) -> Ingested:
        if part.since is None and not part.next_batch:
            raise ValueError("no sync brought it")
        return Ingested()
