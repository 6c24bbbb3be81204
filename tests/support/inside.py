"""The real service inside this process, and the rest of the world around it.

The service has the event loop of the main thread for itself. The homeserver and the clients have
one in a thread of their own: profilers look at one thread, so they see the service's work alone.
"""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

from syncv3.config import Config
from syncv3.service import Service
from syncv3.web.connection import HttpConnection
from syncv3.web.server import build

_T = TypeVar("_T")


class Outside:
    """An event loop in another thread; use as ``with Outside() as outside``."""

    def __init__(self) -> None:
        self.loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="outside", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, _T]) -> Awaitable[_T]:
        """Runs it there; to be awaited here."""
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))


@asynccontextmanager
async def service_inside(config: Config) -> AsyncIterator[str]:
    """The URL of the running service; only once in a process, as the framework rewrites itself."""
    listening = socket.create_server(("127.0.0.1", 0))
    app = build(config, Service.start)
    server: Any = await app.create_server(
        sock=listening, return_asyncio_server=True, protocol=HttpConnection
    )
    await server.startup()
    await server.before_start()
    await server.after_start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        await server.before_stop()
        server.close()
        await server.wait_closed()
        await server.after_stop()
