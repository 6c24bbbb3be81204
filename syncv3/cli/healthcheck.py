"""``syncv3 healthcheck``: for images that have no shell and no curl.

A container runtime calls it every few seconds, so it imports as little as it can: the standard
library's HTTP client, and how the service reads its own address.
"""

import http.client
import os
import socket
import ssl
import sys
from typing import Final

import typer

from syncv3.config import one
from syncv3.settings import ListenAddress

DEFAULT: Final = ListenAddress("127.0.0.1", 8008)
EVERYWHERE: Final = ("", "0.0.0.0", "::")  # listens on all addresses, also on this machine's own

app = typer.Typer()


@app.command()
def healthcheck(
    timeout_s: float = typer.Option(5.0, "--timeout", min=0.1, help="Seconds to wait at most."),
) -> None:
    """Ask the service on this machine whether it is healthy: status 0 if so, else 1."""
    address = one(os.environ, "SYNCV3_BINDADDR") or DEFAULT
    # Only what decides how to ask: the rest of the configuration may be wrong, and is not read.
    tls = bool(os.environ.get("SYNCV3_TLS_CERT")) and not address.path
    try:
        status = ask(address, tls=tls, timeout_s=timeout_s)
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"{address} does not answer: {error or type(error).__name__}\n")
        raise typer.Exit(1) from error
    if status != 200:
        sys.stderr.write(f"{address} is not healthy: it answers {status}\n")
        raise typer.Exit(1)


def ask(address: ListenAddress, *, tls: bool, timeout_s: float) -> int:
    """The status of ``/health``. Raises ``OSError`` and ``HTTPException``.

    The certificate is that of a public name, and this is no way to reach it: it is not checked.
    """
    connection = _connection(address, tls=tls, timeout_s=timeout_s)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status
    finally:
        connection.close()


def _connection(
    address: ListenAddress, *, tls: bool, timeout_s: float
) -> http.client.HTTPConnection:
    """A connection that is made when it is first used."""
    if address.path:
        return _OverSocket(address.path, timeout_s)
    host = "127.0.0.1" if address.host in EVERYWHERE else address.host
    if tls:
        context = ssl._create_unverified_context()
        return http.client.HTTPSConnection(host, address.port, timeout=timeout_s, context=context)
    return http.client.HTTPConnection(host, address.port, timeout=timeout_s)


class _OverSocket(http.client.HTTPConnection):
    """Through a unix socket."""

    def __init__(self, path: str, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
