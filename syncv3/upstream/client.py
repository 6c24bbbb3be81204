"""What is asked of the homeserver: one method a question. ``transport`` has the way there.

Answers hold what strangers have written. So each has a limit in bytes, and one bad value costs no
more than that value: an event that cannot be used is left out, and a profile with a number for a
name has no name. Only an answer that as a whole is not of the expected shape is an error. Long
answers are read in pieces, between which other tasks run.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Raw

from syncv3.batch import Hole
from syncv3.errors import HomeserverError
from syncv3.types import DeviceID, Event, EventID, Reply, RoomID, UserID
from syncv3.untrusted import UNREADABLE, in_breaths, mend, object_of, read, text
from syncv3.upstream.address import check_authorization, check_token
from syncv3.upstream.body import SyncBody
from syncv3.upstream.contact import Contact
from syncv3.upstream.events import decode_events
from syncv3.upstream.failures import failure
from syncv3.upstream.pieces import read_list
from syncv3.upstream.transport import Transport
from syncv3.version import VIA

LIST_LIMIT_BYTES = 256 * 1024 * 1024
"""Of lists of members and events, which are collected in memory: 500,000 members."""
PAGE_LIMIT_BYTES = 32 * 1024 * 1024
"""Of a page of messages: a hundred of the largest, with what they replaced and redacted them,
and the members who wrote them."""
FACT_LIMIT_BYTES = 256 * 1024
"""Of what is small: whose token it is, one event, what the homeserver speaks."""
ANY_LIMIT_BYTES = 1024 * 1024
"""Of what extensions ask for."""
_VERSIONS = "/_matrix/client/versions"

_T = TypeVar("_T")


class Versions(msgspec.Struct, frozen=True):
    """What /versions says: releases of the specification, and unstable features by their names."""

    versions: tuple[str, ...] = ()
    unstable_features: dict[str, object] = {}

    @property
    def state_after_parameter(self) -> str | None:
        """How to ask for MSC4222's ``state_after``; None when it is not offered."""
        # MSC4222 is in the specification since then.
        if any(_release(version) >= (1, 16) for version in self.versions):
            return "use_state_after"
        if self.unstable_features.get("org.matrix.msc4222") is True:
            return "org.matrix.msc4222.use_state_after"
        return None

    @property
    def names_devices(self) -> bool:
        """Whether ``whoami`` names the device of each token that belongs to one."""
        # ``device_id`` is in the answer of ``whoami`` since then.
        return any(_release(version) >= (1, 1) for version in self.versions)


class Page(NamedTuple):
    """One page of /messages, in the direction asked for; ``end`` None: there is no more."""

    events: tuple[Event, ...]
    state: tuple[Event, ...]
    end: str | None
    holes: tuple[Hole, ...] = ()  # where events could not be used


class JoinedMember(msgspec.Struct, frozen=True):
    """One entry of /joined_members; None where nothing usable is given."""

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

    ``server`` is a base URL or the path of a unix socket; raises ``ConfigError`` if it is neither.
    ``timeout_s`` and ``initial_timeout_s`` (rule U-36): 0 means no limit. Every method
    raises ``UnknownToken`` when the token is dead and ``HomeserverError`` for all else: no answer
    in time, another status than 200, or a body that is not understood.
    """

    def __init__(
        self,
        server: str,
        *,
        user_agent: str,
        timeout_s: float = 300,
        initial_timeout_s: float = 1800,
        tls: ssl.SSLContext | None = None,
        contact: Contact | None = None,
    ) -> None:
        self._transport = Transport(
            server,
            user_agent=user_agent,
            timeout_s=timeout_s,
            initial_timeout_s=initial_timeout_s,
            tls=tls,
            contact=contact,
        )
        self._state_after: str | None = None
        self._names_devices = False

    async def start(self) -> None:
        await self._transport.start()

    async def close(self) -> None:
        await self._transport.close()

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
        reply = await self._transport.fetch(_VERSIONS, {}, limit=FACT_LIMIT_BYTES)
        if reply.status != 200:
            raise failure("versions", reply.status, reply.headers, reply.body)
        versions = _decode(reply.body, Versions)
        self._state_after = versions.state_after_parameter
        self._names_devices = versions.names_devices
        return versions

    async def versions_for(self, authorization: str | None) -> Reply:
        """The answer to a client's own question, whatever its status (rule S-572).

        ``authorization`` is the client's header, passed on as it is; None: it sent none.
        """
        headers = {"Via": VIA}
        if authorization is not None:
            check_authorization(authorization)
            headers["Authorization"] = authorization
        return await self._transport.fetch(_VERSIONS, headers, limit=FACT_LIMIT_BYTES)

    async def whoami(self, token: str) -> tuple[UserID, DeviceID]:
        """Whose token this is (rule U-2); the device is "" for a token without one (S-3).

        Admins make such tokens for a user, and application services have one. Homeservers
        older than 1.1 name no token's device: two devices of a user would be taken for one,
        and take each other's messages. So they are no use here.
        """
        body = await self._transport.get("/account/whoami", token, limit=FACT_LIMIT_BYTES)
        who = _decode(body, _WhoAmI)
        # Perhaps it was not asked yet, or was updated since: one look before the token is refused.
        if not who.device_id and not self._names_devices:
            await self.versions()
            if not self._names_devices:
                raise HomeserverError("whoami names no device: the homeserver is older than 1.1")
        return UserID(who.user_id), DeviceID(who.device_id or "")

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
        """One answer to /sync (rule U-32), not read yet; the caller closes it.

        ``since`` None asks for everything. ``timeout_ms`` is how long the homeserver may wait for
        news; 0: it answers at once. ``filter`` is JSON. ``presence`` is what others are told of the
        user. ``initial`` allows the long time of a first sync (rule U-36).
        """
        asked = self._state_after  # kept, as ``versions`` may change it while the answer is awaited
        query = _poll_query(timeout_ms, presence, filter, asked)
        if since:
            query += "&since=" + quote(since, safe="")
        body, first_byte = await self._transport.poll(token, query, initial=initial)
        return SyncBody(body, first_byte, state_after=asked is not None)

    async def members(
        self, token: str, room_id: RoomID, *, at: str | None = None
    ) -> tuple[Event, ...]:
        """All member events of a room, now or at the sync token ``at``, in no certain order."""
        query = {"at": at} if at else {}
        path = f"/rooms/{quote(room_id, safe='')}/members"
        body = await self._transport.get(path, token, query, limit=LIST_LIMIT_BYTES)
        found: dict[EventID, Event] = {}  # by ID, as a piece may come twice
        async for piece in _in_pieces(body, "chunk", _chunk):
            found.update((event.event_id, event) for event in await _events(piece.chunk))
        return tuple(found.values())

    async def joined_members(self, token: str, room_id: RoomID) -> Mapping[UserID, JoinedMember]:
        """Who is joined to a room, with their profiles there."""
        path = f"/rooms/{quote(room_id, safe='')}/joined_members"
        body = await self._transport.get(path, token, limit=LIST_LIMIT_BYTES)
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
        # The context of an event has the state as of the event; with this filter, of all members
        # only those who wrote what is in it: the event's own sender.
        query = {"limit": "0", "filter": '{"lazy_load_members":true}'}
        path = f"/rooms/{room}/context/{event}"
        body = await self._transport.get(path, token, query, limit=LIST_LIMIT_BYTES)
        for found in await _events((await _read(body, _chunk)).state):
            if found.type == "m.room.member" and found.state_key == user_id:
                return found
        return None

    async def member(self, token: str, room_id: RoomID, user_id: UserID) -> Event | None:
        """A user's current member event in a room; None: there is none, or it is not told."""
        room, user = quote(room_id, safe=""), quote(user_id, safe="")
        path = f"/rooms/{room}/state/m.room.member/{user}"
        try:
            body = await self._transport.get(
                path, token, {"format": "event"}, limit=FACT_LIMIT_BYTES
            )
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
        """One page of a room's history from the token ``start`` (None: from its end).

        At most ``limit`` events, the newest first if ``backwards``. ``state`` of the page has the
        member events of their senders.
        """
        query = {
            "dir": "b" if backwards else "f",
            "limit": str(limit),
            "filter": '{"lazy_load_members":true}',
        }
        if start is not None:
            query["from"] = start
        path = f"/rooms/{quote(room_id, safe='')}/messages"
        body = await self._transport.get(path, token, query, limit=PAGE_LIMIT_BYTES)
        page = await _read(body, _chunk)
        events = await in_breaths(decode_events(page.chunk))
        state = await _events(page.state)
        return Page(events.events, state, page.end, events.holes)

    async def fetch(
        self,
        token: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The body of a 200 answer to GET ``path``, which begins with ``/_matrix/``.

        With a ``body`` it is POSTed, as JSON. For extensions: nothing is known here of what is
        asked, so nothing of the answer is read.
        """
        check_token(token)
        bearer = {"Authorization": f"Bearer {token}"}
        reply = await self._transport.fetch(path, bearer, query, body, limit=ANY_LIMIT_BYTES)
        if reply.status != 200:
            raise failure(path, reply.status, reply.headers, reply.body)
        return reply.body


def _profile(raw: Raw) -> JoinedMember:
    """A member's profile, which they have written themselves: what is odd in it is absent."""
    found = object_of(raw)
    return JoinedMember(text(found.get("display_name")), text(found.get("avatar_url")))


async def _read(body: bytes, decoder: "msgspec.json.Decoder[_T]") -> _T:
    """Decodes an answer that has others' events in it. A value in these that no reader takes is
    mended, and the rest counts."""
    try:
        return await in_breaths(read(decoder, body))
    except UNREADABLE as error:
        raise HomeserverError(f"the homeserver's answer is not understood: {error}") from error


@lru_cache(maxsize=100)
def _poll_query(timeout_ms: int, presence: str, filter: str, state_after: str | None) -> str:
    """What nearly all polls ask alike, encoded. There are only a few different filters, and each is
    sent with every poll: so the last queries are remembered."""
    query = {"timeout": str(timeout_ms), "set_presence": presence, "filter": filter}
    return urlencode(query if state_after is None else query | {state_after: "true"})


async def _events(raws: Sequence[Raw]) -> tuple[Event, ...]:
    """The usable events among these, in their order; others run meanwhile."""
    return (await in_breaths(decode_events(raws))).events


async def _in_pieces(
    body: bytes, key: str, decoder: "msgspec.json.Decoder[_T]"
) -> AsyncIterator[_T]:
    """An answer with the list ``key``, as several that have a piece of it each; others run in
    between.

    Pieces may come twice: if one of them cannot be read, the body is mended as a whole and read
    from the beginning. Raises ``HomeserverError`` if that does not help.
    """
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
