"""Whether the homeserver answers, as the questions of late have shown, and how fast it does.

Nothing is asked for this: polls and other questions go on all the time, and each tells. What they
tell is shown by the health page, and counted for the metrics.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from syncv3.errors import HomeserverError
from syncv3.metrics import Metrics

# The last part of a path that says what was asked: labels of a metric must be few.
KINDS: Final = frozenset(
    {"sync", "versions", "whoami", "members", "joined_members", "messages", "context", "state"}
)


@dataclass(slots=True)
class Exchanged:
    """One question. Whoever asks it notes the ``status`` of the answer; 0: there is none."""

    status: int = 0


class Contact:
    """Watches each question; counts them, and remembers how the last ones ended."""

    def __init__(self, metrics: Metrics | None = None) -> None:
        self._metrics = metrics
        self._answered = self._failed = float("-inf")

    @contextmanager
    def asking(self, path: str) -> Iterator[Exchanged]:
        """Surrounds a question, and notes how it ends. One that its asker gives up tells nothing
        of the homeserver."""
        question, began = Exchanged(), time.monotonic()
        try:
            yield question
        except HomeserverError:  # other errors, such as a cancellation, are not the homeserver's
            self._ended(path, question.status, began)
            raise
        self._ended(path, question.status, began)

    def _ended(self, path: str, status: int, began: float) -> None:
        """Notes how a question has ended, and counts it.

        A refusal is an answer, too. A 5xx is none: reverse proxies say so when the homeserver is
        away.
        """
        now = time.monotonic()
        if 0 < status < 500:
            self._answered = now
        else:
            self._failed = now
        if self._metrics is not None:
            self._metrics.upstream_requests.labels(str(status)).inc()
            self._metrics.upstream_duration.labels(kind_of(path)).observe(now - began)

    @property
    def state(self) -> str:
        """Whether the homeserver answers, in a word or two for people and scripts."""
        # Both are still minus infinity.
        if self._failed == self._answered:
            return "not asked yet"
        return "ok" if self._answered > self._failed else "failing"


def kind_of(path: str) -> str:
    """What was asked, as one of ``KINDS`` or ``other``. Paths themselves have room and event IDs
    in them."""
    parts = path.partition("?")[0].split("/")
    return next((part for part in reversed(parts) if part in KINDS), "other")
