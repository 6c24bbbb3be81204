"""Starts to trace, when ``SYNCV3_OTLP_URL`` says where traces go (O-17, O-81).

The collector may be slow or away. The service must not notice: spans are delivered by a thread, in
batches, and what cannot be delivered is dropped. The log hears of that once, and not at each batch.
"""

import logging
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from syncv3.config import Config
from syncv3.tracing.seams import install
from syncv3.tracing.wrapping import Wraps
from syncv3.version import service_version

log = logging.getLogger(__name__)

EXPORT_S: Final = 5.0
"""How long one delivery to the collector may take, and the last one when the service ends."""


def start(config: Config) -> Callable[[], None]:
    """Measure from now on; gives what ends it and sends the last spans.

    Spans are sent in batches by a thread. What a collector that is away does not take is lost.
    """
    assert config.otlp_url is not None
    # It would complain of a collector that is away with each batch, and show what it sends.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    provider = TracerProvider(
        resource=Resource.create({"service.name": "sliding-sync", "version": service_version()}),
        # ``stop`` does it, within a bound.
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(
        f"{config.otlp_url}/v1/traces", headers=_login(config), timeout=EXPORT_S
    )
    provider.add_span_processor(BatchSpanProcessor(Delivery(exporter)))
    uninstall = install(Wraps(provider.get_tracer("syncv3", service_version())))

    def stop() -> None:
        uninstall()
        provider.force_flush(int(EXPORT_S * 1000))
        provider.shutdown()

    return stop


class Delivery(SpanExporter):
    """Delivers spans, and tells the log when the collector goes away and when it is back."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._arrives = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        arrives = result is SpanExportResult.SUCCESS
        if self._arrives and not arrives:
            log.warning("traces cannot be delivered: the collector does not take them")
        elif arrives and not self._arrives:
            log.info("traces are delivered again")
        self._arrives = arrives
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


def _login(config: Config) -> dict[str, str]:
    """The header of basic authentication, if both halves are set (O-18)."""
    if config.otlp_login is None:
        return {}
    pair = b64encode(":".join(config.otlp_login).encode()).decode()
    return {"Authorization": f"Basic {pair}"}
