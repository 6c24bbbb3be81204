"""What both simplified dialects do to read a request: ranges, filters, subscriptions, extensions.

``null`` is "absent" everywhere, unknown fields are ignored. Clients answer whatever refusal with
a new connection at once, so only what the rules forbid is refused (S-5).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar

import msgspec
from msgspec import Raw

from syncv3.dialects.reading import (
    MAX_INTEGER,
    MAX_ROOM_NAME_BYTES,
    check_filter_values,
    check_not_negative,
    check_size,
    decode,
    read_extensions,
)
from syncv3.dialects.simplified.bodies import ExtensionRequest, RoomBody
from syncv3.errors import InvalidParam, MissingParam
from syncv3.protocol.request import Filters
from syncv3.types import RoomID

MAX_CONN_ID_BYTES: Final = 255
MAX_TXN_ID_BYTES: Final = 64
LONGEST_WAIT_MS: Final = 60_000
PRESENCES: Final = ("online", "unavailable", "offline")
EVERY: Final = "*"
MAX_TO_DEVICE: Final = 100

# Loose on purpose: what servers have put into room IDs is not for us to judge.
_ROOM_ID: Final = re.compile(r"![^\x00]{1,254}", re.DOTALL)

T = TypeVar("T")


class FiltersJson(msgspec.Struct, frozen=True):
    """``filters`` of a list (S-26)."""

    is_dm: bool | None = None
    is_encrypted: bool | None = None
    is_invite: bool | None = None
    is_invited: bool | None = None
    tags: list[str] | None = None
    not_tags: list[str] | None = None
    room_types: list[str | None] | None = None
    not_room_types: list[str | None] | None = None
    spaces: list[str] | None = None

    def filters(self, name_like: str | None = None) -> Filters:
        """The filters as the engine reads them. Raises ``InvalidParam``."""
        check_filter_values(self)
        check_size("room_name_like", name_like, MAX_ROOM_NAME_BYTES)
        return Filters(
            is_dm=self.is_dm,
            is_encrypted=self.is_encrypted,
            is_invite=self.is_invited if self.is_invite is None else self.is_invite,
            room_name_like=name_like or "",
            tags=_given(self.tags),
            not_tags=_given(self.not_tags),
            room_types=_given(self.room_types),
            not_room_types=_given(self.not_room_types),
            spaces=None if self.spaces is None else tuple(map(RoomID, self.spaces)),
        )


def _given(values: Iterable[T] | None) -> tuple[T, ...] | None:
    """An empty filter is no absent one: as ``Filters`` says, it lets nothing pass, or all."""
    return None if values is None else tuple(values)


def check_conn_id(conn_id: str | None) -> str:
    """The connection's name; absent, null and empty are one (S-20)."""
    check_size("conn_id", conn_id, MAX_CONN_ID_BYTES)
    return conn_id or ""


def check_range(first: int, last: int) -> tuple[int, int]:
    """A range with both ends; one that ends before it begins selects nothing (S-115)."""
    check_not_negative("the start of a range", first)
    check_not_negative("the end of a range", last)
    return first, last


def required(what: str, value: T | None) -> T:
    """Raises ``MissingParam`` for a field that is absent or null."""
    if value is None:
        raise MissingParam(f"{what} is missing")
    return value


def read_subscriptions(
    given: Mapping[str, Raw] | None, decoder: msgspec.json.Decoder[T], body: Callable[[T], RoomBody]
) -> dict[str, RoomBody]:
    """The subscriptions, without those to what can be no room (S-25).

    Those written alike are read once.
    """
    alike: dict[bytes, RoomBody] = {}
    rooms = {}
    for room_id, raw in (given or {}).items():
        entry = alike.get(bytes(raw))
        if entry is None:
            entry = alike[bytes(raw)] = body(decode(decoder, raw, "room_subscriptions: "))
        if _ROOM_ID.fullmatch(room_id):
            rooms[room_id] = entry
    return rooms


def read_enabled(
    given: Mapping[str, Raw] | None, known: frozenset[str]
) -> dict[str, ExtensionRequest]:
    """The extensions that a request switches on (S-340), without what is null in their objects.

    A ``limit`` below 1 is one of 1, and of messages to the device more than 100 are not given at
    once (S-350): that is no reason to begin anew. Among lists or rooms ``*`` stands for all of
    them, wherever it is (S-341).
    """
    enabled: dict[str, ExtensionRequest] = {}
    for name, shape, values in read_extensions(given or {}, known):
        if not shape.enabled:
            continue
        said = {field: value for field, value in values.items() if value is not None}
        if shape.limit is not None:
            said["limit"] = min(
                max(shape.limit, 1), MAX_TO_DEVICE if name == "to_device" else MAX_INTEGER
            )
        for field, names in (("lists", shape.lists), ("rooms", shape.rooms)):
            if EVERY in (names or ()):
                said[field] = [EVERY]
        enabled[name] = said
    return enabled


def bounded_wait_ms(timeout_ms: int) -> int:
    """How long a client is made to wait that says so (S-20)."""
    return min(max(timeout_ms, 0), LONGEST_WAIT_MS)


def check_presence(presence: str) -> str:
    """Raises ``InvalidParam`` for what is no presence."""
    if presence not in PRESENCES:
        raise InvalidParam(f"set_presence is none of {', '.join(PRESENCES)}")
    return presence
