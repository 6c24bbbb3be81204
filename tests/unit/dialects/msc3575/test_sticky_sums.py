"""What is remembered of a connection has bounds, and is held once where it is alike."""

import pytest

from syncv3.errors import InvalidParam
from tests.unit.dialects.msc3575.asking import FULL, Json, ask, restored


@pytest.mark.rules("Z-18")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(lambda n: {"lists": {str(n): {}}}, id="lists"),
        pytest.param(lambda n: {"extensions": {"e2ee": {str(n): True}}}, id="fields"),
    ],
)
def test_many_small_requests_do_not_add_up_to_too_much(body) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidParam):
        ask(*(body(n) for n in range(101)))


@pytest.mark.rules("Z-18")
def test_many_subscriptions_do_not_add_up_to_too_much() -> None:
    def subscribe(first: int) -> Json:
        return {"room_subscriptions": {f"!{n}": {} for n in range(first, first + 9_000)}}

    with pytest.raises(InvalidParam, match="10000 room subscriptions"):
        ask(subscribe(0), subscribe(5_000))


@pytest.mark.rules("Z-18")
def test_what_is_remembered_has_a_size() -> None:
    entry = {"required_state": [["x" * 900, "y"]] * 1_000}
    with pytest.raises(InvalidParam, match="bytes"):
        ask(*({"lists": {str(n): entry}} for n in range(6)))


@pytest.mark.rules("Z-18")
@pytest.mark.parametrize(
    ("entry", "what"),
    [
        pytest.param(
            lambda n: {"required_state": [[f"t{n}", str(i)] for i in range(100)]},
            "5000 entries of required_state",
            id="required_state",
        ),
        pytest.param(
            lambda n: {"bump_event_types": [f"t{n}.{i}" for i in range(200)]},
            "1000 entries of bump_event_types",
            id="bump_event_types",
        ),
        pytest.param(
            lambda n: {"filters": {"tags": [f"t{n}.{i}" for i in range(200)]}},
            "5000 entries of filters",
            id="filters",
        ),
    ],
)
def test_the_lists_of_a_request_do_not_multiply(entry, what) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidParam, match=f"more than {what}"):
        ask({"lists": {str(n): entry(n) for n in range(100)}})
    ask({"lists": {str(n): entry(0) for n in range(100)}})


@pytest.mark.rules("Z-18")
def test_the_subscriptions_of_many_requests_do_not_multiply() -> None:
    def subscribe(room: int) -> Json:
        state = [[f"t{room}", str(n)] for n in range(900)]
        return {"room_subscriptions": {f"!{room}": {"required_state": state}}}

    with pytest.raises(InvalidParam, match="required_state"):
        ask(*(subscribe(room) for room in range(6)))


@pytest.mark.rules("Z-18", "R-30", "R-31")
def test_subscriptions_that_are_alike_are_held_and_stored_once() -> None:
    state = [["m.room.name", ""], ["m.room.member", "$ME"]] * 10

    def subscribe(first: int) -> Json:
        entry = {"timeline_limit": 20, "required_state": state}
        return {"room_subscriptions": {f"!{n}:hs": entry for n in range(first, first + 5_000)}}

    asked = ask(subscribe(0), subscribe(5_000), {"lists": {"a": {}}})
    assert len(asked.subscriptions) == 10_000
    assert len({id(config) for config in asked.subscriptions.values()}) == 1
    assert len(asked.sticky) < 10_000 * 20
    assert restored(asked.sticky) == asked


@pytest.mark.rules("Z-18")
def test_lists_that_are_alike_share_their_values() -> None:
    lists = ask({"lists": {str(n): FULL for n in range(100)}}).lists.values()
    for value in ("config", "filters", "bump_types", "ranges"):
        assert len({id(getattr(spec, value)) for spec in lists}) == 1
