"""A list in pieces is the list, whatever is in it."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncv3.upstream.pieces import PIECE_BYTES, read_list
from tests.support.costs import calls


class Answer(msgspec.Struct):
    chunk: list[Any] = []
    joined: dict[str, Any] = {}


decoder = msgspec.json.Decoder(Answer)
raw = msgspec.json.Decoder(dict[str, list[msgspec.Raw]])
texts = st.text() | st.sampled_from(['},{"', '},"', '\\"},{', "}", '"]}'])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
members = st.dictionaries(texts, values, max_size=4)
forms = st.sampled_from([(",", ":"), (", ", ": ")])


def written(answer: Mapping[str, Any], form: tuple[str, str]) -> bytes:
    whole = json.dumps(answer, ensure_ascii=False, separators=form)
    return whole.encode(errors="replace")


@given(st.lists(members, max_size=20) | st.lists(values, max_size=20), st.integers(0, 60), forms)
def test_an_array(whole: list[Any], size: int, form: tuple[str, str]) -> None:
    body = written({"chunk": whole, "joined": {"a": [{}, {}]}}, form)
    pieces = list(read_list(body, "chunk", decoder, size))
    assert [entry for piece in pieces for entry in piece.chunk] == decoder.decode(body).chunk
    assert pieces[-1].joined == {"a": [{}, {}]}


@given(st.dictionaries(texts, members | values, max_size=20), st.integers(0, 60), forms)
def test_an_object(whole: dict[str, Any], size: int, form: tuple[str, str]) -> None:
    body = written({"joined": whole}, form)
    pieces = [piece.joined for piece in read_list(body, "joined", decoder, size)]
    assert {k: v for piece in pieces for k, v in piece.items()} == decoder.decode(body).joined


def crowd(number: int, name: str = "A") -> bytes:
    """A list of so many members of that name."""
    member = {"type": "m.room.member", "content": {"displayname": name}, "unsigned": {}}
    return written({"chunk": [member] * number}, (",", ":"))


def test_pieces_are_small_however_many_members_there_are() -> None:
    sizes = [sum(map(len, map(bytes, piece["chunk"]))) for piece in
             read_list(crowd(10_000), "chunk", raw)]  # fmt: skip
    assert len(sizes) > 10
    assert max(sizes) <= PIECE_BYTES + 100


def test_names_that_look_like_the_end_of_a_piece_cost_little() -> None:
    """One member's name is as long as 16 pieces and has 5,000 such places in each."""
    body = crowd(1, "},{" * (16 * PIECE_BYTES // 3))[:-2] + b"," + crowd(100)[10:]
    assert calls(lambda: list(read_list(body, "chunk", raw))) < 500
    assert sum(len(piece["chunk"]) for piece in read_list(body, "chunk", raw)) == 101


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'{"chunk":[', b'{"chunk":["]"', b'{"chunk":[{},{}', b'{"chunk":1}'],
)
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        list(read_list(body, "chunk", decoder, 0))
