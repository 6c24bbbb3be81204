"""Turns the bodies of the simplified dialects' requests into the engine's values.

Each request says everything anew, mostly the same as the one before. So what is equal to
something in the request before is that very object: whatever the engine has found out about
it holds on, and comparing the two costs nothing.

An example: a client asks with list A each time, and waits. The second request's ``ListSpec`` of A
is the first one's object, so the view, the index of the list and the windows are found to be the
same by identity. In the third request the timeline limit of A is another: there is a new
``ListSpec`` with a new config, but its filters and its required state are still the old objects.

Everything that is computed for each room has a limit on its sum over all lists and
subscriptions, where equal ones count once: work is done once for each of them.
"""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Final, TypeVar

from syncv3.dialects.simplified.bodies import Body, ListBody, RequiredStateBody, RoomBody
from syncv3.errors import InvalidParam
from syncv3.protocol.request import CompleteRequest, Filters, ListSpec, Request, RoomConfig
from syncv3.types import RoomID, UserID

MAX_TIMELINE_LIMIT: Final = 50
"""More events are not given, whatever limit a client names, and as its limit this one counts."""
MAX_ALL_SELECTORS: Final = 5_000
MAX_ALL_FILTER_VALUES: Final = 5_000

T = TypeVar("T", bound=Hashable)
K = TypeVar("K")
V = TypeVar("V")


def wait_ms(request: Request) -> int:
    """How long the client would wait. A first request is answered at once (S-20, S-321)."""
    return _body(request).timeout_ms if request.pos else 0


def complete(request: Request, previous: CompleteRequest | None, *, me: UserID) -> CompleteRequest:
    """The engine's request. Raises ``InvalidParam`` when it is too much in all."""
    body = _body(request)
    values = _Values(me, previous)
    lists = {name: values.spec(entry) for name, entry in body.lists.items()}
    subscriptions = {
        RoomID(room_id): values.config(entry) for room_id, entry in body.room_subscriptions.items()
    }
    values.check()
    if previous is None:
        return CompleteRequest(lists, subscriptions, body.extensions)
    now = replace(
        previous,
        lists=_same(previous.lists, lists),
        subscriptions=_same(previous.subscriptions, subscriptions),
        extensions=body.extensions,
    )
    return previous if now == previous else now


def _body(request: Request) -> Body:
    assert isinstance(request.said, Body)
    return request.said


def _same(before: Mapping[K, V], now: Mapping[K, V]) -> Mapping[K, V]:
    return before if before == now else now


class _Values:
    """Makes the values of one request, of the objects of ``previous`` where they are equal."""

    def __init__(self, me: UserID, previous: CompleteRequest | None) -> None:
        self._me = me
        self._known: dict[Hashable, Hashable] = {}  # each value to the object that stands for it
        self._configs: dict[RoomBody, RoomConfig] = {}
        self._asked: dict[RequiredStateBody, None] = {}
        self._filters: dict[Filters, None] = {}
        if previous is not None:
            self._remember(previous)

    def _remember(self, previous: CompleteRequest) -> None:
        """Has the previous request's objects stand for values that equal them."""
        for spec in previous.lists.values():
            self._known |= {spec: spec, spec.filters: spec.filters}
        configs = [spec.config for spec in previous.lists.values()]
        for config in {*configs, *previous.subscriptions.values()}:
            self._known[config] = config
            self._known |= {source: source for source in config.required_state}

    def spec(self, entry: ListBody) -> ListSpec:
        """One list; its ranges become half-open."""
        self._filters[entry.filters] = None
        ranges = tuple((first, last + 1) for first, last in entry.ranges or ())
        return self._one(
            ListSpec(
                ranges=ranges,
                filters=self._one(entry.filters),
                all_rooms=entry.ranges is None,
                config=self.config(entry.room),
            )
        )

    def config(self, entry: RoomBody) -> RoomConfig:
        """How a list or a subscription shows rooms. Nameless ones have heroes (S-274)."""
        config = self._configs.get(entry)
        if config is None:
            self._asked[entry.required_state] = None
            source = entry.required_state.source(self._me)
            config = self._configs[entry] = self._one(
                RoomConfig(
                    timeline_limit=min(entry.timeline_limit, MAX_TIMELINE_LIMIT),
                    required_state=() if source is None else (self._one(source),),
                    heroes=True,
                )
            )
        return config

    def check(self) -> None:
        """Raises ``InvalidParam`` when the sum over all lists and subscriptions is too large."""
        for what, number, limit in (
            ("required_state", sum(e.selectors for e in self._asked), MAX_ALL_SELECTORS),
            ("filters", sum(each.number for each in self._filters), MAX_ALL_FILTER_VALUES),
        ):
            if number > limit:
                raise InvalidParam(f"more than {limit} entries of {what} in all lists and rooms")

    def _one(self, value: T) -> T:
        return self._known.setdefault(value, value)  # type: ignore[return-value]
