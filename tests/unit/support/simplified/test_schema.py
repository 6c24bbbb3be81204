"""The check of every answer's form finds each thing that is wrong."""

from typing import Any

import pytest

from tests.support.room import JSON
from tests.support.simplified.schema import problems
from tests.support.simplified.wire import Asked, Dialect, window
from tests.unit.support.simplified.making import ME, ROOM, answer, asked, entry, event, own, state

U, S = Dialect.U, Dialect.S
FULL = entry([event("$a")], [own()], initial=True, name="Kitchen", joined_count=1, invited_count=0)
INVITE = {"type": "m.room.member", "state_key": ME, "sender": "@al:hs",
          "content": {"membership": "invite"}}  # fmt: skip


def wrong(raw: Any, dialect: Dialect = U, request: Asked | None = None) -> str:
    """What is said of an answer, in one line."""
    return "; ".join(problems(raw, request or asked(), dialect, ME))


def wrong_entry(made: JSON, dialect: Dialect = U) -> str:
    return wrong(answer({ROOM: made}, dialect).raw, dialect)


@pytest.mark.rules("S-536", "S-320")
@pytest.mark.parametrize("dialect", [U, S])
def test_a_right_answer_has_no_problems(dialect: Dialect) -> None:
    assert wrong_entry(FULL, dialect) == ""
    assert wrong_entry({"initial": True, "bump_stamp": 0}, dialect) == ""
    stripped = {"initial": True, "bump_stamp": 1, dialect.stripped: [INVITE]}
    assert wrong_entry(stripped, dialect) == ""


@pytest.mark.rules("S-536", "S-320", "S-119")
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"pos": None}, "S-320"), ({"pos": 7}, "S-320"), ({"rooms": None}, "S-320"),
        ({"extensions": []}, "S-320"), ({"next": 1}, "S-320"), ({"lists": {}}, "S-117"),
        ({"lists": {"all": {}}}, "S-117"), ({"lists": {"all": {"count": -1}}}, "S-117"),
        ({"lists": {"all": {"count": 1.0}}}, "S-117"),
        ({"lists": {"all": {"count": True}}}, "S-117"),
        ({"lists": {"all": {"count": 1, "ops": [{"op": "DELETE", "index": 1}]}}}, "S-118"),
        ({"rooms": {"kitchen": FULL}}, "S-536"),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_value_at_the_top_is_found(change: JSON, rule: str) -> None:
    assert rule in wrong(answer({ROOM: FULL}).raw | change)


@pytest.mark.rules("S-536", "S-175", "S-283", "S-276", "S-191", "S-240", "S-274")
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"initial": False}, "S-536"), ({"bump_stamp": None}, "S-536"),
        ({"bump_stamp": -1}, "S-536"), ({"bump_stamp": 2**53}, "S-536"),
        ({"joined_count": 1.5}, "S-536"), ({"num_live": -1}, "S-536"), ({"num_live": 2}, "S-194"),
        ({"timeline": None}, "S-536"), ({"timeline": []}, "S-536"), ({"timeline": [7]}, "S-536"),
        ({"required_state": []}, "S-536"), ({"name": 7}, "S-536"), ({"limited": None}, "S-536"),
        ({"prev_batch": None}, "S-536"), ({"invite_state": []}, "S-536"),
        ({"heroes": []}, "S-536"), ({"heroes": [{"user_id": ME}], "name": ""}, "S-274"),
        ({"heroes": [{"user_id": "@a:b", "displayname": None}]}, "S-536"),
        ({"heroes": [{"user_id": "@a:b"}]}, "S-274"),
        ({"timeline": [event("$a"), event("$a")]}, "S-191"),
        ({"timeline": [event(f"${n}") for n in range(11)]}, "S-191"),
        ({"timeline": [{"event_id": "$a"}]}, "S-191"),
        ({"required_state": [own(), own(event_id="$b")]}, "S-240"),
        ({"required_state": [event("$m")]}, "S-536"),
        ({"required_state": [{"type": "a", "state_key": ""}]}, "S-191"),
        ({"invite_state": [INVITE]}, "S-190"), ({"surprise": 1}, "unknown field"),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_value_in_a_room_is_found(change: JSON, rule: str) -> None:
    assert rule in wrong_entry(FULL | change)


@pytest.mark.rules("S-276", "S-282", "S-172", "S-190", "S-310", "S-312")
def test_what_is_missing_is_found() -> None:
    for name, rule in (("invited_count", "S-276"), ("bump_stamp", "S-282"), ("num_live", "S-190")):
        assert rule in wrong_entry({k: v for k, v in FULL.items() if k != name})
    assert "S-172" in wrong_entry({"bump_stamp": 1, "notification_count": 3})
    assert "S-310" in wrong_entry({"initial": True, "bump_stamp": 1, "membership": "knock"})
    stranger = INVITE | {"state_key": "@al:hs"}
    assert "S-310" in wrong_entry({"initial": True, "bump_stamp": 1, "invite_state": [stranger]})


@pytest.mark.rules("S-271", "S-245", "S-284", "S-292", "S-118", "S-277", "S-291")
def test_each_form_has_fields_of_its_own() -> None:
    stub = {"type": "m.room.topic", "state_key": ""}
    only_in_s: list[JSON] = [
        {"name": None}, {"is_dm": False}, {"lists": ["all"]},
        {"expanded_timeline": True}, {"required_state": [stub]},
    ]  # fmt: skip
    for change in only_in_s:
        made = {k: v for k, v in (FULL | change).items() if k != "initial"}
        assert wrong_entry(made, S) == ""
        assert wrong_entry(made, U) != ""
    for change in ({"notification_count": 0}, {"unstable_expanded_timeline": True}):
        assert wrong_entry(FULL | change, U) == ""
        assert wrong_entry(FULL | change, S) != ""
    invite = {"initial": True, "bump_stamp": 1, "stripped_state": [INVITE], "name": "Kitchen"}
    assert "S-292" in wrong_entry(invite, S)
    assert "S-245" in wrong_entry(FULL | {"required_state": [stub]}, S)
    assert "S-291" in wrong_entry(FULL | {"lists": ["other"]}, S)
    assert "S-118" in wrong(answer({}, U).raw, S)


@pytest.mark.rules("S-115", "S-118")
def test_operations_that_do_not_fit_the_request_are_found() -> None:
    request = Asked(lists={"all": window(0, 1)})

    def told(rooms: list[str], bounds: list[int]) -> str:
        one = {"op": "SYNC", "range": bounds, "room_ids": rooms}
        raw = answer({}).raw | {"lists": {"all": {"count": 3, "ops": [one]}}}
        return wrong(raw, U, request)

    assert told(["!a:b", "!c:d"], [0, 1]) == ""
    assert "S-118" in told(["!a:b"], [0, 0])
    assert "S-115" in told(["!a:b", "!c:d", "!e:f"], [0, 1])
    assert "S-115" in told(["!a:b", "!a:b"], [0, 1])


@pytest.mark.rules("S-190")
def test_a_timeline_that_was_not_asked_for_is_found() -> None:
    request = Asked(lists={"all": window(timeline_limit=0)})
    raw = answer({ROOM: entry([], [state("$t", "m.room.topic", {})], limited=False)}).raw
    assert "S-190" in wrong(raw, U, request)


EXTENSIONS: dict[str, JSON] = {
    "to_device": {"next_batch": "1", "events": []},
    "e2ee": {"device_one_time_keys_count": {"signed_curve25519": 0},
             "device_unused_fallback_key_types": []},
    "account_data": {"global": [{"type": "a", "content": {}}], "rooms": {ROOM: []}},
    "receipts": {"rooms": {ROOM: {"type": "m.receipt", "content": {"$a": {"m.read": {
        "@al:hs": {"ts": 1}}}}}}},
    "typing": {"rooms": {ROOM: {"type": "m.typing", "content": {"user_ids": []}}}},
}  # fmt: skip


def wrong_extension(name: str, change: JSON, **request: Any) -> str:
    extensions = {name: EXTENSIONS[name] | change}
    enabled = {name: {"enabled": True}}
    raw = answer({}, extensions=extensions).raw
    return wrong(raw, U, asked(extensions=enabled, **request))


@pytest.mark.rules("S-343")
@pytest.mark.parametrize("name", EXTENSIONS)
def test_a_right_extension_has_no_problems(name: str) -> None:
    assert wrong_extension(name, {}) == ""


LISTS = "device_lists"


@pytest.mark.rules("S-350", "S-366", "S-367", "S-369", "S-376", "S-385", "S-388", "S-395")
@pytest.mark.parametrize(
    ("name", "change", "rule"),
    [
        ("to_device", {"next_batch": None}, "S-350"), ("to_device", {"events": None}, "S-350"),
        ("to_device", {"events": [{}] * 101}, "S-350"),
        ("e2ee", {"device_one_time_keys_count": {}}, "S-366"),
        ("e2ee", {"device_unused_fallback_key_types": None}, "S-366"),
        ("e2ee", {LISTS: {"changed": [], "left": []}}, "S-367"),
        ("account_data", {"global": [{"type": "a", "content": {}}] * 2}, "S-376"),
        ("account_data", {"global": [{"type": "a"}]}, "S-375"),
        ("account_data", {"rooms": {"kitchen": []}}, "S-536"),
        ("receipts", {"rooms": {ROOM: {"type": "m.receipt", "content": {}}}}, "S-388"),
        ("receipts", {"rooms": {ROOM: {"type": "m.receipt", "content": {"$a": {}}}}}, "S-388"),
        ("receipts", {"rooms": {ROOM: {"type": "m.receipt", "content": {
            "$a": {"m.read.private": {"@al:hs": {}}}}}}}, "S-388"),
        ("receipts", {"rooms": {ROOM: {"type": "m.receipt", "room_id": ROOM, "content": {
            "$a": {"m.read": {}}}}}}, "S-385"),
        ("typing", {"rooms": {ROOM: {"type": "m.typing", "content": {}}}}, "S-395"),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_value_of_an_extension_is_found(name: str, change: JSON, rule: str) -> None:
    assert rule in wrong_extension(name, change)


@pytest.mark.rules("S-366")
def test_who_has_no_device_has_no_keys() -> None:
    assert "S-366" in wrong_extension("e2ee", {}, has_device=False)
    assert wrong_extension("e2ee", {"device_one_time_keys_count": {}}, has_device=False) == ""


@pytest.mark.rules("S-369", "S-340", "S-343")
def test_extensions_that_do_not_fit_the_request_are_found() -> None:
    both = {LISTS: {"changed": ["@al:hs"], "left": ["@al:hs"]}}
    assert "S-369" in wrong_extension("e2ee", both, pos="p0")
    unrequested = answer({}, extensions={"typing": EXTENSIONS["typing"]}).raw
    off = asked(extensions={"typing": {"enabled": False}})
    assert "S-340" in wrong(unrequested)
    assert "S-340" in wrong(unrequested, U, off)
    assert "S-343" in wrong(answer({}).raw, U, asked(extensions={"to_device": {"enabled": True}}))
