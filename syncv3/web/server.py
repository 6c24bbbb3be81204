"""The Sanic application: its routes, and the life of the service inside it.

Everything that starts is put on one stack and leaves in the opposite order, also when
starting fails half-way. A ``ConfigError`` on the way ends the process with one sentence.

The life of a process that serves: ``_before_start`` starts the service, before the listener is
open, so that the first client that connects is served. ``_after_start`` says where it listens.
``_before_stop`` has all waits answered and lets the answers out (``Edge.drain``). ``_after_stop``
takes the service apart. With several workers each is such a process, and one more watches over
them (``workers.py``).
"""

import asyncio
import gc
import importlib
import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

from sanic import Sanic
from sanic.exceptions import SanicException

from syncv3.config import Config
from syncv3.embedded import EmbeddedDatabase
from syncv3.errors import ConfigError
from syncv3.metrics import Metrics
from syncv3.resources import folder
from syncv3.web import pages, sync
from syncv3.web.connection import HttpConnection, Shared
from syncv3.web.edge import VERSIONS, Edge, framework_error, observed
from syncv3.web.ending import SOON_S, Ending, watch_over_workers
from syncv3.web.files import OpenFiles
from syncv3.web.gathered import VARIABLE
from syncv3.web.listener import MetricsListener
from syncv3.web.optional import load
from syncv3.web.ports import Mount, Service
from syncv3.web.probes import Probes
from syncv3.web.workers import Died, Watch

log = logging.getLogger(__name__)


class App(Sanic[Any, Any]):
    """An application with connections of our own, that may bring the socket it listens on.

    The framework binds a unix socket twice while starting. A client that connects in
    between would wait for ever at the first, which nobody listens on any more.
    """

    def prepare(self, *args: Any, **settings: Any) -> None:
        """Has the framework serve with our connections, on the socket that is open already."""
        settings["protocol"] = HttpConnection
        if self.ctx.socket is not None:
            settings |= {"sock": self.ctx.socket, "unix": None}
        super().prepare(*args, **settings)

    def stop(self, *args: Any, **settings: Any) -> None:
        """End the loop; once it runs for good, as before that nobody would notice."""
        self.ctx.ending.asked = True
        if self.ctx.ending.serving:
            super().stop(*args, **settings)

    def serve_until_stopped(self) -> None:
        """The loop runs for good from now on."""
        self.ctx.ending.serving = True
        if self.ctx.ending.asked:
            self.stop(terminate=False)


StartService = Callable[[Config, Metrics], Awaitable[Service]]
Look = Callable[[Config], Awaitable[None]]

ANY = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
IDLE_S = 90  # clients and reverse proxies keep connections for up to 75 s
HEADER_S = 60  # for the head of a request
SHUTDOWN_S = 10.0
NO_LIMIT_S = 3600  # the framework knows no "for ever"


def build(
    config: Config,
    start_service: StartService,
    *,
    listen_on: socket.socket | None = None,
    ending: Ending | None = None,
    mount: Mount | None = None,
    look: Look | None = None,
    worker_died: Died | None = None,
    name: str = "syncv3",
) -> App:
    """The application; the service starts in the process that serves, before it listens.

    ``listen_on`` is the unix socket of ``config.bind``, if that is one. ``mount`` has routes
    beside those of this package. ``look`` is called once clients are served, to tell the log
    what is wrong around the service; ``worker_died`` when one of several workers has ended, in
    the process above them.
    """
    app = App(name, strict_slashes=True, configure_logging=False)
    app.ctx.socket = listen_on
    app.ctx.ending = ending or Ending()
    app.ctx.shared = Shared(config.limits)
    app.ctx.mount = mount
    app.ctx.pages = pages.read_pages(folder("client"))
    app.config.update(_sanic_settings(config))
    _add_routes(app, sync.served(sync.PATHS, left=config.leaves_native_sync))
    if mount is not None:
        mount.mount(app)
    Life(config, start_service, mount, look, worker_died).of(app)
    return app


class Life:
    """What happens around the time in which an application serves; the framework calls it."""

    def __init__(
        self,
        config: Config,
        start_service: StartService,
        mount: Mount | None,
        look: Look | None,
        worker_died: Died | None,
    ) -> None:
        self._worker_died = worker_died or (lambda _: None)
        self._config = config
        self._start_service = start_service
        self._mount = mount
        self._look = look
        self._looking: asyncio.Task[None] | None = None
        self._stack = AsyncExitStack()

    def of(self, app: App) -> None:
        """The application lives like this."""
        app.main_process_ready(self._workers_ready)
        app.before_server_start(self._before_start)
        app.after_server_start(self._after_start)
        app.before_server_stop(self._before_stop)
        app.after_server_stop(self._after_stop)

    async def _workers_ready(self, app: App) -> None:
        """In the process above the workers, when there are any."""
        watch_over_workers(app.manager)
        Watch(app.manager, self._worker_died).start()

    async def _before_start(self, app: App) -> None:
        """Starts the service. The process ends if it cannot start, or is told to stop meanwhile."""
        app.ctx.ending.starting()
        try:
            app.ctx.edge = await _start(self._config, self._start_service, self._stack)
            if self._mount is not None:
                await self._mount.start()
                self._stack.push_async_callback(self._mount.close)
        except ConfigError as error:
            await self._stack.aclose()
            sys.stderr.write(f"{error}\n")
            raise SystemExit(1) from error
        except BaseException as error:
            await _undo(self._stack)
            if isinstance(error, asyncio.CancelledError) and app.ctx.ending.asked:
                raise SystemExit(0) from error
            raise
        app.ctx.ending.started()

    async def _after_start(self, app: App) -> None:
        _say_where(self._config)
        gc.collect()
        gc.freeze()  # what is here now stays: later collections need not look at it
        asyncio.get_running_loop().call_later(SOON_S, app.serve_until_stopped)
        if self._look is not None:
            self._looking = asyncio.create_task(_looked(self._look, self._config), name="look")

    async def _before_stop(self, app: App) -> None:
        """Has all waits answered, and lets the answers out."""
        sys.stdout.write("Stopping: finishing what was begun.\n")
        if self._looking is not None:
            await _end(self._looking)
        if self._mount is not None:
            self._mount.interrupt()
        await app.ctx.edge.drain()

    async def _after_stop(self, _app: App) -> None:
        await self._stack.aclose()


async def _undo(stack: AsyncExitStack) -> None:
    """Take apart what a start had begun; what hangs at that does not keep the process."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SHUTDOWN_S):
            await stack.aclose()


def _sanic_settings(config: Config) -> dict[str, object]:
    """No wait of ours may meet one of the framework's time limits (O-C2)."""
    return {
        "ACCESS_LOG": False,
        "AUTO_EXTEND": False,
        "FALLBACK_ERROR_FORMAT": "text",
        "GRACEFUL_SHUTDOWN_TIMEOUT": SHUTDOWN_S,
        "KEEP_ALIVE_TIMEOUT": IDLE_S,
        "MOTD": False,
        "REQUEST_MAX_SIZE": config.limits.body_bytes,
        "REQUEST_TIMEOUT": HEADER_S,
        "RESPONSE_TIMEOUT": _longest_silence_s(config) + 60,
    }


def _longest_silence_s(config: Config) -> int:
    """Until a byte of an answer moves: the longest wait of ours, or of the homeserver's."""
    if not config.gateway:
        return config.limits.longest_poll_s
    return max(config.limits.longest_poll_s, config.http_timeout_s or NO_LIMIT_S)


def _add_routes(app: App, paths: Iterable[str]) -> None:
    """The routes of this package; ``paths`` are those at which sliding sync is answered."""
    for index, path in enumerate(paths):
        app.add_route(observed(sync.sync_at(path)), path, methods=["POST"], name=f"sync{index}")
        app.add_route(sync.preflight, path, methods=["OPTIONS"], name=f"preflight{index}")
    app.add_route(observed(pages.versions), VERSIONS, methods=["GET", "HEAD"], name="versions")
    app.add_route(sync.preflight, VERSIONS, methods=["OPTIONS"], name="versions-preflight")
    routes = {
        "/client/server.json": pages.server_json,
        "/client/": pages.client_file,
        "/client/<path:path>": pages.client_file,
    }
    for index, (path, page) in enumerate(routes.items()):
        app.add_route(observed(page), path, methods=ANY, name=f"page{index}")
        app.add_route(sync.preflight, path, methods=["OPTIONS"], name=f"page-preflight{index}")
    probes = Probes()
    looks = {"/health": probes.health, "/health/live": probes.live, "/health/ready": probes.ready}
    for path, probe in looks.items():
        app.add_route(probe, path, methods=["GET", "HEAD"], name=probe.__name__)
    app.exception(SanicException)(framework_error)


async def _start(config: Config, start_service: StartService, stack: AsyncExitStack) -> Edge:
    """Start all parts, those that clients can wait for first (O-2)."""
    metrics = Metrics()
    watching = asyncio.create_task(OpenFiles().watch(), name="open files")
    stack.push_async_callback(_end, watching)
    if config.bind.path:  # or the next start would find a socket that nobody listens on
        stack.callback(Path(config.bind.path).unlink, missing_ok=True)
    if config.prom and VARIABLE not in os.environ:  # else the process above has a listener
        stack.callback(MetricsListener(metrics, config.prom).close)
        sys.stdout.write(f"Metrics at http://{config.prom}/metrics\n")
    if config.pprof:
        profiling = load("syncv3.profiling.listener", "SYNCV3_PPROF", "profiling")
        loop = asyncio.get_running_loop()
        stack.callback(profiling.ProfilingListener(config.pprof, loop).close)
        sys.stdout.write(f"Profiles at {config.pprof}/debug/pprof/\n")
    if config.sentry_dsn:
        reports = importlib.import_module("syncv3.web.reports")  # its library loads for long
        stack.callback(reports.start(config.sentry_dsn))
        sys.stdout.write("Reporting errors to Sentry.\n")
    if config.otlp_url:
        tracing = load("syncv3.tracing.starting", "SYNCV3_OTLP_URL", "tracing")
        stack.callback(tracing.start(config))
        sys.stdout.write(f"Traces to {config.otlp_url}\n")
    if config.db is None:
        database = await EmbeddedDatabase.start(config.data_dir)
        stack.push_async_callback(database.stop)
        config = config.model_copy(update={"db": database.url})
        sys.stdout.write(f"Embedded database in {config.data_dir}\n")
    return Edge(config, metrics, await start_service(config, metrics))


async def _looked(look: Look, config: Config) -> None:
    """What goes wrong with looking is nobody's trouble but its author's."""
    try:
        await look(config)
    except Exception:  # clients are served all the same
        log.exception("cannot look around")


async def _end(task: asyncio.Task[None]) -> None:
    """Cancels a task and waits until it has ended."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _say_where(config: Config) -> None:
    """Where it listens, and what an operator does next."""
    if config.bind.path:
        where = f"the unix socket {config.bind.path}"
    else:
        scheme = "https" if config.tls else "http"
        where = f"{scheme}://{config.bind if config.bind.host else f'0.0.0.0{config.bind}'}"
    sys.stdout.write(
        f"Listening on {where}, syncing from {config.server}\n{_next(config, where)}\n"
    )
    sys.stdout.flush()


def _next(config: Config, where: str) -> str:
    if config.gateway:
        return f"Next: enter {config.base_url or where} as the homeserver in a client, and log in"
    return (
        "Next: let a reverse proxy publish this address, and name it in"
        " https://<server name>/.well-known/matrix/client as"
        ' "org.matrix.msc3575.proxy": {"url": "https://…"}'
    )
