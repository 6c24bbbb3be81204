"""Takes whatever is sent to it by HTTP, as Sentry and collectors of traces do, and keeps it."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple


class Taken(NamedTuple):
    """One request that was taken; the body is unpacked."""

    path: str
    headers: dict[str, str]
    body: bytes


class Sink(ThreadingHTTPServer):
    """``taken`` is all that has come, in order. ``status`` is what everybody is answered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.taken: list[Taken] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def dsn(self) -> str:
        """Where Sentry's client reports to."""
        return f"http://key@127.0.0.1:{self.server_port}/1"

    @property
    def bodies(self) -> list[str]:
        """Everything that was said, as text."""
        return [each.body.decode(errors="replace") for each in self.taken]


class _Taking(BaseHTTPRequestHandler):
    server: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.taken.append(Taken(self.path, headers, body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def sink() -> Iterator[Sink]:
    """One that runs meanwhile."""
    with Sink() as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
