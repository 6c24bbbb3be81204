"""What is delivered where, and what the log says when it is not."""

import logging
from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from syncv3.errors import ConfigError
from syncv3.tracing.starting import Delivery, start
from syncv3.web.optional import load
from tests.support.sink import sink
from tests.unit.web.fakes import config


class Collector(SpanExporter):
    """Takes or refuses as it is told."""

    def __init__(self, *takes: bool) -> None:
        self._takes = list(takes)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.SUCCESS if self._takes.pop(0) else SpanExportResult.FAILURE


def test_a_collector_that_goes_away_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    delivery = Delivery(Collector(True, False, False, True, True))
    for _ in range(5):
        delivery.export(())
    assert caplog.messages == [
        "traces cannot be delivered: the collector does not take them",
        "traces are delivered again",
    ]


def test_it_starts_and_stops_with_a_collector_that_is_away() -> None:
    with sink() as gone:
        url = gone.url
    start(config(otlp_url=url))()


def test_an_extra_that_is_not_installed_is_one_sentence() -> None:
    with pytest.raises(ConfigError, match=r"SYNCV3_OTLP_URL needs .* pip install '.*\[x\]'"):
        load("not_there_at_all", "SYNCV3_OTLP_URL", "x")


def test_a_module_of_ours_that_is_missing_is_a_bug() -> None:
    with pytest.raises(ModuleNotFoundError):
        load("syncv3.not_there", "SYNCV3_OTLP_URL", "x")
