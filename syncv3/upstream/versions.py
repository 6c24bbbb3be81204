"""``/versions`` for clients: the homeserver's answer to each, and what this service adds.

Clients decide by it what they use, and whether the homeserver is there. So the answer is
always the homeserver's of this moment. Only while it cannot be asked, one that is at most a
minute old stands in: the same client's, as answers may differ from user to user (S-572).
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec
from msgspec import Raw

from syncv3.errors import BadGateway, HomeserverError
from syncv3.types import Reply
from syncv3.upstream.events import UNREADABLE

log = logging.getLogger(__name__)

DIALECTS: Final[Mapping[str, Raw]] = {}
"""Flags of the dialects that are served. ``org.matrix.simplified_msc3575`` belongs here as
soon as that dialect is served, not before: clients rely on it then (S-570). Not so
``org.matrix.msc3575``: it says that the homeserver's own address serves that dialect, which
need not be routed there; its clients find the service by the well-known file (O-48)."""

ANSWER_S: Final = 10.0
"""How long the homeserver may take; what waits for a slot counts."""
AT_ONCE: Final = 10
"""Requests at the same time, so that other questions find a connection."""
STANDS_IN_S: Final = 60.0
REMEMBERED: Final = 1000
REMEMBERED_BYTES: Final = 16 * 1024
"""Of one answer: they are 3 KiB long, and longer ones are not kept."""
KEPT: Final = ("age", "cache-control", "content-type", "expires", "retry-after", "vary")
"""Headers that are passed on. ``ETag`` and ``Last-Modified`` would be about another body."""

Features = Callable[[Mapping[str, Any]], Mapping[str, Raw]]
"""What to add to ``unstable_features``, by what the homeserver has there."""


class Versions:
    """``ask`` is ``Homeserver.versions_for``. ``count`` is told where an answer came from:
    ``homeserver``, ``memory``, or ``none`` if there was none."""

    def __init__(
        self,
        ask: Callable[[str | None], Awaitable[Reply]],
        features: Features,
        count: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._ask = ask
        self._features = features
        self._count = count
        self._clock = clock
        self._answer_s = answer_s
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._known: dict[bytes, tuple[float, Reply]] = {}  # the newest are last

    async def answer(self, authorization: str | None) -> Reply:
        """The answer to a client that sent this ``Authorization`` header, or None.

        Raises ``BadGateway`` when the homeserver cannot be asked and nothing stands in, and
        ``UnknownToken`` for a header that cannot be passed on.
        """
        caller = hashlib.sha256((authorization or "").encode()).digest()
        try:
            async with asyncio.timeout(self._answer_s), self._slots:
                reply = await self._ask(authorization)
            answer = passed_on(reply, self._features)
        except (HomeserverError, TimeoutError) as error:
            return self._stand_in(caller, error)
        self._remember(caller, answer)
        self._count("homeserver")
        return answer

    def _remember(self, caller: bytes, answer: Reply) -> None:
        self._known.pop(caller, None)
        if answer.status == 200 and len(answer.body) <= REMEMBERED_BYTES:
            self._known[caller] = (self._clock(), answer)
        if len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]

    def _stand_in(self, caller: bytes, error: Exception) -> Reply:
        self._forget_the_old()
        if caller not in self._known:
            self._count("none")
            raise BadGateway("the homeserver does not answer") from error
        log.warning("/versions is answered from memory", extra={"error": repr(error)})
        self._count("memory")
        return self._known[caller][1]

    def _forget_the_old(self) -> None:
        while self._known:
            oldest, (since, _) = next(iter(self._known.items()))
            if self._clock() - since <= STANDS_IN_S:
                return
            del self._known[oldest]


def passed_on(reply: Reply, features: Features) -> Reply:
    """An answer of the homeserver's as clients get it, errors included.

    Raises ``HomeserverError`` for one that is not the homeserver's own, or not understood.
    """
    if reply.status >= 500 or 300 <= reply.status < 400:
        raise HomeserverError(f"versions: {reply.status}", status=reply.status)
    headers = {name: reply.headers[name] for name in KEPT if name in reply.headers}
    headers["vary"] = _with_authorization(headers.get("vary", ""))
    body = merge_features(reply.body, features) if reply.status == 200 else reply.body
    return Reply(reply.status, headers, body)


def merge_features(body: bytes, features: Features) -> bytes:
    """The body of an answer with what is added to it; all else stays as it is.

    Raises ``HomeserverError`` when it is not a JSON object.
    """
    try:
        answer = msgspec.json.decode(body, type=dict[str, Raw])
    except UNREADABLE as error:
        raise HomeserverError(f"the homeserver's /versions is not understood: {error}") from error
    has = _features_in(answer)
    given = {name: msgspec.json.decode(value) for name, value in has.items()}
    added = {**DIALECTS, **features(MappingProxyType(given))}
    if not added:
        return body
    merged = Raw(msgspec.json.encode(has | added))
    return msgspec.json.encode(answer | {"unstable_features": merged})


def _features_in(answer: Mapping[str, Raw]) -> dict[str, Raw]:
    """The homeserver's features; none when they are anything but an object."""
    try:
        return msgspec.json.decode(answer.get("unstable_features", b"{}"), type=dict[str, Raw])
    except UNREADABLE:
        return {}


def _with_authorization(vary: str) -> str:
    """A ``Vary`` header that names ``Authorization``, as the request's went upstream."""
    names = [name.strip() for name in vary.split(",") if name.strip()]
    if not {"*", "authorization"} & {name.lower() for name in names}:
        names.append("Authorization")
    return ", ".join(names)
