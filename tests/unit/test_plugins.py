"""What the enabled extensions declare, and what becomes of one that cannot say it."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw

from syncv3.errors import ConfigError
from syncv3.extension import API_VERSION, Extension
from syncv3.plugins import Plugins, load_extensions, warn_of_losses
from syncv3.watchdog import Watchdog

LIMIT_S = 0.1


class Plain(Extension):
    name = "plain"


class Future(Extension):
    name = "future"
    api_version = API_VERSION + 1


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
    time.sleep(60)  # it hangs
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
    "declares",
    [fail, hang, None, ["a", "b"], {"a": object()}],
    ids=["raises", "hangs", "nothing", "a list", "no JSON"],
)
def test_one_that_cannot_say_it_is_left_out_and_named(
    watchdog: Watchdog, declares: Any, caplog: pytest.LogCaptureFixture
) -> None:
    failures: list[tuple[str, str]] = []
    odd, good = Declaring("odd", declares), Declaring("good", {"good": True})
    plugins = Plugins([odd, good], watchdog, lambda *failure: failures.append(failure))
    assert plugins.features({}) == {"good": Raw(b"true")}
    assert failures == [("odd", "features")]
    assert [r.getMessage() for r in caplog.records] == ["Extension odd failed in features"]


Register = Callable[..., None]


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """Install a package that registers extensions: ``register("pkg", name="module:Class")``."""

    def install(package: str, **points: str) -> None:
        folder = tmp_path / f"{package}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        lines = [f"{name} = {value}" for name, value in points.items()]
        (folder / "entry_points.txt").write_text("\n".join(["[syncv3.extensions]", *lines, ""]))

    monkeypatch.syspath_prepend(tmp_path)
    return install


PLAIN = f"{__name__}:Plain"


def test_extensions_come_in_the_order_of_their_names(register: Register) -> None:
    register("one", plain=PLAIN)
    names = ("typing", "plain", "e2ee")
    assert tuple(extension.name for extension in load_extensions(names)) == names


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        pytest.param(("plain", "typing", "plain"), "'plain' is named more than once", id="twice"),
        pytest.param(("unknown",), "there is no extension 'unknown'", id="unknown"),
        pytest.param(("typing",), "'typing' is registered more than once", id="registered twice"),
        pytest.param(("future",), "version 2 of the extension hooks; this .* version 1", id="api"),
        pytest.param(("gone",), "'gone' cannot be imported: No module", id="no module"),
        pytest.param(("missing",), "'missing' cannot be imported: .*Missing", id="no class"),
        pytest.param(("other",), "'other' is .* calls itself 'plain'", id="another name"),
    ],
)
def test_what_cannot_be_enabled_is_refused_with_one_sentence(
    register: Register, names: tuple[str, ...], sentence: str
) -> None:
    register(
        "one", plain=PLAIN, typing=PLAIN, future=f"{__name__}:Future", gone="nowhere_at_all:Gone",
        missing=f"{__name__}:Missing", other=PLAIN,
    )  # fmt: skip
    with pytest.raises(ConfigError, match=sentence) as refused:
        load_extensions(names)
    assert "\n" not in str(refused.value)


def test_one_that_is_broken_and_not_enabled_stops_nobody(
    register: Register, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken_extension.py").write_text("raise ValueError")
    register("one", broken="broken_extension:Broken")
    with caplog.at_level(logging.WARNING):
        warn_of_losses(["typing", "to_device", "e2ee", "account_data", "receipts"])
    assert caplog.records == []
