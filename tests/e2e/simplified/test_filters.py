"""Filters of lists."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.e2e.simplified.conftest import Sync
from tests.support.account import Account
from tests.support.room import JSON
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import window

pytestmark = pytest.mark.asyncio(loop_scope="module")

Passing = Callable[..., Awaitable[set[str]]]
SPACE = "m.space"


@pytest.fixture
def passing(target: Target, alice: Account) -> Passing:
    """The rooms that a new connection of Alice is sent through a filter; they are counted too."""

    async def rooms(**filters: Any) -> set[str]:
        await target.caught_up(alice)
        answer = await target.connect(alice).sync(lists={"all": window(filters=filters)})
        assert answer.count() == len(answer.rooms)
        return set(answer.rooms)

    return rooms


@pytest.mark.rules("S-130", "S-131")
async def test_direct_chats(alice: Account, bob: Account, passing: Passing) -> None:
    direct, other = await alice.create_dm(bob), await alice.create_room("Kitchen")
    assert await passing(is_dm=True) == {direct}
    assert await passing(is_dm=False) == {other}
    assert await passing() == await passing(is_dm=None) == {direct, other}


@pytest.mark.rules("S-131")
async def test_odd_values_among_direct_chats_are_skipped(
    alice: Account, bob: Account, passing: Passing
) -> None:
    room, other = await alice.create_room("Kitchen"), await alice.create_room("Garden")
    odd: JSON = {bob.user_id: [room, 7, None, {}], "@a:b": "!x:y", "@c:d": {other: 1}}
    await alice.set_account_data("m.direct", odd)
    assert await passing(is_dm=True) == {room}


@pytest.mark.rules("S-132")
async def test_encrypted_rooms(alice: Account, bob: Account, passing: Passing) -> None:
    encrypted, plain = await alice.create_room("Secret"), await bob.create_room("Open")
    await alice.encrypt(encrypted)
    await alice.join(plain)
    assert await passing(is_encrypted=True) == {encrypted}
    assert await passing(is_encrypted=False) == {plain}


@pytest.mark.rules("S-132", "S-134")
@pytest.mark.parametrize("how", ["kick", "ban"])
async def test_a_room_that_one_is_out_of_is_filtered_by_what_it_was(
    alice: Account, bob: Account, passing: Passing, how: str
) -> None:
    await passing()  # the first contact
    plain, secret = await bob.create_room("Plain"), await bob.create_room("S", room_type=SPACE)
    await bob.encrypt(secret)
    for room in (plain, secret):
        await alice.join(room)
    await passing()  # who comes and goes between two polls is another matter
    for room in (plain, secret):
        await (bob.kick if how == "kick" else bob.ban)(room, alice)
    assert await passing(is_encrypted=True) == {secret}
    assert await passing(is_encrypted=False) == {plain}
    assert await passing(room_types=[SPACE]) == {secret}
    assert await passing(not_room_types=[SPACE]) == {plain}


@pytest.mark.differs("Synapse looks at the present state while somebody else of it is in the room")
@pytest.mark.rules("S-132")
async def test_a_room_that_was_encrypted_after_one_was_out_is_not_encrypted(
    alice: Account, bob: Account, passing: Passing
) -> None:
    await passing()  # the first contact
    room = await bob.create_room("Bob's")
    await alice.join(room)
    await bob.kick(room, alice)
    await bob.encrypt(room)
    assert await passing(is_encrypted=False) == {room}


@pytest.mark.rules("S-132", "S-134", "S-310")
async def test_invites_are_filtered_by_stripped_state(
    alice: Account, bob: Account, passing: Passing
) -> None:
    plain = await bob.create_room("Plain", public=False, invite=[alice])
    encryption = {"type": "m.room.encryption", "state_key": "",
                  "content": {"algorithm": "m.megolm.v1.aes-sha2"}}  # fmt: skip
    secret = await bob.create_room("Secret", public=False, room_type=SPACE, state=[encryption],
                                   invite=[alice])  # fmt: skip
    assert await passing(is_encrypted=True) == {secret}
    assert await passing(is_encrypted=False) == {plain}
    assert await passing(room_types=[SPACE]) == {secret}
    assert await passing(room_types=[None]) == {plain}


@pytest.mark.rules("S-133", "S-26")
async def test_invites(alice: Account, bob: Account, passing: Passing) -> None:
    await passing()  # the first contact
    invite = await bob.create_room("Bob's", public=False, invite=[alice])
    own, kicked = await alice.create_room("Mine"), await bob.create_room("Kicked")
    await alice.join(kicked)
    await bob.kick(kicked, alice)
    assert await passing(is_invite=True) == {invite}
    assert await passing(is_invite=False) == {own, kicked}


@pytest.mark.rules("S-134")
async def test_room_types(alice: Account, passing: Passing) -> None:
    room = await alice.create_room("Room")
    space = await alice.create_room("Space", room_type=SPACE)
    other = await alice.create_room("Other", room_type="org.example.other")
    assert await passing(room_types=[None]) == {room}
    assert await passing(room_types=[SPACE]) == {space}
    assert await passing(room_types=[None, "org.example.other", "unknown"]) == {room, other}
    assert await passing(room_types=[]) == set()
    assert await passing(room_types=None) == {room, space, other}


@pytest.mark.rules("S-134")
async def test_not_room_types(alice: Account, passing: Passing) -> None:
    room = await alice.create_room("Room")
    space = await alice.create_room("Space", room_type=SPACE)
    assert await passing(not_room_types=[None]) == {space}
    assert await passing(not_room_types=[SPACE]) == {room}
    assert await passing(not_room_types=[SPACE, None]) == set()
    assert await passing(not_room_types=[]) == {room, space}
    both = {"room_types": [None, SPACE], "not_room_types": [SPACE]}
    assert await passing(**both) == {room}, "what is not wanted wins"


@pytest.mark.rules("S-135")
async def test_tags(alice: Account, passing: Passing) -> None:
    both, one, none = [await alice.create_room(name) for name in ("Both", "One", "None")]
    for room, tag in ((both, "m.favourite"), (both, "u.work"), (one, "u.work")):
        await alice.tag(room, tag)
    assert await passing(tags=["m.favourite"]) == {both}
    assert await passing(tags=["m.favourite", "u.work"]) == {both, one}
    assert await passing(tags=[]) == set()
    assert await passing(not_tags=["m.favourite"]) == {one, none}
    assert await passing(not_tags=["m.favourite", "u.work"]) == {none}
    assert await passing(not_tags=[]) == {both, one, none}
    assert await passing(tags=["u.work"], not_tags=["m.favourite"]) == {one}


@pytest.mark.differs("Synapse fails with a server error on this filter")
@pytest.mark.rules("S-136")
async def test_spaces(alice: Account, bob: Account, passing: Passing) -> None:
    space = await alice.create_room("Space", room_type=SPACE)
    foreign = await bob.create_room("Bob's space", room_type=SPACE)
    inner = await alice.create_room("Inner space", room_type=SPACE)
    child, grandchild, lost = [await alice.create_room(name) for name in ("C", "G", "L")]
    for parent, room in ((space, child), (space, inner), (inner, grandchild), (space, lost)):
        await alice.add_child(parent, room)
    await bob.add_child(foreign, grandchild)
    await alice.remove_child(space, lost)
    assert await passing(spaces=[space]) == {child, inner}
    assert await passing(spaces=[space, inner, "!x:y"]) == {child, inner, grandchild}
    assert await passing(spaces=[foreign]) == set()
    assert await passing(spaces=[]) == set()


@pytest.mark.only("U")
@pytest.mark.differs("Synapse fails with a server error on this filter")
@pytest.mark.rules("S-137")
async def test_names(alice: Account, bob: Account, passing: Passing) -> None:
    kitchen, _ = await alice.create_room("The Kitchen"), await alice.create_room()
    invite = await bob.create_room("Kitchenette", public=False, invite=[alice])
    assert await passing(room_name_like="kitchen") == {kitchen, invite}
    assert await passing(room_name_like="the k") == {kitchen}


@pytest.mark.rules("S-130", "S-117")
async def test_lists_have_filters_of_their_own_which_are_all_applied(
    alice: Account, bob: Account, sync: Sync
) -> None:
    direct, secret = await alice.create_dm(bob), await alice.create_dm(bob)
    await alice.mark_direct(bob, direct, secret)
    await alice.encrypt(secret)
    group = await alice.create_room("Group")
    await alice.encrypt(group)
    filters: dict[str, JSON] = {
        "dms": {"is_dm": True}, "secret dms": {"is_dm": True, "is_encrypted": True},
        "secret": {"is_encrypted": True}, "none": {"is_dm": False, "is_encrypted": False},
    }  # fmt: skip
    lists = {name.replace(" ", "-"): window(filters=one) for name, one in filters.items()}
    answer = await sync(lists=lists)
    counts = {name: answer.count(name) for name in lists}
    assert counts == {"dms": 2, "secret-dms": 1, "secret": 2, "none": 0}
    assert set(answer.rooms) == {direct, secret, group}


@pytest.mark.rules("S-138", "S-132")
async def test_a_room_that_starts_to_pass_comes(
    alice: Account, sync: Sync, conn: Connection
) -> None:
    room = await alice.create_room("Kitchen")
    lists = {"secret": window(filters={"is_encrypted": True})}
    assert not (await sync(lists=lists)).rooms
    await alice.encrypt(room)
    answer = await sync()
    assert answer.rooms[room].initial
    assert answer.count("secret") == 1


@pytest.mark.rules("S-138")
async def test_a_room_that_passes_no_more_goes_silently(alice: Account, sync: Sync) -> None:
    room = await alice.create_room("Kitchen")
    await alice.tag(room, "m.favourite")
    lists = {"favourites": window(filters={"tags": ["m.favourite"]})}
    assert set((await sync(lists=lists)).rooms) == {room}
    await alice.untag(room, "m.favourite")
    answer = await sync()
    assert not answer.rooms
    assert answer.count("favourites") == 0
    await alice.tag(room, "m.favourite")
    again = await sync()
    assert (dict(again.rooms), again.count("favourites")) == ({}, 1)
