"""What a collector of traces has been sent, read as OTLP's own library reads it."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.sink import Taken


class Span(NamedTuple):
    name: str
    trace: bytes
    id: bytes
    parent: bytes
    attributes: dict[str, Any]
    links: list[bytes]
    resource: dict[str, str]


def spans_of(taken: Iterable[Taken]) -> list[Span]:
    """All spans in the order of their ends."""
    found = []
    for each in taken:
        request = ExportTraceServiceRequest.FromString(each.body)
        for of_resource in request.resource_spans:
            resource = {a.key: a.value.string_value for a in of_resource.resource.attributes}
            for scope in of_resource.scope_spans:
                found += [_span(span, resource) for span in scope.spans]
    return found


def _span(span: Any, resource: dict[str, str]) -> Span:
    attributes = {
        each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes
    }
    links = [link.span_id for link in span.links]
    return Span(
        span.name, span.trace_id, span.span_id, span.parent_span_id, attributes, links, resource
    )


def way_up(span: Span, spans: Sequence[Span]) -> list[str]:
    """The names of a span and all above it, up to its trace's first."""
    by_id = {each.id: each for each in spans}
    names = [span.name]
    while span.parent in by_id:
        span = by_id[span.parent]
        names.append(span.name)
    return names
