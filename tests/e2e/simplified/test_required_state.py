"""Which state comes with a room: at first, later, and when something else is asked for."""

import pytest

from tests.e2e.simplified.conftest import Sync
from tests.support.account import Account
from tests.support.room import JSON
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import Pair, room_config, window

pytestmark = pytest.mark.asyncio(loop_scope="module")

CREATE = ("m.room.create", "")
NAME = ("m.room.name", "")
TOPIC = ("m.room.topic", "")
LAZY = ("m.room.member", "$LAZY")
ME = ("m.room.member", "$ME")
LONG_MS = 20_000


def asking(*pairs: Pair, timeline_limit: int = 1) -> dict[str, JSON]:
    return {"all": window(timeline_limit=timeline_limit, required_state=pairs)}


def member(account: Account) -> tuple[str, str]:
    return ("m.room.member", account.user_id)


async def kitchen(alice: Account, *others: Account) -> str:
    room = await alice.create_room("Kitchen", topic="Tea")
    for account in others:
        await account.join(room)
    return room


@pytest.mark.rules("S-240")
async def test_without_selectors_there_is_no_state(alice: Account, sync: Sync) -> None:
    room = await kitchen(alice)
    entry = (await sync(lists=asking())).rooms[room]
    assert "required_state" not in entry.raw


@pytest.mark.rules("S-230", "S-240", "S-235", "S-252")
async def test_a_selector_brings_its_state_if_there_is_any(alice: Account, sync: Sync) -> None:
    room = await kitchen(alice)
    entry = (await sync(lists=asking(CREATE, TOPIC, ("m.room.tombstone", "")))).rooms[room]
    assert set(entry.state) == {CREATE, TOPIC}
    assert entry.state[TOPIC]["content"]["topic"] == "Tea"
    assert entry.state[TOPIC]["sender"] == alice.user_id


@pytest.mark.rules("S-240", "S-243")
async def test_only_state_that_changed_comes_later(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    room = await kitchen(alice)
    await sync(lists=asking(CREATE, TOPIC, NAME, timeline_limit=5))
    topic = await alice.set_state(room, "m.room.topic", {"topic": "Coffee"})
    await alice.set_state(room, "org.example.other", {})
    entry = (await sync()).rooms[room]
    assert entry.state_ids == {TOPIC: topic}
    assert topic in entry.event_ids, "state of the timeline is in required_state as well"


@pytest.mark.rules("S-240", "S-244")
async def test_of_many_changes_the_last_one_comes_also_behind_a_hole(
    alice: Account, sync: Sync
) -> None:
    room = await kitchen(alice)
    await sync(lists=asking(TOPIC, NAME))
    await alice.set_state(room, "m.room.topic", {"topic": "Coffee"})
    topic = await alice.set_state(room, "m.room.topic", {"topic": "Cocoa"})
    name = await alice.rename(room, "Bar")
    await alice.send_all(room, ["1", "2"])
    entry = (await sync()).rooms[room]
    assert entry.limited
    assert entry.state_ids == {TOPIC: topic, NAME: name}


@pytest.mark.rules("S-230", "S-235")
@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        (("org.example.a", "*"), {("org.example.a", "k"), ("org.example.a", "")}),
        (("*", "k"), {("org.example.a", "k"), ("org.example.b", "k")}),
        (("org.example.a", "k"), {("org.example.a", "k")}),
        (("org.example.b", ""), set()),
    ],
    ids=["a-type", "a-key", "one-entry", "what-there-is-not"],
)
async def test_wildcards_select_by_type_or_by_key(
    alice: Account, sync: Sync, target: Target, selector: Pair, selected: set[tuple[str, str]]
) -> None:
    room = await kitchen(alice)
    for kind, key in (("a", "k"), ("a", ""), ("b", "k"), ("b", "l")):
        await alice.set_state(room, f"org.example.{kind}", {}, key)
    entry = (await sync(lists=asking(selector))).rooms[room]
    if target.is_native and selector[0] == "*":
        assert set(entry.state) >= selected, "Synapse returns more than was asked for"
    else:
        assert set(entry.state) == selected


@pytest.mark.rules("S-230", "S-151")
async def test_two_wildcards_select_all_state(alice: Account, bob: Account, sync: Sync) -> None:
    room = await kitchen(alice, bob)
    entry = (await sync(lists=asking(("*", "*"), TOPIC, ME))).rooms[room]
    state = await alice.call("GET", f"/rooms/{room}/state")
    assert entry.state_ids == {(e["type"], e["state_key"]): e["event_id"] for e in state}


@pytest.mark.rules("S-230", "S-235")
async def test_me_is_the_own_id(alice: Account, bob: Account, sync: Sync) -> None:
    room = await kitchen(alice, bob)
    await alice.set_state(room, "org.example.mine", {}, alice.user_id)
    asked = asking(ME, ("org.example.mine", "$ME"))
    entry = (await sync(lists=asked)).rooms[room]
    assert set(entry.state) == {member(alice), ("org.example.mine", alice.user_id)}


@pytest.mark.differs("Synapse sends again what it sent for $ME when it is asked for by the ID")
@pytest.mark.rules("S-250")
async def test_me_and_the_own_id_are_the_same(alice: Account, sync: Sync) -> None:
    await kitchen(alice)
    await sync(lists=asking(ME))
    assert not (await sync(lists=asking(member(alice)))).rooms
    assert not (await sync(lists=asking(ME))).rooms


@pytest.mark.only("S")
@pytest.mark.rules("S-232", "S-235")
async def test_in_the_stable_form_stars_and_dollars_are_letters(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    room = await kitchen(alice)
    await alice.set_state(room, "org.example.a", {}, "*")
    await alice.set_state(room, "org.example.a", {}, "k")
    config = {"timeline_limit": 1, "required_state": {"include": [
        {"type": "org.example.a", "state_key": "*"}, {"type": "*"},
        {"type": "m.room.member", "state_key": "$ME"},
        {"type": "m.room.member", "state_key": "$LAZY"}, {"type": "m.room.topic", "future": 1},
    ]}}  # fmt: skip
    await sync()
    _, answer = await conn.post({"lists": {"all": config}})
    state = answer["rooms"][room]["required_state"]
    assert {(e["type"], e["state_key"]) for e in state} == {("org.example.a", "*"), TOPIC}


@pytest.mark.only("S")
@pytest.mark.rules("S-232", "S-233", "S-234")
async def test_the_stable_form_excludes_what_it_includes(
    alice: Account, bob: Account, sync: Sync, conn: Connection
) -> None:
    room = await kitchen(alice, bob)
    await bob.send(room, "hello")
    await sync()

    async def state(**required_state: object) -> set[tuple[str, str]]:
        config = {"timeline_limit": 1, "required_state": required_state}
        _, answer = await conn.post({"lists": {"all": config}})
        events = answer["rooms"][room].get("required_state", [])
        return {(event["type"], event["state_key"]) for event in events}

    everything = await state(include=[{}])
    members = {key for key in everything if key[0] == "m.room.member"}
    assert members == {member(alice), member(bob)}
    assert await state(include=[{"type": None}]) == everything
    assert await state(include=[{}], exclude=[{"type": "m.room.member"}]) == everything - members
    assert await state(include=[{}], exclude=[{"state_key": ""}]) == members
    assert await state(exclude=[{}]) == await state() == set()
    lazily = await state(include=[{}], lazy_members=True)
    assert lazily == everything - {member(alice)}
    own = {"type": "m.room.member", "state_key": alice.user_id}
    assert await state(include=[{}, own], lazy_members=True) == everything
    assert await state(exclude=[{}], lazy_members=True) == {member(bob)}


@pytest.mark.rules("S-241", "S-242", "S-273", "U-95", "U-106")
@pytest.mark.parametrize("how", ["leave", "ban"])
@pytest.mark.parametrize("when", ["initial", "live"])
async def test_who_is_gone_sees_the_state_as_it_was(
    alice: Account, bob: Account, sync: Sync, conn: Connection, how: str, when: str
) -> None:
    await sync()  # rooms that one was out of before the first contact are another matter
    conn.forget()
    room = await kitchen(bob, alice)
    lists, subscriptions = asking(ME, TOPIC), {room: room_config(1, [ME, TOPIC])}
    if when == "live":
        await sync(lists=lists, subscriptions=subscriptions)
    before = await bob.set_state(room, "m.room.topic", {"topic": "Before"})
    await (alice.leave(room) if how == "leave" else bob.ban(room, alice))
    await bob.set_state(room, "m.room.topic", {"topic": "After"})
    await bob.set_state(room, "org.example.after", {})
    entry = (await sync(lists=lists, subscriptions=subscriptions)).rooms[room]
    assert entry.initial == (when == "initial")
    assert entry.state_ids[TOPIC] == before
    assert conn.rooms[room].membership == how
    wider = [ME, TOPIC, NAME, ("org.example.after", "")]
    more = await sync(subscriptions={room: room_config(1, wider)})
    assert set(more.rooms[room].state) - {member(alice)} == {NAME}


@pytest.mark.rules("S-150", "S-151")
async def test_lists_and_subscriptions_add_up(alice: Account, sync: Sync) -> None:
    room = await kitchen(alice)
    events = await alice.send_all(room, ["1", "2", "3"])
    lists = {"a": window(timeline_limit=1, required_state=[NAME]),
             "b": window(timeline_limit=0, required_state=[CREATE])}  # fmt: skip
    answer = await sync(lists=lists, subscriptions={room: room_config(2, [TOPIC])})
    assert set(answer.rooms[room].state) == {NAME, CREATE, TOPIC}
    assert answer.rooms[room].event_ids == events[1:]


@pytest.mark.rules("S-151")
async def test_what_one_room_adds_does_not_leak_into_another(alice: Account, sync: Sync) -> None:
    one, two = await kitchen(alice), await kitchen(alice)
    for room in (one, two):
        await sync(lists=asking(NAME), subscriptions={room: room_config(1, [TOPIC])})
    for room in (one, two):
        await alice.set_state(room, "m.room.topic", {"topic": "New"})
    answer = await sync(subscriptions={one: room_config(1, [TOPIC])})
    assert set(answer.rooms[one].state) == {TOPIC}
    assert not answer.rooms[two].state


@pytest.mark.rules("S-250", "S-251", "S-171", "S-321", "S-323", "S-153")
@pytest.mark.parametrize("where", ["list", "subscription"])
async def test_more_state_comes_at_once(
    alice: Account, sync: Sync, conn: Connection, where: str
) -> None:
    room = await kitchen(alice)
    await sync(lists=asking(NAME))
    more = {"list": {"lists": asking(NAME, TOPIC)},
            "subscription": {"subscriptions": {room: room_config(1, [TOPIC])}}}  # fmt: skip
    answer = await conn.sync(timeout_ms=LONG_MS, **more[where])
    entry = answer.rooms[room]
    assert not entry.initial
    assert set(entry.state) == {TOPIC}
    assert not entry.timeline


@pytest.mark.rules("S-251", "S-172", "S-178")
async def test_more_state_that_is_not_there_is_no_news(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    room = await kitchen(alice)
    await sync(lists=asking(NAME))
    nothing = ("org.example.none", "")
    assert not (await conn.sync(lists=asking(NAME, nothing), timeout_ms=300)).rooms
    event = await alice.set_state(room, "org.example.none", {})
    assert (await sync()).rooms[room].state_ids == {nothing: event}


@pytest.mark.rules("S-250")
async def test_state_that_is_dropped_and_wanted_again_comes_only_if_it_changed(
    alice: Account, sync: Sync
) -> None:
    room = await kitchen(alice)
    await sync(lists=asking(NAME, TOPIC))
    assert not (await sync(lists=asking(NAME))).rooms
    assert not (await sync(lists=asking(NAME, TOPIC))).rooms
    assert not (await sync(lists=asking(NAME))).rooms
    topic = await alice.set_state(room, "m.room.topic", {"topic": "Coffee"})
    assert not (await sync()).rooms[room].state
    entry = (await sync(lists=asking(NAME, TOPIC))).rooms[room]
    assert entry.state_ids == {TOPIC: topic}


@pytest.mark.rules("S-250")
async def test_from_all_state_to_some_nothing_comes(alice: Account, sync: Sync) -> None:
    room = await kitchen(alice)
    await sync(lists=asking(("*", "*")))
    assert not (await sync(lists=asking(NAME, TOPIC))).rooms
    topic = await alice.set_state(room, "m.room.topic", {"topic": "Coffee"})
    assert (await sync()).rooms[room].state_ids == {TOPIC: topic}


@pytest.mark.rules("S-250", "S-251", "S-240", "S-243", "S-612")
@pytest.mark.parametrize("before", [(NAME,), (ME, LAZY, TOPIC)], ids=["some", "lazy"])
@pytest.mark.parametrize("news", [False, True], ids=["quiet", "joined"])
async def test_from_some_state_to_all_of_it_the_rest_comes(
    alice: Account, bob: Account, carol: Account, sync: Sync, conn: Connection,
    before: tuple[Pair, ...], news: bool,
) -> None:  # fmt: skip
    room = await kitchen(alice, bob)
    await sync(lists=asking(*before))
    if news:
        await carol.join(room)
    await sync(lists=asking(ME, ("*", "*")))
    state = await alice.call("GET", f"/rooms/{room}/state")
    whole = {(e["type"], e["state_key"]): e["event_id"] for e in state}
    known = conn.rooms[room].state
    await conn.until(lambda: {key: e["event_id"] for key, e in known.items()} == whole)


@pytest.mark.rules("S-250")
async def test_a_new_wildcard_brings_what_it_selects(alice: Account, sync: Sync) -> None:
    room = await kitchen(alice)
    for key in ("k", "l"):
        await alice.set_state(room, "org.example.a", {}, key)
    await sync(lists=asking(("org.example.a", "k")))
    entry = (await sync(lists=asking(("org.example.a", "*")))).rooms[room]
    assert ("org.example.a", "l") in entry.state
    assert {kind for kind, _ in entry.state} == {"org.example.a"}


@pytest.mark.rules("S-250", "S-264", "S-56")
async def test_more_state_of_a_lost_answer_comes_again(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    room = await kitchen(alice)
    await sync(lists=asking(NAME))
    conn.lists = asking(NAME, TOPIC)
    for _ in range(2):
        assert set((await conn.ask()).rooms[room].state) == {TOPIC}
    conn.lists = asking(NAME, CREATE)
    assert set((await conn.sync()).rooms[room].state) == {CREATE}
