"""Configs of rooms that were stored are the same when they are read again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncv3.dialects.msc4186.dialect import MSC4186
from syncv3.dialects.simplified.dialect import Simplified
from syncv3.dialects.simplified.required_state import selection
from syncv3.protocol.request import RoomConfig, union

TEXTS = st.text(max_size=3) | st.sampled_from(["*", "$ME", "m.room.member"])
SELECTORS = st.lists(st.tuples(st.none() | TEXTS, st.none() | TEXTS), max_size=4)
SELECTIONS = st.builds(selection, SELECTORS, SELECTORS, lazy=st.booleans())


@pytest.mark.rules("S-57", "S-250")
@pytest.mark.parametrize("dialect", [Simplified(), MSC4186()])
@given(st.lists(st.tuples(st.integers(0, 50), SELECTIONS), min_size=1, max_size=3), st.booleans())
def test_a_stored_config_is_equal_and_has_the_same_number(
    dialect: Simplified | MSC4186, parts: list[tuple[int, object]], heroes: bool
) -> None:
    config = union(
        RoomConfig(limit, () if source is None else (source,), heroes)  # type: ignore[arg-type]
        for limit, source in parts
    )
    again = dialect.read_config(dialect.write_config(config))
    assert again == config and again is not None
    assert (again.number, again.wanted) == (config.number, config.wanted)


@pytest.mark.parametrize("stored", [b"", b"{", b"[]", b'{"limit": "x"}', b'{"state": [7]}'])
def test_what_cannot_be_read_is_not_known(stored: bytes) -> None:
    assert Simplified().read_config(stored) is None


def test_what_is_stored_is_short() -> None:
    request = json.dumps({"lists": {"a": {"timeline_limit": 1, "required_state": [["t", "k"]]}}})
    dialect = Simplified()
    asked = dialect.ask(dialect.read(request.encode(), {}), None, me="@me:hs")  # type: ignore[arg-type]
    stored = dialect.write_config(asked.lists["a"].config)
    assert stored == b'{"limit":1,"state":[{"include":[["t","k"]]}],"heroes":true}'
