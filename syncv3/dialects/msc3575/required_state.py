"""What the entries of ``required_state`` mean in MSC3575 (D-50 to D-55)."""

from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

from syncv3.protocol.required_state import MEMBER, StateKey, Wanted


@dataclass(frozen=True)
class RequiredState:
    """One source: a set of (type, state key) selectors, in the client's order.

    ``$ME`` is already replaced by the user's ID. ``lazy_members`` is the selector
    ``["m.room.member", "$LAZY"]``. Wildcards are ``*`` as a whole element.
    """

    entries: tuple[StateKey, ...] = ()
    lazy_members: bool = False

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.entries, self.lazy_members))

    @cached_property
    def number(self) -> int:
        """Tells one source from another, in every process and after a restart."""
        return crc32(repr((self.entries, self.lazy_members)).encode())

    @cached_property
    def wanted(self) -> Wanted:
        """What the entries mean as one set (D-51, D-54)."""
        pairs = frozenset(entry for entry in self.entries if "*" not in entry)
        # Beside "everything" the other entries do not add: they narrow their types (D-54).
        if ("*", "*") in self.entries:
            narrowed = {event_type for event_type, _ in pairs}
            if self.lazy_members:
                narrowed.add(MEMBER)
            return Wanted(pairs, everything_but=frozenset(narrowed), lazy=self.lazy_members)
        types = frozenset(event_type for event_type, key in self.entries if key == "*")
        keys = frozenset(key for event_type, key in self.entries if event_type == "*")
        return Wanted(pairs, types=types, keys=keys, lazy=self.lazy_members)
