"""What a room remembers of its newest events: bounded, and a function of what was sent."""

from syncv3.ingest.planning.newest import OTHER_TYPES, note_newest
from syncv3.protocol.bump_types import USUAL_BUMP_TYPES
from syncv3.store.newest import (
    ANY_TYPE,
    NewestByType,
    NewestEvent,
    newest_stamp,
    read_newest,
    write_newest,
)
from syncv3.types import Event, EventID, UserID
from syncv3.untrusted import LONGEST_ID


def sent(type_: str, sender: str = "@alice:hs", at: int = 1) -> Event:
    return Event(
        event_id=EventID("$e"), type=type_, sender=UserID(sender), timestamp=at, json=b"{}"
    )


def noted(*events: Event, stamps: tuple[int, ...] = ()) -> NewestByType:
    """What is remembered after these, stored and read again behind each of them."""
    newest: NewestByType = {}
    for event, stamp in zip(events, stamps or range(len(events)), strict=True):
        note_newest(newest, event, stamp)
        newest = read_newest(write_newest(newest))
    return newest


def test_of_a_type_the_newest_events_of_two_senders_are_known() -> None:
    newest = noted(sent("t", "@a:hs", 1), sent("t", "@b:hs", 2), sent("t", "@b:hs", 3))
    assert newest["t"] == [NewestEvent(3, "@b:hs", 2), NewestEvent(1, "@a:hs", 0)]
    assert newest[ANY_TYPE] == newest["t"]


def test_of_types_that_nobody_orders_by_those_seen_last_are_known() -> None:
    newest = noted(*(sent(f"t{n}") for n in range(100)), sent("t90"))
    others = [type_ for type_ in newest if type_ != ANY_TYPE]
    assert len(others) == OTHER_TYPES
    assert others == [*(f"t{n}" for n in range(84, 100) if n != 90), "t90"]


def test_no_flood_of_types_makes_a_room_forget_those_that_clients_order_by() -> None:
    usual = [sent(type_) for type_ in sorted(USUAL_BUMP_TYPES)]
    newest = noted(*usual, *(sent(f"t{n}") for n in range(100)))
    assert newest.keys() >= USUAL_BUMP_TYPES
    assert len(newest) == len(USUAL_BUMP_TYPES) + OTHER_TYPES + 1


def test_names_that_are_too_long_are_not_kept() -> None:
    newest = noted(sent("t" * (LONGEST_ID + 1), "@" + "a" * LONGEST_ID, 7))
    assert newest == {ANY_TYPE: [NewestEvent(7, "", 0)]}


def test_a_stamp_never_falls() -> None:
    """An answer that was under way for long brings an event that is newer than all known."""
    newest = noted(sent("t", "@a:hs", 5), sent("t", "@b:hs", 4), stamps=(30, 20))
    assert [entry.stamp for entry in newest["t"]] == [30, 30]


def test_rows_from_before_there_were_stamps_can_be_read() -> None:
    assert read_newest(b'{"":[[5,"@a:hs"]]}') == {ANY_TYPE: [NewestEvent(5, "@a:hs")]}
    newest = read_newest(b'{"t":[[5,"@a:hs"]]}')
    note_newest(newest, sent("t", "@b:hs", 6), 9)
    assert newest["t"] == [NewestEvent(6, "@b:hs", 9), NewestEvent(5, "@a:hs")]


def test_the_stamp_of_some_types_is_the_highest_of_theirs() -> None:
    newest = noted(sent("a"), sent("b"), sent("c"), stamps=(10, 30, 20))
    assert newest_stamp(newest, ("a", "c"), 50_000) == 20
    assert newest_stamp(newest, (ANY_TYPE,), 50_000) == 30
    assert newest_stamp(newest, ("d",), 50_000) is None


def test_what_has_no_stamp_counts_by_its_time_but_not_from_the_future() -> None:
    newest = read_newest(b'{"a":[[5,"@a:hs"]],"b":[[99,"@a:hs"]]}')
    assert [newest_stamp(newest, (type_,), 50_000) for type_ in "ab"] == [5, 50]
