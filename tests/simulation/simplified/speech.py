"""How the two simplified dialects say the same thing.

``write`` makes a request, ``read`` takes an answer apart as strictly as today's clients do
(S-536): one value of the wrong type is a violation.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from tests.simulation.reader import Violation
from tests.simulation.simplified.asks import ME, Asks, Element, ListAsk, Selection, Shape

MOST: Final = 2**53 - 1
COMMON: Final = frozenset((
    "initial", "name", "avatar", "heroes", "is_dm", "joined_count", "invited_count",
    "required_state", "timeline", "limited", "num_live", "prev_batch", "bump_stamp",
    "membership",
))  # fmt: skip
NUMBERS: Final = ("bump_stamp", "joined_count", "invited_count", "num_live",
                  "notification_count", "highlight_count")  # fmt: skip
EXTENSIONS: Final = ("account_data", "receipts", "typing", "to_device", "e2ee")


@dataclass(frozen=True, slots=True)
class Told:
    """One answer, in no dialect. A list has its count and, if it was said, its window.

    In ``rooms`` the fields that the dialects name differently are ``expanded`` and ``invite``.
    """

    pos: str
    lists: Mapping[str, tuple[int, tuple[str, ...] | None]]
    rooms: Mapping[str, Mapping[str, Any]]
    extensions: Mapping[str, Any]

    @property
    def is_news(self) -> bool:
        """Whether it would have ended a long poll (S-322)."""
        told = self.extensions
        lists = told.get("e2ee", {}).get("device_lists", {})
        data = told.get("account_data", {})
        return bool(
            self.rooms
            or told.get("to_device", {}).get("events")
            or lists.get("changed")
            or lists.get("left")
            or data.get("global")
            or data.get("rooms")
            or told.get("receipts", {}).get("rooms")
            or told.get("typing", {}).get("rooms")
        )


@dataclass(frozen=True, slots=True)
class Speech:
    """A dialect. ``stable``: MSC4186, otherwise its unstable forerunner."""

    name: str
    stable: bool
    path: str
    expanded: str
    invite: str
    more: frozenset[str]

    def __str__(self) -> str:
        return self.name

    # -- requests --------------------------------------------------------------------

    def write(
        self,
        asks: Asks,
        conn_id: str,
        pos: str | None,
        since: str | None,
        *,
        me: str,
        timeout_ms: int = 0,
    ) -> tuple[dict[str, str], bytes]:
        """The query and the body. ``since`` is the token of to-device messages."""
        body: dict[str, Any] = {
            "conn_id": conn_id,
            "lists": {name: self._list(ask, me) for name, ask in asks.lists.items()},
            "room_subscriptions": {r: self._shape(s, me) for r, s in asks.subscriptions.items()},
            "extensions": {name: dict(asked) for name, asked in asks.extensions.items()},
        }
        if since is not None and "to_device" in body["extensions"]:
            body["extensions"]["to_device"]["since"] = since
        where = {"timeout": str(timeout_ms)} | ({"pos": pos} if pos is not None else {})
        if not self.stable:
            return where, json.dumps(body).encode()
        body |= {"timeout": timeout_ms} | ({"pos": pos} if pos is not None else {})
        return {}, json.dumps(body).encode()

    def url(self, base: str, query: Mapping[str, str]) -> str:
        return f"{base}{self.path}" + (f"?{urlencode(query)}" if query else "")

    def _list(self, ask: ListAsk, me: str) -> dict[str, Any]:
        filters = dict(ask.filters)
        if not self.stable and "is_invited" in filters:
            filters["is_invite"] = filters.pop("is_invited")
        said = self._shape(ask.shape, me) | {"filters": filters}
        if ask.ranges is not None and self.stable:
            said["range"] = list(ask.ranges[0])
        elif ask.ranges is not None:
            said["ranges"] = [list(each) for each in ask.ranges]
        return said

    def _shape(self, shape: Shape, me: str) -> dict[str, Any]:
        state = self._selection(shape.selection, me)
        return {"timeline_limit": shape.limit, "required_state": state}

    def _selection(self, selection: Selection, me: str) -> Any:
        """There is no ``$ME`` in MSC4186."""
        if not self.stable:
            pairs = [[kind or "*", "*" if key is None else key] for kind, key in selection.includes]
            return [*pairs, ["m.room.member", "$LAZY"]] if selection.lazy else pairs
        return {
            "include": [_object(element, me) for element in selection.includes],
            "exclude": [_object(element, me) for element in selection.excludes],
            "lazy_members": selection.lazy,
        }

    def heard(self, ask: ListAsk) -> ListAsk:
        """The list as this dialect can say it: MSC4186 has one range."""
        if self.stable and ask.ranges is not None:
            return ListAsk(ask.shape, ask.ranges[:1], ask.filters)
        return ask

    # -- answers ---------------------------------------------------------------------

    def read(self, raw: bytes, asks: Asks) -> Told:
        answer = json.loads(raw)
        need(isinstance(answer.get("pos"), str) and answer["pos"], f"no pos: {answer}")
        strange = answer.keys() - {"pos", "lists", "rooms", "extensions"}
        need(not strange, f"{strange} in an answer")
        need(isinstance(answer.get("rooms"), dict), "no rooms")
        need(isinstance(answer.get("extensions"), dict), "no extensions")
        unasked = answer["extensions"].keys() - asks.extensions.keys()
        need(not unasked, f"extensions {unasked} that nobody asked for")
        lists = answer.get("lists", {})
        need(lists.keys() == asks.lists.keys(), f"lists {sorted(lists)} were answered")
        need("lists" in answer or not asks.lists, "no lists")
        return Told(
            answer["pos"],
            {name: self._told_list(entry, asks.lists[name]) for name, entry in lists.items()},
            {room_id: self._room(room_id, told) for room_id, told in answer["rooms"].items()},
            answer["extensions"],
        )

    def _told_list(
        self, entry: Mapping[str, Any], ask: ListAsk
    ) -> tuple[int, tuple[str, ...] | None]:
        need(is_count(entry.get("count")), f"count of a list: {entry}")
        need(not self.stable or entry.keys() == {"count"}, f"more than a count: {entry}")
        if (ops := entry.get("ops")) is None:
            return entry["count"], None
        need(all(op["op"] == "SYNC" for op in ops), f"operations {ops}")
        if ask.ranges is not None:
            ranges = [list(each) for each in ask.ranges]
            need([op["range"] for op in ops] == ranges, f"{ops} for ranges {ranges}")
        return entry["count"], tuple(dict.fromkeys(r for op in ops for r in op["room_ids"]))

    def _room(self, room_id: str, told: dict[str, Any]) -> dict[str, Any]:
        allowed = COMMON | self.more | {self.expanded, self.invite}
        need(room_id.startswith("!"), f"{room_id} is no room ID")
        need(not told.keys() - allowed, f"{told.keys() - allowed} of {room_id}")
        for name in NUMBERS:
            need(name not in told or is_count(told[name]), f"{name} of {room_id}: {told}")
        for name in ("initial", "limited", "is_dm", self.expanded):
            need(isinstance(told.get(name, True), bool), f"{name} of {room_id}: {told}")
        need(told.get("initial", True), f"{room_id}: initial is false (S-175)")
        for name in ("name", "avatar"):
            texts = (str, type(None)) if self.stable or name == "avatar" else (str,)
            need(isinstance(told.get(name, ""), texts), f"{name} of {room_id}: {told.get(name)}")
        for name in ("required_state", "timeline", "heroes", self.invite):
            objects = told.get(name, [])
            fine = isinstance(objects, list) and all(isinstance(o, dict) for o in objects)
            need(fine, f"{name} of {room_id}: {objects}")
        need(isinstance(told.get("prev_batch", ""), str), f"prev_batch of {room_id}")
        for hero in told.get("heroes", ()):
            need(isinstance(hero.get("user_id"), str), f"a hero of {room_id}: {hero}")
            texts_only = all(isinstance(text, str) for text in hero.values())
            need(texts_only, f"a hero of {room_id}: {hero}")
        if self.stable:
            need("membership" in told, f"no membership of {room_id} (S-290)")
        return {**told, "expanded": told.get(self.expanded, False), "invite": told.get(self.invite)}


def need(fine: object, what: str) -> None:
    """Raises ``Violation``: a client could not read the answer."""
    if not fine:
        raise Violation(f"unreadable: {what}")


def is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= MOST


def _object(element: Element, me: str) -> dict[str, str]:
    kind, key = element
    key = me if key == ME else key
    return ({} if kind is None else {"type": kind}) | ({} if key is None else {"state_key": key})


UNSTABLE: Final = Speech(
    "simplified", False, "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync",
    "unstable_expanded_timeline", "invite_state",
    frozenset(("notification_count", "highlight_count", "lists")),
)  # fmt: skip
STABLE: Final = Speech(
    "msc4186", True, "/_matrix/client/v4/sync", "expanded_timeline", "stripped_state",
    frozenset(("lists",)),
)  # fmt: skip
SPEECHES: Final = (UNSTABLE, STABLE)
