"""The redaction algorithm of each room version."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncv3.protocol.redaction import redact, redaction_target

VERSIONS = [str(number) for number in range(1, 13)]


def event(kind: str, content: object, **more: object) -> bytes:
    fields = {"type": kind, "content": content, "event_id": "$e", "sender": "@a:hs"}
    return json.dumps(fields | more).encode()


def kept(kind: str, content: object, version: str) -> object:
    """The content after redaction."""
    return json.loads(redact(event(kind, content), version))["content"]


def since(kind: str, key: str, first: int, last: int = 99) -> list[tuple[str, str, str, bool]]:
    return [(kind, key, version, first <= int(version) <= last) for version in VERSIONS]


@pytest.mark.parametrize(
    ("kind", "key", "version", "expected"),
    [
        *since("m.room.member", "membership", 1),
        *since("m.room.member", "displayname", 99),
        *since("m.room.member", "join_authorised_via_users_server", 9),
        *since("m.room.create", "creator", 1),
        *since("m.room.join_rules", "join_rule", 1),
        *since("m.room.join_rules", "allow", 8),
        *since("m.room.power_levels", "users", 1),
        *since("m.room.power_levels", "invite", 11),
        *since("m.room.power_levels", "notifications", 99),
        *since("m.room.aliases", "aliases", 1, 5),
        *since("m.room.history_visibility", "history_visibility", 1),
        *since("m.room.redaction", "redacts", 11),
        *since("m.room.message", "body", 99),
        *since("m.room.name", "name", 99),
    ],
)
@pytest.mark.rules("RD-1")
def test_content_survives_by_type_and_room_version(
    kind: str, key: str, version: str, expected: bool
) -> None:
    content = kept(kind, {key: "x"}, version)
    assert content == ({key: "x"} if expected else {})


@pytest.mark.rules("RD-1")
@pytest.mark.parametrize("version", VERSIONS)
def test_a_create_event_keeps_its_whole_content_from_version_11(version: str) -> None:
    content = {"creator": "@a:hs", "type": "m.space"}
    expected = content if int(version) >= 11 else {"creator": "@a:hs"}
    assert kept("m.room.create", content, version) == expected


@pytest.mark.rules("RD-1")
def test_the_event_itself_keeps_what_the_algorithm_needs() -> None:
    always = {
        "event_id": "$e", "type": "m.room.message", "room_id": "!r", "sender": "@a:hs",
        "state_key": "", "hashes": {"sha256": "h"}, "signatures": {}, "depth": 3,
        "prev_events": ["$p"], "auth_events": [], "origin_server_ts": 5, "content": {},
    }  # fmt: skip
    once = {"origin": "hs", "membership": "join", "prev_state": []}
    gone = {"redacts": "$x", "user_id": "@a:hs", "age": 1}
    given = json.dumps(always | once | gone | {"content": {"body": "secret"}}).encode()
    assert json.loads(redact(given, "10")) == always | once
    assert json.loads(redact(given, "11")) == always


@pytest.mark.rules("RD-1")
def test_of_a_third_party_invite_only_the_signed_part_survives_from_version_11() -> None:
    content = {"membership": "invite", "third_party_invite": {"signed": {"mxid": "@a"}, "name": 1}}
    assert kept("m.room.member", content, "10") == {"membership": "invite"}
    signed = {"membership": "invite", "third_party_invite": {"signed": {"mxid": "@a"}}}
    assert kept("m.room.member", content, "12") == signed
    assert kept("m.room.member", {"third_party_invite": "text"}, "11") == {}


@pytest.mark.rules("RD-1")
@pytest.mark.parametrize(
    ("version", "like"),
    [("", "1"), ("org.example.11", "1"), ("0", "1"), ("²", "1"), ("13", "12"), ("9" * 9999, "1")],
)
def test_an_unknown_version_has_the_rules_of_its_nearest_known_one(version: str, like: str) -> None:
    redacted = redact(event("m.room.create", {"x": 1}, origin="hs"), version)
    assert redacted == redact(event("m.room.create", {"x": 1}, origin="hs"), like)


@pytest.mark.rules("RD-1")
@pytest.mark.parametrize("content", [None, [], "text", 5])
def test_a_content_that_is_no_object_becomes_an_empty_one(content: object) -> None:
    for kind in ("m.room.create", "m.room.member", "m.room.message"):
        assert kept(kind, content, "11") == {}


@pytest.mark.rules("RD-1")
def test_what_is_no_event_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        redact(b"[]", "1")


KINDS = ["m.room.member", "m.room.create", "m.room.power_levels", "m.room.message"]


@pytest.mark.rules("RD-1")
@given(
    st.sampled_from(KINDS),
    st.sampled_from(VERSIONS),
    st.dictionaries(
        st.sampled_from(["membership", "users", "creator", "body", "third_party_invite"]),
        st.sampled_from(["text", "é\u2028", 5, None, [1], {}, {"signed": {"a": 1}, "b": 2}]),
    ),
)
def test_redacting_twice_changes_nothing_more(
    kind: str, version: str, content: dict[str, object]
) -> None:
    once = redact(event(kind, content, extra=1), version)
    assert redact(once, version) == once


REDACTION = "m.room.redaction"
BOTH = event(REDACTION, {"redacts": "$inner"}, redacts="$top")


@pytest.mark.parametrize(
    ("redaction", "version", "expected"),
    [
        pytest.param(event(REDACTION, {}, redacts="$top"), None, "$top", id="top"),
        pytest.param(event(REDACTION, {"redacts": "$inner"}), None, "$inner", id="content"),
        pytest.param(event(REDACTION, {"redacts": "$inner"}), "10", None, id="not before 11"),
        pytest.param(event(REDACTION, {}, redacts="$top"), "11", "$top", id="old copy"),
        pytest.param(BOTH, None, "$top", id="both"),
        pytest.param(BOTH, "10", "$top", id="both in 10"),
        pytest.param(BOTH, "11", "$inner", id="both in 11"),
        pytest.param(event(REDACTION, {"redacts": 5}, redacts=["$x"]), None, None, id="no text"),
        pytest.param(event(REDACTION, "text", redacts=""), None, None, id="empty"),
        pytest.param(event("m.room.message", {}, redacts="$top"), None, None, id="no redaction"),
    ],
)
@pytest.mark.rules("RD-1")
def test_the_target_of_a_redaction(
    redaction: bytes, version: str | None, expected: str | None
) -> None:
    assert redaction_target(redaction, version) == expected
