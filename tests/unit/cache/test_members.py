"""The member list of one answer, in pieces."""

from collections.abc import Iterator

import pytest

from syncv3.cache.events import CachedEvent
from syncv3.cache.members import MemberList
from syncv3.types import EventID


def member(user_id: str) -> CachedEvent:
    json = f'{{"state_key":"{user_id}"}}'.encode()
    return CachedEvent(
        1, 1, 1, EventID(f"$of{user_id}"), "m.room.member", user_id, user_id, 0, None, None, json,
        False,
    )  # fmt: skip


@pytest.fixture
def members() -> MemberList:
    made = MemberList()
    for page in ("ab", "cd"):
        made.add(member(f"@{name}:hs") for name in page)
    return made


def names(pieces: tuple[bytes, ...]) -> Iterator[str]:
    for piece in pieces:
        yield "".join(name for name in "abcdx" if f"@{name}:hs".encode() in piece)


@pytest.mark.rules("S-152", "S-233")
def test_some_members_can_be_left_out_of_the_pages_that_have_them(members: MemberList) -> None:
    whole = members.pieces()
    assert list(names(whole)) == ["ab", "cd"]
    without = members.pieces(frozenset({"@a:hs", "@x:hs"}))
    assert list(names(without)) == ["b", "cd"] and without[1] is whole[1]
    assert list(names(members.pieces(frozenset({"@c:hs", "@d:hs"})))) == ["ab"]
    assert members.pieces() == whole
