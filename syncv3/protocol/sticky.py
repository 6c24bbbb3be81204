"""Sticky parameters of MSC3575: each request only says what it changes.

``Body`` is one request as it came; ``Merged`` is the sum of all requests of a connection
in the same shape, and its JSON is what the connection stores (``Ask.sticky``). ``$ME``
stays as it is there, so the stored form names no user. ``merge`` adds a body to an ``Ask``
and knows the rules (R-10 to R-19, R-30 to R-32, E-1 to E-4); ``parse`` in the codec has
already checked each body for itself. The last part of the file turns a ``Merged`` into
the engine's values: that is where ``$ME`` is replaced and ranges become half-open.

In all shapes None means "absent or null": the parameter keeps its value.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec

from syncv3.errors import InvalidParam
from syncv3.protocol.request import Ask, Filters, ListSpec, RequiredState, RoomConfig, Sort
from syncv3.types import RoomID, UserID

MAX_LISTS = 100
MAX_SUBSCRIPTIONS = 10_000
MAX_EXTENSION_FIELDS = 32
MAX_STICKY_BYTES = 4 * 1024 * 1024
MAX_TIMELINE_LIMIT = 50  # more is not an error, it is just not given

LAZY_MEMBERS = ("m.room.member", "$LAZY")

SORTS = {sort.value: sort for sort in Sort}

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
    """One request. ``extensions`` holds the known extensions that were mentioned."""

    conn_id: str = ""
    txn_id: str | None = None
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
    """The sum of a connection's requests, in the shape of one request."""

    lists: dict[str, ListBody] = {}
    room_subscriptions: dict[str, SubscriptionBody] = {}
    extensions: dict[str, ExtensionRequest] = {}


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Merged)


def merge(body: Body, previous: Ask | None, *, me: UserID) -> Ask:
    """The complete request after ``body``; ``previous`` is None on a new connection.

    When the body changes nothing the result is ``previous``, but for its ``txn_id``.
    Raises ``InvalidParam`` when all requests together are too large to be remembered.
    """
    if previous is not None and body.changes_nothing:
        ask = previous
    else:
        before = _decode(previous.sticky) if previous is not None else Merged()
        after = _merge(before, body)
        ask = previous if previous is not None and after == before else _remember(after, me)
    return ask if ask.txn_id == body.txn_id else replace(ask, txn_id=body.txn_id)


def restore(sticky: bytes, *, me: UserID, known: frozenset[str]) -> Ask:
    """The ``Ask`` that ``sticky`` was stored for, without extensions not ``known`` any more."""
    stored = _decode(sticky)
    extensions = {name: value for name, value in stored.extensions.items() if name in known}
    if len(extensions) == len(stored.extensions):
        return _ask(stored, sticky, me)
    return _remember(msgspec.structs.replace(stored, extensions=extensions), me)


def _decode(sticky: bytes) -> Merged:
    return _decoder.decode(sticky) if sticky else Merged()


def _remember(merged: Merged, me: UserID) -> Ask:
    sticky = _encoder.encode(merged)
    if len(sticky) > MAX_STICKY_BYTES:
        raise InvalidParam(f"all requests together exceed {MAX_STICKY_BYTES} bytes")
    return _ask(merged, sticky, me)


# Merging


def _merge(before: Merged, body: Body) -> Merged:
    merged = Merged(
        lists=_merge_lists(before.lists, body.lists),
        room_subscriptions=_merge_subscriptions(before.room_subscriptions, body),
        extensions=_merge_extensions(before.extensions, body.extensions),
    )
    if len(merged.lists) > MAX_LISTS:
        raise InvalidParam(f"more than {MAX_LISTS} lists")
    if len(merged.room_subscriptions) > MAX_SUBSCRIPTIONS:
        raise InvalidParam(f"more than {MAX_SUBSCRIPTIONS} room subscriptions")
    for name, request in merged.extensions.items():
        if len(request) > MAX_EXTENSION_FIELDS:
            raise InvalidParam(f"more than {MAX_EXTENSION_FIELDS} fields in extension {name}")
    return merged


def _merge_lists(
    before: Mapping[str, ListBody], given: Mapping[str, ListBody]
) -> dict[str, ListBody]:
    """The lists after a request, old ones first, each in its old place.

    ``deleted`` on a list that is not there creates it from what else was said (R-19).
    When nothing else was said there is nothing to create: it is a deletion that was
    repeated because its answer got lost, and must not bring the list back.
    """
    lists = dict(before)
    for key, entry in given.items():
        gone = entry.deleted and (key in lists or entry == _DELETED)
        if gone:
            lists.pop(key, None)
        else:
            lists[key] = _merge_list(lists.get(key, _NEW), entry)
    return lists


_NEW = ListBody()
_DELETED = ListBody(deleted=True)


def _merge_list(old: ListBody, new: ListBody) -> ListBody:
    """Field by field: what is absent keeps; ``timeline_limit`` 0 keeps, too (R-13)."""
    given = {
        name: value
        for name in ListBody.__struct_fields__
        if (value := getattr(new, name)) is not None
    }
    given.pop("deleted", None)
    if new.timeline_limit == 0:
        del given["timeline_limit"]
    return msgspec.structs.replace(old, **given)


def _merge_subscriptions(
    before: Mapping[str, SubscriptionBody], body: Body
) -> dict[str, SubscriptionBody]:
    """Entries replace as a whole (R-30); unsubscribing has the last word (R-32)."""
    rooms = {**before, **body.room_subscriptions}
    for room_id in body.unsubscribe_rooms:
        rooms.pop(room_id, None)
    return rooms


def _merge_extensions(
    before: Mapping[str, ExtensionRequest], given: Mapping[str, ExtensionRequest]
) -> dict[str, ExtensionRequest]:
    merged = dict(before)
    for name, request in given.items():
        merged[name] = merged.get(name, _EVERYWHERE) | _said(request)
    return merged


_EVERYWHERE: ExtensionRequest = {"lists": ["*"], "rooms": ["*"]}  # E-2: when first seen


def _said(request: ExtensionRequest) -> ExtensionRequest:
    """The fields that change something: not null, no ``limit`` of 0, no empty ``since``."""
    return {
        name: value
        for name, value in request.items()
        if value is not None
        and not (name == "limit" and value == 0)
        and not (name == "since" and value == "")
    }


# The engine's values


def _ask(merged: Merged, sticky: bytes, me: UserID) -> Ask:
    return Ask(
        lists={key: _list_spec(entry, me) for key, entry in merged.lists.items()},
        subscriptions={
            RoomID(room_id): _room_config(entry, me)
            for room_id, entry in merged.room_subscriptions.items()
        },
        extensions=merged.extensions,
        sticky=sticky,
    )


def _list_spec(entry: ListBody, me: UserID) -> ListSpec:
    return ListSpec(
        ranges=tuple((first, last + 1) for first, last in entry.ranges or ()),
        sort=_sort(entry.sort or ()),
        filters=_filters(entry.filters) if entry.filters else Filters(),
        bump_types=frozenset(entry.bump_event_types) if entry.bump_event_types else None,
        all_rooms=bool(entry.slow_get_all_rooms),
        config=_room_config(entry, me),
    )


def _sort(names: Iterable[str]) -> tuple[Sort, ...]:
    """The known names, each once; recency when there is none (R-11, Z-3)."""
    return tuple(dict.fromkeys(SORTS[name] for name in names if name in SORTS)) or (Sort.RECENCY,)


def _filters(entry: FilterBody) -> Filters:
    return Filters(
        is_dm=entry.is_dm,
        is_encrypted=entry.is_encrypted,
        is_invite=entry.is_invite,
        is_tombstoned=entry.is_tombstoned,
        room_name_like=entry.room_name_like or "",
        tags=tuple(entry.tags or ()),
        not_tags=tuple(entry.not_tags or ()),
        room_types=tuple(entry.room_types or ()),
        not_room_types=tuple(entry.not_room_types or ()),
        spaces=tuple(RoomID(room_id) for room_id in entry.spaces or ()),
    )


def _room_config(entry: ListBody | SubscriptionBody | OldRoomsBody, me: UserID) -> RoomConfig:
    old = None if isinstance(entry, OldRoomsBody) else entry.include_old_rooms
    return RoomConfig(
        timeline_limit=min(entry.timeline_limit or 0, MAX_TIMELINE_LIMIT),
        required_state=_required_state(entry.required_state or [], me),
        heroes=bool(entry.include_heroes),
        old_rooms=_room_config(old, me) if old is not None else None,
    )


def _required_state(selectors: Selectors, me: UserID) -> RequiredState:
    """``$ME`` counts as a whole state key of any type (D-52), ``$LAZY`` of members only (D-53)."""
    entries = [
        (kind, me if state_key == "$ME" else state_key)
        for kind, state_key in selectors
        if (kind, state_key) != LAZY_MEMBERS
    ]
    return RequiredState(tuple(entries), lazy_members=LAZY_MEMBERS in selectors)
