"""What tells a client where its homeserver is: it must name this service.

Otherwise a client that has logged in here would go on with the homeserver itself, which
lacks what it came for.

There are two such places: the file ``/.well-known/matrix/client``, and ``well_known`` in the answer
to a login or a registration. What else is in them is the homeserver's, and stays.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec
from aiohttp import ClientResponse
from msgspec import Raw

from syncv3.errors import BadGateway
from syncv3.gateway.paths import WELL_KNOWN, Target
from syncv3.gateway.upstream import AWAY, HomeserverRelay, read_whole
from syncv3.types import Reply
from syncv3.version import VIA
from syncv3.web.callers import Caller

MOST_BYTES: Final = 256 * 1024
FRESH_S: Final = 60.0

HOMESERVER: Final = "m.homeserver"
PROXY: Final = "org.matrix.msc3575.proxy"


def base_url_of(configured: str | None, caller: Caller) -> str:
    """This service's own base URL: as the operator says, else as the client addressed it; "":
    neither says it."""
    return configured or (f"{caller.scheme}://{caller.host}" if caller.host else "")


def well_known(given: Mapping[str, Raw], base_url: str) -> bytes:
    """The homeserver's file with this service as the homeserver, and as sliding sync's proxy."""
    ours = {HOMESERVER: _homeserver(given, base_url), PROXY: {"url": base_url}}
    return msgspec.json.encode({**given, **ours})


def _homeserver(given: Mapping[str, Raw], base_url: str) -> dict[str, Any]:
    """The homeserver's entry, with whatever else is in it."""
    found: dict[str, Any] = {}
    with suppress(msgspec.MsgspecError):
        found = msgspec.json.decode(given.get(HOMESERVER, b"{}"), type=dict[str, Raw])
    return found | {"base_url": base_url}


async def renamed(answer: ClientResponse, base_url: str) -> bytes:
    """The body of an answer to a login, whose ``well_known`` names this service.

    An answer without it stays as it is, byte by byte. Raises ``BadGateway``.
    """
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise BadGateway("the homeserver's answer is not understood")
    body = await read_whole(answer, MOST_BYTES)
    try:
        login = msgspec.json.decode(body, type=dict[str, Raw])
        given = msgspec.json.decode(login["well_known"], type=dict[str, Raw])
    except (msgspec.MsgspecError, KeyError):
        return body
    named = {**given, HOMESERVER: _homeserver(given, base_url)}
    return msgspec.json.encode({**login, "well_known": named})


class WellKnown:
    """The homeserver's file, asked for once a minute."""

    def __init__(
        self, upstream: HomeserverRelay, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._upstream = upstream
        self._clock = clock
        self._asking = asyncio.Lock()
        self._known: dict[str, Raw] = {}
        self._until = -1.0

    async def reply(self, base_url: str, *, shared: bool) -> Reply:
        """The file for clients of ``base_url``. ``shared``: it is the same for all of them.

        Raises ``BadGateway`` when the homeserver cannot be asked.
        """
        async with self._asking:  # of many who ask at the same time one asks the homeserver
            if self._clock() >= self._until:
                self._known = await self._ask()
                self._until = self._clock() + FRESH_S
        kept = "public, max-age=60" if shared else "no-store"
        headers = {"cache-control": kept, "content-type": "application/json"}
        return Reply(200, headers, well_known(self._known, base_url))

    async def _ask(self) -> dict[str, Raw]:
        """What the homeserver says; nothing if it has no such file, or has it elsewhere."""
        headers = {"Via": VIA, "Accept-Encoding": "identity"}.items()
        async with self._upstream.ask("GET", Target(WELL_KNOWN, None), headers, None) as answer:
            if answer.status >= 500 or answer.status == 429:
                raise BadGateway(AWAY)
            if answer.status != 200:
                return {}
            body = await read_whole(answer, MOST_BYTES)
        try:
            return msgspec.json.decode(body, type=dict[str, Raw])
        except msgspec.MsgspecError:
            return {}
