"""What the enabled extensions declare, and what becomes of one that cannot say it."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from msgspec import Raw

from syncv3.extension import Extension
from syncv3.plugins import Plugins
from syncv3.watchdog import Watchdog

LIMIT_S = 0.1


class Plain(Extension):
    name = "plain"


class Declaring(Extension):
    """Declares what it is told to."""

    def __init__(self, name: str, declares: Any) -> None:
        self.name = name  # type: ignore[misc]
        self.declares = declares
        self.asked: list[Mapping[str, Any]] = []

    def features(self, upstream: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(upstream)
        if callable(self.declares):
            return self.declares()  # type: ignore[no-any-return]
        return self.declares  # type: ignore[no-any-return]


def fail() -> Mapping[str, Any]:
    raise ValueError("odd")


def hang() -> Mapping[str, Any]:
    time.sleep(60)
    return {}


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    running = Watchdog(LIMIT_S)
    running.start()
    yield running
    running.stop()


@pytest.mark.rules("S-572")
def test_each_is_asked_with_what_the_homeserver_has(watchdog: Watchdog) -> None:
    first = Declaring("first", {"a": True, "both": 1})
    second = Declaring("second", {"both": {"of": ["them"]}})
    plugins = Plugins([first, Plain(), second], watchdog, lambda *_: None)
    added = plugins.features({"upstream": True})
    assert added == {"a": Raw(b"true"), "both": Raw(b'{"of":["them"]}')}
    assert first.asked == second.asked == [{"upstream": True}]


@pytest.mark.parametrize(
    "declares", [fail, hang, None, ["a", "b"], {"a": object()}], ids=str
)  # fmt: skip
def test_one_that_cannot_say_it_is_left_out_and_counted(watchdog: Watchdog, declares: Any) -> None:
    failures: list[tuple[str, str]] = []
    odd, good = Declaring("odd", declares), Declaring("good", {"good": True})
    plugins = Plugins([odd, good], watchdog, lambda *failure: failures.append(failure))
    assert plugins.features({}) == {"good": Raw(b"true")}
    assert failures == [("odd", "features")]
