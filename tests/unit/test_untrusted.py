"""Reading JSON that anybody may have written: one value costs at most that value."""

import json
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from syncv3.untrusted import (
    DEEPEST,
    KEPT_LEVELS,
    LONGEST_ID,
    MOST_DIGITS,
    Unfit,
    copy_json,
    decode,
    finish,
    is_deep,
    is_id,
    list_of,
    object_of,
    prune,
    pruned,
    raw_list,
    raw_object,
    read,
    text,
    with_whole_pairs,
)

TEXT = st.text(alphabet='[]{}",:\\a\x00\u00e9', max_size=8)
JSON = st.recursive(
    st.none() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=30,
)


def arrays(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def objects(depth: int, inside: bytes = b"1") -> bytes:
    return b'{"a":' * depth + inside + b"}" * depth


def depth_of(value: Any) -> int:
    """How many levels a value has, by the definition."""
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


def levels(raw: bytes) -> int:
    """The same of text that Python's reader would be too shallow for."""
    depth = deepest = 0
    in_string = escaped = False
    for char in raw.decode():
        if in_string:
            in_string = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


# Depth


@pytest.mark.parametrize("nested", [arrays, objects])
def test_a_value_may_have_so_many_levels_and_not_one_more(nested: Callable[[int], bytes]) -> None:
    assert not is_deep(nested(DEEPEST))
    assert is_deep(nested(DEEPEST + 1))
    assert copy_json(nested(DEEPEST)) == nested(DEEPEST)
    with pytest.raises(Unfit):
        copy_json(nested(DEEPEST + 1))


@pytest.mark.parametrize(
    "wide",
    [b"[" + b"[]," * 500 + b"[]]", json.dumps("[" * 500 + '"{').encode(), rb'["\\",[],"\"[[["]'],
)
def test_brackets_that_open_no_level_do_not_count(wide: bytes) -> None:
    assert not is_deep(wide)


@given(value=JSON)
def test_what_is_shallow_is_left_as_it_is(value: Any) -> None:
    for raw in (json.dumps(value).encode(), json.dumps(value, ensure_ascii=False).encode()):
        assert pruned(raw) == raw
        assert levels(raw) == depth_of(value)


@given(value=JSON, depth=st.integers(1, 400))
def test_what_is_deep_is_cut_at_the_same_level_everywhere(value: Any, depth: int) -> None:
    """Around a deep value all stays; of it so much that it is still too deep."""
    raw = b'{"before":%s,"deep":%s,"after":%s}' % (
        json.dumps(value).encode(), objects(depth, json.dumps(value).encode()),
        json.dumps(value).encode(),
    )  # fmt: skip
    cut = pruned(raw)
    kept = raw_object(cut)
    assert levels(cut) == min(levels(raw), KEPT_LEVELS + 1)
    assert [json.loads(bytes(kept[name])) for name in ("before", "after")] == [value, value]
    assert is_deep(bytes(kept["deep"])) == (depth + depth_of(value) > DEEPEST)


@pytest.mark.parametrize("depth", [10, 900, 985, 1_000, 10_000, 300_000])
def test_one_deep_value_hides_nothing_that_is_beside_it(depth: int) -> None:
    raw = b'{"a":%s,"b":%s,"c":3}' % (arrays(depth), objects(depth))
    table = msgspec.json.Decoder(dict[str, Raw])
    for found in (decode(table, raw), finish(read(table, raw))):
        assert bytes(found["c"]) == b"3"
        assert is_deep(bytes(found["a"])) == is_deep(bytes(found["b"])) == (depth > DEEPEST)


def test_cutting_breathes() -> None:
    raw = b"[" + b'{"a":"b"},' * 200_000 + arrays(1_000) + b"]"
    work = prune(raw)
    breaths = sum(1 for _ in work)
    assert breaths >= 2


@pytest.mark.parametrize(
    "raw",
    [b'"' + b'\\"' * 1_000_000, b'"a' * 1_000_001, b" " * 3_000_000, b"]" * 500_000],
    ids=["escapes", "quotes", "spaces", "ends"],
)
def test_what_is_no_json_is_cut_in_linear_time(raw: bytes) -> None:
    """Twice the text takes about twice the time: a hundred times would be quadratic."""
    started = time.process_time()
    pruned(raw[: len(raw) // 2])
    half = time.process_time() - started
    pruned(raw)
    assert time.process_time() - started < 20 * half + 0.5


# Numbers


def test_a_number_may_have_so_many_digits_and_not_one_more() -> None:
    for number in (b"9" * (MOST_DIGITS + 1), b"0." + b"9" * 5_000):
        with pytest.raises(Unfit):
            copy_json(b'{"a":%s}' % number)
    for fit in (b'{"a":%s}' % (b"9" * MOST_DIGITS), b'{"a":"%s"}' % (b"9" * 5_000)):
        assert copy_json(fit) == fit


# Text and identifiers


@pytest.mark.parametrize("bad", [None, 5, "", "a\x00b", [], {}, True])
def test_what_cannot_be_text_is_absent(bad: object) -> None:
    assert text(bad) is None


def test_good_text_is_text_however_long() -> None:
    assert text("a" * 10_000) == "a" * 10_000


@pytest.mark.parametrize(
    ("value", "good"),
    [("a" * LONGEST_ID, True), ("\u00e9" * LONGEST_ID, True), ("", True), ("a" * 256, False),
     ("a\x00", False), (5, False), (None, False)],
)  # fmt: skip
def test_identifiers_are_short_text_without_nul(value: object, good: bool) -> None:
    assert is_id(value) == good


# Objects and lists


@pytest.mark.parametrize("odd", [b"1e400", b"-1e400", b"1" * 5_000, b'"\xff"'])
def test_a_value_that_cannot_be_read_is_absent_and_the_others_are_there(odd: bytes) -> None:
    assert object_of(b'{"a":%s,"b":2}' % odd) == {"b": 2}
    assert list_of(b'["a",%s,"b"]' % odd) == ["a", "b"]


def test_of_keys_that_come_twice_the_last_counts() -> None:
    assert object_of(b'{"a":1,"a":2}') == {"a": 2}


@pytest.mark.parametrize("other", [b"", b"5", b"null", b'"x"', b"{", b"\xff", arrays(5_000)])
def test_what_is_no_object_or_list_is_empty(other: bytes) -> None:
    assert object_of(other) == {} and raw_object(other) == {}
    assert list_of(other) is None or other == arrays(5_000)
    assert raw_list(other) == [] or other == arrays(5_000)


def test_a_text_with_half_a_pair_and_something_deep_is_read_too() -> None:
    raw = rb'{"a":"\ud800","b":' + arrays(5_000) + rb',"c":"\ud83d\ude00"}'
    found = finish(read(msgspec.json.Decoder(dict[str, Raw]), raw))
    assert json.loads(bytes(found["a"])) == "\ufffd"
    assert json.loads(bytes(found["c"])) == "\U0001f600"


def test_where_there_are_no_surrogates_there_is_nothing_to_mend() -> None:
    assert with_whole_pairs(rb'"\n\u00e9\\ud800"') is None
