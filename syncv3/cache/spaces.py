"""Which rooms are children of which spaces (section 8.5), of the spaces that somebody asked about.

What one space names is known for all users of the process; whether a space counts for a user is
for the user to say. A lookup costs as many steps as there are spaces with the room, and a change
of one child one step, however many children the space has.
"""

from collections.abc import Collection, Iterable


class Spaces:
    """The children of spaces, by the keys of these. A space is *held* once it was put in."""

    def __init__(self) -> None:
        self._children: dict[int, set[str]] = {}
        self._parents: dict[str, set[int]] = {}

    def holds(self, space: int) -> bool:
        """Whether the children of the space are known."""
        return space in self._children

    def put(self, space: int, children: Iterable[str]) -> None:
        """All children of a space; it is held from now on."""
        self.drop(space)
        self._children[space] = set(children)
        for child in self._children[space]:
            self._parents.setdefault(child, set()).add(space)

    def change(self, space: int, child: str, *, valid: bool) -> bool:
        """Adds or takes away one child of a held space; whether that is a change."""
        children = self._children.get(space)
        if children is None or valid == (child in children):
            return False
        if valid:
            children.add(child)
            self._parents.setdefault(child, set()).add(space)
        else:
            children.discard(child)
            self._leave(space, child)
        return True

    def drop(self, space: int) -> None:
        """The space is not held any more."""
        for child in self._children.pop(space, ()):
            self._leave(space, child)

    def clear(self) -> None:
        self._children.clear()
        self._parents.clear()

    def parents(self, child: str) -> Collection[int]:
        """The held spaces that name the room."""
        return self._parents.get(child, ())

    def children_among(self, space: int, room_ids: Collection[str]) -> list[str]:
        """Those of some rooms that a held space names; as many steps as the smaller set has."""
        children = self._children.get(space, ())
        fewer, more = sorted((children, room_ids), key=len)
        return [room_id for room_id in fewer if room_id in more]

    def _leave(self, space: int, child: str) -> None:
        spaces = self._parents[child]
        spaces.discard(space)
        if not spaces:
            del self._parents[child]
