"""A part taken apart into its items, and what is kept of it."""

from dataclasses import replace
from typing import Any

import pytest

from syncv3.batch import AccountData, DeviceData, JoinedRoom, Lease, LeftRoom, Part, StrippedRoom
from syncv3.ingest.items import Item, decode, encode, items_of, only, sender_of
from syncv3.types import Device, DeviceID, DeviceKey, RoomID, UserID, UserKey

WHO = Device(UserID("@alice:hs"), DeviceID("PHONE"), UserKey(1), DeviceKey(2))
ROOM = RoomID("!room:hs")
DATUM = AccountData("m.tag", b'{"type":"m.tag","content":{"n":1e400}}')
EMPTY = Part(
    user_id=WHO.user_id, device_id=WHO.device_id, user_key=WHO.user_key,
    lease=Lease(WHO.device_key, "", 0), since=None, next_since=None, generated_us=7,
)  # fmt: skip
DATA: dict[str, Any] = {
    "account_data": (DATUM, replace(DATUM, type="m.\x00")),
    "presence": (b'{"sender":"@bob:hs"}',),
    "device": DeviceData(
        to_device=(b'{"sender":"@bob:hs","n":1}', b'{"n":"\\u0000"}', b"3"),
        changed=(UserID("@c:hs"), UserID("@d:hs")),
        left=(UserID("@e:hs"),),
        one_time_keys=b"{}",
        fallback_key_types=b"[]",
    ),
    "joined": {
        ROOM: JoinedRoom(account_data=(DATUM,), ephemeral=(b'{"type":"m.typing"}', b"{}")),
    },
}
FULL = replace(
    EMPTY,
    **DATA,
    left={RoomID("!left:hs"): LeftRoom()},
    invited={RoomID("!in:hs"): StrippedRoom((b"{}",))},
    knocked={RoomID("!knock:hs"): StrippedRoom()},
)


def test_all_items_are_the_whole_part_and_none_is_an_empty_one() -> None:
    assert only(FULL, items_of(FULL)) == FULL
    assert items_of(only(FULL, ())) == []
    assert only(FULL, ()) == EMPTY


@pytest.mark.parametrize("item", items_of(FULL), ids=str)
def test_an_item_alone_has_nothing_of_the_others(item: Item) -> None:
    alone = only(FULL, [item])
    here = items_of(alone)
    assert len([i for i in here if i.section == item.section]) == 1
    assert {i.section for i in here} <= {item.section, "joined"}
    rest = only(FULL, [i for i in items_of(FULL) if i != item])
    assert len(items_of(rest)) == len(items_of(FULL)) - (item.section != "joined")


def test_what_is_kept_comes_back_as_it_was() -> None:
    part = replace(EMPTY, **DATA)
    text = encode(part)
    assert text is not None and "\x00" not in text
    assert decode(text, WHO, 7) == part


def test_of_what_is_all_stored_elsewhere_nothing_is_kept() -> None:
    assert encode(EMPTY) is None
    assert encode(replace(EMPTY, joined={ROOM: JoinedRoom(limited=True)})) is None


def test_what_is_no_part_is_refused() -> None:
    for text in ("", "[]", '{"device":{"to_device":[7]}}', '[{"n":1}]'):
        with pytest.raises(ValueError, match="no part"):
            decode(text, WHO, 7)


def test_the_sender_is_that_of_the_message() -> None:
    senders = [sender_of(only(FULL, [Item("to_device", None, n)])) for n in range(3)]
    assert senders == ["@bob:hs", None, None]
    assert sender_of(only(FULL, [Item("presence")])) == "@bob:hs"
    assert sender_of(only(FULL, [Item("changed")])) is None
