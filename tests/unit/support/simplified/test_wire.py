"""A request that was written once is the same in both forms (S-235)."""

import pytest

from tests.support.simplified.wire import Asked, Dialect, encode, include, room_config, window

ME = "@me:hs"


@pytest.mark.rules("S-20", "S-235")
def test_parameters_and_selectors_stand_where_each_form_has_them() -> None:
    pairs = [("m.room.name", ""), ("m.room.member", "$ME"), ("m.room.member", "$LAZY")]
    lists = {"all": window(0, 9, required_state=pairs, filters={"is_invite": True})}
    request = Asked("main", "p1", 30_000, lists, {"!a:b": room_config(2)}, {"typing": {}})
    query, body = encode(Dialect.U, request, ME)
    assert query == {"pos": "p1", "timeout": 30_000}
    assert body["lists"]["all"] == {
        "ranges": [[0, 9]], "timeline_limit": 10, "filters": {"is_invite": True},
        "required_state": [list(pair) for pair in pairs],
    }  # fmt: skip
    query, body = encode(Dialect.S, request, ME)
    assert query == {}
    assert (body["pos"], body["timeout"], body["conn_id"]) == ("p1", 30_000, "main")
    name, own = {"type": "m.room.name", "state_key": ""}, {"type": "m.room.member", "state_key": ME}
    assert body["lists"]["all"] == {
        "range": [0, 9], "timeline_limit": 10, "filters": {"is_invited": True},
        "required_state": {"include": [name, own], "lazy_members": True},
    }  # fmt: skip
    assert body["room_subscriptions"] == {"!a:b": {"timeline_limit": 2, "required_state": {}}}


@pytest.mark.rules("S-235")
def test_wildcards_are_members_that_are_left_out() -> None:
    assert include([("a", "*"), ("*", "b"), ("*", "*"), ("c", "$LAZY")], ME) == {
        "include": [{"type": "a"}, {"state_key": "b"}, {}]
    }


def test_what_the_stable_form_cannot_say_is_an_error() -> None:
    for config in (window(0, 1, (2, 3)), window(filters={"room_name_like": "a"})):
        with pytest.raises(ValueError):
            encode(Dialect.S, Asked(lists={"all": config}), ME)
