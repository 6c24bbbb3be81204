"""What is asked of the homeserver, given what is stored."""

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from syncv3.history.asking import (
    CHUNKS_MOST,
    DEPTH_MOST,
    PAGE_LEAST,
    PAGE_MOST,
    MessagesRequest,
    next_ask,
)
from syncv3.store.event_ids import pack_event_id
from syncv3.store.history import Stretch
from syncv3.store.rows import EventRow, HistoryRow, RoomRow, UserRoomRow
from syncv3.types import UserID

ME = UserID("@me:hs")
BASE = 1000

pytestmark = pytest.mark.rules("S-611")


def first(type: str = "m.room.message", key: str | None = None, **more: Any) -> EventRow:
    """The oldest event that is stored."""
    whole = {"event_id": "$e", "type": type, "sender": ME, "origin_server_ts": 1,
             "content": {}, **more}  # fmt: skip
    unsigned = json.dumps(more.pop("unsigned"))[1:-1].encode() if "unsigned" in more else None
    whole.pop("unsigned", None)
    return EventRow(1, 1, None, BASE, False, pack_event_id("$e"), type, key, None, "t0",
                    json.dumps(whole).encode(), unsigned)  # fmt: skip


def stretch(
    *chunks: HistoryRow,
    tokens: tuple[tuple[int, str | None], ...] = ((BASE, "t0"),),
    oldest: EventRow | None = None,
    gap: int | None = None,
    joined: int = BASE,
    **stay: Any,
) -> Stretch:
    room = RoomRow(1, "!r:hs", head_ord=BASE, gap_ord=gap, head_token="end")
    own = UserRoomRow(1, 1, 1, "join", 1, 1, joined_ord=joined, confirmed_ord=gap or 0)
    own = msgspec.structs.replace(own, **stay)
    return Stretch(50, 3, own, room, tokens, oldest or first(), chunks)


def chunk(
    number: int, events: int, next: str | None = "n", *, base: int = BASE, done: bool = False
) -> HistoryRow:
    ids = tuple(pack_event_id(f"$c{number}-{n}") for n in range(events))
    return HistoryRow(1, 1, base, number, 5, ids, f"s{number}", next, done)


def ask(start: str, limit: int, number: int = 0, *, seeks: bool = False) -> MessagesRequest:
    return MessagesRequest(start, limit, BASE, number, seeks, 50, 3, 1)


@pytest.mark.parametrize(
    ("known", "depth", "asked"),
    [
        pytest.param(stretch(), 30, ask("t0", 30), id="what-lacks-is-asked-for"),
        pytest.param(stretch(), 2, ask("t0", PAGE_LEAST), id="and-a-screenful-at-least"),
        pytest.param(stretch(), 5000, ask("t0", PAGE_MOST), id="and-no-more-than-a-page"),
        pytest.param(
            stretch(tokens=((BASE, None), (BASE + 1, "t1"))),
            30,
            ask("t1", 31, seeks=True),
            id="the-nearest-newer-token-repeats-what-lies-before-it",
        ),
        pytest.param(
            stretch(tokens=((BASE, None), (BASE + 1, None))),
            30,
            ask("end", 32, seeks=True),
            id="without-any-the-rooms-own-token-repeats-all",
        ),
        pytest.param(stretch(chunk(0, 20)), 20, None, id="there-is-enough"),
        pytest.param(
            stretch(chunk(0, 20)), 50, ask("n", 30, 1), id="it-goes-on-where-a-chunk-ended"
        ),
        pytest.param(stretch(chunk(0, 5, None)), 50, None, id="it-cannot-go-on"),
        pytest.param(stretch(chunk(0, 5, done=True)), 50, None, id="there-is-nothing-older"),
        pytest.param(
            stretch(chunk(0, 0), tokens=((BASE, None), (BASE + 1, "t1"))),
            30,
            ask("n", 30, 1, seeks=True),
            id="the-past-has-not-been-reached-yet",
        ),
        pytest.param(
            stretch(chunk(0, 20, base=BASE - 500)),
            30,
            ask("t0", 30),
            id="chunks-of-an-earlier-stretch-do-not-count",
        ),
        pytest.param(
            stretch(*[chunk(n, 1) for n in range(CHUNKS_MOST)]), 90, None, id="too-many-pages"
        ),
        pytest.param(stretch(chunk(0, DEPTH_MOST)), 5000, None, id="deep-enough-for-anybody"),
        pytest.param(stretch(membership="leave"), 30, None, id="who-has-left"),
        pytest.param(
            stretch(gap=BASE, confirmed_ord=3), 30, None, id="perhaps-not-there-behind-the-gap"
        ),
        pytest.param(stretch(oldest=first("m.room.create", "")), 30, None, id="the-first-event"),
        pytest.param(stretch(oldest=first("m.room.member", ME)), 30, None, id="the-users-own-join"),
        pytest.param(
            stretch(
                oldest=first("m.room.member", ME, unsigned={"prev_content": {"membership": "join"}})
            ),
            30,
            ask("t0", 30),
            id="the-users-own-new-name",
        ),
        pytest.param(
            stretch(oldest=first("m.room.member", "@other:hs")),
            30,
            ask("t0", 30),
            id="another-ones-join",
        ),
    ],
)
def test_what_is_asked_for(known: Stretch, depth: int, asked: MessagesRequest | None) -> None:
    assert next_ask(known, ME, depth) == asked


def test_an_empty_stretch_has_no_past() -> None:
    """All that was known lies before a gap, and nothing has followed yet."""
    assert next_ask(replace(stretch(), tokens=(), first=None), ME, 30) is None
