"""The metrics listener (O-16): a port of its own, for the operator's eyes only."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from syncv3.errors import ConfigError
from syncv3.metrics import Metrics
from syncv3.settings import Address

START = Callable[[str, list[tuple[str, str]]], Any]


class MetricsListener:
    """Serves ``/metrics`` from a thread until it is closed."""

    def __init__(self, metrics: Metrics, address: Address) -> None:
        """Raises ``ConfigError`` when the address cannot be listened on (O-4)."""

        def page(environ: dict[str, Any], start: START) -> Iterable[bytes]:
            if environ["PATH_INFO"] != "/metrics":
                start("404 Not Found", [("Content-Type", "text/plain")])
                return [b"404 page not found\n"]
            start("200 OK", [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")])
            return [metrics.exposition()]

        try:
            self._server = make_server(
                address.listen_host,
                address.port,
                page,
                server_class=_Server6 if ":" in address.listen_host else _Server,
                handler_class=_Silent,
            )
        except OSError as error:
            raise ConfigError(
                f"SYNCV3_PROM: cannot listen on {address}: {error.strerror}."
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics")
        self._thread.daemon = True
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_port

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(WSGIServer):
    """Without the look-up of its own name, which can take seconds."""

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)
        self.server_name = str(self.server_address[0])
        self.server_port = self.server_address[1]
        self.setup_environ()


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Silent(WSGIRequestHandler):
    """Scrapes leave no lines, and one that stalls is dropped."""

    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:
        del format, args
