"""The homeserver as requests are passed on to it: connections of their own, bounded in time.

Nothing of a request decides where it goes: the URL is the configured one with the canonical
path behind it, and redirects are the client's business.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
from yarl import URL

from syncv3.errors import BadGateway
from syncv3.gateway.headers import Pairs
from syncv3.gateway.paths import Target
from syncv3.gateway.upload import Upload
from syncv3.upstream.address import HomeserverAddress

CONNECT_S: Final = 10.0
KEPT_S: Final = 10.0
"""A connection without requests is closed before usual homeservers and proxies close it."""
READ_BYTES: Final = 32 * 1024
"""aiohttp stops reading at twice as much: what one slow client's answer holds in memory."""
LONGEST_HEADER_BYTES: Final = 64 * 1024
LEFT_ALONE: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""Headers that the HTTP client would add by itself."""

AWAY: Final = "the homeserver does not answer"


class HomeserverRelay:
    """``silence_s``: so long may an answer, or its next piece, take; 0: for ever."""

    def __init__(self, server: str, silence_s: float, tls: ssl.SSLContext | None = None) -> None:
        self._address = HomeserverAddress.parse(server)
        self._silence_s = silence_s
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open nothing yet, but be able to; in the loop that serves."""
        if self._address.socket_path is not None:
            connector: aiohttp.BaseConnector = aiohttp.UnixConnector(
                self._address.socket_path, limit=0, keepalive_timeout=KEPT_S
            )
        else:
            connector = aiohttp.TCPConnector(
                limit=0, keepalive_timeout=KEPT_S, ssl=self._tls or True
            )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),  # one client's cookies are no other's
            auto_decompress=False,  # bodies go through as they are
            read_bufsize=READ_BYTES,
            max_line_size=LONGEST_HEADER_BYTES,
            max_field_size=LONGEST_HEADER_BYTES,
            skip_auto_headers=LEFT_ALONE,
            timeout=aiohttp.ClientTimeout(
                total=None, connect=CONNECT_S, sock_read=self._silence_s or None
            ),
        )

    async def close(self) -> None:
        """Closes all connections."""
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def ask(
        self, method: str, target: Target, headers: Pairs, body: bytes | Upload | None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The head of the homeserver's answer; its body is read from it piece by piece.

        Raises ``BadGateway`` when there is none, or what was wrong with the client's body.
        """
        assert self._session is not None, "not started"
        url = URL(f"{self._address.url}{target}", encoded=True)
        try:
            response = await self._session.request(
                method, url, headers=list(headers), data=body, allow_redirects=False
            )
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            if isinstance(body, Upload) and body.error is not None:
                raise body.error from error
            raise BadGateway(AWAY) from error
        try:
            if response.status == 101 or response.status > 599:  # no protocol is switched to here
                raise BadGateway("the homeserver's answer is not understood")
            yield response
        finally:
            if isinstance(body, Upload) and not body.complete:
                response.close()  # it answered before it had read everything
            response.release()


async def read_whole(response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    """A body that is known to be small; raises ``BadGateway``."""
    pieces = bytearray()
    try:
        async for piece in response.content.iter_any():
            pieces += piece
            if len(pieces) > most_bytes:
                response.close()
                raise BadGateway("the homeserver's answer is too large")
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise BadGateway(AWAY) from error
    return bytes(pieces)
