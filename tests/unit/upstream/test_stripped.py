"""An invite is as large as it needs to be, whatever a stranger's server has put into it."""

import json

from syncv3.batch import StrippedRoom
from syncv3.upstream.stripped import LARGEST_EVENT, MOST_BYTES, trimmed
from tests.integration.core.build import ALICE, BOB


def stripped(type_: str, key: str = "", size: int = 10, sender: str = BOB) -> bytes:
    event = {"type": type_, "state_key": key, "sender": sender, "content": {"x": "y" * size}}
    return json.dumps(event).encode()


OWN = stripped("m.room.member", ALICE)
NAME = stripped("m.room.name")
INVITER = stripped("m.room.member", BOB)


def test_a_usual_invite_is_left_as_it_is() -> None:
    room = StrippedRoom((b"[]", NAME, OWN, stripped("org.x", size=MOST_BYTES // 2)))
    assert trimmed(room, ALICE) is room


def test_of_a_large_one_what_tells_most_is_kept_in_its_order() -> None:
    bulk = [stripped("org.x", str(n), 1000) for n in range(100)]
    topic = stripped("m.room.topic", size=MOST_BYTES)
    room = StrippedRoom((b"1", *bulk, INVITER, topic, NAME, OWN))
    kept = trimmed(room, ALICE).events
    assert [event for event in kept if event not in bulk] == [b"1", INVITER, NAME, OWN]
    assert sum(map(len, kept)) <= MOST_BYTES < sum(map(len, kept)) + 1100


def test_the_users_own_event_is_kept_whatever_its_size() -> None:
    own = stripped("m.room.member", ALICE, LARGEST_EVENT - 200)
    assert trimmed(StrippedRoom((NAME, INVITER, own)), ALICE).events == (own,)
    huge = stripped("m.room.member", ALICE, LARGEST_EVENT)
    assert trimmed(StrippedRoom((NAME, huge)), ALICE).events == (NAME,)
