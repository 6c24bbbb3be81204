"""What strangers may send costs nobody anything else, in the whole service."""

import json
import random
from typing import Any

import pytest

from tests.integration.extensions.running import ALL_FIVE, LAZY, Running, Start, built_in, on
from tests.support.account import Account
from tests.support.faults import Fault
from tests.support.homeserver import FakeHomeserver
from tests.support.room import JSON

LONG = random.Random(1).randbytes(4_000).hex()
MALLORY = "@mallory:elsewhere"


def key_request(request_id: str) -> bytes:
    content = {"action": "request", "requesting_device_id": "M", "request_id": request_id}
    event = {"type": "m.room_key_request", "sender": MALLORY, "content": content}
    return json.dumps(event).encode()


def message(content: bytes) -> bytes:
    return b'{"type":"m.dummy","sender":"%s","content":{"n":%s}}' % (MALLORY.encode(), content)


HOSTILE = (
    key_request(LONG),
    message(b"1e400"),
    message(b"-" + b"9" * 900),
    message(b'"\\u0000"'),
    message(b'{"%s":{"":null}}' % LONG.encode()),
    b'{"type":"m.%s","sender":"@%s:hs","content":{}}' % (LONG.encode(), LONG.encode()),
    b'{"type":{"n":1e400},"sender":-1,"content":"\\u0000"}',
    b"{}",
)
UNDELIVERABLE = (
    message(b"[" * 300 + b"]" * 300),
    message(b"[" * 1_000 + b"]" * 1_000),
    message(b"9" * 6_000),
)


def a_sync_answer(homeserver: FakeHomeserver, room: str, member: str) -> bytes:
    """As of now, with hostile values wherever extensions look."""
    receipts = {
        f"${LONG}": {"m.read": {member: {"ts": 1}}},
        "$good": {"m.read": {f"@{LONG}:hs": {"ts": 1}, member: {"ts": 5}}},
        "$nul\x00": {"m.read": {member: {"ts": 2**70}}, "m.odd": 7},
    }
    ephemeral: list[Any] = [
        {"type": "m.receipt", "content": receipts},
        {"type": "m.receipt", "content": {"$1": {"m.read": [1]}}},
        {"type": "m.typing", "content": {"user_ids": [7, "@nul\x00:hs", f"@{LONG}:hs", member]}},
    ]
    account_data: list[JSON] = [
        {"type": f"m.{LONG}", "content": {"n": 1}},
        {"type": "m.good", "content": {"n": 2}},
    ]
    answer = {
        "next_batch": f"s{homeserver.world.position}",
        "device_lists": {"changed": [f"@{LONG}:hs", member], "left": ["@nul\x00:hs"]},
        "device_one_time_keys_count": {"signed_curve25519": 17},
        "account_data": {"events": account_data},
        "rooms": {"join": {room: {"ephemeral": {"events": ephemeral},
                                  "account_data": {"events": account_data}}}},
        "to_device": {"events": []},
    }  # fmt: skip
    events = b",".join((*HOSTILE, *UNDELIVERABLE, message(b'"the last"')))
    return (
        json.dumps(answer)
        .encode()
        .replace(b'"to_device": {"events": []}', b'"to_device":{"events":[%s]}' % events)
    )


async def everything(running: Running, who: Account, answer: JSON) -> list[JSON]:
    """The extensions' objects of all answers until the last hostile message."""
    told = [answer["extensions"]]
    since = None
    while "the last" not in str(told):
        given: JSON = {"to_device": {"since": since}} if since else {}
        answer = await running.sync(who, {"extensions": given}, pos=answer["pos"], timeout_ms=2_000)
        told.append(answer["extensions"])
        since = answer["extensions"]["to_device"]["next_batch"]
    return told


@pytest.mark.rules("U-120", "U-123", "U-132", "U-133", "U-140", "U-191")
async def test_hostile_values_cost_only_themselves(
    start: Start, homeserver: FakeHomeserver, alice: Account, bob: Account
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    running = await start(*built_in(*ALL_FIVE))
    asked = {"lists": LAZY, "extensions": on(*ALL_FIVE)}
    answer = await running.sync(alice, asked)
    await running.sync(bob, asked)
    await homeserver.settled(alice.user_id)
    body = a_sync_answer(homeserver, room, bob.user_id)
    hanging = homeserver.break_(Fault(hang=True), user_id=alice.user_id, times=None)
    homeserver.break_(Fault(body=body), user_id=alice.user_id)  # then nothing that replaces it
    await alice.set_account_data("org.example.wake", {})
    told = await everything(running, alice, answer)
    text = json.dumps(told)
    messages = [event for each in told for event in each.get("to_device", {}).get("events", ())]
    assert len(messages) == len(HOSTILE) + 1
    assert "$good" in text and f"${LONG}" not in text
    typing = [each["typing"]["rooms"][room] for each in told if "typing" in each]
    assert typing[-1]["content"]["user_ids"] == [bob.user_id]
    assert {"signed_curve25519": 17} in [
        each.get("e2ee", {}).get("device_one_time_keys_count") for each in told
    ]
    lists = [each.get("e2ee", {}).get("device_lists", {}) for each in told]
    assert [user for each in lists for user in each.get("changed", ())] == [bob.user_id]
    assert text.count(f"m.{LONG}") == 3  # twice account data, once a message's type
    assert running.set_aside("to_device") == len(UNDELIVERABLE)
    assert running.failures("to_device", "ingest") == 1
    stored = await running.since(alice)
    await running.service.stop()
    hanging.clear()

    running = await start(*built_in(*ALL_FIVE))
    assert await running.since(alice) == stored
    answer = await running.sync(alice, asked)
    await bob.send_to_device(alice, "m.hello", {})
    await running.until(alice, answer, "m.hello")
