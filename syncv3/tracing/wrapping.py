"""Functions that open a span, call the original, and close the span.

A span has a name, times, who asked (user, device, connection) and the text of statements,
which are constants with ``$1`` in the place of values. It never has arguments, results or the
texts of errors: there may be a token or a message in them.

Spans form traces, by which one is the parent of which. There are three kinds of traces: a client's
request, one turn of a poller, and work that nobody waits for. Most wrappers (``inner``, ``plain``)
only make a span below the current one, and none where there is none. Two places are harder:

- A request may start a poller, which goes on long after the request has been answered. Its spans
  are no part of the request (``detached``).
- A group has parts of several polls, A, B and C. Its span can have one parent only: that is A's.
  With those of B and C it is linked, in both directions (``entry``, ``group``).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import wraps
from typing import Any, Final
from weakref import WeakKeyDictionary

from opentelemetry.context import Context, attach, detach
from opentelemetry.trace import (
    Link,
    Span,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    get_current_span,
    set_span_in_context,
)

from syncv3 import logs
from syncv3.tracing import headers

Call = Callable[..., Any]
Wrap = Callable[[Call], Call]
Attributes = Mapping[str, str | int | bool]

STATEMENT_MOST: Final = 2000
"""Characters of a statement that its span has."""
NOTED: Final = {"u": "user_id", "dev": "device_id", "c": "conn_id", "t": "txn_id"}
"""Fields of the access line that are attributes of its request's span (O-81)."""
LINKS_MOST: Final = 100  # of a span; a group may have hundreds of parts


class Wraps:
    """Makes wrappers, each for one kind of place, with one tracer."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._of_entries: WeakKeyDictionary[Any, Span] = WeakKeyDictionary()

    @contextmanager
    def _open(
        self,
        name: str,
        context: Context | None = None,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes | None = None,
        links: Sequence[Link] = (),
    ) -> Iterator[Span]:
        """A span that is the current one meanwhile; ``context`` has its parent (None: the
        current span)."""
        span = self._tracer.start_span(name, context, kind, attributes, links)
        token = attach(set_span_in_context(span, context))
        try:
            yield span
        except asyncio.CancelledError:  # no failure: a client that hangs up, or a part that stops
            span.set_attribute("cancelled", True)
            raise
        except BaseException as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            detach(token)
            span.end()

    def inner(self, name: str, kind: SpanKind = SpanKind.INTERNAL) -> Wrap:
        """For a coroutine function: a span below the current one; nothing where there is none."""

        def wrap(original: Call) -> Call:
            @wraps(original)
            async def traced(*args: Any, **more: Any) -> Any:
                if not get_current_span().is_recording():
                    return await original(*args, **more)
                with self._open(name, kind=kind):
                    return await original(*args, **more)

            return traced

        return wrap

    def plain(self, name: str) -> Wrap:
        """The same for a function that waits for nothing."""

        def wrap(original: Call) -> Call:
            @wraps(original)
            def traced(*args: Any, **more: Any) -> Any:
                if not get_current_span().is_recording():
                    return original(*args, **more)
                with self._open(name):
                    return original(*args, **more)

            return traced

        return wrap

    def lock(self, original: Call) -> Call:
        """``Lock.acquire``: a span if somebody has the lock, say an earlier request of the same
        connection."""
        waiting = self.inner("wait for turn")(original)

        @wraps(original)
        def traced(lock: asyncio.Lock) -> Any:
            # Most locks are free: spans of no length would hide the others.
            return waiting(lock) if lock.locked() else original(lock)

        return traced

    def detached(self, original: Call) -> Call:
        """For what a request starts and does not wait for: it is no part of the request."""

        @wraps(original)
        async def traced(*args: Any, **more: Any) -> Any:
            token = attach(Context())
            try:
                return await original(*args, **more)
            finally:
                detach(token)

        return traced

    def sync(self, original: Call) -> Call:
        """``Engine.sync``: first requests have a name of their own."""
        first, later = self.inner("answer first request"), self.inner("answer request")
        of_first, of_later = first(original), later(original)

        @wraps(original)
        def traced(
            engine: Any, device: Any, token: Any, dialect: Any, request: Any, **more: Any
        ) -> Awaitable[Any]:
            called = of_later if request.pos else of_first
            return called(engine, device, token, dialect, request, **more)  # type: ignore[no-any-return]

        return traced

    def request(self, original: Call) -> Call:
        """``App.handle_request``: the span of a request, in the trace that its headers name."""

        @wraps(original)
        async def traced(app: Any, request: Any) -> Any:
            context = headers.read(request.headers)
            name = "Sync" if request.path.endswith("/sync") else f"HTTP {request.method}"
            with self._open(name, context, kind=SpanKind.SERVER) as span:
                # Fields of the access line are noted from here on; the span gets them at the end.
                logs.begin_request()
                try:
                    return await original(app, request)
                finally:
                    span.set_attributes(_of_request(request))

        return traced

    def poll(self, original: Call) -> Call:
        """One turn of a poller: a trace of its own."""

        @wraps(original)
        async def traced(poller: Any, *args: Any) -> Any:
            device = poller.device
            who = {"user_id": device.user_id, "device_id": device.device_id}
            with self._open("Poll", Context(), attributes=who):
                return await original(poller, *args)

        return traced

    def root(self, name: str) -> Wrap:
        """Work that nobody waits for: a trace of its own."""

        def wrap(original: Call) -> Call:
            @wraps(original)
            async def traced(*args: Any) -> Any:
                with self._open(name, Context()):
                    return await original(*args)

            return traced

        return wrap

    def entry(self, original: Call) -> Call:
        """``Entry.__init__``: remembers whose part it is, for the group that will write it."""

        @wraps(original)
        def traced(entry: Any, *args: Any, **more: Any) -> None:
            original(entry, *args, **more)
            span = get_current_span()
            if span.is_recording():
                self._of_entries[entry.done] = span

        return traced

    def group(self, original: Call) -> Call:
        """``Committer._write``: parts of several polls are written together.

        The group's span is a child of the first one's; it and the others link to each other.
        """

        @wraps(original)
        async def traced(committer: Any, entries: Sequence[Any]) -> Any:
            known = (self._of_entries.get(entry.done) for entry in entries)
            spans = [span for span in known if span is not None][:LINKS_MOST]
            if not spans or get_current_span().is_recording():  # or one of a group, tried alone
                return await original(committer, entries)
            context = set_span_in_context(spans[0], Context())
            links = [Link(span.get_span_context()) for span in spans[1:]]
            size = {"parts": len(entries), "size": sum(entry.size for entry in entries)}
            with self._open("write group", context, attributes=size, links=links) as span:
                for other in spans[1:]:
                    other.add_link(span.get_span_context())
                return await original(committer, entries)

        return traced

    def statement(self, original: Call) -> Call:
        """A method of a database connection whose first argument is a statement."""

        @wraps(original)
        async def traced(connection: Any, query: str, *args: Any, **more: Any) -> Any:
            if not get_current_span().is_recording():
                return await original(connection, query, *args, **more)
            text = " ".join(query.split())
            about = {"db.system.name": "postgresql", "db.query.text": text[:STATEMENT_MOST]}
            verb = re.match(r"\w{1,20}", text)
            name = verb[0].upper() if verb else "statement"
            with self._open(name, kind=SpanKind.CLIENT, attributes=about):
                return await original(connection, query, *args, **more)

        return traced

    # -- what carries the trace on to the homeserver -----------------------------------

    def fetch(self, original: Call) -> Call:
        """``Transport.fetch``: its second argument are headers."""

        @wraps(original)
        def traced(transport: Any, path: str, sent: Mapping[str, str], *a: Any, **m: Any) -> Any:
            return original(transport, path, dict(headers.replaced(sent.items())), *a, **m)

        return traced

    def exchange(self, original: Call) -> Call:
        """``LongPollClient._exchange``: its second argument is the head of a request."""

        @wraps(original)
        def traced(client: Any, connection: Any, head: bytes, *args: Any) -> Any:
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.written().items())
            return original(client, connection, head[:-2] + lines.encode() + b"\r\n", *args)

        return traced

    def passing(self, original: Callable[..., AbstractAsyncContextManager[Any]]) -> Call:
        """``Upstream.ask`` of the gateway, whose third argument are the headers."""

        @wraps(original)
        @asynccontextmanager
        async def traced(upstream: Any, method: str, target: Any, pairs: Any, body: Any) -> Any:
            with self._open("pass on", kind=SpanKind.CLIENT):
                sent = headers.replaced(pairs)
                async with original(upstream, method, target, sent, body) as response:
                    yield response

        return traced


def _of_request(request: Any) -> dict[str, str | int]:
    """What is known of a request when it has been answered; nothing that it said."""
    noted = logs.noted()
    known: dict[str, str | int] = {
        name: str(noted[key]) for key, name in NOTED.items() if noted.get(key)
    }
    known["http.request.method"] = str(request.method)
    if request.route is not None:
        known["http.route"] = f"/{request.route.path}"
    status = getattr(getattr(request.stream, "response", None), "status", None)
    if status is not None:
        known["http.response.status_code"] = int(status)
    return known
