"""What lists read of events is bounded: rows of rooms and users are written as a whole."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from syncv3.batch import Lease, Part
from syncv3.ingest.group import KeySource
from syncv3.ingest.planning.own_data import (
    MOST_NAMED,
    MOST_TAGS,
    take_account_data,
    take_unread_and_tags,
)
from syncv3.ingest.planning.planning import KeySources, Planning
from syncv3.ingest.planning.room_keys import LONGEST_NAME, hero_of, key_changes, keys_of
from syncv3.store.knowledge import Knowledge
from syncv3.store.rows import RoomRow
from syncv3.types import DeviceID, DeviceKey, RoomID, UserID, UserKey
from tests.integration.core.build import account_data, chunk
from tests.unit.engine.build import own

LONG = "x" * 60_000
ROOM, ME = RoomID("!r:hs"), UserID("@me:hs")
PART = Part(
    ME, DeviceID("D"), UserKey(1), Lease(DeviceKey(1), "worker", 1), None, "s1", 1
)  # fmt: skip


def planning() -> Planning:
    """I am in a room, of which nothing is planned yet."""
    known = Knowledge(1, {ROOM: RoomRow(1, ROOM)}, user_rooms={(ME, ROOM): own(1)})
    return Planning(known, KeySources(KeySource(), KeySource()))


def direct_rooms(content: Mapping[str, Any]) -> list[str]:
    """What is stored of a user's ``m.direct``."""
    planned = planning()
    take_account_data(planned, replace(PART, account_data=(account_data("m.direct", content),)))
    [(_, rooms, *_)] = planned.group.users
    return list(rooms)


def tags(names: list[str]) -> list[str]:
    """What is stored of the tags that a user gave a room."""
    planned = planning()
    given = account_data("m.tag", {"tags": {name: {} for name in names}})
    take_unread_and_tags(planned, PART, planned.draft(ROOM), chunk(account_data=(given,)))
    [(_, _, stored, _)] = planned.group.tags
    return list(stored)


@pytest.mark.parametrize(
    ("type_", "content", "column", "kept"),
    [
        ("m.room.name", {"name": LONG}, "name", LONG[:LONGEST_NAME]),
        ("m.room.avatar", {"url": LONG}, "avatar", None),
        ("m.room.canonical_alias", {"alias": LONG}, "alias", None),
        ("m.room.tombstone", {"replacement_room": LONG}, "successor", None),
        ("m.room.create", {"type": LONG}, "room_type", None),
        ("m.room.create", {"room_version": LONG}, "room_version", "1"),
        ("m.room.create", {"predecessor": {"room_id": LONG}}, "predecessor", None),
    ],
)
def test_a_column_of_a_room_is_bounded(
    type_: str, content: dict[str, Any], column: str, kept: str | None
) -> None:
    assert key_changes(type_, "", content)[column] == kept


def test_a_hero_is_bounded() -> None:
    assert hero_of("@a:hs", {"displayname": LONG, "avatar_url": LONG}) == (
        "@a:hs", LONG[:LONGEST_NAME], None, False,
    )  # fmt: skip


def test_a_user_names_a_bounded_number_of_rooms_and_users() -> None:
    many = [f"!{n:06}:hs" for n in range(MOST_NAMED + 10)]
    assert direct_rooms({"@a:hs": many[::-1]}) == many[:MOST_NAMED]
    assert direct_rooms({"@a:hs": [LONG, "!b"]}) == ["!b"]


def test_a_key_that_can_be_no_identifier_is_left_out() -> None:
    users = account_data("m.ignored_user_list", {"ignored_users": {LONG: {}, "@b:hs": {}}})
    assert keys_of(users.json, "ignored_users") == ["@b:hs"]


def test_a_room_has_a_bounded_number_of_tags_and_always_those_of_the_specification() -> None:
    own = [f"a.{n:06}" for n in range(2 * MOST_TAGS)]
    kept = tags([*own, "m.favourite"])
    assert kept == [*own[: MOST_TAGS - 1], "m.favourite"]
