"""A homeserver over real HTTP on a loopback port, in the test's own process.

``world`` is what it knows and how tests act; ``break_`` makes requests fail; ``freeze``,
``thaw`` and ``lag`` keep a device's view of the world behind. Clients may also act through
the client-server API, exactly as with a real homeserver: see ``account.py``.
"""

import asyncio
import copy
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from aiohttp import web

from tests.support.faults import Fault, Raw, Trap
from tests.support.homeserver_api import ROUTES
from tests.support.ports import free_port
from tests.support.room import JSON
from tests.support.v2 import Filter, Syncer, decode_filter
from tests.support.world import Device, Refused, World

LONGEST_POLL_MS = 60_000


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came in; ``user_id`` None: without a good token."""

    method: str
    path: str
    query: dict[str, str]
    user_id: str | None
    device_id: str | None


class FakeHomeserver:
    """Use as ``async with FakeHomeserver() as homeserver``."""

    def __init__(self, server_name: str = "hs", *, state_after: bool = False) -> None:
        self.world = World(server_name)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.seen: list[Seen] = []
        self.filters: dict[str, JSON] = {}
        self.offers_state_after = state_after
        self._traps: list[Trap] = []
        self._frozen: dict[tuple[str, str], int] = {}
        self._lags: dict[tuple[str, str], float] = {}
        self._acknowledged: dict[tuple[str, str], tuple[int, Filter]] = {}
        self._previous: dict[tuple[str, str], bytes] = {}
        self._asked = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.down()

    async def up(self) -> None:
        """Listen (again), on the same port."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def down(self) -> None:
        """Stop listening and cut every connection; the world goes on."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # Scripted misbehaviour

    def break_(
        self, fault: Fault, *, path: str = "/sync", user_id: str | None = None,
        device_id: str | None = None, times: int | None = 1,
    ) -> Trap:  # fmt: skip
        """Let the fault strike requests; it is tried before those that were set earlier."""
        trap = Trap(fault, path, user_id, device_id, times)
        self._traps.insert(0, trap)
        return trap

    def freeze(self, user_id: str, device_id: str) -> None:
        """The device's syncs show the world as it is now until ``thaw``."""
        self._frozen[(user_id, device_id)] = self.world.position

    def thaw(self, user_id: str, device_id: str) -> None:
        del self._frozen[(user_id, device_id)]
        self.world.advance()

    def lag(self, user_id: str, device_id: str, seconds: float) -> None:
        """The device's syncs show the world as it was that long ago; 0: no longer."""
        self._lags[(user_id, device_id)] = seconds

    async def settled(self, *user_ids: str, timeout_s: float = 10.0) -> None:
        """Wait until every device that syncs has asked on, past all that concerns it.

        With ``user_ids``: the devices of these, of which each must have synced.
        """
        async with asyncio.timeout(timeout_s):
            while not self._is_settled(user_ids):
                self._asked.clear()
                await self._asked.wait()

    def _is_settled(self, user_ids: tuple[str, ...]) -> bool:
        asked = {key: at for key, at in self._acknowledged.items()
                 if key in self.world.devices and (not user_ids or key[0] in user_ids)}  # fmt: skip
        if missing := set(user_ids) - {user for user, _ in asked}:
            return not missing
        return not any(
            since < self.world.position and self._news(key, since, wanted)
            for key, (since, wanted) in asked.items()
        )

    def _news(self, key: tuple[str, str], since: int, wanted: Filter) -> bool:
        device = copy.deepcopy(self.world.devices[key])
        return Syncer(self.world, device, since, self._newest(device), wanted).reply().news

    # Requests

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        device = self.world.tokens.get(token)
        user_id, device_id = device.key if device else (None, None)
        self.seen.append(
            Seen(request.method, request.path, dict(request.query), user_id, device_id)
        )
        fault = next((trap.fault for trap in self._traps
                      if trap.strikes(request.path, user_id, device_id)), Fault())  # fmt: skip
        await asyncio.sleep(fault.delay_s)  # the fault
        if fault.hang:
            await asyncio.Event().wait()
        if fault.raw is not None:
            return await _write_raw(request, fault.raw)
        status, body = await self._answer(request, device, token, fault)
        await asyncio.sleep(fault.slow_s)  # the fault
        headers = fault.headers() | {"Content-Type": "application/json"}
        if fault.drop:
            return await _cut(request, status, body, headers)
        if fault.truncate:
            body = body[: len(body) // 2]
        return web.Response(status=status, body=body, headers=headers)

    async def _answer(
        self, request: web.Request, device: Device | None, token: str, fault: Fault
    ) -> tuple[int, bytes]:
        if fault.status is not None:
            return fault.status, json.dumps(fault.error()).encode()
        if fault.body is not None:
            return 200, fault.body
        if fault.repeat and device is not None and device.key in self._previous:
            return 200, self._previous[device.key]
        try:
            answer = await self._route(request, device, token)
        except Refused as refused:
            extra = {"soft_logout": True} if self.world.expired.get(token) else {}
            error = {"errcode": refused.errcode, "error": str(refused), **extra}
            return refused.status, json.dumps(error).encode()
        if fault.rewrite is not None:
            answer = fault.rewrite(answer)
        body = json.dumps(answer).encode()
        if fault.edit is not None:
            body = fault.edit(body)
        if device is not None and request.path.endswith("/sync"):
            self._previous[device.key] = body
        return 200, body

    async def _route(self, request: web.Request, device: Device | None, token: str) -> JSON:
        if request.path == "/_matrix/client/versions":
            features = {"org.matrix.msc4222": True} if self.offers_state_after else {}
            return {"versions": ["v1.1", "v1.11"], "unstable_features": features}
        for base in ("/_matrix/client/v3", "/_matrix/client/r0"):
            if request.path.startswith(f"{base}/"):
                path = request.rel_url.raw_path.removeprefix(base)
                break
        else:
            raise Refused(404, "M_UNRECOGNIZED")
        if path == "/sync":
            return await self._sync(request, token)
        body = await request.read()
        try:
            content = json.loads(body) if body else {}
        except ValueError as error:
            raise Refused(400, "M_NOT_JSON") from error
        return ROUTES.answer(self, request.method, path, dict(request.query), content, token)

    async def _sync(self, request: web.Request, token: str) -> JSON:
        query, device = request.query, self.world.device_of(token)
        since = self._position(query.get("since"), "s")
        try:
            wanted = decode_filter(query.get("filter"), self.filters)
        except (ValueError, KeyError) as error:
            raise Refused(400, "M_INVALID_PARAM", "bad filter") from error
        if since is not None:
            device.inbox = [entry for entry in device.inbox if entry[0] > since]
            self._acknowledged[device.key] = (since, wanted)
        else:
            device.seen_members.clear()
        state_after = self.offers_state_after and "true" in (
            query.get("use_state_after"),
            query.get("org.matrix.msc4222.use_state_after"),
        )
        timeout_s = min(int(query.get("timeout", "0")), LONGEST_POLL_MS) / 1000
        deadline = asyncio.get_running_loop().time() + timeout_s
        self._asked.set()
        while True:
            device = self.world.device_of(token)  # it may have expired meanwhile
            changed = self.world.changed
            upto = max(self._newest(device), since or 0)
            syncer = Syncer(self.world, device, since, upto, wanted, state_after=state_after)
            reply = syncer.reply()
            left_s = deadline - asyncio.get_running_loop().time()
            if reply.news or left_s <= 0:
                return reply.body
            await self._next_change(changed, device, left_s)

    async def _next_change(self, changed: asyncio.Event, device: Device, left_s: float) -> None:
        """Wait for it; a lagging device looks again every 20 ms instead."""
        wait_s = min(left_s, 0.02) if self._lags.get(device.key) else left_s
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), wait_s)

    def _newest(self, device: Device) -> int:
        """Up to where this device is shown the world."""
        if device.key in self._frozen:
            return self._frozen[device.key]
        lag_s = self._lags.get(device.key, 0.0)
        return self.world.position_ago(lag_s) if lag_s else self.world.position

    def _position(self, text: str | None, kind: str) -> int | None:
        if not text:
            return None
        if text[0] not in kind or not text[1:].isdecimal():
            raise Refused(400, "M_INVALID_PARAM", "bad token")
        return int(text[1:])


async def _write_raw(request: web.Request, raw: Raw) -> web.StreamResponse:
    """Whatever ``raw`` writes, then the connection is gone."""
    transport = request.transport
    assert isinstance(transport, asyncio.Transport)
    await raw(transport)
    transport.abort()
    return web.Response()


async def _cut(
    request: web.Request, status: int, body: bytes, headers: dict[str, str]
) -> web.StreamResponse:
    """Half of the body, then nothing: the connection is gone."""
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.abort()
    return response
