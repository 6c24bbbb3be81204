"""What all dialects do to read a request: JSON into shapes, and bounds on its values.

Whatever a client says wrong it is told in a sentence; nothing of it reaches the engine.

Every value that a client sends is later compared, stored or looked up, some of them for each of
thousands of rooms. So each has a bound here, whatever its dialect; bounds of sums are in the
dialects' ``values.py``.
"""

import re
from collections.abc import Iterator, Mapping, Sized
from typing import Final, TypeVar

import msgspec

from syncv3.errors import BadJSON, InvalidParam, NotJSON

MAX_LISTS: Final = 100
MAX_RANGES: Final = 100
MAX_REQUIRED_STATE: Final = 1_000
MAX_FILTER_VALUES: Final = 1_000
MAX_ROOM_NAME_BYTES: Final = 1_000
MAX_EXTENSION_NAMES: Final = 10_000
MAX_INTEGER: Final = 2**53 - 1  # the largest that JSON of other makes can carry

NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # PostgreSQL stores no text with one in it

T = TypeVar("T")

_any = msgspec.json.Decoder()


def decode(decoder: msgspec.json.Decoder[T], raw: bytes | msgspec.Raw, what: str = "") -> T:
    """The value of a shape.

    Raises ``NotJSON``, or ``BadJSON`` that says where in ``what`` it is of another shape.
    """
    try:
        try:
            return decoder.decode(raw)
        except msgspec.ValidationError as error:
            _any.decode(raw)  # what is found wrong first may stand in front of what is no JSON
            raise BadJSON(f"{what}{error}") from error
    except RecursionError as error:
        raise BadJSON("nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotJSON(f"{what}{error}") from error


class ExtensionJson(msgspec.Struct, frozen=True):
    """The fields whose meaning is the same in every extension; the others are its own."""

    enabled: bool | None = None
    lists: list[str] | None = None
    rooms: list[str] | None = None
    limit: int | None = None
    since: str | None = None


_shapes: msgspec.json.Decoder[ExtensionJson | None] = msgspec.json.Decoder(ExtensionJson | None)
_values = msgspec.json.Decoder(dict[str, object])


def read_extensions(
    given: Mapping[str, msgspec.Raw], known: frozenset[str]
) -> Iterator[tuple[str, ExtensionJson, dict[str, object]]]:
    """Each extension's object that is not null, as a shape and as it is.

    Those not ``known`` are left out. Raises ``BadJSON`` and ``InvalidParam``.
    """
    for name in given.keys() & known:
        raw, what = given[name], f"extension {name}: "
        shape = decode(_shapes, raw, what)
        if shape is not None:
            check_count(f"lists in extension {name}", shape.lists, MAX_EXTENSION_NAMES)
            check_count(f"rooms in extension {name}", shape.rooms, MAX_EXTENSION_NAMES)
            yield name, shape, decode(_values, raw, what)


def refuse_nul(raw: bytes) -> None:
    """Raises ``InvalidParam`` if a string of this JSON has a character that cannot be stored."""
    if b"\\u0000" in raw and NUL.search(raw):
        raise InvalidParam("a string contains U+0000")


def check_size(what: str, text: str | None, limit: int) -> None:
    """Raises ``InvalidParam`` for a text of too many bytes."""
    if text is not None and len(text.encode()) > limit:
        raise InvalidParam(f"{what} is longer than {limit} bytes")


def check_count(what: str, values: Sized | None, limit: int) -> None:
    """Raises ``InvalidParam`` for too many of something."""
    if values is not None and len(values) > limit:
        raise InvalidParam(f"more than {limit} {what}")


def check_filter_values(filters: msgspec.Struct) -> None:
    """Raises ``InvalidParam`` for a filter with too many values, whichever it is."""
    for field in filters.__struct_fields__:
        values = getattr(filters, field)
        if values.__class__ is list:
            check_count(field, values, MAX_FILTER_VALUES)


def check_not_negative(what: str, number: int | None, limit: int = MAX_INTEGER) -> None:
    """Raises ``InvalidParam`` for a number that is negative or too large."""
    if number is not None and not 0 <= number <= limit:
        raise InvalidParam(f"{what} is out of range")
