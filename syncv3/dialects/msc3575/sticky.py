"""Sticky parameters of MSC3575: each request only says what it changes.

``Body`` is one request as it came; ``Merged`` is the sum of all requests of a connection
in the same shape, and its JSON is what the connection stores (``CompleteRequest.sticky``). ``$ME``
stays as it is there, so the stored form names no user. ``merge`` adds a body to a
``CompleteRequest`` and knows the rules (R-10 to R-19, R-30 to R-32, E-1 to E-4); ``parse`` in
the codec has already checked each body for itself.

An example. The first request has a list A with ``ranges`` [[0, 20]] and ``timeline_limit`` 10. The
second says only ``{"lists": {"A": {"ranges": [[0, 40]]}}}``: the limit is still 10. The third says
nothing: all is as it was. A request is merged when it is processed, whether or not its answer
arrives, so a client that repeats one changes nothing by that.

As many small requests may add up to anything, the sums have limits of their own here.
"""

from collections.abc import Mapping

import msgspec

from syncv3.dialects.msc3575.bodies import (
    Body,
    ExtensionRequest,
    ListBody,
    Merged,
    SubscriptionBody,
)
from syncv3.dialects.msc3575.values import Values
from syncv3.dialects.reading import MAX_LISTS
from syncv3.errors import InvalidParam
from syncv3.protocol.request import CompleteRequest
from syncv3.types import UserID

MAX_SUBSCRIPTIONS = 10_000
MAX_CONFIGS = 2_000  # different room subscriptions
MAX_EXTENSION_FIELDS = 32
MAX_STICKY_BYTES = 1024 * 1024


class StoredJson(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a ``Merged`` is stored: ``rooms`` says which of ``configs`` a room has.

    ``room_subscriptions`` is how they were stored before.
    """

    lists: dict[str, ListBody] = {}
    rooms: dict[str, int] = {}
    configs: list[SubscriptionBody] = []
    room_subscriptions: dict[str, SubscriptionBody] = {}
    extensions: dict[str, ExtensionRequest] = {}
    delta_tokens: bool = False


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(StoredJson)


def merge(body: Body, previous: CompleteRequest | None, *, me: UserID) -> CompleteRequest:
    """The complete request after ``body``; ``previous`` is None on a new connection.

    When the body changes nothing the result is ``previous``.
    Raises ``InvalidParam`` when all requests together are too large to be remembered.
    """
    # Asking for delta tokens is remembered, too, even in a request that says nothing else.
    begins_tokens = body.delta_token is not None and not (previous and previous.resumable)
    if previous is not None and body.changes_nothing and not begins_tokens:
        ask = previous
    else:
        before = _decode(previous.sticky) if previous is not None else Merged()
        after = _merge(before, body)
        ask = previous if previous is not None and after == before else _remember(after, me)
    return ask


def restore(sticky: bytes, *, me: UserID, known: frozenset[str]) -> CompleteRequest:
    """The request that ``sticky`` was stored for, without extensions not ``known`` any more."""
    stored = _decode(sticky)
    extensions = {name: value for name, value in stored.extensions.items() if name in known}
    if len(extensions) < len(stored.extensions):
        stored = msgspec.structs.replace(stored, extensions=extensions)
        sticky = _encode(stored)
    return Values(me).ask(stored, sticky)


def _decode(sticky: bytes) -> Merged:
    if not sticky:
        return Merged()
    stored = _decoder.decode(sticky)
    rooms = {room_id: stored.configs[number] for room_id, number in stored.rooms.items()}
    subscriptions = {**stored.room_subscriptions, **rooms}
    return Merged(stored.lists, subscriptions, stored.extensions, stored.delta_tokens)


def _encode(merged: Merged) -> bytes:
    """The stored form. Raises ``InvalidParam`` when it is too large.

    Thousands of subscriptions are mostly a few different ones: each of these is stored once.
    """
    alike: dict[int, int] = {}  # by the object's id: its number
    numbers: dict[bytes, int] = {}
    configs: list[SubscriptionBody] = []
    rooms: dict[str, int] = {}
    for room_id, body in merged.room_subscriptions.items():
        number = alike.get(id(body))
        if number is None:
            number = alike[id(body)] = numbers.setdefault(_encoder.encode(body), len(numbers))
            if number == len(configs):
                configs.append(body)
        rooms[room_id] = number
    if len(configs) > MAX_CONFIGS:
        raise InvalidParam(f"more than {MAX_CONFIGS} different room subscriptions")
    sticky = _encoder.encode(
        StoredJson(merged.lists, rooms, configs, {}, merged.extensions, merged.delta_tokens)
    )
    if len(sticky) > MAX_STICKY_BYTES:
        raise InvalidParam(f"all requests together exceed {MAX_STICKY_BYTES} bytes")
    return sticky


def _remember(merged: Merged, me: UserID) -> CompleteRequest:
    sticky = _encode(merged)
    values = Values(me)
    ask = values.ask(merged, sticky)
    values.check()
    return ask


# Merging


def _merge(before: Merged, body: Body) -> Merged:
    merged = Merged(
        lists=_merge_lists(before.lists, body.lists),
        room_subscriptions=_merge_subscriptions(before.room_subscriptions, body),
        extensions=_merge_extensions(before.extensions, body.extensions),
        delta_tokens=before.delta_tokens or body.delta_token is not None,
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
