"""Free ports of the loopback interface."""

import socket


def free_port() -> int:
    """A port nobody listens on now. Somebody else may take it before it is used."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
