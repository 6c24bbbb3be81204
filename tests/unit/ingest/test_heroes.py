"""Which order the heroes of a room have, as member events change."""

from typing import Any

import pytest

from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.room_keys import read_heroes, write_heroes
from syncv3.ingest.planning.summary import follow_heroes
from syncv3.store.rows import RoomRow


def member(membership: str, name: str | None = None) -> dict[str, Any]:
    return {"membership": membership} | ({"displayname": name} if name else {})


def followed(*steps: dict[str, dict[str, Any]]) -> RoomDraft:
    """A room in whose answers these member events came."""
    draft = RoomDraft(RoomRow(1, "!r:hs"), new=False)
    for members in steps:
        follow_heroes(draft, members)
    return draft


def order(draft: RoomDraft) -> list[str]:
    return [hero[0] for hero in draft.heroes]


@pytest.mark.rules("S-274")
@pytest.mark.parametrize(
    ("steps", "heroes"),
    [
        pytest.param([{"@a:hs": member("invite"), "@b:hs": member("join")}],
                     ["@b:hs", "@a:hs"], id="invited ones come last"),
        pytest.param([{"@b:hs": member("join"), "@a:hs": member("join")}],
                     ["@a:hs", "@b:hs"], id="of equals the ids decide"),
        pytest.param([{"@a:hs": member("invite"), "@b:hs": member("join")},
                      {"@a:hs": member("join")}],
                     ["@a:hs", "@b:hs"], id="who accepts is no guest any more"),
        pytest.param([{"@a:hs": member("join"), "@b:hs": member("join")},
                      {"@a:hs": member("leave")}, {"@a:hs": member("invite")}],
                     ["@b:hs", "@a:hs"], id="who has left and is asked back"),
    ],
)  # fmt: skip
def test_joined_heroes_come_before_invited_ones(
    steps: list[dict[str, dict[str, Any]]], heroes: list[str]
) -> None:
    assert order(followed(*steps)) == heroes


def test_an_accepted_invite_that_changes_the_order_is_told() -> None:
    invited = followed({"@a:hs": member("invite"), "@b:hs": member("join")}).finish(5)
    draft = RoomDraft(invited, new=False)
    follow_heroes(draft, {"@a:hs": member("join")})
    assert draft.finish(9).name_pos == 9


def test_heroes_stored_without_a_mark_are_joined() -> None:
    stored = b'[["@a:hs","Ann",null]]'
    assert read_heroes(stored) == [("@a:hs", "Ann", None, False)]
    assert write_heroes(read_heroes(stored)) == stored
