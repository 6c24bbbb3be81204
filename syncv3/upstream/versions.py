"""``/versions`` for clients: the homeserver's answer to each, and what this service adds.

Clients decide by it what they use, and whether the homeserver is there. So the answer is the
homeserver's to that client (answers may differ from user to user), at most a minute old
(S-572): while the homeserver cannot be asked, and, so that nobody can have it asked without
end, for as long as it says itself, or some seconds. All who send no token share one answer.

Anybody may ask this, with any token, so what a stranger can cost is bounded twice. Questions with
a token that had no answer yet wait among themselves, for places of their own. And refusals are
remembered apart from answers, so that a thousand bad tokens do not drive out what stands in when
the homeserver is away.
"""

import asyncio
import hashlib
import logging
import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from weakref import WeakValueDictionary

import msgspec
from msgspec import Raw

from syncv3.errors import BadGateway, HomeserverError
from syncv3.logs import Seldom
from syncv3.types import Reply
from syncv3.untrusted import UNREADABLE
from syncv3.upstream.failures import wait_wanted_s

log = logging.getLogger(__name__)

DIALECTS: Final[Mapping[str, Raw]] = {"org.matrix.simplified_msc3575": Raw(b"true")}
"""Flags of the dialects that are served: clients speak the unstable simplified one only if its
flag is there (S-570). The stable one has none before a release of the specification names it
(S-573). Nor has ``org.matrix.msc3575``: that says that the homeserver's own address serves it,
which need not be routed there; its clients find the service by the well-known file (O-48)."""

ANSWER_S: Final = 10.0
"""How long the homeserver may take; what waits for a slot counts."""
KNOWN_AT_ONCE: Final = 5
STRANGERS_AT_ONCE: Final = 5
"""Requests at the same time, so that other questions find a connection. Those with a token that
had no answer yet wait among themselves."""
# For how many seconds an answer stands in while there is no other; how long it is fresh if the
# homeserver does not say; and the least, so that nobody has it asked more often than that.
STANDS_IN_S: Final = 60.0
USUALLY_FRESH_S: Final = 5.0
LEAST_FRESH_S: Final = 1.0
LOG_EACH_S: Final = 10.0
REMEMBERED: Final = 1000  # callers, of answers and of refusals each
REMEMBERED_BYTES: Final = 16 * 1024
"""Of one answer: they are 3 KiB long, and longer ones are not kept."""
KEPT: Final = ("age", "cache-control", "content-type", "expires", "retry-after", "vary")
"""Headers that are passed on. ``ETag`` and ``Last-Modified`` would be about another body."""

Features = Callable[[Mapping[str, Any]], Mapping[str, Raw]]
"""What to add to ``unstable_features``, by what the homeserver has there."""


def with_dialects(features: Features, *, left: bool) -> Features:
    """``features``, and the flags of the dialects that are served.

    ``left``: these dialects are left to the homeserver, which then says itself what it can.
    """
    flags = {} if left else DIALECTS
    return lambda upstream: {**flags, **features(upstream)}


class _Told(NamedTuple):
    """What came of a question at the time ``at``: an answer, or the error instead of one.

    Until the time ``until`` the homeserver is not asked again for the same caller.
    """

    at: float
    until: float
    what: Reply | HomeserverError


class VersionsRelay:
    """Answers clients' questions for ``/versions``.

    ``ask`` puts one to the homeserver (``Homeserver.versions_for``). ``features`` says what is
    added to an answer. ``count`` is told where each answer came from: ``homeserver``; ``recent`` if
    it was not asked again; ``memory`` if it did not answer; ``none`` if there was no answer.
    """

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
        self._seldom = Seldom(1, LOG_EACH_S, clock)
        self._slots = asyncio.Semaphore(KNOWN_AT_ONCE)
        self._strangers_slots = asyncio.Semaphore(STRANGERS_AT_ONCE)
        self._known: dict[bytes, _Told] = {}  # answers with 200; the newest are last
        self._refused: dict[bytes, _Told] = {}  # refusals and errors; the newest are last
        self._asking: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    async def answer(self, authorization: str | None) -> Reply:
        """The answer to a client that sent this ``Authorization`` header, or None.

        Raises ``BadGateway`` when the homeserver cannot be asked and nothing stands in, and
        ``UnknownToken`` for a header that cannot be passed on.
        """
        caller, came = _caller(authorization), self._clock()
        alone = self._asking.setdefault(caller, asyncio.Lock())  # one question a caller at a time
        try:
            async with asyncio.timeout(self._answer_s), alone:
                told = self._recent(caller, came)
                if told is None:
                    told = await self._asked(caller, authorization)
                    self._count("homeserver")
                else:
                    self._count("recent")
        except (HomeserverError, TimeoutError) as error:
            return self._stand_in(caller, error)
        return self._as_of_now(told)

    def _recent(self, caller: bytes, came: float) -> _Told | None:
        """What is known that will do for a question that came at the time ``came``; None: ask.

        It will do if it is fresh, or came after the question did: somebody else has asked
        meanwhile. Raises ``HomeserverError`` if that is what came.
        """
        now = self._clock()
        for told in (self._refused.get(caller), self._known.get(caller)):
            # What came of another's question is new enough if it was answered after this one came.
            if told is not None and (now < told.until or came <= told.at):
                if isinstance(told.what, HomeserverError):
                    raise told.what
                return told
        return None

    async def _asked(self, caller: bytes, authorization: str | None) -> _Told:
        """Ask the homeserver, and remember what came of it; raises ``HomeserverError``."""
        is_known = authorization is None or caller in self._known
        try:
            async with self._slots if is_known else self._strangers_slots:
                reply = await self._ask(authorization)
            answer = passed_on(reply, self._features)
        except HomeserverError as error:
            now = self._clock()
            self._refuse(caller, _Told(now, now + (error.retry_after_s or 0), error))
            raise
        now = self._clock()
        told = _Told(now, now + fresh_s(answer), answer)
        if answer.status == 200:
            self._remember(caller, told, answer)
        else:
            self._known.pop(caller, None)
            self._refuse(caller, told)
        return told

    def _remember(self, caller: bytes, told: _Told, answer: Reply) -> None:
        self._refused.pop(caller, None)
        self._known.pop(caller, None)
        if len(answer.body) <= REMEMBERED_BYTES:
            _keep(self._known, caller, told)

    def _refuse(self, caller: bytes, told: _Told) -> None:
        """Remembers a refusal or error, apart from answers: strangers who are refused drive out
        none of these."""
        self._refused.pop(caller, None)
        if isinstance(told.what, HomeserverError) or len(told.what.body) <= REMEMBERED_BYTES:
            _keep(self._refused, caller, told)

    def _stand_in(self, caller: bytes, error: Exception) -> Reply:
        """The caller's last good answer, if it is not too old; raises ``BadGateway``."""
        known = self._known.get(caller)
        if known is None or self._clock() - known.at > STANDS_IN_S:
            self._count("none")
            raise BadGateway("the homeserver does not answer") from error
        self._seldom.log(
            log, logging.WARNING, "/versions is answered from memory", {"error": repr(error)}
        )
        self._count("memory")
        return self._as_of_now(known)

    def _as_of_now(self, told: _Told) -> Reply:
        """An answer with the headers that say how old it is, and how long to wait still."""
        assert isinstance(told.what, Reply)
        reply, now = told.what, self._clock()
        headers = dict(reply.headers)
        if now - told.at >= 1:
            headers["age"] = str(int(_number(headers.get("age")) + now - told.at))
            if "retry-after" in headers:
                headers["retry-after"] = str(max(math.ceil(told.until - now), 1))
        return Reply(reply.status, headers, reply.body)


def _caller(authorization: str | None) -> bytes:
    """Under what answers to this header are remembered: a digest, so that no token is kept."""
    header = b"" if authorization is None else b"=" + authorization.encode(errors="replace")
    return hashlib.sha256(header).digest()


def _keep(told: dict[bytes, _Told], caller: bytes, one: _Told) -> None:
    told[caller] = one
    if len(told) > REMEMBERED:
        del told[next(iter(told))]


def fresh_s(reply: Reply) -> float:
    """For how many seconds the same caller is answered without asking the homeserver again.

    A homeserver that says for how long its answer holds is believed, up to a minute; one that
    wants to be asked each time is asked once a second. Refusals hold as long as they say.
    """
    if reply.status != 200:
        wanted = wait_wanted_s(reply.headers, reply.body)
        return max(wanted or 0.0, LEAST_FRESH_S)
    said = reply.headers.get("cache-control", "").lower()
    if "no-store" in said or "no-cache" in said:
        return LEAST_FRESH_S
    found = re.search(r"\bmax-age=([0-9]{1,9})\b", said)
    fresh = float(found[1]) - _number(reply.headers.get("age")) if found else USUALLY_FRESH_S
    return min(max(fresh, LEAST_FRESH_S), STANDS_IN_S)


def _number(text: str | None) -> float:
    return float(text) if text and re.fullmatch(r"[0-9]{1,9}", text) else 0.0


def passed_on(reply: Reply, features: Features) -> Reply:
    """An answer of the homeserver's as clients get it, errors included.

    Raises ``HomeserverError`` for one that is not the homeserver's own, or not understood.
    """
    if reply.status >= 500 or 300 <= reply.status < 400:
        wanted = wait_wanted_s(reply.headers, reply.body)
        raise HomeserverError(
            f"versions: {reply.status}", retry_after_s=wanted, status=reply.status
        )
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
    added = features(MappingProxyType(given))
    if not added:
        return body
    merged = Raw(msgspec.json.encode({**has, **added}))
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
