"""Where the homeserver is: a base URL or the path of a unix socket (rule U-30).

Here is also what may stand in a header line. Tokens come from clients, and our long poll writes its
requests as text: a line break in a token would be a header, or a request, of the client's making.
"""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from syncv3.errors import ConfigError, UnknownToken

# Visible ASCII: no space and no line break, which would end a header's value.
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
_AUTHORIZATION = re.compile(r"[\x20-\x7e]{1,16400}")


@dataclass(frozen=True, slots=True)
class HomeserverAddress:
    """One homeserver. ``socket_path`` is None for TCP; ``base_path`` has no final slash."""

    host: str
    port: int
    tls: bool = False
    base_path: str = ""
    socket_path: str | None = None

    @classmethod
    def parse(cls, server: str) -> Self:
        """The address in ``SYNCV3_SERVER``; raises ``ConfigError``."""
        if server.startswith("/"):
            return cls(host="unix", port=80, socket_path=server)
        url = urlsplit(server)
        try:
            port = url.port
        except ValueError as error:
            raise ConfigError("the homeserver's URL has no valid port.") from error
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ConfigError("the homeserver must be an http(s) URL or the path of a socket.")
        tls = url.scheme == "https"
        return cls(
            host=url.hostname,
            port=port or (443 if tls else 80),
            tls=tls,
            base_path=url.path.rstrip("/"),
        )

    @property
    def authority(self) -> str:
        """What goes into the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.authority}{self.base_path}"


def check_token(token: str) -> None:
    """Raises ``UnknownToken`` for a text that can be no token, or that cannot stand in a header."""
    if not _TOKEN.fullmatch(token):
        raise UnknownToken("unrecognised access token")


def check_authorization(header: str) -> None:
    """Raises ``UnknownToken`` for a text that cannot stand in a header."""
    if not _AUTHORIZATION.fullmatch(header):
        raise UnknownToken("unrecognised access token")
