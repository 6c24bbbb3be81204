"""Which trace a request belongs to: read from its headers, passed on to the homeserver (O-81).

W3C trace context, W3C baggage and Jaeger's headers are read, and all of them are passed on.

A client's request names the span that it belongs to, say in ``traceparent``. Our span becomes a
child of that one. When something is asked of the homeserver meanwhile, its headers name our span,
and not the client's, so that the homeserver's spans hang below ours.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.propagators.jaeger import JaegerPropagator
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_FORMS: Final = CompositePropagator(
    [JaegerPropagator(), TraceContextTextMapPropagator(), W3CBaggagePropagator()]
)
# What may stand in a header: no line break can be in it.
_NAME: Final = re.compile(r"[\w.~-]{1,200}", re.ASCII)
_VALUE: Final = re.compile(r"[!-~]{1,8192}")
# Headers that say which span a request belongs to. They are ours to write: a client's are dropped.
OWN: Final = ("traceparent", "tracestate", "baggage", "uber-trace-id")
OWN_PREFIX: Final = "uberctx-"


def read(headers: Mapping[str, str]) -> Context:
    """The trace that the client's headers name; an empty context if they name none."""
    return _FORMS.extract({name: headers[name] for name in headers}, context=Context())


def written() -> dict[str, str]:
    """The headers that make the homeserver's spans children of the current one.

    Baggage comes from clients, percent-encoded, and Jaeger's form decodes its names: one with
    a line break in it would begin a header of the client's choice. Such a one is left out.
    """
    headers: dict[str, str] = {}
    _FORMS.inject(headers)
    return {n: v for n, v in headers.items() if _NAME.fullmatch(n) and _VALUE.fullmatch(v)}


def is_own(name: str) -> bool:
    """Whether a client's header is replaced by one of ours when a request is passed on."""
    return name.lower() in OWN or name.lower().startswith(OWN_PREFIX)


def replaced(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Headers that are passed on, as part of the current span."""
    return [*(pair for pair in pairs if not is_own(pair[0])), *written().items()]
