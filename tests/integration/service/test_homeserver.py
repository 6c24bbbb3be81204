"""The fake homeserver answers /sync as a real one does: the same tests hold for Synapse."""

import asyncio
import json

import pytest

from tests.support.account import Account, ApiError, text
from tests.support.fixtures import Person
from tests.support.room import JSON
from tests.support.waiting import still

pytestmark = pytest.mark.asyncio(loop_scope="module")

LAZY = {"lazy_load_members": True}


def with_filter(limit: int = 50, *, lazy: bool = False, **room: object) -> str:
    part: JSON = {"timeline": {"limit": limit}, "state": LAZY if lazy else {}, **room}
    return json.dumps({"room": part, "presence": {"not_types": ["*"]}})


async def now(account: Account) -> str:
    """A since token of now."""
    token: str = (await account.sync_v2(filter=with_filter(1), timeout=0))["next_batch"]
    return token


async def news(account: Account, since: str, wanted: str | None = None) -> JSON:
    """All that is new, whatever pieces it comes in: the answer of one late request."""
    await asyncio.sleep(0.1)  # a real homeserver tells its notifier a moment later
    return await account.sync_v2(since, filter=wanted or with_filter(), timeout=5_000)


def events(entry: JSON, section: str) -> list[JSON]:
    """Those of one section of a room's entry; one without any may be left out."""
    found: list[JSON] = entry.get(section, {}).get("events", [])
    return found


def types(found: list[JSON]) -> list[str]:
    return [event["type"] for event in found]


def texts(found: list[JSON]) -> list[str]:
    return [e["content"]["body"] for e in found if "body" in e["content"]]


async def when_told(account: Account, room: str, text: str) -> str:
    """Where the account is when it has been told of a message: Dendrite tells a moment later."""
    async with asyncio.timeout(10):
        while True:
            answer = await account.sync_v2(filter=with_filter(1))
            entry = answer["rooms"].get("join", {}).get(room, {})
            if text in texts(events(entry, "timeline")):
                return str(answer["next_batch"])
            await asyncio.sleep(0.1)  # between two looks


async def test_a_first_sync_has_the_state_before_the_timeline(alice: Account) -> None:
    room = await alice.create_room("Kitchen")
    await alice.send_all(room, ["one", "two"])
    entry = (await alice.sync_v2(filter=with_filter(1)))["rooms"]["join"][room]
    assert texts(events(entry, "timeline")) == ["two"]
    assert entry["timeline"]["limited"] is True
    assert {"m.room.create", "m.room.member", "m.room.name"} <= set(types(events(entry, "state")))


async def test_a_later_sync_has_only_what_is_new(alice: Account, bob: Account) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    since = await now(bob)
    await alice.send(room, "hello")
    entry = (await news(bob, since))["rooms"]["join"][room]
    assert texts(events(entry, "timeline")) == ["hello"]
    assert entry["timeline"]["limited"] is False
    assert events(entry, "state") == []


async def test_a_gap_says_limited_and_gives_the_state_that_changed_in_it(alice: Account) -> None:
    room = await alice.create_room("Kitchen")
    since = await now(alice)
    await alice.rename(room, "Parlour")
    await alice.send_all(room, ["one", "two", "three"])
    entry = (await news(alice, since, with_filter(2)))["rooms"]["join"][room]
    assert (texts(events(entry, "timeline")), entry["timeline"]["limited"]) == (
        ["two", "three"],
        True,
    )
    assert types(events(entry, "state")) == ["m.room.name"]


async def test_prev_batch_leads_to_the_events_before_the_timeline(alice: Account) -> None:
    room = await alice.create_room("Kitchen")
    await alice.send_all(room, ["one", "two", "three"])
    await when_told(alice, room, "three")
    entry = (await alice.sync_v2(filter=with_filter(1)))["rooms"]["join"][room]
    page = await alice.call("GET", f"/rooms/{room}/messages", None, dir="b", limit=2,
                            **{"from": entry["timeline"]["prev_batch"]})  # fmt: skip
    assert [e["content"]["body"] for e in page["chunk"]] == ["two", "one"]


async def test_an_empty_sync_waits_and_a_message_ends_the_wait(
    alice: Account, bob: Account
) -> None:
    room = await alice.create_room()
    await bob.join(room)
    since = await now(bob)
    waiting = asyncio.create_task(bob.sync_v2(since, timeout=10_000))
    await still(waiting, for_s=0.2)
    await alice.send(room, "wake up")
    assert room in (await asyncio.wait_for(waiting, 5))["rooms"]["join"]


async def test_an_invited_user_gets_stripped_state(alice: Account, bob: Account) -> None:
    since = await now(bob)
    room = await alice.create_room("Secret", public=False)
    await alice.send(room, "not for Bob yet")
    await alice.invite(room, bob)
    body = await news(bob, since)
    shown = events(body["rooms"]["invite"][room], "invite_state")
    assert {"m.room.create", "m.room.name", "m.room.member"} <= set(types(shown))
    own = [e for e in shown if e["type"] == "m.room.member" and e["state_key"] == bob.user_id]
    assert own[0]["content"]["membership"] == "invite"
    assert room not in body["rooms"].get("join", {})


async def test_who_joins_gets_the_room_in_full(alice: Account, bob: Account) -> None:
    room = await alice.create_room("Kitchen")
    await alice.send(room, "before")
    since = await now(bob)
    await bob.join(room)
    entry = (await news(bob, since, with_filter(1)))["rooms"]["join"][room]
    assert "m.room.create" in types(events(entry, "state"))
    assert entry["timeline"]["limited"] is True
    assert types(events(entry, "timeline")) == ["m.room.member"]


async def test_who_was_kicked_gets_everything_up_to_it_and_nothing_after(
    alice: Account, bob: Account
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    since = await now(bob)
    await alice.send(room, "still here")
    await alice.kick(room, bob)
    await alice.send(room, "gone")
    body = await news(bob, since)
    assert room not in body["rooms"].get("join", {})
    timeline = body["rooms"]["leave"][room]["timeline"]
    assert texts(timeline["events"]) == ["still here"]
    assert timeline["events"][-1]["content"]["membership"] == "leave"


async def test_a_rejected_invite_shows_the_leave(alice: Account, bob: Account) -> None:
    room = await alice.create_room("Kitchen", public=False, invite=[bob])
    since = await now(bob)
    await bob.leave(room)
    entry = (await news(bob, since))["rooms"]["leave"][room]
    assert [e["content"]["membership"] for e in entry["timeline"]["events"]] == ["leave"]


async def test_a_first_sync_knows_nothing_of_rooms_that_were_left(alice: Account) -> None:
    room = await alice.create_room()
    since = await now(alice)
    await alice.leave(room)
    await news(alice, since)
    body = await alice.sync_v2(filter=with_filter(), timeout=0)
    assert all(room not in rooms for rooms in body.get("rooms", {}).values())


async def test_only_the_sending_device_sees_the_transaction_id(
    alice: Account, bob: Account
) -> None:
    phone = await alice.login()
    room = await alice.create_room()
    await bob.join(room)
    event_id = await alice.send(room, "hi", txn_id="mine")
    for account in (alice, phone, bob):
        await when_told(account, room, "hi")
    found = {}
    for account in (alice, phone, bob):
        entry = (await account.sync_v2(filter=with_filter()))["rooms"]["join"][room]
        event = next(e for e in entry["timeline"]["events"] if e["event_id"] == event_id)
        found[account.device_id] = event.get("unsigned", {}).get("transaction_id")
    assert found == {alice.device_id: "mine", phone.device_id: None, bob.device_id: None}


async def test_a_repeated_transaction_is_one_event(alice: Account) -> None:
    room = await alice.create_room()
    assert await alice.send(room, "hi", txn_id="t1") == await alice.send(room, "hi", txn_id="t1")


async def test_lazy_members_are_those_who_speak_and_oneself(
    alice: Account, bob: Account, carol: Account
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await carol.join(room)
    await alice.send(room, "hello")
    entry = (await carol.sync_v2(filter=with_filter(1, lazy=True)))["rooms"]["join"][room]
    members = {e["state_key"] for e in entry["state"]["events"] if e["type"] == "m.room.member"}
    assert members == {alice.user_id, carol.user_id}
    assert entry["summary"]["m.joined_member_count"] == 3


async def test_a_member_is_sent_lazily_once_and_again_when_changed_in_a_gap(
    alice: Account, bob: Account
) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await alice.send(room, "hello")
    wanted = with_filter(1, lazy=True)
    since = (await alice.sync_v2(filter=wanted))["next_batch"]
    for rename, told in ((False, [bob.user_id]), (False, []), (True, [bob.user_id])):
        if rename:
            await rename_in(room, bob, "Robert")
        await bob.send(room, "hello")
        answer = await news(alice, since, wanted)
        entry, since = answer["rooms"]["join"][room], answer["next_batch"]
        assert entry["timeline"]["limited"] == rename
        assert members_in(entry.get("state", {"events": []})["events"]) == told


async def rename_in(room: str, who: Account, name: str) -> None:
    content = {"membership": "join", "displayname": name}
    await who.set_state(room, "m.room.member", content, who.user_id)


def members_in(events: list[JSON]) -> list[str]:
    return [event["state_key"] for event in events if event["type"] == "m.room.member"]


async def test_nobody_counts_as_new_to_the_device_who_was_told_of_before(
    alice: Account, bob: Account
) -> None:
    """With ``include_redundant_members`` Synapse names the sender at each message."""
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await alice.send(room, "hello")
    wanted = with_filter(1, lazy=True)
    since = (await alice.sync_v2(filter=wanted))["next_batch"]
    for number in range(2):
        await bob.send(room, "hello")
        answer = await news(alice, since, wanted)
        named = answer.get("device_lists", {}).get("changed") or ()
        assert bob.user_id not in named or number == 0
        since = answer["next_batch"]


async def test_messages_come_with_who_wrote_them(alice: Account, bob: Account) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await rename_in(room, bob, "Robert")
    await bob.send(room, "hello")
    since = await when_told(alice, room, "hello")
    await rename_in(room, bob, "Bobby")
    query: dict[str, str | int] = {
        "dir": "b",
        "limit": 1,
        "from": since,
        "filter": '{"lazy_load_members":true}',
    }
    page = await alice.call("GET", f"/rooms/{room}/messages", None, **query)
    assert texts(page["chunk"]) == ["hello"]
    newest = page["chunk"][0]["origin_server_ts"]
    names = {e["state_key"]: e["content"]["displayname"] for e in page["state"]
             if e["origin_server_ts"] <= newest}  # fmt: skip
    assert names in ({bob.user_id: "Robert"}, {})  # some give the current one


async def test_heroes_are_given_only_for_rooms_without_a_name(alice: Account, bob: Account) -> None:
    named = await alice.create_room("Kitchen")
    nameless = await alice.create_room()
    for room in (named, nameless):
        await bob.join(room)
    rooms = (await alice.sync_v2(filter=with_filter(lazy=True)))["rooms"]["join"]
    assert rooms[nameless]["summary"]["m.heroes"] == [bob.user_id]
    assert not rooms[named]["summary"].get("m.heroes")


async def test_a_redacted_event_has_no_content_afterwards(alice: Account) -> None:
    room = await alice.create_room()
    event_id = await alice.send(room, "oops")
    since = await now(alice)
    redaction = await alice.redact(room, event_id)
    entry = (await news(alice, since))["rooms"]["join"][room]
    assert [e["event_id"] for e in entry["timeline"]["events"]] == [redaction]
    event = await alice.call("GET", f"/rooms/{room}/event/{event_id}")
    assert event["content"] == {}
    assert event["unsigned"]["redacted_because"]["event_id"] == redaction


async def test_an_upgrade_leaves_a_tombstone_and_names_the_predecessor(alice: Account) -> None:
    old = await alice.create_room("Kitchen")
    new = await alice.upgrade(old)
    rooms = (await alice.sync_v2(filter=with_filter()))["rooms"]["join"]
    tombstone = next(e for e in rooms[old]["timeline"]["events"] if e["type"] == "m.room.tombstone")
    assert tombstone["content"]["replacement_room"] == new
    found = events(rooms[new], "state") + events(rooms[new], "timeline")
    create = next(e for e in found if e["type"] == "m.room.create")
    assert create["content"]["predecessor"]["room_id"] == old


async def test_a_ban_keeps_out_until_it_is_lifted(alice: Account, bob: Account) -> None:
    room = await alice.create_room()
    await alice.ban(room, bob)
    with pytest.raises(ApiError) as refused:
        await bob.join(room)
    assert refused.value.status == 403
    await alice.unban(room, bob)
    await bob.join(room)


async def test_unread_messages_are_counted_until_they_are_read(
    alice: Account, bob: Account
) -> None:
    room = await alice.create_room()
    await bob.join(room)
    since = await now(bob)
    event_id = await alice.send(room, "hello")
    body = await news(bob, since)
    counts = body["rooms"]["join"][room]["unread_notifications"]
    assert counts == {"notification_count": 1, "highlight_count": 0}
    await bob.read(room, event_id)
    entry = (await news(bob, body["next_batch"]))["rooms"]["join"][room]
    assert entry["unread_notifications"]["notification_count"] == 0
    assert types(events(entry, "ephemeral")) == ["m.receipt"]


@pytest.mark.needs("highlights")
async def test_a_mention_is_a_highlight(alice: Account, bob: Account) -> None:
    room = await alice.create_room()
    await bob.join(room)
    since = await now(bob)
    await alice.send(room, text("you there", **{"m.mentions": {"user_ids": [bob.user_id]}}))
    entry = (await news(bob, since))["rooms"]["join"][room]
    assert entry["unread_notifications"]["highlight_count"] == 1


@pytest.mark.needs("prompt-unread-counts")
async def test_an_unread_message_is_counted_without_anything_else_happening(
    alice: Account, bob: Account
) -> None:
    room = await alice.create_room()
    await bob.join(room)
    for number in range(1, 6):
        since = await now(bob)
        waiting = asyncio.create_task(bob.sync_v2(since, filter=with_filter(), timeout=5_000))
        await still(waiting, for_s=0.1)
        await alice.send(room, "hello")
        body = await waiting
        count = body["rooms"]["join"][room]["unread_notifications"]["notification_count"]
        if count != number:
            body = await bob.sync_v2(body["next_batch"], filter=with_filter(), timeout=2_000)
            entry = body.get("rooms", {}).get("join", {}).get(room, {})
            count = entry.get("unread_notifications", {}).get("notification_count")
        assert count == number


@pytest.mark.needs("private-receipts")
async def test_a_private_receipt_is_for_its_owner_only(alice: Account, bob: Account) -> None:
    room = await alice.create_room()
    await bob.join(room)
    event_id = await alice.send(room, "hello")
    since_alice, since_bob = await now(alice), await now(bob)
    await bob.read(room, event_id, "m.read.private")
    entry = (await news(bob, since_bob))["rooms"]["join"][room]
    assert "m.read.private" in json.dumps(entry["ephemeral"])
    quiet = await alice.sync_v2(since_alice, filter=with_filter(), timeout=0)
    assert "m.read.private" not in json.dumps(quiet)


@pytest.mark.needs("threaded-receipts")
async def test_a_receipt_names_its_thread(alice: Account, bob: Account) -> None:
    room = await alice.create_room()
    await bob.join(room)
    event_id = await alice.send(room, "hello")
    since = await now(alice)
    await bob.read(room, event_id, thread_id="main")
    entry = (await news(alice, since))["rooms"]["join"][room]
    marks = entry["ephemeral"]["events"][0]["content"][event_id]["m.read"]
    assert marks[bob.user_id]["thread_id"] == "main"


@pytest.mark.needs("fallback-keys")
async def test_unused_fallback_keys_are_told_from_the_start(alice: Account) -> None:
    body = await alice.sync_v2(filter=with_filter(), timeout=0)
    assert "device_unused_fallback_key_types" in body


async def test_typing_starts_and_stops(alice: Account, bob: Account) -> None:
    room = await alice.create_room()
    await bob.join(room)
    since = await now(bob)
    await alice.type_in(room)
    body = await news(bob, since)
    event = body["rooms"]["join"][room]["ephemeral"]["events"][0]
    assert event == {"type": "m.typing", "content": {"user_ids": [alice.user_id]}}
    await alice.type_in(room, on=False)
    entry = (await news(bob, body["next_batch"]))["rooms"]["join"][room]
    assert entry["ephemeral"]["events"][0]["content"] == {"user_ids": []}


async def test_tags_and_account_data_arrive(alice: Account) -> None:
    room = await alice.create_room()
    since = await now(alice)
    await alice.tag(room, "m.favourite")
    await alice.set_account_data("m.direct", {"@x:y": [room]})
    body = await news(alice, since)
    entry = body["rooms"]["join"][room]
    assert entry["account_data"]["events"][0]["content"]["tags"] == {"m.favourite": {"order": 0.5}}
    assert {"type": "m.direct", "content": {"@x:y": [room]}} in body["account_data"]["events"]


async def test_a_message_to_a_device_comes_until_it_is_acknowledged(
    alice: Account, bob: Account
) -> None:
    since = await now(bob)
    await alice.send_to_device(bob, "m.dummy", {"n": 1})
    body = await news(bob, since)
    event = body["to_device"]["events"][0]
    assert (event["type"], event["content"], event["sender"]) == (
        "m.dummy", {"n": 1}, alice.user_id)  # fmt: skip
    later = await bob.sync_v2(body["next_batch"], timeout=0)
    assert not later.get("to_device", {}).get("events")


async def test_history_visibility_joined_hides_what_was_before(
    alice: Account, bob: Account
) -> None:
    rule = {"type": "m.room.history_visibility", "content": {"history_visibility": "joined"}}
    room = await alice.create_room(state=[{**rule, "state_key": ""}])
    await alice.send(room, "before")
    await bob.join(room)
    await alice.send(room, "after")
    entry = (await bob.sync_v2(filter=with_filter()))["rooms"]["join"][room]
    assert texts(events(entry, "timeline")) == ["after"]


@pytest.mark.needs("filter-of-no-rooms")
async def test_a_filter_of_no_rooms_gives_none(alice: Account) -> None:
    await alice.create_room()
    body = await alice.sync_v2(filter=with_filter(rooms=[]), timeout=0)
    assert not body.get("rooms", {}).get("join")


async def test_a_dead_token_is_refused(person: Person) -> None:
    somebody = await person("somebody")
    await somebody.logout()
    with pytest.raises(ApiError) as refused:
        await somebody.sync_v2()
    assert (refused.value.status, refused.value.errcode) == (401, "M_UNKNOWN_TOKEN")


@pytest.mark.needs("knocking")
async def test_knocking_is_possible_where_the_room_allows_it(alice: Account, bob: Account) -> None:
    rule = {"type": "m.room.join_rules", "content": {"join_rule": "knock"}, "state_key": ""}
    room = await alice.create_room("Door", public=False, state=[rule])
    since = await now(bob)
    await bob.knock(room)
    body = await news(bob, since)
    assert room in body["rooms"]["knock"]
