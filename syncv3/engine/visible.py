"""Which rooms a request shows, and how each of them."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Self

from syncv3.protocol.request import RoomConfig


class Visible(dict[int, RoomConfig]):
    """The shown rooms by key. Nearly all of them are shown in one way.

    ``usual`` is that way (None: there is none), and ``apart`` has the rooms that may be shown
    otherwise. So two requests which show the same thousands of rooms are compared without
    looking at each of these.
    """

    usual: RoomConfig | None = None
    apart: frozenset[int] = frozenset()

    @classmethod
    def alike(cls, keys: Iterable[int], config: RoomConfig) -> Self:
        """Rooms that are all shown in one way."""
        made = cls(dict.fromkeys(keys, config))
        made.usual = config
        return made

    def put(self, others: Mapping[int, RoomConfig]) -> None:
        """Shows some rooms in ways of their own."""
        self.update(others)
        self.apart |= others.keys()

    @cached_property
    def ways(self) -> Mapping[RoomConfig, RoomConfig]:
        """In which ways rooms are shown."""
        some = self if self.usual is None else self.apart
        found = {id(self[key]): self[key] for key in some}
        if self.usual is not None:
            found[id(self.usual)] = self.usual
        return {config: config for config in found.values()}


def changed(before: Mapping[int, RoomConfig], now: Visible) -> set[int]:
    """The rooms that are shown now, and were not before or otherwise."""
    if before is now:
        return set()
    if isinstance(before, Visible) and now.usual is not None and before.usual is now.usual:
        found = {*(now.keys() - before.keys())}
        candidates: Iterable[int] = (before.apart | now.apart) & now.keys()
    else:
        found, candidates = set(), now
    # By identity: a config that equals one of the view is the view's own object (``Showing._one``).
    found.update(key for key in candidates if before.get(key) is not now[key])
    return found
