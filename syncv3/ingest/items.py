"""A part of an answer as single things: what is tried, and set aside, by itself.

An *item* is the least that can be taken out of a part without changing the rest: a to-device
message, a user of ``device_lists``, a receipt event of a room, and so on. Nothing here knows
what an extension reads; it is given a part that has some of the items only. A room's timeline and
state are one item, because what an extension makes of an event may depend on the others.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import msgspec

from syncv3.batch import AccountData, DeviceData, JoinedRoom, Lease, Part
from syncv3.types import Device, RoomID

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Item(NamedTuple):
    """Where in a part it is: which section, of which room, at which index of the section."""

    section: str
    room_id: RoomID | None = None
    number: int = 0


class Failure(NamedTuple):
    """Why something cannot be taken in. ``reason`` may quote content, and is stored with the item;
    ``place`` has no content, and is what the log is told."""

    reason: str
    place: str


def items_of(part: Part) -> list[Item]:
    """All items of a part, in the order in which extensions read them."""
    device = part.device
    found = [
        Item(section, None, number)
        for section, entries in (
            ("account_data", part.account_data),
            ("changed", device.changed),
            ("left", device.left),
            ("presence", part.presence),
            ("to_device", device.to_device),
        )
        for number in range(len(entries))
    ]
    if device.one_time_keys is not None:
        found.append(Item("one_time_keys"))
    if device.fallback_key_types is not None:
        found.append(Item("fallback_key_types"))
    for room_id, room in part.joined.items():
        found.append(Item("joined", room_id))
        found += [Item("room_account_data", room_id, n) for n in range(len(room.account_data))]
        found += [Item("ephemeral", room_id, n) for n in range(len(room.ephemeral))]
    for section in ("left", "invited", "knocked"):
        found += [Item(f"{section}_room", room_id) for room_id in getattr(part, section)]
    return found


def only(part: Part, items: Collection[Item]) -> Part:
    """The part with these of its items and no others."""
    kept = frozenset(items)
    rooms = {item.room_id for item in kept}

    def some(section: str, entries: Sequence[Any], room_id: RoomID | None = None) -> Any:
        return tuple(e for n, e in enumerate(entries) if Item(section, room_id, n) in kept)

    device = part.device
    return replace(
        part,
        account_data=some("account_data", part.account_data),
        presence=some("presence", part.presence),
        device=DeviceData(
            to_device=some("to_device", device.to_device),
            changed=some("changed", device.changed),
            left=some("left", device.left),
            one_time_keys=device.one_time_keys if Item("one_time_keys") in kept else None,
            fallback_key_types=(
                device.fallback_key_types if Item("fallback_key_types") in kept else None
            ),
        ),
        joined={
            room_id: replace(
                room if Item("joined", room_id) in kept else JoinedRoom(),
                account_data=some("room_account_data", room.account_data, room_id),
                ephemeral=some("ephemeral", room.ephemeral, room_id),
            )
            for room_id, room in part.joined.items()
            if room_id in rooms
        },
        left={r: room for r, room in part.left.items() if Item("left_room", r) in kept},
        invited={r: room for r, room in part.invited.items() if Item("invited_room", r) in kept},
        knocked={r: room for r, room in part.knocked.items() if Item("knocked_room", r) in kept},
    )


def sender_of(part: Part) -> str | None:
    """Who wrote a part that is one message or presence; None: nobody but the homeserver."""
    for raw in (*part.device.to_device, *part.presence):
        try:
            return _sender.decode(raw).sender
        except UNREADABLE:
            return None
    return None


class _Sender(msgspec.Struct):
    sender: str | None = None


_sender: Final = msgspec.json.Decoder(_Sender)


# What is kept of a part


class _Room(msgspec.Struct, frozen=True):
    account_data: tuple[AccountData, ...] = ()
    ephemeral: tuple[bytes, ...] = ()


class _Kept(msgspec.Struct, frozen=True):
    account_data: tuple[AccountData, ...] = ()
    device: DeviceData = DeviceData()
    presence: tuple[bytes, ...] = ()
    rooms: Mapping[RoomID, _Room] = {}


_kept: Final = msgspec.json.Decoder(_Kept)


def encode(part: Part) -> str | None:
    """A part as JSON: all but the events of rooms, which the core has stored.

    None if there is nothing else in it.
    """
    rooms = {
        room_id: _Room(room.account_data, room.ephemeral)
        for room_id, room in part.joined.items()
        if room.account_data or room.ephemeral
    }
    kept = _Kept(part.account_data, part.device, part.presence, rooms)
    if kept == _Kept():
        return None
    return msgspec.json.encode(kept).decode()


def decode(text: str, device: Device, generated_us: int) -> Part:
    """What ``encode`` has kept, as a part of that device. Raises ``ValueError``."""
    try:
        kept = _kept.decode(text)
    except UNREADABLE as error:
        raise ValueError(f"this is no part of an answer: {error}") from error
    return Part(
        user_id=device.user_id,
        device_id=device.device_id,
        user_key=device.user_key,
        lease=Lease(device.device_key, "", 0),
        since=None,
        next_since=None,
        generated_us=generated_us,
        account_data=kept.account_data,
        device=kept.device,
        presence=kept.presence,
        joined={
            room_id: JoinedRoom(account_data=room.account_data, ephemeral=room.ephemeral)
            for room_id, room in kept.rooms.items()
        },
    )
