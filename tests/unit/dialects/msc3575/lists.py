"""A server's list as plainly as can be: all rooms in order, and what it shows of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from syncv3.protocol.request import Filters, ListSpec, Sort
from syncv3.protocol.response import ListChange, Window
from syncv3.types import RoomID


def rooms(names: str) -> tuple[RoomID, ...]:
    """A room per letter."""
    return tuple(RoomID(name) for name in names if name != " ")


@dataclass(frozen=True)
class Shown:
    """A list at one moment: what a connection remembers of it."""

    spec: ListSpec
    order: tuple[RoomID, ...]

    @property
    def windows(self) -> tuple[Window, ...]:
        return tuple(self.order[start:stop] for start, stop in self.spec.ranges)


def shown(order: str, *ranges: tuple[int, int], sort: Sort = Sort.RECENCY) -> Shown:
    """A list with these rooms and half-open ranges."""
    return Shown(ListSpec(ranges=ranges, sort=(sort,)), rooms(order))


def filtered(state: Shown, order: str) -> Shown:
    """The list with other filters, under which it has these rooms."""
    return Shown(replace(state.spec, filters=Filters(is_dm=True)), rooms(order))


def change(before: Shown | None, now: Shown, moved: Sequence[str] = ()) -> ListChange:
    """What the engine hands over; ``moved`` in order of the rooms' last updates."""
    return ListChange(
        spec=now.spec,
        windows=now.windows,
        count=len(now.order),
        before=before.spec if before else None,
        windows_before=before.windows if before else (),
        count_before=len(before.order) if before else 0,
        moved=tuple(RoomID(room) for room in moved),
        full_order=now.order if now.spec.all_rooms else None,
    )
