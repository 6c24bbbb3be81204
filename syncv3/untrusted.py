"""How JSON is read that anybody may have written.

One value costs at most that value: what cannot be read, stored or passed on counts as
absent, and all that stands beside it is used. An event nested deeper than ``DEEPEST``
levels, or with a number of more than ``MOST_DIGITS``, counts as none (docs/decisions.md):
some clients refuse a whole answer for it, and our own readers and the database's are
recursive.
"""

import asyncio
import re
from collections.abc import Generator
from contextlib import closing
from itertools import accumulate
from mmap import mmap
from time import perf_counter
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Raw

DEEPEST: Final = 100
"""Levels of arrays and objects that an event, or another value as a client gets it, may have."""
MOST_DIGITS: Final = 1_000
"""Digits that a number may have; some clients' readers give up at 4,300."""
KEPT_LEVELS: Final = 200
"""Levels that ``prune`` leaves: an answer has six above an event, so what it cuts is too deep."""
LONGEST_ID: Final = 255
"""Characters of an identifier. Homeservers refuse longer ones; our indexes hold three of these."""
BREATH_S: Final = 0.005
"""How long may be worked at a stretch before others must run."""

T = TypeVar("T")


class Unfit(ValueError):
    """A value is JSON, but no client can be sent it."""


UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Unfit)
"""What reading hostile JSON may raise; ``DecodeError`` includes wrong types."""

_any = msgspec.json.Decoder()
_object = msgspec.json.Decoder(dict[str, Raw])
_array = msgspec.json.Decoder(list[Raw])

_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_strings = re.compile(_STRING, re.DOTALL)
_long_number = re.compile(rb"[0-9]{%d}" % (MOST_DIGITS + 1))
_to_bracket = re.compile(rb'(?:[^][{}"]++|' + _STRING + rb")*+([][{}]|\Z)", re.DOTALL)
# What is not a bracket, to be taken out at once: brackets are then counted without a loop.
_NO_BRACKET: Final = bytes(set(range(256)) - set(b"[]{}"))
_STEP: Final = [{"[": 1, "{": 1}.get(chr(byte), -1) for byte in range(256)]
_OPENING: Final = b"[{"
_CLOCK_EVERY: Final = 256  # brackets between two looks at the clock


# -- text ----------------------------------------------------------------------------


def is_storable(*texts: str | None) -> bool:
    """PostgreSQL's text holds no NUL; names that do are nobody's real names (U-191)."""
    for text in texts:  # noqa: SIM110 (a generator costs thrice, for every event)
        if text is not None and "\x00" in text:
            return False
    return True


def is_id(text: object) -> bool:
    """Whether a value can be an identifier here: of an event, a user, a type, a state key."""
    return isinstance(text, str) and len(text) <= LONGEST_ID and "\x00" not in text


def text(value: object) -> str | None:
    """A string that is not empty and can be stored; None for all else."""
    return value if isinstance(value, str) and value and "\x00" not in value else None


# -- values, of which some cannot be read --------------------------------------------


def value_of(json: Raw | bytes) -> Any:
    """One JSON value; None where it is absent or cannot be read."""
    if not json:
        return None
    try:
        return _any.decode(json)
    except UNREADABLE:
        return None


def object_of(json: Raw | bytes) -> dict[str, Any]:
    """The values of a JSON object that can be read; none if it is no object."""
    try:
        found = _any.decode(json)
    except UNREADABLE:
        return _readable(json)
    return found if isinstance(found, dict) else {}


def _readable(json: Raw | bytes) -> dict[str, Any]:
    """An object of which some value cannot be read: the others."""
    found = {}
    for key, raw in raw_object(json).items():
        try:
            found[key] = _any.decode(raw)
        except UNREADABLE:
            continue
    return found


def raw_object(json: Raw | bytes) -> dict[str, Raw]:
    """The fields of a JSON object, each unread; none if it is no object."""
    try:
        return _object.decode(json)
    except UNREADABLE:
        return {}


def list_of(json: Raw | bytes) -> list[Any] | None:
    """The values of a JSON array that can be read, in their order; None if it is no array."""
    try:
        found = _any.decode(json)
    except UNREADABLE:
        return _readable_items(json)
    return found if isinstance(found, list) else None


def _readable_items(json: Raw | bytes) -> list[Any] | None:
    try:
        items = _array.decode(json)
    except UNREADABLE:
        return None
    return [found for found in map(value_of, items) if found is not None]


def raw_list(json: bytes) -> list[bytes]:
    """Copies of the values of a JSON array, each unread; none if it is no array."""
    try:
        return [bytes(item) for item in decode(_array, json)]
    except UNREADABLE:
        return []


# -- depth ---------------------------------------------------------------------------


def is_deep(json: bytes) -> bool:
    """Whether a JSON value has more than ``DEEPEST`` levels. ``[]`` has one."""
    if json.count(b"{") + json.count(b"[") <= DEEPEST:
        return False
    brackets = _strings.sub(b"", json).translate(None, _NO_BRACKET)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > DEEPEST


def has_long_number(json: bytes) -> bool:
    """Whether a number in a JSON value has more than ``MOST_DIGITS`` digits."""
    if len(json) <= MOST_DIGITS or _long_number.search(json) is None:
        return False
    return _long_number.search(_strings.sub(b"", json)) is not None


def check_fit(json: bytes) -> None:
    """Raises ``Unfit`` for a value that would make a client's whole answer unreadable."""
    if is_deep(json):
        raise Unfit(f"more than {DEEPEST} levels")
    if has_long_number(json):
        raise Unfit(f"a number of more than {MOST_DIGITS} digits")


def is_fit(json: bytes) -> bool:
    """Whether clients can be sent a value."""
    return not (is_deep(json) or has_long_number(json))


def copy_text(json: Raw | bytes) -> bytes:
    """The bytes of one JSON value; raises ``UnicodeDecodeError`` if they are not UTF-8.

    The JSON reader skips over broken UTF-8 in values that it need not look into; passed
    on, it would make a client's whole answer unreadable.
    """
    copied = bytes(json)
    if not copied.isascii():
        copied.decode()
    return copied


def copy_json(json: Raw | bytes) -> bytes:
    """The same of a value that clients can be sent; raises ``UNREADABLE`` errors."""
    copied = copy_text(json)
    check_fit(copied)
    return copied


def prune(json: bytes | mmap | Raw) -> Generator[None, None, bytes]:
    """``json`` with every array and object below level ``KEPT_LEVELS`` emptied.

    For the JSON reader, which is recursive also where it only skips: one deep value would
    make it refuse all that is around. What has been cut is still deeper than ``DEEPEST``,
    so nobody takes it for a good value. Linear; yields None to breathe.
    """
    view = memoryview(json)
    pieces: list[bytes] = []
    kept = depth = cut = 0
    pause_at = perf_counter() + BREATH_S
    for number, found in enumerate(_to_bracket.finditer(view)):
        at = found.start(1)
        if at == len(view):
            break
        if view[at] in _OPENING:
            depth += 1
            if depth == KEPT_LEVELS + 1:
                cut = at + 1
        else:
            if depth == KEPT_LEVELS + 1:
                pieces.append(bytes(view[kept:cut]))
                kept = at
            depth -= 1
        if number % _CLOCK_EVERY == 0 and perf_counter() > pause_at:
            yield
            pause_at = perf_counter() + BREATH_S
    pieces.append(bytes(view[kept:]))
    return b"".join(pieces)


def pruned(json: bytes | Raw) -> bytes:
    """The same at once, for what is small."""
    return finish(prune(json))


def decode(decoder: "msgspec.json.Decoder[T]", json: Raw | bytes) -> T:
    """What ``json`` holds, also where something in it is too deep for the reader.

    Raises the other errors of ``UNREADABLE``.
    """
    try:
        return decoder.decode(json)
    except RecursionError:
        return decoder.decode(pruned(json))


def read(decoder: "msgspec.json.Decoder[T]", json: bytes) -> Generator[None, None, T]:
    """The same of a large answer, also with half pairs of surrogates. Yields None to breathe."""
    for _ in range(2):
        try:
            return decoder.decode(json)
        except RecursionError:
            json = yield from prune(json)
        except msgspec.DecodeError:
            mended = with_whole_pairs(json)
            if mended is None:
                raise
            json = mended
    return decoder.decode(json)


def mend(json: bytes) -> Generator[None, None, bytes]:
    """A large answer without what only our reader stumbles over. Yields None to breathe."""
    shallow = yield from prune(json)
    return with_whole_pairs(shallow) or shallow


# -- surrogates ----------------------------------------------------------------------

_SURROGATE: Final = re.compile(
    rb"\\(?<!\\\\)"  # the first of some backslashes: searched for as fast as memory is read
    rb"((?:\\\\)*+)u"  # an even number of others: the last one escapes
    rb"(?:([dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"  # a pair
    rb"|[dD][89a-fA-F][0-9a-fA-F]{2})"  # half a pair
)


def with_whole_pairs(json: bytes | mmap) -> bytes | None:
    """``json`` with lone surrogates replaced by U+FFFD; None if there are no surrogates.

    The JSON reader refuses all of a text that has half a pair anywhere.
    """
    if _SURROGATE.search(json) is None:
        return None

    def replace(found: "re.Match[bytes]") -> Any:
        return found[0] if found[2] else b"\\" + found[1] + b"ufffd"

    return _SURROGATE.sub(replace, json)


# -- work in slices ------------------------------------------------------------------


def finish(work: Generator[None, None, T]) -> T:
    """The result of work that would let others run now and then, without letting them."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result


async def in_breaths(work: Generator[None, None, T]) -> T:
    """The result of work, letting others run at each breath."""
    with closing(work):
        while True:
            try:
                next(work)
            except StopIteration as end:
                result: T = end.value
                return result
            await asyncio.sleep(0)
