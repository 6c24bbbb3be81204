"""What of a page of /messages is used."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from syncv3.batch import Hole
from syncv3.history.asking import MessagesRequest
from syncv3.history.chunk import LONGEST_TOKEN, Chunk, chunk_of
from syncv3.store.knowledge import Knowledge, KnownEvent
from syncv3.types import Event, EventID
from tests.integration.core.build import ALICE, BOB, event, founding, member, messages

ROOM_KEY, BASE = 7, 1000
ASK = MessagesRequest("start", 10, BASE, 0, False, 50, 3, 1)
SEEKS = MessagesRequest("start", 10, BASE, 0, True, 50, 3, 1)

pytestmark = pytest.mark.rules("S-611", "S-605")


class Page(NamedTuple):
    events: tuple[Event, ...]
    end: str | None = "end"
    holes: tuple[Hole, ...] = ()


def page(*names: str, **more: Any) -> Page:
    return Page(messages(*names), **more)


def known(ord_: int | None, *, room: int = ROOM_KEY, type: str = "m.room.message") -> KnownEvent:
    return KnownEvent(1, room, None, ord_, type, None)


def used(
    page: Page, ask: MessagesRequest = ASK, **stored: KnownEvent
) -> tuple[str, str | None, bool]:
    """The events used, by their one-letter names, the token to go on with, whether all is here."""
    events: Mapping[EventID, KnownEvent] = {EventID(f"${n}"): k for n, k in stored.items()}
    found = chunk_of(page, ask, ROOM_KEY, ALICE, Knowledge(1, events=events))
    assert isinstance(found, Chunk)
    return "".join(e.event_id[1:] for e in found.events), found.next, found.done


CREATE = founding()[0]
JOIN = member("j", ALICE, before="invite")
RENAMED = member("r", ALICE, before="join")
LEFT = member("l", ALICE, "leave", before="join")
OTHER = member("o", BOB)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(page("a", "b"), ("ab", "end", False), id="all-of-it"),
        pytest.param(page("a", "b", end=None), ("ab", None, True), id="the-last-page"),
        pytest.param(page(end=None), ("", None, True), id="nothing-more"),
        pytest.param(page(), ("", "end", False), id="nothing-on-this-page"),
        pytest.param(page(end="start"), ("", None, True), id="a-token-that-leads-nowhere"),
        pytest.param(page("a", end="start"), ("a", None, False), id="events-that-lead-nowhere"),
        pytest.param(page("a", end="\0"), ("a", None, False), id="a-token-that-cannot-be-stored"),
        pytest.param(
            page("a", end="x" * (LONGEST_TOKEN + 1)), ("a", None, False), id="a-token-too-long"
        ),
        pytest.param(
            Page((event("a"), CREATE, event("b"))), ("acreate", None, True), id="the-creation"
        ),
        pytest.param(Page((event("a"), JOIN, event("b"))), ("aj", None, True), id="the-own-join"),
        pytest.param(Page((event("a"), RENAMED)), ("ar", "end", False), id="the-own-new-name"),
        pytest.param(Page((event("a"), OTHER)), ("ao", "end", False), id="another-ones-join"),
        pytest.param(Page((event("a"), LEFT, JOIN)), ("a", None, False), id="an-own-leave-first"),
        pytest.param(
            page("a", "b", holes=(Hole(1, EventID("lost:")),)), ("a", None, False), id="a-hole"
        ),
        pytest.param(
            page("a", "b", holes=(Hole(2, EventID("lost:")),)), ("ab", None, False), id="at-its-end"
        ),
        pytest.param(
            page("a", "b", holes=(Hole(0, EventID("lost:")),)), ("", None, False), id="at-once"
        ),
        pytest.param(page(*"abcdefghijklm"), ("abcdefghij", None, False), id="more-than-asked-for"),
    ],
)
def test_a_page_is_used_up_to_what_is_in_the_way(
    given: Page, expected: tuple[str, str | None, bool]
) -> None:
    assert used(given) == expected


IN_STRETCH, BEFORE, STATE = known(BASE + 5), known(BASE - 5), known(None)


@pytest.mark.parametrize(
    ("ask", "stored", "expected"),
    [
        pytest.param(ASK, {"a": known(BASE)}, "bcd", id="what-the-timeline-has-is-left-out"),
        pytest.param(ASK, {"b": IN_STRETCH}, "cd", id="and-what-is-between"),
        pytest.param(ASK, {"b": BEFORE}, "abcd", id="an-older-stretch-joins-up"),
        pytest.param(ASK, {"b": STATE}, "abcd", id="what-is-known-as-state-has-no-place-yet"),
        pytest.param(
            SEEKS, {"a": IN_STRETCH, "b": known(BASE)}, "cd", id="behind-the-event-looked-for"
        ),
        pytest.param(SEEKS, {"a": IN_STRETCH}, "", id="not-before-it-is-reached"),
        pytest.param(SEEKS, {}, "", id="nothing-is-known-at-all"),
        pytest.param(SEEKS, {"a": IN_STRETCH, "c": BEFORE}, "bcd", id="or-something-older"),
        pytest.param(SEEKS, {"d": known(BASE)}, "d", id="the-page-ends-where-the-past-begins"),
    ],
)
def test_a_page_is_used_from_behind_the_timeline(
    ask: MessagesRequest, stored: dict[str, KnownEvent], expected: str
) -> None:
    assert used(page(*"abcd"), ask, **stored)[0] == expected


def test_the_last_page_without_the_past_does_not_say_that_there_is_none() -> None:
    assert used(page("a", end=None), SEEKS, a=IN_STRETCH) == ("", None, False)


@pytest.mark.parametrize("other", [known(5, room=8), known(5, type="m.room.topic")])
def test_an_id_of_another_event_is_in_the_way(other: KnownEvent) -> None:
    assert used(page("a", "b", "c"), b=other) == ("a", None, False)


def test_a_hole_within_the_timeline_is_not_in_the_way() -> None:
    given = page("a", "b", "c", holes=(Hole(1, EventID("lost:")),))
    assert used(given, a=IN_STRETCH, b=known(BASE))[0] == "c"
