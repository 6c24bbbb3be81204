import io
import json
import logging
from collections.abc import Iterator

import pytest
import tracerite

from syncv3 import logs


@pytest.fixture(autouse=True)
def _loggers_as_they_were() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], _ = before
    root.setLevel(before[1])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(form: str, message: str, stream: io.StringIO | None = None, **extra: object) -> str:
    stream = stream or io.StringIO()
    logs.set_up("info", form, stream)
    logging.getLogger("syncv3.test").info(message, extra=extra)
    return stream.getvalue()


@pytest.mark.rules("O-60")
def test_a_line_is_time_level_message_and_values() -> None:
    line = written("text", "connection closed", why="idle", rooms=3)
    assert line[2] == line[5] == ":"
    assert line[8:] == " INF connection closed why=idle rooms=3\n"


@pytest.mark.rules("O-60", "O-C6")
def test_only_a_terminal_sees_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in written("text", "x", Terminal())
    assert "\x1b[" not in written("text", "x")


@pytest.mark.rules("O-C6")
def test_json_lines_are_one_object_each() -> None:
    line = json.loads(written("json", "connection\nclosed", why="idle"))
    assert (line["level"], line["message"], line["why"]) == ("info", "connection\nclosed", "idle")


@pytest.mark.rules("O-6H")
@pytest.mark.parametrize("form", ["text", "json"])
def test_what_looks_like_a_token_is_hidden(form: str) -> None:
    line = written(form, "failed", url="/sync?access_token=syt_abc&x=1", header="Bearer syt_def")
    assert "syt_" not in line


@pytest.mark.rules("O-6H")
@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "text",
    [
        "invalid input for query argument $2: 'my secret' (expected int)",
        "invalid input for query argument $2 in element #1 of executemany() sequence: my secret",
        "duplicate key value\nDETAIL:  Key (room_id)=(my secret) already exists.",
        "could not convert string to float: 'my secret'",
    ],
)
def test_the_value_that_an_error_is_about_is_hidden(form: str, text: str) -> None:
    stream = io.StringIO()
    logs.set_up("info", form, stream)
    logger = logging.getLogger("syncv3.test")
    try:
        raise ValueError(text)
    except ValueError as error:
        logger.exception("failed")
        logger.warning("Stopping: %s", error, extra={"reason": repr(error)})
    assert "secret" not in stream.getvalue()
    assert stream.getvalue().count("<hidden>") == 3
    if form == "json":
        assert all(json.loads(line) for line in stream.getvalue().splitlines())


def test_a_value_cannot_start_a_line_of_its_own() -> None:
    assert written("text", "x", room="a\nERR forged").count("\n") == 1


def test_all_lines_of_a_request_say_whose_it_is() -> None:
    logs.begin_request()
    logs.note(u="@a:hs", c="main", r=5)
    assert written("text", "x").endswith(" INF x u=@a:hs c=main\n")
    logs.begin_request()
    assert written("text", "x").endswith(" INF x\n")


def test_a_traceback_shows_no_values() -> None:
    """The framework's command line patches logging so that it would."""
    tracerite.load()
    stream = io.StringIO()
    logs.set_up("info", "text", stream)
    secret = "value-of-a-variable"
    try:
        raise ValueError(len(secret))
    except ValueError:
        logging.getLogger("syncv3.test").exception("It failed")
    assert "ValueError: 19" in stream.getvalue()
    assert '"value-of' not in stream.getvalue().replace('secret = "value-of-a-variable"', "")
    assert logging.StreamHandler.emit.__module__ == "logging"
