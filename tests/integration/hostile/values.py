"""Values that a hostile client, or a broken homeserver, may put anywhere."""

import json
import random
import re
from dataclasses import dataclass
from typing import Any, Final

from syncv3.untrusted import DEEPEST

_RANDOM: Final = random.Random(1)  # text that no index can compress
_HALF: Final = re.compile("[\ud800-\udfff]")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its name, and its JSON as the homeserver sends it."""

    name: str
    raw: bytes

    @property
    def is_deep(self) -> bool:
        """Whether it is too deep to be passed on, wherever it is."""
        return self.name.startswith("nested")

    @property
    def is_utf8(self) -> bool:
        try:
            self.raw.decode()
        except UnicodeDecodeError:
            return False
        return True

    @property
    def is_text(self) -> bool:
        return self.raw.startswith(b'"')

    @property
    def is_object(self) -> bool:
        return self.raw.startswith(b"{")

    @property
    def can_be_passed_on(self) -> bool:
        return self.is_utf8 and not self.is_deep

    @property
    def served(self) -> Any:
        """What a client reads of it: half a pair of surrogates has become U+FFFD."""
        return _mended(json.loads(self.raw))


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)  # the reader has joined all whole pairs
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value


def _text(length: int, letters: str = _LETTERS) -> bytes:
    return json.dumps("".join(_RANDOM.choices(letters, k=length)), ensure_ascii=False).encode()


def _arrays(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def _objects(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


_WIDE: Final = "".join(map(chr, range(0x4E00, 0x9FFF)))
_LONG: Final = _text(10_000)

VALUES: Final = {
    value.name: value
    for value in (
        Value("NUL in a text", rb'"a\u0000b"'),
        Value("only NUL", rb'"\u0000"'),
        Value("half a pair", rb'"x\ud800y"'),
        Value("a pair in the wrong order", rb'"\udc00\ud83d"'),
        Value("10 kB of text", _LONG),
        Value("4,000 wide characters", _text(4_000, _WIDE)),
        Value("text", b'"x"'),
        Value("no text", b'""'),
        Value("2^63", b"9223372036854775808"),
        Value("-2^63-1", b"-9223372036854775809"),
        Value("2^53", b"9007199254740992"),
        Value("400 digits", b"9" * 400),
        Value("1e400", b"1e400"),
        Value("-1e400", b"-1e400"),
        Value("-1", b"-1"),
        Value("-67914", b"-67914"),
        Value("0", b"0"),
        Value("a fraction", b"1.5"),
        Value("true", b"true"),
        Value("null", b"null"),
        Value("an array", b"[]"),
        Value("an array of odd things", rb'[null,5,"\u0000",[],{},1e400,"@x:y"]'),
        Value("an object", b"{}"),
        Value("an object of odd things", b'{"a":null,"b":1e400,"@x:y":5,"events":5,"content":5}'),
        Value("keys that come twice", b'{"a":1,"a":[],"events":[],"events":5,"type":1,"type":2}'),
        Value("a key with NUL", rb'{"a\u0000b":{}}'),
        Value("a key that is half a pair", rb'{"\ud800":{}}'),
        Value("a key of 10 kB", b"{%s:{}}" % _LONG),
        Value(f"nested {DEEPEST + 1} deep", _arrays(DEEPEST + 1)),
        Value("nested 940 deep", _objects(940)),
        Value("nested 980 deep", _arrays(980)),
        Value("nested 1,000 deep", _objects(1_000)),
        Value("nested 10,000 deep", _arrays(10_000)),
        Value("nested 10,000 deep in objects", _objects(10_000)),
        Value("not UTF-8", b'"\xff"'),
    )
}
