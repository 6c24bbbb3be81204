"""How requests reach the homeserver, and how large and how late its answers may be.

The long poll goes through ``LongPollClient``; all else uses aiohttp. Paths are v3; a
homeserver that does not know them is asked under r0 from then on (UZ-7). No redirect is followed
and no cookie kept: an access token goes to the homeserver and to nobody else, and two users'
requests have nothing in common.
"""

import mmap
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from syncv3.errors import HomeserverError
from syncv3.types import Reply
from syncv3.upstream.address import HomeserverAddress, check_token
from syncv3.upstream.contact import Contact
from syncv3.upstream.failures import failure, is_unrecognized
from syncv3.upstream.longpoll import LongPollClient

BODY_LIMIT_BYTES = 1024 * 1024 * 1024
"""Of /sync, whose large answers are spooled to a file."""
_ERROR_BODY_BYTES = 64 * 1024  # of a refusal: it has an error object, or is a proxy's page
_CONNECTIONS = 50  # of all questions but long polls
_BASES = ("/_matrix/client/v3", "/_matrix/client/r0")


class Transport:
    """Connections to one homeserver, between ``start`` and ``close``.

    ``timeout_s`` and ``initial_timeout_s`` (rule U-36): 0 means no limit. A ``limit`` is the
    number of bytes from which on an answer is refused. Raises ``HomeserverError`` when there
    is no answer; ``get`` and ``poll`` also raise ``UnknownToken`` when the token is dead.
    """

    def __init__(
        self,
        server: str,
        *,
        user_agent: str,
        timeout_s: float,
        initial_timeout_s: float,
        tls: ssl.SSLContext | None,
        contact: Contact | None = None,
    ) -> None:
        self.contact = contact or Contact()
        self._address = HomeserverAddress.parse(server)
        self._user_agent = user_agent
        self._timeout_s = timeout_s
        self._initial_timeout_s = initial_timeout_s
        self._tls = tls
        self._bases = list(_BASES)
        self._long_poll = LongPollClient(self._address, user_agent, tls=tls)
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Prepare to ask; nothing is sent yet."""
        if self._address.socket_path is not None:
            connector: aiohttp.BaseConnector = aiohttp.UnixConnector(
                self._address.socket_path, limit=_CONNECTIONS
            )
        else:
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS, ssl=self._tls or True)
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": self._user_agent},
            timeout=aiohttp.ClientTimeout(total=self._timeout_s or None),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        await self._long_poll.close()
        if self._session is not None:
            await self._session.close()

    async def poll(
        self, token: str, query: str, *, initial: bool
    ) -> tuple[bytes | mmap.mmap, float]:
        """The body of a 200 answer to /sync, and the loop's time when it began to arrive.

        ``query`` is encoded. ``initial`` allows the long time of a first sync.
        """
        check_token(token)
        timeout_s = self._initial_timeout_s if initial else self._timeout_s
        path = f"/sync?{query}"
        for base in list(self._bases):
            with self.contact.asking(path) as question:
                response = await self._long_poll.get(
                    base + path, token, limit=BODY_LIMIT_BYTES, timeout_s=timeout_s
                )
                question.status = response.status
            body = response.sink.finish()
            if response.status == 200:
                self._bases = [base]  # it knows this one: the other is tried no more
                return body, response.first_byte
            refusal = bytes(body[:_ERROR_BODY_BYTES])
            if not is_unrecognized(response.status, refusal):
                break
        raise failure("sync", response.status, response.headers, refusal)

    async def get(
        self, path: str, token: str, query: Mapping[str, str] | None = None, *, limit: int
    ) -> bytes:
        """The body of a 200 answer to GET ``path`` below the base that works (UZ-7)."""
        check_token(token)
        for base in list(self._bases):
            bearer = {"Authorization": f"Bearer {token}"}
            reply = await self.fetch(base + path, bearer, query, limit=limit)
            if reply.status == 200:
                self._bases = [base]
                return reply.body
            if not is_unrecognized(reply.status, reply.body):
                break
        raise failure(path.split("/")[1], reply.status, reply.headers, reply.body)

    async def fetch(
        self,
        path: str,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        sent: Mapping[str, Any] | None = None,
        *,
        limit: int,
    ) -> Reply:
        """The answer to GET, or to POST with what is ``sent``, whatever its status.

        ``path`` is the whole path, which begins with ``/_matrix/``.
        """
        assert self._session is not None, "not started"
        url = self._address.url + path + (f"?{urlencode(query)}" if query else "")
        method = "GET" if sent is None else "POST"
        with self.contact.asking(path) as question:
            try:
                async with self._session.request(
                    method,
                    URL(url, encoded=True),  # it is: the library must not do it again
                    json=sent,
                    headers=headers,
                    allow_redirects=False,
                ) as response:
                    body = await _read_bounded(response, limit)
                    question.status = response.status
                    return Reply(response.status, _by_name(response.headers), body)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                raise HomeserverError(
                    f"cannot ask the homeserver: {type(error).__name__}"
                ) from error


def _by_name(headers: "CIMultiDictProxy[str]") -> dict[str, str]:
    """Headers by their names in lower case; values of a repeated one are joined by commas."""
    return {name.lower(): ", ".join(headers.getall(name)) for name in headers}


async def _read_bounded(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body, unpacked; raises ``HomeserverError`` when it is larger than ``limit`` bytes."""
    pieces: list[bytes] = []
    size = 0
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > limit:
            raise HomeserverError(f"the answer is larger than {limit} bytes")
        pieces.append(piece)
    return b"".join(pieces)
