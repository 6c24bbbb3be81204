"""One event: what is kept of it, byte for byte."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncv3.upstream.events import LARGEST_TIMESTAMP, Malformed, decode_event

BASE = {"event_id": "$1", "type": "m.x", "sender": "@a:x", "content": {}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["unsigned", "a", "age"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def encoded(**more: Any) -> bytes:
    return json.dumps(BASE | more).encode()


@pytest.mark.rules("U-80", "UZ-10", "S-609")
def test_of_unsigned_only_the_shared_rest_is_kept() -> None:
    unsigned = {
        "age": 5, "membership": "join", "io.element.msc4115.membership": "join",
        "transaction_id": "t1", "m.relations": {}, "prev_content": {"membership": "invite"},
        "replaces_state": "$0", "prev_sender": "@b:x",
    }  # fmt: skip
    event = decode_event(
        encoded(type="m.room.member", state_key="@a:x", content={"membership": "join"},
                unsigned=unsigned)
    )  # fmt: skip
    assert "unsigned" not in json.loads(event.json)
    assert json.loads(b"{" + event.unsigned + b"}") == {
        "prev_content": {"membership": "invite"}, "replaces_state": "$0", "prev_sender": "@b:x",
    }  # fmt: skip
    assert (event.transaction_id, event.prev_membership) == ("t1", "invite")


def test_an_event_without_unsigned_keeps_its_bytes() -> None:
    raw = b'{ "event_id":"$1", "type" : "m.x","n":1.0, "n":1e2,"unsig":{"a": "\\u0000"} }'
    assert decode_event(raw).json == raw


def test_cutting_unsigned_leaves_other_bytes_alone() -> None:
    raw = b'{"event_id":"$1", "n":1.00,"unsigned":{"age":1},  "type":"m.x"}'
    assert decode_event(raw).json == b'{"event_id":"$1", "n":1.00,  "type":"m.x"}'


@given(
    content=JSON,
    unsigned=st.dictionaries(st.text(max_size=3), JSON, max_size=2),
    first=st.booleans(),
)
def test_cutting_unsigned_changes_nothing_else(content: Any, unsigned: Any, first: bool) -> None:
    """Whatever the content looks like, and wherever ``unsigned`` stands."""
    whole = BASE | {"content": {"unsigned": content, "age": content}}
    placed = {"unsigned": unsigned} | whole if first else whole | {"unsigned": unsigned}
    for separators in ((",", ":"), (", ", ": ")):
        raw = json.dumps(placed, separators=separators).encode()
        assert json.loads(decode_event(raw).json) == whole


def test_a_redaction_inside_unsigned_loses_its_personal_part() -> None:
    redaction = BASE | {"unsigned": {"transaction_id": "secret"}}
    event = decode_event(encoded(unsigned={"redacted_because": redaction}))
    assert json.loads(b"{" + event.unsigned + b"}") == {"redacted_because": BASE}


@pytest.mark.parametrize("unsigned", [None, 5, [], "x", {"prev_content": None}])
def test_an_odd_unsigned_spoils_no_event(unsigned: Any) -> None:
    event = decode_event(encoded(unsigned=unsigned))
    assert event.unsigned == b"" and json.loads(event.json) == BASE


@pytest.mark.parametrize(
    ("stamp", "read"),
    [
        (5, 5),
        (5.9, 5),
        ("5", 0),
        (None, 0),
        (True, 0),
        ([], 0),
        (-1, 0),
        (10**30, LARGEST_TIMESTAMP),
    ],
)
def test_timestamps_of_any_type_are_tolerated(stamp: Any, read: int) -> None:
    assert decode_event(encoded(origin_server_ts=stamp)).timestamp == read


@pytest.mark.parametrize("more", [{"redacts": "$0"}, {"content": {"redacts": "$0"}}])
def test_both_places_of_redacts_are_read(more: dict[str, Any]) -> None:
    assert decode_event(encoded(type="m.room.redaction", **more)).redacts == "$0"


def test_only_redactions_redact() -> None:
    assert decode_event(encoded(content={"redacts": "$0"}, redacts="$0")).redacts is None


@pytest.mark.parametrize("sender", [None, 5, {}])
def test_an_odd_sender_is_nobody(sender: Any) -> None:
    assert decode_event(encoded(sender=sender)).sender == ""


@pytest.mark.rules("U-81")
@pytest.mark.parametrize("raw", [b"5", b"[]", b"{", b"", b'{"type":"m.x"}', b'{"event_id":""}'])
def test_what_is_no_event_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        decode_event(raw)


@pytest.mark.rules("U-81")
def test_a_member_event_needs_a_membership_unless_its_state_key_is_empty() -> None:
    with pytest.raises(Malformed):
        decode_event(encoded(type="m.room.member", state_key="@a:x"))
    assert decode_event(encoded(type="m.room.member", state_key="")).is_state
