"""What lists read of events is bounded: rows of rooms and users are written as a whole."""

from typing import Any

import pytest

from syncv3.ingest.planning.own_data import MOST_NAMED, MOST_TAGS, _direct_rooms, _tags
from syncv3.ingest.planning.room_keys import LONGEST_NAME, hero_of, key_changes, keys_of
from tests.integration.core.build import account_data

LONG = "x" * 60_000


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
    assert _direct_rooms(account_data("m.direct", {"@a:hs": many[::-1]})) == many[:MOST_NAMED]
    assert _direct_rooms(account_data("m.direct", {"@a:hs": [LONG, "!b"]})) == ["!b"]


def test_a_key_that_can_be_no_identifier_is_left_out() -> None:
    users = account_data("m.ignored_user_list", {"ignored_users": {LONG: {}, "@b:hs": {}}})
    assert keys_of(users.json, "ignored_users") == ["@b:hs"]


def test_a_room_has_a_bounded_number_of_tags_and_always_those_of_the_specification() -> None:
    own = [f"a.{n:06}" for n in range(2 * MOST_TAGS)]
    kept = _tags([*own, "m.favourite"])
    assert kept == [*own[: MOST_TAGS - 1], "m.favourite"]
