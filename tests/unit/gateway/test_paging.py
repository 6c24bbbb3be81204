"""Positions of sliding sync in queries: which are replaced, and by what."""

import pytest

from syncv3.errors import InvalidParam
from syncv3.gateway.paging import PagedRequest, page_of, with_tokens
from syncv3.gateway.paths import target_of
from syncv3.types import PageTokens, RoomID

MESSAGES = "/_matrix/client/v3/rooms/%21a%2Fb%3Ahs/messages"
RELATIONS = "/_matrix/client/v1/rooms/%21a%2Fb%3Ahs/relations/%24event"
ROOM = RoomID("!a/b:hs")
KNOWN = {"POS": PageTokens("old+1", "new/2"), "LOST": PageTokens(None, None)}

pytestmark = pytest.mark.rules("S-65", "S-605")


@pytest.mark.parametrize(
    ("raw", "backwards", "positions"),
    [
        (MESSAGES + "?dir=b&from=POS", True, {"POS"}),
        (MESSAGES + "?dir=f&from=A&to=B", False, {"A", "B"}),
        (MESSAGES + "/?%64ir=%62&fr%6fm=PO%53", True, {"POS"}),
        (MESSAGES.replace("v3", "r0") + "?dir=b&to=POS", True, {"POS"}),
        (RELATIONS + "?from=POS", True, {"POS"}),
        (RELATIONS + "/m.thread/m.room.message?from=POS&dir=f", False, {"POS"}),
    ],
)
def test_requests_that_page_are_recognised(raw: str, backwards: bool, positions: set[str]) -> None:
    takes_tokens = "/messages" in raw
    assert page_of(target_of(raw)) == PagedRequest(
        ROOM, backwards, frozenset(positions), takes_tokens
    )


@pytest.mark.parametrize(
    "raw",
    [
        MESSAGES,
        MESSAGES + "?dir=b",
        MESSAGES + "?from=POS",  # what is meant without a direction, homeservers do not agree on
        MESSAGES + "?from=POS&dir=x",
        MESSAGES + "?from=POS&dir=b&dir=f",
        MESSAGES + "/more?from=POS&dir=b",
        "/_matrix/client/v3/rooms/" + "x" * 300 + "/messages?from=POS&dir=b",
        "/_matrix/client/v3/rooms/!a:b/context/$e?from=POS&dir=b",
        "/_matrix/media/v3/rooms/!a:b/messages?from=POS&dir=b",
    ],
)
def test_others_are_not(raw: str) -> None:
    assert page_of(target_of(raw)) is None


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        # Backwards: from behind the position, down to before it.
        ("dir=b&from=POS&limit=5", "dir=b&from=new%2F2&limit=5"),
        ("dir=b&from=t1&to=POS", "dir=b&from=t1&to=old%2B1"),
        # Forwards: from before the position, up to behind it.
        ("dir=f&from=POS", "dir=f&from=old%2B1"),
        ("dir=f&to=POS&from=t1", "dir=f&to=new%2F2&from=t1"),
        # What is not known is left out, where the homeserver then goes further.
        ("dir=b&from=LOST", "dir=b"),
        ("dir=b&from=t1&to=LOST", "dir=b&from=t1"),
        ("dir=f&from=t1&to=LOST", "dir=f&from=t1"),
        # Repeated, in another spelling, beside whatever else.
        ("from=POS&from=P%4FS&dir=b&&x=%zz", "from=new%2F2&from=new%2F2&dir=b&&x=%zz"),
        ("dir=b&from=POSX&filter=%7B%22a%22%3A%22POS%22%7D", None),
        ("dir=b&from=s1_2&to=t3-4", None),
    ],
)
def test_a_position_is_replaced_and_nothing_else(query: str, asked: str | None) -> None:
    target = target_of(f"{MESSAGES}?{query}")
    page = page_of(target)
    assert page is not None
    assert with_tokens(target, page, KNOWN).query == (query if asked is None else asked)


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("from=POS&limit=5", "limit=5"),
        ("from=t1&to=POS", "from=t1"),
        ("dir=f&from=POS&to=POS", "dir=f&from=old%2B1"),
        ("from=t1", "from=t1"),
    ],
)
def test_relations_are_given_tokens_only_where_they_must(query: str, asked: str) -> None:
    target = target_of(f"{RELATIONS}?{query}")
    page = page_of(target)
    assert page is not None
    assert with_tokens(target, page, KNOWN).query == asked


def test_forward_paging_from_where_nothing_is_known_is_refused() -> None:
    target = target_of(f"{MESSAGES}?dir=f&from=LOST")
    page = page_of(target)
    assert page is not None
    with pytest.raises(InvalidParam):
        with_tokens(target, page, KNOWN)
