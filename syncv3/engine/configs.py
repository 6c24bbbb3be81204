"""The configs with which rooms of one connection were sent, each once and with a number.

Thousands of rooms share a handful of them. So a room's row has a number, and the connection's
row what it stands for. A client may send another config with each request and have rooms keep
them all: beyond a bound those that the fewest rooms have are forgotten. Of these rooms nothing
counts as sent then, which makes answers longer and never wrong.
"""

from collections import Counter
from collections.abc import Container, Mapping
from typing import Final, NamedTuple, Protocol

import msgspec
from msgspec.structs import replace

from syncv3.engine.view import Sent
from syncv3.protocol.request import RoomConfig
from syncv3.protocol.required_state import StateKey

# A client decides how many there are and how large each is: so both are bounded.
MOST: Final = 64
MOST_BYTES: Final = 256 * 1024
NOTHING: Final = RoomConfig()
NO_STATE: Final = frozenset[StateKey]()
FORGOTTEN: Final = 0
"""A number that stands for nothing."""


class Effective(NamedTuple):
    """What a room was sent with: see ``Sent``."""

    config: RoomConfig
    kept: frozenset[StateKey]
    inside: bool

    @classmethod
    def of(cls, sent: Sent, config: RoomConfig) -> "Effective":
        return cls(config, sent.kept, sent.inside)


class ConfigWriter(Protocol):
    """Writes configs down: see ``syncv3.engine.dialect.Dialect``."""

    def write_config(self, config: RoomConfig) -> bytes | None: ...

    def read_config(self, stored: bytes) -> RoomConfig | None: ...


class _Entry(msgspec.Struct):
    number: int
    config: bytes
    kept: tuple[StateKey, ...] = ()
    inside: bool = False


class _Form(msgspec.Struct):
    next: int = 1
    entries: tuple[msgspec.Raw, ...] = ()


_entry, _form = msgspec.json.Decoder(_Entry), msgspec.json.Decoder(_Form)


class Configs:
    """Those of one connection. A number is never used for another config.

    ``needed``: without its config nothing is known of a room. Otherwise its number says enough,
    and configs are stored only while they are ``wanted``.
    """

    def __init__(
        self, writer: ConfigWriter, stored: bytes | None = None, *, needed: bool = True
    ) -> None:
        self._writer = writer
        self._needed = needed
        self.wanted = needed
        self._numbers: dict[Effective, int] = {}
        self._known: dict[int, Effective] = {}
        self._written: dict[int, bytes] = {}
        self._next = 1
        if stored:
            form = _form.decode(stored)
            self._next = form.next
            for raw in form.entries:
                self._read(bytes(raw))

    def __len__(self) -> int:
        return len(self._known)

    def _read(self, written: bytes) -> None:
        entry = _entry.decode(written)
        config = self._writer.read_config(entry.config)
        if config is not None:
            self._add(entry.number, Effective(config, frozenset(entry.kept), entry.inside), written)

    def _add(self, number: int, effective: Effective, written: bytes) -> None:
        self._numbers[effective] = number
        self._known[number] = effective
        self._written[number] = written

    def add(self, sent: Sent) -> None:
        """Takes in what a room was sent with, if its dialect stores that."""
        if not self.wanted or sent.config is None:
            return
        effective = Effective.of(sent, sent.config)
        if effective in self._numbers:
            return
        config = self._writer.write_config(sent.config)
        if config is not None:
            entry = _Entry(self._next, config, tuple(sorted(sent.kept)), sent.inside)
            self._add(self._next, effective, msgspec.json.encode(entry))
            self._next += 1

    def number(self, sent: Sent) -> int | None:
        """What stands for it in the room's row. None: only the number of its config does."""
        if sent.config is None:
            return None
        number = self._numbers.get(Effective.of(sent, sent.config))
        if number is None and self._needed and self._writer.write_config(sent.config) is not None:
            return FORGOTTEN
        return number

    def sent(self, number: int | None, sent: Sent) -> Sent:
        """A room as it was ``sent``, of which the row tells all but the config: with the config
        that the number stands for. Nothing counts as sent of it if that was forgotten."""
        if number is None:
            return sent
        effective = self._known.get(number)
        if effective is None:
            return nothing_of(sent)
        return replace(sent, **effective._asdict())

    def write(self) -> bytes:
        """The stored form; empty if there never was one."""
        if self._next == 1:
            return b""
        entries = tuple(map(msgspec.Raw, self._written.values()))
        return msgspec.json.encode(_Form(self._next, entries))

    def too_many(self) -> bool:
        """Whether some must be forgotten."""
        return len(self._known) > MOST or self._bytes() > MOST_BYTES

    def _bytes(self) -> int:
        return sum(map(len, self._written.values()))

    def forget_surplus(
        self, rooms: Mapping[int, Sent], shown: Container[int]
    ) -> Mapping[int, Sent]:
        """Forgets until a half of what is allowed is left: first those that no room has, then
        those that the fewest have, of these the oldest. Gives what the rooms count as then.

        Rooms that are shown keep their config: or they would be sent again with each answer.
        """
        # Down to a half at once, so that it is not done again with the next config.
        used = Counter(self._numbers.get(Effective.of(sent, sent.config))
                       for sent in rooms.values() if sent.config is not None)  # fmt: skip
        surplus = sorted(self._known, key=lambda number: (used[number], number), reverse=True)
        while len(surplus) > MOST // 2 or self._bytes() > MOST_BYTES // 2:
            number = surplus.pop()
            del self._numbers[self._known.pop(number)], self._written[number]
        return {
            key: self._without_forgotten(sent, shown=key in shown) for key, sent in rooms.items()
        }

    def _without_forgotten(self, sent: Sent, *, shown: bool) -> Sent:
        if sent.config is None or Effective.of(sent, sent.config) in self._numbers:
            return sent
        return replace(sent, kept=NO_STATE, kept_upto=0) if shown else nothing_of(sent)


def nothing_of(sent: Sent) -> Sent:
    """A room that the client has, but nothing in it counts as sent."""
    return replace(sent, config_id=NOTHING.number, config=NOTHING, kept=NO_STATE, kept_upto=0)
