"""The profiling listener: profiles tell paths and names of functions, and cost time to take.

So it listens on this machine unless it is told otherwise, takes one profile at a time, and
answers no page of another site that an operator's browser has open.

It has a thread and a loop of its own. The loop that serves clients is the one that is watched, and
may hang: that is when somebody wants to know where. The page ``threads`` answers even then. What
has to run in the watched loop itself, such as looking at its tasks, is sent there (``_there``).
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from html import escape
from typing import Any, Final, TypeVar

from aiohttp import web

from syncv3.errors import ConfigError
from syncv3.profiling import heap, sampling, timeline, waiting
from syncv3.settings import ListenAddress

LOOPBACK: Final = "127.0.0.1"
# What a browser on this machine calls it. Other names may lead here too, by DNS of a stranger.
NEAR: Final = ("127.", "localhost", "[::1]")
MOST_S: Final = 120.0  # that a profile may take
CLOSED_S: Final = 0.2  # that a profile which is being taken gets when the service ends
HARMLESS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline';"
    " style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
"""What stands in these pages is ours, but for names of functions; nothing else is loaded."""
PAGES: Final = {
    "profile?seconds=30": "processor time, for go tool pprof",
    "flamegraph?seconds=30": "processor time, as a page",
    "heap?seconds=10": "memory that is allocated meanwhile and kept, for go tool pprof",
    "trace?seconds=1": "every call on a line of time, for ui.perfetto.dev",
    "goroutine": "what tasks wait for, for go tool pprof",
    "goroutine?debug=1": "the same as text",
    "threads": "what each thread is at, also when the loop hangs",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_T = TypeVar("_T")


class ProfilingListener:
    """Serves ``/debug/pprof/`` from a thread until it is closed; ``loop`` is what it watches."""

    def __init__(self, address: ListenAddress, loop: asyncio.AbstractEventLoop) -> None:
        """Raises ``ConfigError`` when the address cannot be listened on (O-4)."""
        self._watched = loop
        self._address = address
        self._busy = False
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self.port = 0
        self._failed: OSError | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="profiling", daemon=True)
        self._thread.start()
        self._ready.wait()  # for the port, or why there is none
        if self._failed is not None:
            self._thread.join()
            reason = self._failed.strerror or str(self._failed)
            raise ConfigError(f"SYNCV3_PPROF: cannot listen on {address}: {reason}.")

    def close(self) -> None:
        """Ends the thread. Profiles that are being taken are cut off."""
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        runner = web.AppRunner(
            self._app(), access_log=None, shutdown_timeout=CLOSED_S, handler_cancellation=True
        )
        await runner.setup()
        try:
            await self._site(runner).start()
            self.port = runner.addresses[0][1] if not self._address.path else 0
        except OSError as error:
            self._failed = error
        self._ready.set()
        if self._failed is None:
            await self._closing.wait()
        await runner.cleanup()

    def _site(self, runner: web.AppRunner) -> web.BaseSite:
        if self._address.path:
            return web.UnixSite(runner, self._address.path)
        return web.TCPSite(runner, self._address.host or LOOPBACK, self._address.port)

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard])
        handlers: dict[str, Handler] = {
            "": self._index,
            "profile": self._profile,
            "flamegraph": self._flamegraph,
            "heap": self._heap,
            "trace": self._trace,
            "goroutine": self._tasks,
            "threads": self._threads,
        }
        for path, handler in handlers.items():
            app.router.add_get(f"/debug/pprof/{path}", handler)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Not for pages of other sites, whose requests come from the operator's own browser.

        A browser says in ``Sec-Fetch-Site`` whose page asks. One too old for that is caught by the
        ``Host``: a name of another site that was made to point at this machine is none of ours.
        """
        site = request.headers.get("Sec-Fetch-Site", "none")
        host = request.headers.get("Host", "localhost")
        near = (self._address.host or LOOPBACK).startswith(("127.", "localhost", "::1"))
        if site not in ("none", "same-origin") or (near and not host.startswith(NEAR)):
            raise web.HTTPForbidden(text="not for other sites\n")
        response = await handler(request)
        response.headers.update(HARMLESS)
        return response

    # -- what can be asked --------------------------------------------------------------

    async def _index(self, _request: web.Request) -> web.Response:
        items = "".join(
            f'<li><a href="{escape(path)}">{escape(path)}</a>: {escape(about)}</li>'
            for path, about in PAGES.items()
        )
        page = f"<!DOCTYPE html><title>syncv3: profiles</title><ul>{items}</ul>\n"
        return web.Response(text=page, content_type="text/html")

    async def _profile(self, request: web.Request) -> web.Response:
        async with self._alone():
            sampled = await self._there(sampling.sample(seconds_of(request, 30)))
        return _file(sampling.profile_of(sampled).packed(), "profile.pb.gz")

    async def _flamegraph(self, request: web.Request) -> web.Response:
        async with self._alone():
            sampled = await self._there(sampling.sample(seconds_of(request, 30)))
        return web.Response(text=sampling.html_of(sampled), content_type="text/html")

    async def _heap(self, request: web.Request) -> web.Response:
        async with self._alone():
            profile = await heap.heap(seconds_of(request, 10))
        return _file(await asyncio.to_thread(profile.packed), "heap.pb.gz")

    async def _trace(self, request: web.Request) -> web.Response:
        async with self._alone():
            trace = await self._there(timeline.timeline(seconds_of(request, 1)))
        return _file(trace, "trace.json", "application/json")

    async def _tasks(self, request: web.Request) -> web.Response:
        stacks = await self._there(waiting.tasks())
        if request.query.get("debug", "0") != "0":
            return web.Response(text=waiting.listed(stacks))
        return _file(waiting.profile_of(stacks).packed(), "goroutine.pb.gz")

    async def _threads(self, _request: web.Request) -> web.Response:
        return web.Response(text=waiting.threads())

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Refuses a second profile meanwhile: they would measure each other, and only one can
        hook in."""
        if self._busy:
            raise web.HTTPConflict(text="another profile is being taken\n")
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    async def _there(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Runs a coroutine in the loop that is watched. It is cancelled there if the asker hangs
        up."""
        running = asyncio.run_coroutine_threadsafe(coroutine, self._watched)
        return await asyncio.wrap_future(running)


def seconds_of(request: web.Request, default: float) -> float:
    """How long to measure, by the query's ``seconds``; raises what answers 400."""
    try:
        seconds = float(request.query.get("seconds", default))
    except ValueError as error:
        raise web.HTTPBadRequest(text="seconds must be a number\n") from error
    if not 0 < seconds <= MOST_S:
        raise web.HTTPBadRequest(text=f"seconds must be above 0 and at most {MOST_S:.0f}\n")
    return seconds


def _file(body: bytes, name: str, content_type: str = "application/octet-stream") -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=content_type, headers=headers)
