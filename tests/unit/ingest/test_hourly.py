"""Telling once an hour."""

import pytest

from syncv3.ingest import hourly
from syncv3.ingest.hourly import AGAIN_S, Hourly


def test_each_thing_is_due_at_once_and_after_an_hour() -> None:
    now = [0.0]
    telling = Hourly(lambda: now[0])
    assert [telling.due(key) for key in ("a", "a", "b", "b")] == [True, False, True, False]
    now[0] = AGAIN_S - 1
    assert not telling.due("a")
    now[0] = AGAIN_S
    assert [telling.due("a"), telling.due("a")] == [True, False]


def test_so_much_is_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hourly, "REMEMBERED", 2)
    telling = Hourly()
    assert all(map(telling.due, "abc"))
    assert telling.due("a") and not telling.due("c")
