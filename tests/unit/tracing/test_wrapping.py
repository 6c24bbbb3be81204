"""Spans of single functions: when there is one, below which, and what it never has."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry.context import Context, attach, detach
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from syncv3.tracing import headers
from syncv3.tracing.wrapping import Wraps

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SECRET = "syt_secret"


class Traced:
    """Wrappers, and the spans that they have made."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.wraps = Wraps(provider.get_tracer("test"))

    @property
    def ended(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    @property
    def spans(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self.ended}


@pytest.fixture
def traced() -> Traced:
    return Traced()


async def says(*_: object) -> str:
    return "said"


async def fails(*_: object) -> str:
    raise LookupError(SECRET)


def context_of(span: ReadableSpan) -> Any:
    assert span.context is not None
    return span.context


async def test_below_nothing_there_is_no_span(traced: Traced) -> None:
    assert await traced.wraps.inner("part")(says)() == "said"
    assert traced.wraps.plain("part")(lambda: 7)() == 7
    assert await traced.wraps.statement(says)(None, "SELECT 1") == "said"
    assert traced.spans == {}


async def test_a_span_is_below_the_one_that_calls_it(traced: Traced) -> None:
    inner = traced.wraps.inner("part")(says)
    assert await traced.wraps.root("all")(inner)() == "said"
    part, whole = traced.spans["part"], traced.spans["all"]
    assert part.parent is not None and part.parent.span_id == context_of(whole).span_id
    assert whole.parent is None


@pytest.mark.rules("O-83")
async def test_an_error_leaves_its_kind_and_not_its_text(traced: Traced) -> None:
    with pytest.raises(LookupError):
        await traced.wraps.root("all")(traced.wraps.inner("part")(fails))()
    for span in traced.spans.values():
        assert span.status.description == "LookupError"
        assert SECRET not in span.to_json() and not span.events


async def test_who_hangs_up_is_no_error(traced: Traced) -> None:
    async def waits() -> None:
        await asyncio.Event().wait()

    task = asyncio.create_task(traced.wraps.root("all")(waits)())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert traced.spans["all"].status.is_ok or traced.spans["all"].status.is_unset
    assert dict(traced.spans["all"].attributes or {}) == {"cancelled": True}


async def test_a_statement_has_its_text_and_no_values(traced: Traced) -> None:
    asks = traced.wraps.statement(says)

    async def run() -> None:
        await asks(None, "SELECT a\n  FROM t WHERE b = $1", SECRET)

    await traced.wraps.root("all")(run)()
    attributes = dict(traced.spans["SELECT"].attributes or {})
    assert attributes["db.query.text"] == "SELECT a FROM t WHERE b = $1"
    assert SECRET not in traced.spans["SELECT"].to_json()


async def test_a_group_of_several_polls_is_below_the_first_and_linked(traced: Traced) -> None:
    entries: list[Any] = []

    class Part(SimpleNamespace):
        """Stands for an entry, whose future is what it is known by."""

    def put(part: Part, done: object) -> None:
        part.done, part.size = done, 3

    put_in = traced.wraps.entry(put)

    async def one() -> None:
        part = Part()
        put_in(part, asyncio.get_running_loop().create_future())
        entries.append(part)

    await traced.wraps.root("poll 1")(one)()
    await traced.wraps.root("poll 2")(one)()
    await traced.wraps.group(says)(None, entries)
    group, first, second = (traced.spans[n] for n in ("write group", "poll 1", "poll 2"))
    assert group.parent is not None and group.parent.span_id == context_of(first).span_id
    assert [link.context.span_id for link in group.links] == [context_of(second).span_id]
    assert dict(group.attributes or {}) == {"parts": 2, "size": 6}


async def test_a_lock_is_a_span_where_it_is_waited_for(traced: Traced) -> None:
    lock = asyncio.Lock()
    acquire = traced.wraps.lock(asyncio.Lock.acquire)

    async def two() -> None:
        assert await acquire(lock)
        asyncio.get_running_loop().call_soon(lock.release)
        assert await acquire(lock)

    await traced.wraps.root("all")(two)()
    assert [span.name for span in traced.ended] == ["wait for turn", "all"]


async def test_what_a_request_starts_is_no_part_of_it(traced: Traced) -> None:
    later = traced.wraps.detached(traced.wraps.inner("later")(says))
    assert await traced.wraps.root("request")(later)() == "said"
    assert traced.spans.keys() == {"request"}


@pytest.mark.rules("O-81")
@pytest.mark.parametrize(
    "sent",
    [{"traceparent": f"00-{TRACE}-{SPAN}-01"}, {"uber-trace-id": f"{TRACE}:{SPAN}:0:1"}],
    ids=["w3c", "jaeger"],
)
async def test_a_clients_trace_goes_on_to_the_homeserver(
    traced: Traced, sent: dict[str, str]
) -> None:
    seen: dict[str, str] = {}

    async def handle(_app: object, _request: object) -> None:
        await traced.wraps.inner("asks")(fetch)()

    async def fetch() -> None:
        await traced.wraps.fetch(note)(None, "/whoami", {"Authorization": "Bearer x"})

    async def note(_transport: object, _path: str, headers: dict[str, str]) -> None:
        seen.update(headers)

    request = SimpleNamespace(
        headers=sent, path="/x/sync", method="POST", route=None, stream=SimpleNamespace()
    )
    await traced.wraps.request(handle)(None, request)
    assert format(context_of(traced.spans["Sync"]).trace_id, "032x") == TRACE
    asked = format(context_of(traced.spans["asks"]).span_id, "016x")
    assert seen["traceparent"] == f"00-{TRACE}-{asked}-01"
    assert seen["uber-trace-id"].startswith(f"{TRACE}:{asked}:")
    assert seen["Authorization"] == "Bearer x"


@pytest.mark.rules("O-81")
@pytest.mark.parametrize(
    "sent",
    [
        {"baggage": "a%0d%0aevil:%20yes=1"},
        {"uberctx-a b": "1"},
        {"baggage": "a=%0d%0aevil"},
        {"traceparent": "rubbish", "baggage": ";;;==,"},
        {"uber-trace-id": ":::::"},
    ],
)
def test_no_client_writes_a_header_of_its_own(traced: Traced, sent: dict[str, str]) -> None:
    trace = {"traceparent": f"00-{TRACE}-{SPAN}-01", "uber-trace-id": f"{TRACE}:{SPAN}:0:1"}
    token = attach(headers.read(trace | sent))
    try:
        written = headers.written()
    finally:
        detach(token)
    assert not any(c in f"{n}{v}" for n, v in written.items() for c in "\r\n :" if c != ":")
    assert not any(":" in name for name in written)


async def test_a_long_poll_has_the_headers_behind_its_own(traced: Traced) -> None:
    heads: list[bytes] = []

    async def exchange(_client: object, _connection: object, head: bytes) -> None:
        heads.append(head)

    wrapped: Callable[..., Any] = traced.wraps.exchange(exchange)
    head = b"GET /sync HTTP/1.1\r\nHost: hs\r\n\r\n"

    async def run() -> None:
        await wrapped(None, None, head)

    await traced.wraps.root("Poll")(run)()
    assert heads[0].startswith(head[:-2]) and heads[0].endswith(b"\r\n\r\n")
    assert heads[0].count(b"\r\n\r\n") == 1 and b"traceparent: 00-" in heads[0]


def test_without_a_trace_nothing_is_written() -> None:
    token = attach(Context())
    try:
        assert headers.replaced([("Accept", "*/*"), ("traceparent", "x")]) == [("Accept", "*/*")]
    finally:
        detach(token)
