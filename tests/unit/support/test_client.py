"""The protocol client notices what no correct server does."""

from typing import Any, cast

import pytest

from tests.support.client import Response, RoomObject, SlidingClient
from tests.support.listing import ListCopy
from tests.support.room import JSON

ROOM = "!a:hs"


def event(event_id: str) -> JSON:
    return {"event_id": event_id, "type": "m.room.message", "content": {"body": event_id}}


def answer(rooms: JSON, ops: list[JSON] | None = None, count: int = 0) -> Response:
    raw: JSON = {"pos": "1", "rooms": rooms, "extensions": {}, "lists": {}}
    if ops is not None:
        raw["lists"] = {"all": {"count": count, "ops": ops}}
    return Response(raw, {room_id: RoomObject(room) for room_id, room in rooms.items()})


def top_of_a_list() -> ListCopy:
    copy = ListCopy()
    copy.configure({"ranges": [[0, 9]]})
    return copy


@pytest.fixture
def client() -> SlidingClient:
    return SlidingClient(cast(Any, None), "", "")


@pytest.mark.rules("D-32")
def test_an_event_that_comes_twice_is_noticed(client: SlidingClient) -> None:
    client.take(answer({ROOM: {"initial": True, "timeline": [event("$1")]}}))
    with pytest.raises(AssertionError, match="D-32"):
        client.take(answer({ROOM: {"timeline": [event("$1")]}}))


@pytest.mark.rules("D-32")
def test_an_initial_object_may_repeat_events(client: SlidingClient) -> None:
    for _ in range(2):
        client.take(answer({ROOM: {"initial": True, "timeline": [event("$1")]}}))
    assert client.event_ids(ROOM) == ["$1"]


@pytest.mark.rules("L-82", "D-40")
def test_a_delta_of_a_room_that_never_had_data_is_noticed_unless_it_is_counts(
    client: SlidingClient,
) -> None:
    client.take(answer({ROOM: {"notification_count": 1, "highlight_count": 0}}))
    with pytest.raises(AssertionError, match="L-82"):
        client.take(answer({ROOM: {"timeline": [event("$1")]}}))


@pytest.mark.rules("L-82")
def test_a_room_in_the_window_without_data_is_noticed(client: SlidingClient) -> None:
    client.lists["all"] = top_of_a_list()
    with pytest.raises(AssertionError, match="no data"):
        client.take(answer({}, [{"op": "SYNC", "range": [0, 0], "room_ids": [ROOM]}], count=1))


@pytest.mark.rules("L-82")
def test_a_hole_in_the_window_is_noticed(client: SlidingClient) -> None:
    client.lists["all"] = top_of_a_list()
    with pytest.raises(AssertionError, match="nothing at"):
        client.take(answer({}, [], count=1))


@pytest.mark.rules("D-34")
def test_more_live_events_than_events_are_noticed(client: SlidingClient) -> None:
    with pytest.raises(AssertionError, match="D-34"):
        client.take(answer({ROOM: {"initial": True, "timeline": [], "num_live": 1}}))
