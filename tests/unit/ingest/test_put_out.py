"""What is kept of a room that its user was put out of: little, whatever others have made of it."""

import pytest

from syncv3.batch import LeftRoom
from syncv3.store.knowledge import Knowledge
from syncv3.store.remnant import Remnant, remnant_of, was_in, write_remnant
from syncv3.store.rows import UserRoomRow
from syncv3.types import Event, UserKey
from syncv3.upstream.stripped import MOST_BYTES
from tests.integration.core.build import ALICE, BOB, ROOM, event, founding, member
from tests.unit.ingest.test_costs import planned

NAME = event("name", "m.room.name", content={"name": "Kitchen"}, key="")
KICK = member("kick", ALICE, "leave", sender=BOB, before="join")


def stay_of(*state: Event, end: Event = KICK) -> UserRoomRow:
    """What is written when Alice is told of an end, with this state before it."""
    known = Knowledge(1, user_keys={ALICE: UserKey(1)})
    group = planned(known, left={ROOM: LeftRoom(state=state, timeline=(end,))})
    [stay] = group.user_rooms
    assert not group.events and not group.state, "it is nobody else's"
    return stay


@pytest.mark.rules("S-241", "S-601")
def test_state_is_kept_as_far_as_it_says_what_the_room_is_and_by_whom_one_was_put_out() -> None:
    remnant = remnant_of(stay_of(*founding(ALICE, BOB, *"xyz"), NAME))
    assert remnant is not None
    kept = [event.json for event in (*founding(BOB), NAME)]
    assert sorted(remnant.events) == sorted(kept)


@pytest.mark.rules("S-601")
def test_a_topic_without_end_costs_itself() -> None:
    topic = event("topic", "m.room.topic", content={"topic": "x" * MOST_BYTES}, key="")
    stay = stay_of(*founding(ALICE, BOB), topic, NAME)
    remnant = remnant_of(stay)
    assert remnant is not None and NAME.json in remnant.events and topic.json not in remnant.events
    assert len(stay.stripped or b"") < MOST_BYTES + 100


@pytest.mark.rules("S-196", "S-80")
@pytest.mark.parametrize("before", ["invite", "knock", "leave", "ban", None])
def test_of_a_room_that_one_was_never_in_nothing_is_kept(before: str | None) -> None:
    end = member("ban", ALICE, "ban", sender=BOB, before=before)
    stay = stay_of(*founding(BOB), NAME, end=end)
    assert stay.stripped is None and not was_in(stay) and stay.member_json == end.json


@pytest.mark.rules("S-605")
def test_the_token_of_the_answer_leads_back() -> None:
    stay = UserRoomRow(1, 1, 1, "ban", 1, 1, stripped=write_remnant([NAME.json], "s7"))
    remnant = remnant_of(stay)
    assert remnant is not None and (remnant.events, remnant.token) == ((NAME.json,), "s7")


@pytest.mark.parametrize("stored", [b"[]", b"{", b'{"state":[{"a":1}],"token":7}'])
def test_what_cannot_be_read_is_an_empty_remnant(stored: bytes) -> None:
    assert remnant_of(UserRoomRow(1, 1, 1, "leave", 1, 1, stripped=stored)) == Remnant()


@pytest.mark.parametrize("membership", ["join", "invite", "knock"])
def test_a_membership_that_goes_on_has_no_remnant(membership: str) -> None:
    assert remnant_of(UserRoomRow(1, 1, 1, membership, 1, 1, stripped=b"{}")) is None
