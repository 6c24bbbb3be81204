"""What is told of a room besides its events: name, avatar, heroes, counts, bump stamp."""

import pytest

from tests.e2e.simplified.conftest import Raise, Sync
from tests.support.account import Account, text
from tests.support.fixtures import Person
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import Dialect, room_config, window

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = {"all": window(timeline_limit=1)}
STATE_OF_NAMES = [("m.room.name", ""), ("m.room.avatar", ""), ("m.room.member", "$ME")]
PICTURE = "mxc://localhost/picture"


async def paint(account: Account, room: str, url: str = PICTURE) -> str:
    return await account.set_state(room, "m.room.avatar", {"url": url})


@pytest.mark.rules("S-270", "S-271", "S-272", "S-276", "S-277")
async def test_a_new_room_is_told_with_name_avatar_and_counts(
    alice: Account, bob: Account, carol: Account, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen", invite=[carol])
    await paint(alice, room)
    await bob.join(room)
    entry = (await sync(lists=ALL)).rooms[room]
    assert entry.raw["name"] == "Kitchen"
    assert entry.raw["avatar"] == PICTURE
    assert entry.counts == (2, 1)
    assert "is_dm" not in entry.raw
    assert "heroes" not in entry.raw


@pytest.mark.rules("S-271", "S-272")
async def test_names_are_never_made_up(alice: Account, bob: Account, sync: Sync) -> None:
    room = await alice.create_dm(bob)
    await bob.join(room)
    await alice.set_state(room, "m.room.topic", {"topic": "Tea"})
    await alice.set_state(room, "m.room.canonical_alias", {"alias": None})
    entry = (await sync(lists=ALL)).rooms[room]
    assert "name" not in entry.raw
    assert "avatar" not in entry.raw


@pytest.mark.rules("S-270", "S-276", "S-274")
async def test_a_message_repeats_neither_name_nor_counts(
    alice: Account, bob: Account, sync: Sync
) -> None:
    room, nameless = await alice.create_room("Kitchen"), await alice.create_room()
    await paint(alice, room)
    await bob.join(nameless)
    await sync(lists=ALL)
    for each in (room, nameless):
        await alice.send(each, "hello")
    answer = await sync()
    told = {"name", "avatar", "heroes", "joined_count", "invited_count", "initial"}
    for each in (room, nameless):
        assert not told & set(answer.rooms[each].raw)


@pytest.mark.rules("S-270", "S-271", "S-272", "S-172")
@pytest.mark.parametrize("what", ["name", "avatar"])
async def test_a_new_name_or_avatar_comes_even_without_timeline_and_state(
    alice: Account, sync: Sync, what: str
) -> None:
    room = await alice.create_room("Kitchen")
    await paint(alice, room)
    await sync(lists={"all": window(timeline_limit=0)})
    if what == "name":
        await alice.rename(room, "Bar")
    else:
        await paint(alice, room, "mxc://localhost/other")
    raw = (await sync()).rooms[room].raw
    assert raw[what] == ("Bar" if what == "name" else "mxc://localhost/other")
    assert ({"name", "avatar"} - {what}).isdisjoint(raw)


@pytest.mark.rules("S-271", "S-272")
async def test_a_name_and_an_avatar_are_removed(
    alice: Account, sync: Sync, conn: Connection, target: Target
) -> None:
    room = await alice.create_room("Kitchen")
    await paint(alice, room)
    await sync(lists={"all": window(required_state=STATE_OF_NAMES)})
    assert (conn.rooms[room].name, conn.rooms[room].avatar) == ("Kitchen", PICTURE)
    await alice.rename(room, "")
    await alice.set_state(room, "m.room.avatar", {})
    raw = (await sync()).rooms[room].raw
    if target.dialect is Dialect.S:
        assert raw["name"] is None and raw["avatar"] is None
    assert raw.get("name") is None and raw.get("avatar") is None
    assert (conn.rooms[room].name, conn.rooms[room].avatar) == (None, None)


@pytest.mark.only("S")
@pytest.mark.rules("S-271", "S-272", "S-172")
async def test_the_stable_form_tells_that_a_name_is_gone_by_itself(
    alice: Account, sync: Sync
) -> None:
    room = await alice.create_room("Kitchen")
    await paint(alice, room)
    await sync(lists={"all": window(timeline_limit=0)})
    await alice.rename(room, "")
    raw = (await sync()).rooms[room].raw
    assert raw["name"] is None and "avatar" not in raw
    await alice.set_state(room, "m.room.avatar", {})
    raw = (await sync()).rooms[room].raw
    assert raw["avatar"] is None and "name" not in raw


@pytest.mark.rules("S-271", "S-272")
async def test_what_is_no_name_is_not_told(alice: Account, sync: Sync) -> None:
    room = await alice.create_room()
    await alice.rename(room, "")
    await alice.set_state(room, "m.room.avatar", {"url": 7})
    raw = (await sync(lists=ALL)).rooms[room].raw
    assert raw.get("name") is None and raw.get("avatar") is None


@pytest.mark.rules("S-273", "S-241", "S-276", "S-275")
@pytest.mark.parametrize("named", [True, False], ids=["named", "nameless"])
async def test_who_is_banned_sees_what_was(
    alice: Account, bob: Account, sync: Sync, conn: Connection, named: bool
) -> None:
    await sync()
    conn.forget()
    room = await bob.create_room("Bob's" if named else None)
    await alice.join(room)
    await bob.ban(room, alice)
    await bob.rename(room, "Without alice")
    await paint(bob, room)
    raw = (await sync(lists=ALL)).rooms[room].raw
    assert raw.get("name") == ("Bob's" if named else None)
    assert raw.get("avatar") is None
    assert not {"heroes", "joined_count", "invited_count"} & set(raw)


@pytest.mark.rules("S-274", "S-276")
async def test_heroes_are_the_others_of_a_nameless_room(
    alice: Account, bob: Account, carol: Account, sync: Sync
) -> None:
    room = await alice.create_room(invite=[carol])
    await bob.join(room)
    entry = (await sync(lists=ALL)).rooms[room]
    assert entry.hero_ids == [bob.user_id, carol.user_id], "joined members first"
    joined = entry.raw["heroes"][0]
    assert joined["displayname"] == bob.user_id[1:].partition(":")[0]
    assert "avatar_url" not in joined
    assert entry.counts == (2, 1)


@pytest.mark.rules("S-274")
async def test_there_are_five_heroes_at_most_those_that_came_first(
    alice: Account, person: Person, sync: Sync
) -> None:
    room = await alice.create_room()
    others = [await person("other") for _ in range(6)]
    for other in others:
        await other.join(room)
    entry = (await sync(lists=ALL)).rooms[room]
    assert entry.hero_ids == [other.user_id for other in others[:5]]
    assert entry.counts == (7, 0)


@pytest.mark.rules("S-274")
async def test_who_left_is_a_hero_only_if_nobody_is_there(
    alice: Account, bob: Account, carol: Account, sync: Sync, conn: Connection
) -> None:
    room = await alice.create_room()
    await bob.join(room)
    await carol.join(room)
    await bob.leave(room)
    await sync(lists=ALL)
    assert [hero["user_id"] for hero in conn.rooms[room].heroes] == [carol.user_id]
    await carol.leave(room)
    await sync()
    heroes = {hero["user_id"] for hero in conn.rooms[room].heroes}
    assert heroes == {bob.user_id, carol.user_id}


@pytest.mark.rules("S-274", "S-276", "S-172", "S-270")
@pytest.mark.parametrize("how", ["join", "invite", "leave", "rename"])
async def test_heroes_and_counts_come_when_a_membership_changed(
    alice: Account, bob: Account, carol: Account, sync: Sync, conn: Connection, how: str
) -> None:
    room = await alice.create_room()
    await bob.join(room)
    await sync(lists={"all": window(timeline_limit=0)})
    if how == "join":
        await carol.join(room)
    elif how == "invite":
        await alice.invite(room, carol)
    elif how == "leave":
        await bob.leave(room)
    else:
        await bob.rename_self("Bob the Great")
        await conn.until(lambda: "Bob the Great" in str(conn.rooms[room].heroes))
        return
    entry = (await sync()).rooms[room]
    counts = {"join": (3, 0), "invite": (2, 1), "leave": (1, 0)}
    heroes = {"join": {bob.user_id, carol.user_id}, "invite": {bob.user_id, carol.user_id},
              "leave": {bob.user_id}}  # fmt: skip
    assert entry.counts == counts[how]
    assert set(entry.hero_ids) == heroes[how]


@pytest.mark.rules("S-271", "S-274")
async def test_an_empty_name_is_none(alice: Account, bob: Account, sync: Sync) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await alice.rename(room, "")
    entry = (await sync(lists=ALL)).rooms[room]
    assert entry.raw.get("name") is None
    assert entry.hero_ids == [bob.user_id]


@pytest.mark.differs("Synapse does not tell heroes when only the name was removed")
@pytest.mark.rules("S-274")
async def test_heroes_come_when_the_name_goes(alice: Account, bob: Account, sync: Sync) -> None:
    room = await alice.create_room("Kitchen")
    await bob.join(room)
    await sync(lists=ALL)
    await alice.rename(room, "")
    assert (await sync()).rooms[room].hero_ids == [bob.user_id]


@pytest.mark.rules("S-277", "S-131")
async def test_direct_chats_are_marked(alice: Account, bob: Account, sync: Sync) -> None:
    direct, other = await alice.create_dm(bob), await alice.create_room("Kitchen")
    answer = await sync(lists=ALL)
    assert answer.rooms[direct].raw["is_dm"] is True
    assert "is_dm" not in answer.rooms[other].raw


@pytest.mark.only("U")
@pytest.mark.rules("S-277", "S-138")
async def test_a_direct_chat_is_marked_on_every_entry_but_is_no_news(
    alice: Account, bob: Account, sync: Sync
) -> None:
    room = await alice.create_room(invite=[bob])
    await sync(lists=ALL)
    await alice.mark_direct(bob, room)
    assert not (await sync()).rooms
    for body in ("1", "2"):
        await alice.send(room, body)
        assert (await sync()).rooms[room].raw["is_dm"] is True


@pytest.mark.only("S")
@pytest.mark.rules("S-277", "S-138", "S-171")
async def test_the_stable_form_tells_a_change_of_direct_chats(
    alice: Account, bob: Account, sync: Sync
) -> None:
    room = await alice.create_room(invite=[bob])
    await sync(lists=ALL)
    await alice.mark_direct(bob, room)
    assert (await sync()).rooms[room].raw["is_dm"] is True
    await alice.send(room, "hello")
    assert "is_dm" not in (await sync()).rooms[room].raw
    await alice.mark_direct(bob)
    assert (await sync()).rooms[room].raw["is_dm"] is False


@pytest.mark.only("S")
@pytest.mark.rules("S-290", "S-291", "S-284")
async def test_the_stable_form_tells_membership_and_lists(
    alice: Account, bob: Account, sync: Sync
) -> None:
    room, other = await bob.create_room("Bob's"), await alice.create_room("Mine")
    await alice.join(room)
    lists = {"all": window(), "first": window(0, 0), "dms": window(filters={"is_dm": True})}
    answer = await sync(lists=lists, subscriptions={other: room_config()})
    assert answer.rooms[room].raw["membership"] == "join"
    assert set(answer.rooms[room].raw["lists"]) == {"all", "first"}
    assert answer.rooms[other].raw["lists"] == ["all"]
    await bob.kick(room, alice)
    assert (await sync()).rooms[room].raw["membership"] == "leave"
    await alice.send(other, "hello")
    assert "lists" not in (await sync(lists={})).rooms[other].raw


@pytest.mark.rules("S-280", "S-110", "S-283", "S-282")
async def test_bump_stamps_follow_messages_and_not_all_events(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    one, two = await alice.create_room("One"), await alice.create_room("Two")
    await alice.send(one, "the newest message")
    await alice.set_state(two, "m.room.topic", {"topic": "newer, but no message"})
    await sync(lists=ALL)
    stamps = {room: conn.rooms[room].bump_stamp or 0 for room in (one, two)}
    assert 0 < stamps[two] < stamps[one]


@pytest.mark.rules("S-280", "S-282")
@pytest.mark.parametrize(
    "kind", ["m.room.message", "m.room.encrypted", "m.sticker", "m.call.invite", "m.poll.start"]
)
async def test_an_event_that_bumps_raises_the_stamp(
    alice: Account, sync: Sync, conn: Connection, kind: str
) -> None:
    room = await alice.create_room("Kitchen", public=False)
    await sync(lists=ALL)
    before = conn.rooms[room].bump_stamp or 0
    await alice.send(room, text("x"), kind=kind)
    raw = (await sync()).rooms[room].raw
    assert raw["bump_stamp"] > before


@pytest.mark.differs("Synapse matches only the stable names")
@pytest.mark.rules("S-280")
@pytest.mark.parametrize(
    "kind", ["org.matrix.msc3381.poll.start", "org.matrix.msc3672.beacon_info"]
)
async def test_an_event_of_an_unstable_name_bumps_too(
    alice: Account, sync: Sync, conn: Connection, kind: str
) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=ALL)
    before = conn.rooms[room].bump_stamp or 0
    await alice.send(room, {"body": "x"}, kind=kind)
    assert (await sync()).rooms[room].raw["bump_stamp"] > before


@pytest.mark.rules("S-282", "S-280")
async def test_an_event_that_does_not_bump_leaves_the_stamp(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    room = await alice.create_room("Kitchen")
    await alice.send(room, "hello")
    await sync(lists={"all": window(timeline_limit=10)})
    before = conn.rooms[room].bump_stamp
    await alice.send(room, {"m.relates_to": {}}, kind="m.reaction")
    await alice.set_state(room, "m.room.topic", {"topic": "Tea"})
    await sync()
    assert conn.rooms[room].bump_stamp == before


@pytest.mark.rules("S-282", "S-280")
async def test_a_message_behind_a_hole_bumps(alice: Account, sync: Sync, conn: Connection) -> None:
    room = await alice.create_room("Kitchen")
    await sync(lists=ALL)
    before = conn.rooms[room].bump_stamp or 0
    await alice.send(room, "skipped")
    await alice.set_state(room, "m.room.topic", {"topic": "Tea"})
    entry = (await sync()).rooms[room]
    assert entry.limited
    assert entry.raw["bump_stamp"] > before


@pytest.mark.rules("S-281", "S-282")
async def test_an_invite_has_the_stamp_of_its_own_event(
    alice: Account, bob: Account, sync: Sync, conn: Connection, raise_to_top: Raise
) -> None:
    own = await alice.create_room("Mine")
    await sync()  # of an invite from before the first contact nobody says when it was sent
    invited = await bob.create_room("Bob's", public=False, invite=[alice])
    await raise_to_top(own)
    await bob.send(invited, "later")
    await sync(lists=ALL)
    assert 0 < (conn.rooms[invited].bump_stamp or 0) < (conn.rooms[own].bump_stamp or 0)


@pytest.mark.differs("Synapse says 0 always")
@pytest.mark.only("U")
@pytest.mark.rules("S-284")
async def test_unread_messages_are_counted(alice: Account, bob: Account, sync: Sync) -> None:
    room = await bob.create_room("Bob's")
    await alice.join(room)
    await sync(lists=ALL)
    await bob.send(room, "one")
    await bob.send(room, {"msgtype": "m.text", "body": "hey", "m.mentions": {
        "user_ids": [alice.user_id]}})  # fmt: skip
    raw = (await sync()).rooms[room].raw
    assert (raw["notification_count"], raw["highlight_count"]) == (2, 1)
