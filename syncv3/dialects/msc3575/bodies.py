"""The bodies of MSC3575's requests, as they come and added up.

In all shapes None means "absent or null": the parameter keeps its value.
"""

from collections.abc import Mapping

import msgspec

Selectors = list[tuple[str, str]]
ExtensionRequest = dict[str, object]


class FilterBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """``lists.*.filters``."""

    is_dm: bool | None = None
    is_encrypted: bool | None = None
    is_invite: bool | None = None
    is_tombstoned: bool | None = None
    room_name_like: str | None = None
    tags: list[str] | None = None
    not_tags: list[str] | None = None
    room_types: list[str | None] | None = None
    not_room_types: list[str | None] | None = None
    spaces: list[str] | None = None


class OldRoomsBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """``include_old_rooms``: how predecessors of a room are shown."""

    required_state: Selectors | None = None
    timeline_limit: int | None = None
    include_heroes: bool | None = None


class SubscriptionBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of ``room_subscriptions``."""

    required_state: Selectors | None = None
    timeline_limit: int | None = None
    include_heroes: bool | None = None
    include_old_rooms: OldRoomsBody | None = None


class ListBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of ``lists``. Ranges include both ends."""

    ranges: list[tuple[int, int]] | None = None
    sort: list[str] | None = None
    filters: FilterBody | None = None
    timeline_limit: int | None = None
    required_state: Selectors | None = None
    include_old_rooms: OldRoomsBody | None = None
    include_heroes: bool | None = None
    slow_get_all_rooms: bool | None = None
    bump_event_types: list[str] | None = None
    deleted: bool | None = None


class Body(msgspec.Struct, frozen=True):
    """One request. ``extensions`` holds the known extensions that were mentioned.

    ``delta_token`` may be empty: the client has none yet.
    """

    conn_id: str = ""
    txn_id: str | None = None
    delta_token: str | None = None
    lists: Mapping[str, ListBody] = {}
    room_subscriptions: Mapping[str, SubscriptionBody] = {}
    unsubscribe_rooms: tuple[str, ...] = ()
    extensions: Mapping[str, ExtensionRequest] = {}
    blank: bool = False  # the request came without a body

    @property
    def changes_nothing(self) -> bool:
        return not (
            self.lists or self.room_subscriptions or self.unsubscribe_rooms or self.extensions
        )


class Merged(msgspec.Struct, frozen=True, omit_defaults=True):
    """The sum of a connection's requests, in the shape of one request.

    Subscriptions that are alike are one object: clients subscribe to thousands of rooms in
    two or three ways.
    """

    lists: dict[str, ListBody] = {}
    room_subscriptions: dict[str, SubscriptionBody] = {}
    extensions: dict[str, ExtensionRequest] = {}
    delta_tokens: bool = False  # the client has asked for them
