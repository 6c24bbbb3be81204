"""Asks over HTTP, and tells what came: a check judges that, and never meets an exception.

What is asked may be anything: a wrong address, a proxy's page, somebody else's server. So an answer
is read up to a limit, redirects are not followed (they are a finding), and each kind of failure
becomes a sentence.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

MOST_BYTES: Final = 1024 * 1024  # of an answer; the rest is not looked at
SAID_MOST: Final = 200  # characters of an error's text


@dataclass(frozen=True, slots=True)
class ProbeReply:
    """An answer, or why there is none (``failure``, and ``status`` 0).

    ``headers`` have lower-case names; of a repeated one the last counts. ``origins`` are all values
    of ``Access-Control-Allow-Origin``: a service and a proxy may both send one, which browsers
    refuse. ``took_s`` is how long it took, in seconds.
    """

    status: int = 0
    body: bytes = b""
    origins: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    took_s: float = 0.0
    failure: str = ""

    @property
    def object(self) -> dict[str, Any] | None:
        """The JSON object that the body is; None if it is anything else."""
        try:
            decoded = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return decoded if isinstance(decoded, dict) else None


@dataclass(frozen=True, slots=True)
class Asker:
    """Sends requests, each by a connection of its own.

    ``timeout_s`` is for a whole request. ``socket``: a unix socket through which all go; None: by
    TCP. ``tls``: the context for https; True: the system's.
    """

    timeout_s: float = 10.0
    socket: str | None = None
    tls: ssl.SSLContext | bool = True

    async def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: object = None,
        timeout_s: float | None = None,
    ) -> ProbeReply:
        """One request, without following redirects. ``body`` is sent as JSON. Raises nothing."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        limit = aiohttp.ClientTimeout(total=timeout_s or self.timeout_s)
        try:
            async with (
                aiohttp.ClientSession(connector=self._connector(), timeout=limit) as session,
                session.request(
                    method, url, headers=headers, json=body, allow_redirects=False
                ) as response,
            ):
                text = await response.content.read(MOST_BYTES)
                return ProbeReply(
                    response.status,
                    text,
                    tuple(response.headers.getall("Access-Control-Allow-Origin", ())),
                    {name.lower(): value for name, value in response.headers.items()},
                    loop.time() - started,
                )
        # Before the others: it is an ``OSError``, too.
        except TimeoutError:
            return ProbeReply(failure="no answer in time", took_s=loop.time() - started)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            said = " ".join(str(error).split()) or type(error).__name__
            return ProbeReply(failure=said[:SAID_MOST], took_s=loop.time() - started)

    def _connector(self) -> aiohttp.BaseConnector:
        if self.socket is not None:
            return aiohttp.UnixConnector(path=self.socket)
        return aiohttp.TCPConnector(ssl=self.tls)
