"""A list's order while rooms change, also while it is being built."""

from dataclasses import dataclass, field

from syncv3.cache.index import ListIndex, Order
from syncv3.protocol.request import Filters, Sort


@dataclass
class Room:
    """``asked`` notes each time that a sort key is made of it."""

    room_id: str
    timestamp: int
    asked: list[str]

    def activity(self, _bump_types: frozenset[str] | None) -> int:
        self.asked.append(self.room_id)
        return self.timestamp


@dataclass
class User:
    """Stands for a ``CachedUser``: rooms by key, their timestamps as given."""

    times: dict[int, int]
    orders: list[Order] = field(default_factory=list)
    looked: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def rooms(self) -> dict[int, int]:
        return self.times

    def candidate(self, room_key: int) -> bool:
        return room_key in self.times

    def room(self, room_key: int) -> Room:
        self.looked += 1
        return Room(f"!{room_key:03}", self.times[room_key], self.asked)

    def index(self) -> ListIndex:
        order = self.orders[0] if self.orders else Order((Sort.RECENCY,), None)
        self.orders = [order]
        return ListIndex(self, Filters(), order)  # type: ignore[arg-type]

    def move(self, index: ListIndex, room_key: int, timestamp: int | None) -> None:
        if timestamp is None:
            del self.times[room_key]
        else:
            self.times[room_key] = timestamp
        self.orders[0].forget(room_key)
        index.dirty.add(room_key)


def built(user: User, index: ListIndex, piece: int = 3) -> list[int]:
    while not index.built:
        index.build(user, piece)  # type: ignore[arg-type]
    index.update(user)  # type: ignore[arg-type]
    return list(index.window())


def test_an_index_that_is_built_in_pieces_is_the_same() -> None:
    user = User({key: key * 7 % 10 for key in range(1, 11)})
    whole = user.index()
    whole.build(user)  # type: ignore[arg-type]
    assert built(user, user.index()) == list(whole.window())
    assert len(whole) == 10


def test_rooms_that_change_while_it_is_built_are_where_they_belong() -> None:
    user = User({key: key for key in range(1, 11)})
    index = user.index()
    index.build(user, 4)  # type: ignore[arg-type]
    for key, timestamp in ((10, 0), (1, 99), (5, None), (11, 50)):
        user.move(index, key, timestamp)
    assert built(user, index) == [1, 11, 9, 8, 7, 6, 4, 3, 2, 10]


def test_an_empty_index_is_built() -> None:
    user = User({})
    assert user.index().built and len(user.index()) == 0


def test_a_window_is_the_same_object_until_the_list_changes() -> None:
    user = User({key: key for key in range(1, 6)})
    index = user.index()
    built(user, index)
    first = index.window(0, 3)
    assert first == (5, 4, 3) and index.window(0, 3) is first
    user.move(index, 1, 1)
    index.update(user)  # type: ignore[arg-type]
    assert index.window(0, 3) is first
    user.move(index, 1, 9)
    index.update(user)  # type: ignore[arg-type]
    assert index.window(0, 3) == (1, 5, 4)


def test_lists_that_sort_alike_share_the_sort_keys() -> None:
    user = User({key: key for key in range(1, 6)})
    first, second = user.index(), user.index()
    assert built(user, first) == built(user, second) == [5, 4, 3, 2, 1]
    assert len(user.asked) == 5, "the second list makes none of its own"
