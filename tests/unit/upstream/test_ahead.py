"""A large state block goes ahead of its room, in slices; nothing is lost or doubled by that."""

from syncv3.batch import JoinedRoom, LeftRoom
from syncv3.types import Event, UserID
from syncv3.upstream.ahead import AHEAD_FROM, SLICE, cut_ahead, without_bulk
from tests.integration.core.build import ALICE, BOB, event, founding, member, messages


def crowd(size: int) -> tuple[Event, ...]:
    return tuple(member(f"in-{n}", UserID(f"@crowd{n}:hs")) for n in range(size))


def test_a_usual_room_is_not_cut() -> None:
    room = JoinedRoom(state=crowd(AHEAD_FROM), timeline=messages("m1"))
    assert cut_ahead(room, ALICE) == ([], room)


def test_the_bulk_goes_ahead_and_what_the_room_is_stays() -> None:
    named = event("name", "m.room.name", content={"name": "N"}, key="")
    own_key = event("board", "m.room.name", content={}, key="board")
    state = (*crowd(1000), *founding(ALICE), named, own_key, event("x", "org.x", key=""))
    slices, rest = cut_ahead(JoinedRoom(state=state, timeline=messages("m1"), limited=True), ALICE)
    assert {e.event_id for e in rest.state} == {"$create", "$in-@alice:hs", "$name"}
    gone = [e for slice_ in slices for e in slice_.state]
    assert sorted(e.event_id for e in (*gone, *rest.state)) == sorted(e.event_id for e in state)
    assert max(len(slice_.state) for slice_ in slices) == SLICE
    assert all((s.timeline, s.limited) == (rest.timeline, True) for s in slices)


def test_of_a_room_that_was_left_its_speakers_are_kept_and_what_it_is() -> None:
    named = event("name", "m.room.name", content={"name": "N"}, key="")
    bulk = (*crowd(1000), event("board", "m.room.name", key="board"), event("x", "org.x", key=""))
    state = (*bulk, *founding(ALICE, BOB), named)
    kept = without_bulk(LeftRoom(state=state, timeline=messages("m", sender=BOB)), ALICE).state
    assert [e.event_id for e in kept] == ["$create", "$in-@alice:hs", "$in-@bob:hs", "$name"]
