"""What is asked of the homeserver: one method a question.

``sync`` is the long poll and goes through ``LongPollClient``; all else uses aiohttp. Paths
are v3; a homeserver that does not know them is asked under r0 from then on (UZ-7).
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
from msgspec import Raw
from multidict import CIMultiDictProxy
from yarl import URL

from syncv3.errors import HomeserverError
from syncv3.types import DeviceID, Event, EventID, Reply, RoomID, UserID
from syncv3.untrusted import UNREADABLE, in_breaths, mend, object_of, read, text
from syncv3.upstream.address import Address, check_authorization, check_token
from syncv3.upstream.body import SyncBody
from syncv3.upstream.events import decode_events
from syncv3.upstream.failures import failure, is_unrecognized
from syncv3.upstream.longpoll import LongPollClient
from syncv3.upstream.pieces import read_list
from syncv3.version import VIA

BODY_LIMIT_BYTES = 1024 * 1024 * 1024
"""Of /sync, whose large answers are spooled to a file."""
LIST_LIMIT_BYTES = 256 * 1024 * 1024
"""Of lists of members and events, which are collected in memory: 500,000 members."""
FACT_LIMIT_BYTES = 256 * 1024
"""Of what is small: whose token it is, one event, what the homeserver speaks."""
ANY_LIMIT_BYTES = 1024 * 1024
"""Of what extensions ask for."""
_ERROR_BODY_BYTES = 64 * 1024
_CONNECTIONS = 50
_BASES = ("/_matrix/client/v3", "/_matrix/client/r0")
_VERSIONS = "/_matrix/client/versions"

_T = TypeVar("_T")


class Versions(msgspec.Struct, frozen=True):
    """What /versions says."""

    versions: tuple[str, ...] = ()
    unstable_features: dict[str, object] = {}

    @property
    def state_after_parameter(self) -> str | None:
        """How to ask for MSC4222's ``state_after``; None when it is not offered."""
        if any(_release(version) >= (1, 16) for version in self.versions):
            return "use_state_after"
        if self.unstable_features.get("org.matrix.msc4222") is True:
            return "org.matrix.msc4222.use_state_after"
        return None


class Page(NamedTuple):
    """One page of /messages, in the direction asked for; ``end`` None: there is no more."""

    events: tuple[Event, ...]
    state: tuple[Event, ...]
    end: str | None


class JoinedMember(msgspec.Struct, frozen=True):
    display_name: str | None = None
    avatar_url: str | None = None


class _WhoAmI(msgspec.Struct):
    user_id: str
    device_id: str | None = None


class _Chunk(msgspec.Struct):
    chunk: list[Raw] = []
    state: list[Raw] = []
    end: str | None = None


class _Joined(msgspec.Struct):
    joined: dict[str, Raw]


_chunk = msgspec.json.Decoder(_Chunk)
_joined = msgspec.json.Decoder(_Joined)


class Homeserver:
    """One homeserver. Use as ``async with``, or ``start`` and ``close``.

    ``timeout_s`` and ``initial_timeout_s`` (rule U-36): 0 means no limit. Every method
    raises ``UnknownToken`` when the token is dead and ``HomeserverError`` for all else.
    """

    def __init__(
        self,
        server: str,
        *,
        user_agent: str,
        timeout_s: float = 300,
        initial_timeout_s: float = 1800,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._address = Address.parse(server)
        self._user_agent = user_agent
        self._timeout_s = timeout_s
        self._initial_timeout_s = initial_timeout_s
        self._tls = tls
        self._bases = list(_BASES)
        self._long_poll = LongPollClient(self._address, user_agent, tls=tls)
        self._session: aiohttp.ClientSession | None = None
        self._state_after: str | None = None

    async def start(self) -> None:
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

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def versions(self) -> Versions:
        """What the homeserver speaks (rule U-31); later polls use what it offers."""
        reply = await self._fetch(_VERSIONS, {}, limit=FACT_LIMIT_BYTES)
        if reply.status != 200:
            raise failure("versions", reply.status, reply.headers, reply.body)
        versions = _decode(reply.body, Versions)
        self._state_after = versions.state_after_parameter
        return versions

    async def versions_for(self, authorization: str | None) -> Reply:
        """The answer to a client's own question, whatever its status (rule S-572).

        ``authorization`` is the client's header, passed on as it is; None: it sent none.
        """
        headers = {"Via": VIA}
        if authorization is not None:
            check_authorization(authorization)
            headers["Authorization"] = authorization
        return await self._fetch(_VERSIONS, headers, limit=FACT_LIMIT_BYTES)

    async def whoami(self, token: str) -> tuple[UserID, DeviceID]:
        """Whose token this is (rule U-2)."""
        body = await self._get("/account/whoami", token, limit=FACT_LIMIT_BYTES)
        who = _decode(body, _WhoAmI)
        if not who.device_id:
            raise HomeserverError("whoami names no device: the homeserver is older than 1.1")
        return UserID(who.user_id), DeviceID(who.device_id)

    async def sync(
        self,
        token: str,
        *,
        since: str | None,
        timeout_ms: int,
        filter: str,
        initial: bool,
        presence: str = "offline",
    ) -> SyncBody:
        """One answer to /sync (rule U-32); the caller closes it.

        ``filter`` is JSON. ``presence`` is what others are told of the user. ``initial`` allows
        the long time of a first sync (rule U-36).
        """
        check_token(token)
        query = {"timeout": str(timeout_ms), "set_presence": presence, "filter": filter}
        if since:
            query["since"] = since
        asked = self._state_after
        if asked is not None:
            query[asked] = "true"
        timeout_s = self._initial_timeout_s if initial else self._timeout_s
        path = f"/sync?{urlencode(query)}"
        for base in list(self._bases):
            response = await self._long_poll.get(
                base + path, token, limit=BODY_LIMIT_BYTES, timeout_s=timeout_s
            )
            body = response.sink.finish()
            if response.status == 200:
                self._bases = [base]
                return SyncBody(body, response.first_byte, state_after=asked is not None)
            refusal = bytes(body[:_ERROR_BODY_BYTES])
            if not is_unrecognized(response.status, refusal):
                break
        raise failure("sync", response.status, response.headers, refusal)

    async def members(
        self, token: str, room_id: RoomID, *, at: str | None = None
    ) -> tuple[Event, ...]:
        """All member events of a room, now or at the sync token ``at``."""
        query = {"at": at} if at else {}
        body = await self._get(f"/rooms/{quote(room_id, safe='')}/members", token, query)
        found: dict[EventID, Event] = {}
        async for piece in _in_pieces(body, "chunk", _chunk):
            found.update((event.event_id, event) for event in await _events(piece.chunk))
        return tuple(found.values())

    async def joined_members(self, token: str, room_id: RoomID) -> Mapping[UserID, JoinedMember]:
        """Who is joined to a room, with their profiles there."""
        body = await self._get(f"/rooms/{quote(room_id, safe='')}/joined_members", token)
        found: dict[UserID, JoinedMember] = {}
        async for piece in _in_pieces(body, "joined", _joined):
            found.update((UserID(user_id), _profile(raw)) for user_id, raw in piece.joined.items())
        return found

    async def sender_of(
        self, token: str, room_id: RoomID, event_id: EventID, user_id: UserID
    ) -> Event | None:
        """The member event that an event's sender had when it was sent; None: not told.

        It is older than the event, so what a sync has still to bring cannot be in it.
        """
        room, event = quote(room_id, safe=""), quote(event_id, safe="")
        query = {"limit": "0", "filter": '{"lazy_load_members":true}'}
        body = await self._get(f"/rooms/{room}/context/{event}", token, query)
        for found in await _events((await _read(body, _chunk)).state):
            if found.type == "m.room.member" and found.state_key == user_id:
                return found
        return None

    async def member(self, token: str, room_id: RoomID, user_id: UserID) -> Event | None:
        """A user's current member event in a room; None: there is none, or it is not told."""
        room, user = quote(room_id, safe=""), quote(user_id, safe="")
        path = f"/rooms/{room}/state/m.room.member/{user}"
        try:
            body = await self._get(path, token, {"format": "event"}, limit=FACT_LIMIT_BYTES)
        except HomeserverError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return None
        found = await _events([Raw(body)])
        return found[0] if found and found[0].state_key == user_id else None

    async def messages(
        self,
        token: str,
        room_id: RoomID,
        *,
        start: str | None,
        limit: int,
        backwards: bool = True,
    ) -> Page:
        """One page of a room's history from the token ``start`` (None: from its end)."""
        query = {
            "dir": "b" if backwards else "f",
            "limit": str(limit),
            "filter": '{"lazy_load_members":true}',
        }
        if start is not None:
            query["from"] = start
        body = await self._get(f"/rooms/{quote(room_id, safe='')}/messages", token, query)
        page = await _read(body, _chunk)
        events = await _events(page.chunk)
        state = await _events(page.state)
        return Page(events, state, page.end)

    async def fetch(
        self,
        token: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The body of a 200 answer to GET ``path``, which begins with ``/_matrix/``.

        With a ``body`` it is POSTed, as JSON.
        """
        check_token(token)
        bearer = {"Authorization": f"Bearer {token}"}
        reply = await self._fetch(path, bearer, query, body, limit=ANY_LIMIT_BYTES)
        if reply.status != 200:
            raise failure(path, reply.status, reply.headers, reply.body)
        return reply.body

    async def _get(
        self,
        path: str,
        token: str,
        query: Mapping[str, str] | None = None,
        *,
        limit: int = LIST_LIMIT_BYTES,
    ) -> bytes:
        """The body of a 200 answer to GET ``path`` below the base that works (UZ-7)."""
        check_token(token)
        for base in list(self._bases):
            bearer = {"Authorization": f"Bearer {token}"}
            reply = await self._fetch(base + path, bearer, query, limit=limit)
            if reply.status == 200:
                self._bases = [base]
                return reply.body
            if not is_unrecognized(reply.status, reply.body):
                break
        raise failure(path.split("/")[1], reply.status, reply.headers, reply.body)

    async def _fetch(
        self,
        path: str,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        sent: Mapping[str, Any] | None = None,
        *,
        limit: int,
    ) -> Reply:
        """The answer to GET, or to POST with what is ``sent``."""
        assert self._session is not None, "not started"
        url = self._address.url + path + (f"?{urlencode(query)}" if query else "")
        method = "GET" if sent is None else "POST"
        try:
            async with self._session.request(
                method, URL(url, encoded=True), json=sent, headers=headers, allow_redirects=False
            ) as response:
                body = await _read_bounded(response, limit)
                return Reply(response.status, _by_name(response.headers), body)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise HomeserverError(f"cannot ask the homeserver: {type(error).__name__}") from error


def _by_name(headers: "CIMultiDictProxy[str]") -> dict[str, str]:
    """Headers by their names in lower case; what is there several times becomes one list."""
    return {name.lower(): ", ".join(headers.getall(name)) for name in headers}


async def _read_bounded(response: aiohttp.ClientResponse, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > limit:
            raise HomeserverError(f"the answer is larger than {limit} bytes")
        pieces.append(piece)
    return b"".join(pieces)


def _profile(raw: Raw) -> JoinedMember:
    """A member's profile, which they have written themselves: what is odd in it is absent."""
    found = object_of(raw)
    return JoinedMember(text(found.get("display_name")), text(found.get("avatar_url")))


async def _read(body: bytes, decoder: "msgspec.json.Decoder[_T]") -> _T:
    """What an answer holds in which others' events are: whatever is in these, the rest counts."""
    try:
        return await in_breaths(read(decoder, body))
    except UNREADABLE as error:
        raise HomeserverError(f"the homeserver's answer is not understood: {error}") from error


async def _events(raws: Sequence[Raw]) -> tuple[Event, ...]:
    """The usable events among some, letting others run meanwhile."""
    return (await in_breaths(decode_events(raws))).events


async def _in_pieces(
    body: bytes, key: str, decoder: "msgspec.json.Decoder[_T]"
) -> AsyncIterator[_T]:
    """An answer with the list ``key``, as several that have a piece of it each; others run
    in between. What has been given may come again: some piece could not be read at once."""
    try:
        for piece in read_list(body, key, decoder):
            yield piece
            await asyncio.sleep(0)
        return
    except UNREADABLE:
        mended = await in_breaths(mend(body))
    try:
        for piece in read_list(mended, key, decoder):
            yield piece
            await asyncio.sleep(0)
    except UNREADABLE as error:
        raise HomeserverError(f"the homeserver's answer is not understood: {error}") from error


def _decode(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except UNREADABLE as error:
        raise HomeserverError(f"the homeserver's answer is not understood: {error}") from error


def _release(version: str) -> tuple[int, int]:
    """``v1.16`` as numbers; (0, 0) for r0 versions."""
    major, _, minor = version.removeprefix("v").partition(".")
    return (int(major), int(minor)) if major.isdecimal() and minor.isdecimal() else (0, 0)
