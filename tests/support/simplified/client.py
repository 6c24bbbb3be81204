"""The client of ``tests.support.client`` as it would speak the unstable simplified dialect."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from tests.support.client import Response, RoomObject, SlidingClient
from tests.support.room import JSON
from tests.support.simplified.wire import Dialect


class SimplifiedClient(SlidingClient):
    """Nothing is sticky, so it says again what it was given before; it keeps rooms for good.

    It understands the same requests of a test. ``Connection`` checks far more, and is for tests
    of the dialect itself.
    """

    path: ClassVar[str] = Dialect.U.path

    def come_back(self) -> None:
        super().come_back()
        self._said: dict[str, Any] = {}

    async def sync(self, *, lists: Mapping[str, JSON] | None = None, **request: Any) -> Response:
        given = {"lists": lists, **request}
        self._said |= {
            name: given[name]
            for name in ("lists", "subscriptions", "extensions")
            if given.get(name) is not None
        }
        return await super().sync(**given | self._said)

    def take(self, response: Response) -> None:
        """Windows come whole, if they have changed (S-118), and in the range that was asked for."""
        lists = response.raw["lists"]
        for name in lists:
            if lists[name].get("ops"):
                self.lists[name].rooms.clear()
        told = {name: {**told, "ops": [_clipped(op) for op in told.get("ops", ())]}
                for name, told in lists.items()}  # fmt: skip
        super().take(replace(response, raw={**response.raw, "lists": told}))

    def _take_room(self, room_id: str, room: RoomObject) -> None:
        if room.raw.get(Dialect.U.expanded) and room_id in self.rooms:
            self.rooms[room_id].timeline = []  # it reaches back behind what was there
        super()._take_room(room_id, room)


def _clipped(op: JSON) -> JSON:
    """The operation with the range of the rooms that it has."""
    first = op["range"][0]
    return {**op, "range": [first, first + len(op["room_ids"]) - 1]}
