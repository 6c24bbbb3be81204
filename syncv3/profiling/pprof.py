"""Profiles in the form that ``go tool pprof`` reads: gzipped protobuf (``profile.proto``).

The few messages are written by hand: no library of Python that writes them is kept up, and
protobuf's own would need the generated code of a file that is Go's.

A message is a run of fields, each with a tag and a value: a number (``_number``), or bytes with
their length before them (``_message``), which may be a message again. The numbers of tags are those
of ``profile.proto``. Texts, functions and places are written once, and named by numbers; a text by
its index in the table of strings, of which the first must be empty.
"""

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

# The two kinds of values that are used, by protobuf's numbers.
VARINT: Final = 0
BYTES: Final = 2


class CodeLine(NamedTuple):
    """A line that was being executed, and the function that it is in."""

    function: str
    file: str
    line: int
    first_line: int = 0


Stack = tuple[CodeLine, ...]
"""Places from the outermost call to the innermost."""


class Unit(NamedTuple):
    """What a number counts, and in which unit: ``("cpu", "nanoseconds")``."""

    kind: str
    unit: str


@dataclass(frozen=True)
class Profile:
    """Stacks, each with as many numbers as there are ``units``.

    ``time_ns`` is when it began, since the epoch. ``period``: how much of the last unit passed
    between two samples.
    """

    units: tuple[Unit, ...]
    samples: Mapping[Stack, tuple[int, ...]]
    time_ns: int
    duration_ns: int = 0
    period: int = 1

    def packed(self) -> bytes:
        """The profile as the file that ``go tool pprof`` reads."""
        return gzip.compress(_Writer().profile(self), mtime=0)


@dataclass
class _Writer:
    """Writes one profile. Strings, functions and places get their numbers when they are first
    met."""

    strings: dict[str, int] = field(default_factory=lambda: {"": 0})
    functions: dict[tuple[str, str, int], int] = field(default_factory=dict)
    places: dict[CodeLine, int] = field(default_factory=dict)

    def profile(self, profile: Profile) -> bytes:
        """The whole message. Each step may add to the tables that a later one writes: samples find
        places, these find functions, and all of them strings. So strings are written last."""
        units = [self._unit(unit) for unit in profile.units]
        samples = [self._sample(stack, n) for stack, n in profile.samples.items()]
        places = [self._place(place, number) for place, number in list(self.places.items())]
        functions = [self._function(*each) for each in self.functions.items()]
        numbers = (_number(9, profile.time_ns), _number(10, profile.duration_ns))
        period = (_message(11, units[-1]), _number(12, profile.period))
        default = _number(14, self.string(profile.units[-1].kind))
        return b"".join(
            (
                *(_message(1, each) for each in units),
                *(_message(2, each) for each in samples),
                *(_message(4, each) for each in places),
                *(_message(5, each) for each in functions),
                *(_message(6, text.encode()) for text in self.strings),
                *numbers,
                *period,
                default,
            )
        )

    def string(self, text: str) -> int:
        """The index of a text, which is added if it is new."""
        return self.strings.setdefault(text, len(self.strings))

    def _unit(self, unit: Unit) -> bytes:
        return _number(1, self.string(unit.kind)) + _number(2, self.string(unit.unit))

    def _sample(self, stack: Stack, numbers: Iterable[int]) -> bytes:
        # The format has the innermost call first.
        ids = [self.places.setdefault(place, len(self.places) + 1) for place in reversed(stack)]
        return _message(1, _packed(ids)) + _message(2, _packed(numbers))

    def _place(self, place: CodeLine, number: int) -> bytes:
        key = (place.function, place.file, place.first_line)
        function = self.functions.setdefault(key, len(self.functions) + 1)
        line = _number(1, function) + _number(2, place.line)
        return _number(1, number) + _message(4, line)

    def _function(self, key: tuple[str, str, int], number: int) -> bytes:
        name, file, first_line = key
        named = self.string(name)
        numbers = ((1, number), (2, named), (3, named), (4, self.string(file)), (5, first_line))
        return b"".join(_number(each, value) for each, value in numbers)


def _varint(value: int) -> bytes:
    """A number in groups of 7 bits, the lowest first; the high bit says that more follow."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def _number(tag: int, value: int) -> bytes:
    return _varint(tag << 3 | VARINT) + _varint(value)


def _message(tag: int, body: bytes) -> bytes:
    return _varint(tag << 3 | BYTES) + _varint(len(body)) + body


def _packed(values: Iterable[int]) -> bytes:
    return b"".join(map(_varint, values))
