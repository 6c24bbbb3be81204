"""The nouns of the service: identifiers and the events that everything passes around.

Only values live here. ``EventID`` and friends are plain strings at run time; the
``NewType`` names exist so that the type checker notices a room ID where a user ID
belongs. Surrogate keys (``UserKey`` ...) are the database's integers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NewType

import msgspec

UserID = NewType("UserID", str)
DeviceID = NewType("DeviceID", str)
RoomID = NewType("RoomID", str)
EventID = NewType("EventID", str)

UserKey = NewType("UserKey", int)
DeviceKey = NewType("DeviceKey", int)


class Event(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One event as a homeserver gave it, cut into what is shared and what is not.

    ``json`` is the event's object without its ``unsigned`` key, byte for byte what the
    homeserver sent otherwise. ``unsigned`` is the part of ``unsigned`` that is the same
    for everybody (``prev_content``, ``replaces_state``, ``prev_sender``,
    ``redacted_because``) as the inside of a JSON object without its braces, or empty.
    What is true for one receiver only (``age``, ``membership``, ``transaction_id``) is in
    neither; ``transaction_id`` is what the polling device saw.
    """

    event_id: EventID
    type: str
    sender: UserID
    timestamp: int  # origin_server_ts, milliseconds; 0 when missing
    json: bytes
    state_key: str | None = None
    unsigned: bytes = b""
    redacts: EventID | None = None
    transaction_id: str | None = None
    prev_membership: str | None = None  # unsigned.prev_content.membership of a member event

    @property
    def is_state(self) -> bool:
        return self.state_key is not None


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer as it came, or goes on; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class PageTokens:
    """The homeserver's tokens for a position of ours in a room's timeline, of those that are known.

    No event that was known at the position is behind ``newer``, and none that became known
    later is before ``older``. So who pages back from ``newer``, or on from ``older``, skips none.
    """

    older: str | None
    newer: str | None


@dataclass(frozen=True, slots=True)
class Device:
    """Who is asking: the owner of an access token."""

    user_id: UserID
    device_id: DeviceID
    user_key: UserKey
    device_key: DeviceKey
