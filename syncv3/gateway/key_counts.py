"""Hands on the key counts in the homeserver's answer to an upload of keys.

``/sync`` is not answered because a client has uploaded keys: the counts come with whatever it
tells next, perhaps hours later. Until then a client would be told that it has none left, and
upload as many once more. So what the homeserver answers to the upload is noted.
"""

import asyncio
import logging
from typing import Final

import msgspec
from msgspec import Raw
from sanic import Request

from syncv3.errors import MatrixError
from syncv3.gateway.guard import tokens_of
from syncv3.gateway.paths import Target
from syncv3.web.callers import Caller
from syncv3.web.ports import Service

log = logging.getLogger(__name__)

WAIT_S: Final = 0.5
"""For so long the client's answer waits until its counts are noted: its next sync has them."""
LONGEST_S: Final = 30.0
AT_ONCE: Final = 100
"""Of more nothing is noted: the next answer to ``/sync`` has their counts too."""


class _Uploaded(msgspec.Struct):
    one_time_key_counts: Raw = Raw()


_uploaded = msgspec.json.Decoder(_Uploaded)


def uploader_of(request: Request, target: Target) -> str | None:
    """The token of a request that uploads keys; None if it is another request.

    Of one by which an application service may act for a user, the token does not say whose
    keys they are. Of several tokens nobody knows which one the homeserver takes.
    """
    if request.method != "POST" or not target.uploads_keys or target.masquerades:
        return None
    tokens = tokens_of(request, target)
    return tokens.pop() if len(tokens) == 1 else None


def counts_in(body: bytes) -> bytes | None:
    """The counts in an answer to an upload, as JSON; None if it has none."""
    try:
        return bytes(_uploaded.decode(body).one_time_key_counts) or None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


class KeyCounts:
    """Notes counts in the background: neither its errors nor its time are the client's."""

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self._wait_s = wait_s
        self._noting: set[asyncio.Task[None]] = set()

    async def note(self, service: Service, token: str, body: bytes, caller: Caller) -> None:
        """Wait a moment until the counts in an answer are noted, or longer without waiting."""
        counts = counts_in(body)
        if counts is None or len(self._noting) >= AT_ONCE:
            return
        task = asyncio.create_task(_note(service, token, counts, caller.address))
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)
        await asyncio.wait((task,), timeout=self._wait_s)

    async def close(self) -> None:
        """Ends what is being noted: the next answer to ``/sync`` has these counts."""
        for task in self._noting:
            task.cancel()
        await asyncio.gather(*self._noting, return_exceptions=True)


async def _note(service: Service, token: str, counts: bytes, address: str) -> None:
    try:
        async with asyncio.timeout(LONGEST_S):
            await service.key_uploads.told(token, counts, address)
    except (MatrixError, TimeoutError) as error:
        _complain(error)
    except Exception as error:
        if await service.excuse(error) is None:  # it is not the database's
            raise
        _complain(error)


def _complain(error: Exception) -> None:
    log.info("Key counts could not be noted", extra={"reason": type(error).__name__})
