"""Turns the bodies of MSC3575's requests into the engine's values.

Here ``$ME`` is replaced, ranges become half-open, and equal values become one object.

Everything that is computed for each room has a limit on its sum over all lists and
subscriptions, where equal ones count once: work is done once for each of them. What real
clients send is far below (S-532: some thirty selectors in three configs).
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from syncv3.dialects.msc3575.bodies import (
    FilterBody,
    ListBody,
    Merged,
    OldRoomsBody,
    Selectors,
    SubscriptionBody,
)
from syncv3.dialects.msc3575.required_state import RequiredState
from syncv3.errors import InvalidParam
from syncv3.protocol.request import CompleteRequest, Filters, ListSpec, RoomConfig, Sort
from syncv3.types import RoomID, UserID

MAX_TIMELINE_LIMIT = 50  # more is not an error, it is just not given
MAX_ALL_SELECTORS = 5_000  # of required_state
MAX_ALL_BUMP_TYPES = 1_000
MAX_ALL_FILTER_VALUES = 5_000

LAZY_MEMBERS = ("m.room.member", "$LAZY")

SORTS = {sort.value: sort for sort in Sort}

T = TypeVar("T", bound=Hashable)


class Values:
    """Turns the bodies of one user's request into values. Equal values become one object.

    So what is computed once for an object is computed once for all that are equal, and a
    request is held once however often it repeats itself.
    """

    def __init__(self, me: UserID) -> None:
        self._me = me
        self._known: dict[Hashable, Hashable] = {}  # each value to the object that stands for it
        self._configs: dict[int, RoomConfig] = {}  # by the id of a body

    def ask(self, merged: Merged, sticky: bytes) -> CompleteRequest:
        """The complete request. ``sticky`` is its stored form, which the engine keeps."""
        return CompleteRequest(
            lists={key: self._list_spec(entry) for key, entry in merged.lists.items()},
            subscriptions={
                RoomID(room_id): self._subscription(entry)
                for room_id, entry in merged.room_subscriptions.items()
            },
            extensions=merged.extensions,
            sticky=sticky,
            resumable=merged.delta_tokens,
        )

    def check(self) -> None:
        """Raises ``InvalidParam`` when the sum over all lists and subscriptions is too large."""
        selectors = bump_types = filter_values = 0
        for value in self._known:
            match value:
                case RequiredState():
                    selectors += len(value.entries)
                case Filters():
                    filter_values += value.number
                case frozenset():
                    bump_types += len(value)
        for what, number, limit in (
            ("required_state", selectors, MAX_ALL_SELECTORS),
            ("bump_event_types", bump_types, MAX_ALL_BUMP_TYPES),
            ("filters", filter_values, MAX_ALL_FILTER_VALUES),
        ):
            if number > limit:
                raise InvalidParam(f"more than {limit} entries of {what} in all lists and rooms")

    def _one(self, value: T) -> T:
        """The object that stands for all values which equal this one."""
        return self._known.setdefault(value, value)  # type: ignore[return-value]

    def _list_spec(self, entry: ListBody) -> ListSpec:
        bump_types = frozenset(entry.bump_event_types or ())
        return ListSpec(
            ranges=self._one(tuple((first, last + 1) for first, last in entry.ranges or ())),
            sort=_sort(entry.sort or ()),
            filters=self._one(_filters(entry.filters) if entry.filters else Filters()),
            bump_types=self._one(bump_types) if bump_types else None,
            all_rooms=bool(entry.slow_get_all_rooms),
            config=self._room_config(entry),
        )

    def _subscription(self, entry: SubscriptionBody) -> RoomConfig:
        config = self._configs.get(id(entry))
        if config is None:
            config = self._configs[id(entry)] = self._room_config(entry)
        return config

    def _room_config(self, entry: ListBody | SubscriptionBody | OldRoomsBody) -> RoomConfig:
        old = None if isinstance(entry, OldRoomsBody) else entry.include_old_rooms
        state = _required_state(entry.required_state, self._me) if entry.required_state else None
        return self._one(
            RoomConfig(
                timeline_limit=min(entry.timeline_limit or 0, MAX_TIMELINE_LIMIT),
                required_state=() if state is None else (self._one(state),),
                heroes=bool(entry.include_heroes),
                old_rooms=self._room_config(old) if old is not None else None,
            )
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
        tags=_given(entry.tags),
        not_tags=_given(entry.not_tags),
        room_types=_given(entry.room_types),
        not_room_types=_given(entry.not_room_types),
        spaces=_given([RoomID(room_id) for room_id in entry.spaces or ()]),
    )


def _given(values: Sequence[T] | None) -> tuple[T, ...] | None:
    """An empty filter lets everything pass, as if it were not given."""
    return tuple(values) if values else None


def _required_state(selectors: Selectors, me: UserID) -> RequiredState:
    """``$ME`` counts as a whole state key of any type (D-52), ``$LAZY`` of members only (D-53)."""
    entries = [
        (kind, me if state_key == "$ME" else state_key)
        for kind, state_key in selectors
        if (kind, state_key) != LAZY_MEMBERS
    ]
    return RequiredState(tuple(entries), lazy_members=LAZY_MEMBERS in selectors)
