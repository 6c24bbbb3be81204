"""How the text of one environment variable becomes a value.

Every reader takes the variable's name and its text, which is never empty, and gives the
value or raises ``ConfigError`` with one sentence that names the variable. Readers that take
something else, such as ``one_of("on", "off")``, make a reader.
"""

import ipaddress
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from syncv3.errors import ConfigError

UNIX: Final = "unix"
"""Who connects to our unix socket, as a network."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network | str

Setting = Any
"""A value read from the environment; ``Config`` checks its type."""


class ListenAddress(NamedTuple):
    """Where to listen: a host (empty: everywhere) and a port, or a unix socket's path."""

    host: str
    port: int
    path: str = ""

    def __str__(self) -> str:
        if self.path:
            return self.path
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def listen_host(self) -> str:
        """The host for ``bind``: an empty one is every address of either family."""
        return self.host or ("::" if socket.has_dualstack_ipv6() else "0.0.0.0")


def text(_name: str, value: str) -> str:
    """The text as it is."""
    return value


def flag(_name: str, value: str) -> bool:
    """Only ``1`` counts (O-25)."""
    return value == "1"


def switch(name: str, value: str) -> bool:
    """``on`` or ``off``."""
    return one_of("on", "off")(name, value) == "on"


def networks(name: str, value: str) -> tuple[Network, ...]:
    """IP addresses, networks (``10.0.0.0/8``) and ``unix``, separated by commas."""
    try:
        return tuple(
            part if part == UNIX else ipaddress.ip_network(part) for part in names(name, value)
        )
    except ValueError as error:
        raise ConfigError(
            f"{name} must be IP addresses or networks such as 10.0.0.0/8, or {UNIX}, separated"
            " by commas."
        ) from error


def names(_name: str, value: str) -> tuple[str, ...]:
    """Parts that commas separate, or the lines of a file."""
    parts = value.replace("\n", ",").split(",")
    return tuple(part.strip() for part in parts if part.strip())


def users(name: str, value: str) -> tuple[str, ...]:
    """User IDs such as ``@alice:example.org``, with ``*`` for any characters."""
    found = names(name, value)
    for each in found:
        if not re.fullmatch(r"@[^\s:]*(\*|:[^\s]+)", each):
            raise ConfigError(
                f"{name} must be user IDs such as @alice:example.org or @*:example.org, separated"
                f" by commas, not {each}."
            )
    return found


def rate(least: int) -> Callable[[str, str], int]:
    """A number of times a second, not below ``least`` unless it is 0: no limit."""

    def read(name: str, value: str) -> int:
        number = at_least(0)(name, value)
        if 0 < number < least:
            raise ConfigError(f"invalid value for {name}: {value} (must be 0, or {least} or more)")
        return number

    return read


def is_quoted(value: str) -> bool:
    """Whether quotation marks stand around a value: what a shell takes off, and ``docker
    --env-file`` does not."""
    return len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"


def file_path(name: str, value: str) -> Path:
    """A file that can be read now: better refused at the start than found missing later."""
    path = Path(value)
    if not path.is_file() or not os.access(path, os.R_OK):
        raise ConfigError(f"{name} names a file that cannot be read: {value}.")
    return path


def one_of(*choices: str) -> Callable[[str, str], str]:
    """One of some words, in whatever case; given in lower case."""

    def read(name: str, value: str) -> str:
        if value.lower() not in choices:
            raise ConfigError(f"{name} must be one of {', '.join(choices)}, not {value}.")
        return value.lower()

    return read


def log_level(name: str, value: str) -> str:
    """A level of O-20; ``err`` and ``warning`` are other spellings."""
    level = {"err": "error", "warning": "warn"}.get(value.lower(), value)
    return one_of("trace", "debug", "info", "warn", "error", "fatal")(name, level)


def at_least(lowest: int | None) -> Callable[[str, str], int]:
    """A decimal integer (O-32)."""

    def read(name: str, value: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,15}", value):
            raise ConfigError(f"invalid value for {name}: {value} (not a whole number)")
        if lowest is not None and int(value) < lowest:
            raise ConfigError(f"invalid value for {name}: {value} (must be {lowest} or more)")
        return int(value)

    return read


def server_url(name: str, value: str) -> str:
    """An http(s) URL without its trailing slash, or a unix socket's path (O-10, O-C3)."""
    if value.startswith("/"):
        return value
    url = public_url(name, value)
    if "/_matrix" in urlsplit(url).path:
        raise ConfigError(
            f"{name} must be the homeserver's base URL, without /_matrix and what follows it."
        )
    return url


def leads_back(server: str, bind: ListenAddress) -> bool:
    """Whether what listens on ``bind`` is for certain what ``server`` names.

    A name that only DNS or a reverse proxy leads back here is not told by its text.
    """
    if bind.path or server.startswith("/"):
        return server == bind.path
    url = urlsplit(server)
    port = url.port or (443 if url.scheme == "https" else 80)
    return port == bind.port and bind.host in _hosts_of(url.hostname or "")


def _hosts_of(host: str) -> tuple[str, ...]:
    """What a listener has as its host that is reached under ``host`` of this machine."""
    everywhere = ("", "0.0.0.0", "::")
    if host == "localhost":
        return ("localhost", "127.0.0.1", "::1", *everywhere)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ()
    if address.is_unspecified:
        return (host, "localhost", "127.0.0.1", "::1", *everywhere)
    if address.is_loopback:
        return (host, "localhost", *everywhere)
    return (host,)


def public_url(name: str, value: str) -> str:
    """An http(s) URL to which paths can be added: without a slash at its end, a user or a query."""
    try:
        url = urlsplit(value)
        port_is_read = url.port is None or url.port > 0
    except ValueError as error:
        raise ConfigError(f"{name} is not a valid URL.") from error
    if url.scheme not in ("http", "https") or not url.hostname or not port_is_read:
        raise ConfigError(
            f"{name} must be a URL that starts with https:// or http://,"
            " for example https://matrix.example.org."
        )
    if url.username is not None or url.query or url.fragment or re.search(r"\s", value):
        raise ConfigError(f"{name} must be a plain URL: no user name, no query, no spaces.")
    return value.rstrip("/")


def otlp_url(name: str, value: str) -> str:
    """An http(s) URL that has no path, not even ``/`` (O-33)."""
    url = public_url(name, value)
    if urlsplit(value).path:
        raise ConfigError(f"{name} must not have a path: https://host:port only.")
    return url


def parse_address(name: str, value: str) -> ListenAddress:
    """``host:port``, ``:port``, ``[v6]:port`` or a path that starts with a slash (O-13)."""
    if value.startswith("/"):
        return ListenAddress("", 0, value)
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([^:/\s]*)):([0-9]{1,5})", value)
    if not found or not 0 < int(found[3]) < 65536:
        raise ConfigError(
            f"{name} must be host:port, :port or the path of a unix socket, not {value}."
        )
    return ListenAddress(found[1] or found[2], int(found[3]))
