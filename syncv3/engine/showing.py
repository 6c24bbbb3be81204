"""Which rooms a request shows, and how: the windows of its lists, and its subscriptions.

A request may have a hundred lists, of which each shows a thousand rooms. So what is done for
each room is done once for lists that are alike: those with the same order share one index
and its windows, and a room looks at the configs that show it, not at the lists.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import chain

from syncv3.cache.index import ListIndex
from syncv3.cache.seen import SeenRooms
from syncv3.engine.sources import Sources
from syncv3.engine.view import ListState, View
from syncv3.engine.visible import Visible
from syncv3.protocol.request import CompleteRequest, ListSpec, RoomConfig
from syncv3.protocol.response import ListChange
from syncv3.types import RoomID

Window = tuple[int, ...]
"""Room keys in the order of a list."""
ListIsNews = Callable[[ListState | None, ListState], bool]
"""Whether there is something to say of a list, which was told like this and is like that now."""
MayShow = Callable[[SeenRooms, int], bool]
"""Whether a room may be shown to a client that subscribes to it."""


class Showing:
    """The lists of ``ask`` now, compared with those of ``view``.

    ``states`` and ``changes`` have the lists by name; ``moved`` says whether there is
    anything to tell of them. ``configs`` has the rooms in a window or confirmed subscription,
    with how they are shown.
    """

    def __init__(
        self,
        sources: Sources,
        view: View,
        ask: CompleteRequest,
        oldest: int,
        is_news: ListIsNews,
        may_show: MayShow,
    ) -> None:
        self._user = sources.user
        self._seen = sources.seen
        self._is_news = is_news
        self._may_show = may_show
        before = view.visible
        self._told = before.ways if isinstance(before, Visible) else {}
        self._view = view
        self._ask = ask
        self._oldest = oldest
        self._ids: dict[Window, tuple[RoomID, ...]] = {}
        self.states: dict[str, ListState] = {}
        self.changes: dict[str, ListChange] = {}
        self.indexes: dict[str, ListIndex] = {}
        self.moved = False
        for name, asked in ask.lists.items():
            self._add(name, asked)
        self.configs = self._subscribed(self._listed())

    def _add(self, name: str, asked: ListSpec) -> None:
        before = self._view.lists.get(name)
        # The view's own objects where they are equal: later comparisons are then by identity.
        spec = before.spec if before is not None and before.spec == asked else asked
        index = self.indexes[name] = self._seen.index(spec)
        ranges = ((0, None),) if spec.all_rooms else spec.ranges
        windows = tuple([index.window(*range_) for range_ in ranges])
        if before is not None and before.windows == windows:
            windows = before.windows
        now = self.states[name] = ListState(spec, windows, len(index))
        self.changes[name] = self._change(now, before)
        self.moved = self.moved or self._is_news(before, now)

    def _change(self, now: ListState, before: ListState | None) -> ListChange:
        """What to tell of a list that was told as ``before``; None: it was not.

        A list of all rooms has no windows to tell of, but its whole order.
        """
        same = before is not None and before.windows is now.windows and before.spec is now.spec
        if before is not None and same and before.known:
            return ListChange(
                now.spec, (), now.count, before=now.spec, count_before=before.count, full_order=()
            )
        full = self._room_ids(now.windows[0]) if now.spec.all_rooms else None
        windows = () if now.spec.all_rooms else tuple(map(self._room_ids, now.windows))
        if before is None:
            return ListChange(now.spec, windows, now.count, full_order=full)
        old = () if before.spec.all_rooms else tuple(map(self._room_ids, before.windows))
        return ListChange(
            now.spec,
            windows,
            now.count,
            before=before.spec,
            windows_before=old,
            count_before=before.count,
            forgotten=not before.known,
            moved=self._touched,
            full_order=full,
        )

    @cached_property
    def _touched(self) -> tuple[RoomID, ...]:
        """The rooms that may have changed places since the client's position."""
        moved = () if self._view.first else tuple(self._user.moved_since(self._oldest))
        return self._room_ids(moved)

    def _room_ids(self, window: Window) -> tuple[RoomID, ...]:
        found = self._ids.get(window)
        if found is None:
            known = self._user.known
            found = tuple([RoomID(known[key].row.room_id) for key in window])
            self._ids[window] = found
        return found

    def _listed(self) -> Visible:
        """The rooms in a window, each with the union of the configs of its lists.

        Windows that are alike are looked at once, also those of lists with other filters. An
        example: list 1 shows A and B with config X, list 2 shows B and C with Y. The sets of
        configs are {X} (bit 1) and {Y} (bit 2), so A has 1, B 3, and C 2: a union is made for each
        of these three numbers, not for each room.
        """
        configs: dict[Window, dict[RoomConfig, None]] = {}
        for state in self.states.values():
            for window in state.windows:
                configs.setdefault(window, {})[state.spec.config] = None
        rooms: dict[tuple[RoomConfig, ...], dict[int, None]] = {}
        for window, asked in configs.items():
            rooms.setdefault(tuple(asked), {}).update(dict.fromkeys(window))
        if len(rooms) == 1:
            [(one, keys)] = rooms.items()
            return Visible.alike(keys, self._one(one))
        shown: dict[int, int] = {}  # by room: a bit for each set of configs
        for number, keys in enumerate(rooms.values()):
            bit = 1 << number
            for key in keys:
                shown[key] = shown.get(key, 0) | bit
        sets = tuple(rooms)
        united = {bits: self._united(sets, bits) for bits in set(shown.values())}
        return Visible({key: united[bits] for key, bits in shown.items()})

    def _united(self, sets: tuple[tuple[RoomConfig, ...], ...], bits: int) -> RoomConfig:
        """The union of the sets of configs whose bits are set."""
        chosen = (configs for number, configs in enumerate(sets) if bits >> number & 1)
        return self._one(tuple(dict.fromkeys(chain.from_iterable(chosen))))

    def _one(self, configs: tuple[RoomConfig, ...]) -> RoomConfig:
        """What configs ask together: the very object of the view, if that has an equal one."""
        united = self._ask.united(configs)
        return self._told.get(united, united)

    def _subscribed(self, configs: Visible) -> Visible:
        """Adds the subscribed rooms, and what their subscriptions ask."""
        user = self._user
        found: dict[int, RoomConfig] = {}
        for room_id, config in self._ask.subscriptions.items():
            key = user.by_id.get(room_id)
            if key is not None and self._may_show(self._seen, key):
                listed = configs.get(key)
                found[key] = self._one((config,) if listed is None else (listed, config))
        if found:
            configs.put(found)
        return configs

    def lists_changed(self, room_key: int) -> list[tuple[RoomConfig, RoomConfig]]:
        """The configs, before and now, of the lists showing the room that have another one."""
        return [pair for pair, rooms in self._reconfigured.items() if room_key in rooms]

    @cached_property
    def _reconfigured(self) -> dict[tuple[RoomConfig, RoomConfig], set[int]]:
        """By a list's config before and now, the rooms in its windows; made once for all rooms."""
        found: dict[tuple[RoomConfig, RoomConfig], set[int]] = {}
        for name, state in self.states.items():
            before = self._view.lists.get(name)
            if before is not None and before.spec.config != state.spec.config:
                rooms = found.setdefault((before.spec.config, state.spec.config), set())
                rooms.update(*state.windows)
        return found

    def lists_with(self, room_key: int) -> tuple[str, ...]:
        """The lists that have the room in a window."""
        return tuple(
            name
            for name, index in self.indexes.items()
            if room_key in index and any(room_key in w for w in self.states[name].windows)
        )

    def configs_listing(self, room_key: int) -> tuple[RoomConfig, ...]:
        """The configs of the lists that the room is in, inside or outside of their windows."""
        names = [name for name, index in self.indexes.items() if room_key in index]
        return tuple(dict.fromkeys(self.states[name].spec.config for name in names))


def rooms_in_windows(states: Iterable[ListState]) -> set[int]:
    """The rooms in the windows of lists."""
    windows = {id(window): window for state in states for window in state.windows}
    return set(chain.from_iterable(windows.values()))
