"""A client's connection of simplified sliding sync, in either form, which checks all it is told."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import aiohttp

from tests.support.account import Account
from tests.support.client import SyncError
from tests.support.room import JSON
from tests.support.simplified.answer import Answer
from tests.support.simplified.model import Contradiction, KnownRoom, Model
from tests.support.simplified.schema import problems
from tests.support.simplified.wire import Asked, Dialect, encode

PATIENCE_S: Final = 15.0
"""How long ``until`` waits for what must come, which our service hears of a poll later."""
NEVER_S: Final = 60.0
"""After which a request that nobody answers fails its test."""


class Connection:
    """``lists``, ``subscriptions`` and ``extensions`` are sent whole with every request, since
    nothing is sticky. ``model`` is what the client knows by the answers that it took.
    """

    def __init__(
        self, http: aiohttp.ClientSession, url: str, dialect: Dialect, account: Account,
        conn_id: str = "",
    ) -> None:  # fmt: skip
        self.account = account
        self.dialect = dialect
        self.conn_id = conn_id
        self.pos: str | None = None
        self.lists: Mapping[str, JSON] = {}
        self.subscriptions: Mapping[str, JSON] = {}
        self.extensions: Mapping[str, JSON] = {}
        self.model = Model(account.user_id)
        self._http = http
        self._url = url

    @property
    def rooms(self) -> dict[str, KnownRoom]:
        return self.model.rooms

    def forget(self) -> None:
        """Start anew, as a client does at ``M_UNKNOWN_POS``."""
        self.pos = None
        self.model = Model(self.account.user_id)

    async def sync(
        self, *, lists: Mapping[str, JSON] | None = None,
        subscriptions: Mapping[str, JSON] | None = None,
        extensions: Mapping[str, JSON] | None = None, timeout_ms: int | None = None,
    ) -> Answer:  # fmt: skip
        """One request and its answer, taken. What is given holds for the next requests too.

        Raises ``SyncError`` when the server refuses, ``Contradiction`` when it must be wrong.
        """
        if lists is not None:
            self.lists = lists
        if subscriptions is not None:
            self.subscriptions = subscriptions
        if extensions is not None:
            self.extensions = extensions
        answer = await self.ask(timeout_ms=timeout_ms)
        self.take(answer)
        return answer

    async def ask(self, *, timeout_ms: int | None = None) -> Answer:
        """One request whose answer counts as lost, unless it is given to ``take``."""
        asked = Asked(self.conn_id, self.pos, timeout_ms, self.lists, self.subscriptions,
                      self.extensions, bool(self.account.device_id))  # fmt: skip
        query, body = encode(self.dialect, asked, self.account.user_id)
        status, raw = await self.post(body, query)
        if status != 200:
            raise SyncError(status, raw)
        wrong = problems(raw, asked, self.dialect, self.account.user_id)
        if wrong:
            raise Contradiction("\n".join(wrong))
        return Answer(raw, asked, self.dialect)

    async def post(
        self, body: Any, query: Mapping[str, str | int] | None = None
    ) -> tuple[int, JSON]:
        """Any request at all: the status and the object of its answer. ``body`` may be bytes."""
        headers = {"Authorization": f"Bearer {self.account.token}"}
        content = {"data": body} if isinstance(body, bytes) else {"json": body}
        url = self._url + self.dialect.path
        async with (
            asyncio.timeout(NEVER_S),
            self._http.post(url, params=query or {}, headers=headers, **content) as response,
        ):
            return response.status, await response.json()

    def take(self, answer: Answer) -> None:
        self.model.take(answer)
        self.pos = answer.pos

    async def until(
        self, condition: Callable[[], bool], *, patience_s: float = PATIENCE_S, **request: Any
    ) -> list[Answer]:
        """Sync until the condition holds; the answers on the way."""
        answers: list[Answer] = []
        deadline = time.monotonic() + patience_s
        while not condition():
            left_ms = int((deadline - time.monotonic()) * 1000)
            assert left_ms > 0, f"did not come within {patience_s} s; rooms: {self.rooms}"
            answers.append(await self.sync(timeout_ms=min(left_ms, 5_000), **request))
        return answers

    async def until_event(self, room_id: str, event_id: str, **request: Any) -> list[Answer]:
        """Sync until the event is in the room's timeline."""
        return await self.until(
            lambda: room_id in self.rooms and event_id in self.rooms[room_id].timeline.ids,
            **request,
        )
