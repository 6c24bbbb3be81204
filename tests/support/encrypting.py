"""A real encrypting client: matrix-nio's keys and sessions, fed with our answers.

nio talks to the homeserver itself for keys and for sending; what other clients take from
``/sync`` it gets from the service, put into the shape of a ``/sync`` answer.
"""

import json
from pathlib import Path
from typing import Any, Self

import aiohttp
import nio

from tests.support.client import SlidingClient, SyncError, window
from tests.support.room import JSON

LISTS = {"all": window(0, 20, required_state=[["*", "*"]])}
ENABLED: JSON = {"e2ee": {"enabled": True}, "to_device": {"enabled": True}}


class EncryptingClient:
    """One device of one user. ``read`` has the texts that it could decrypt, in order."""

    def __init__(self, client: nio.AsyncClient, sliding: SlidingClient) -> None:
        self.nio = client
        self.read: list[str] = []
        self._sliding = sliding
        self._since: str | None = None
        self._sealed: list[Any] = []

    @classmethod
    async def login(
        cls, http: aiohttp.ClientSession, *, homeserver: str, service: str, user_id: str,
        password: str, device_id: str, folder: Path, speaks: type[SlidingClient] = SlidingClient,
    ) -> Self:  # fmt: skip
        """Log in on a new device; ``folder`` (there already) keeps its keys. ``speaks``: the
        dialect."""
        config = nio.AsyncClientConfig(store_sync_tokens=False, encryption_enabled=True)
        client = nio.AsyncClient(
            homeserver, user_id, device_id=device_id, store_path=str(folder), config=config
        )
        answer = await client.login(password)
        assert isinstance(answer, nio.LoginResponse), answer
        return cls(client, speaks(http, service, client.access_token))

    async def close(self) -> None:
        await self.nio.close()

    async def catch_up(self, timeout_ms: int = 0) -> None:
        """One request to the service, and all that a client does because of its answer."""
        answer = await self._ask(timeout_ms)
        told = answer["extensions"]
        response = nio.SyncResponse.from_dict(_as_v2(answer))
        assert isinstance(response, nio.SyncResponse), response
        await self.nio.receive_response(response)
        self._since = told["to_device"]["next_batch"]
        for room_id, room in response.rooms.join.items():
            for event in room.timeline.events:
                event.room_id = room_id
                self._take(event)
        await self._housekeeping()
        self._unseal()

    async def send(self, room_id: str, body: str) -> None:
        sent = await self.nio.room_send(
            room_id,
            "m.room.message",
            {"msgtype": "m.text", "body": body},
            ignore_unverified_devices=True,
        )
        assert isinstance(sent, nio.RoomSendResponse), sent

    async def _ask(self, timeout_ms: int) -> JSON:
        extensions = json.loads(json.dumps(ENABLED))
        if self._since is not None:
            extensions["to_device"]["since"] = self._since
        try:
            given = await self._sliding.sync(
                lists=LISTS if self._sliding.pos is None else None,
                extensions=extensions,
                timeout_ms=timeout_ms,
            )
        except SyncError as error:
            assert error.errcode == "M_UNKNOWN_POS", error
            self._sliding.forget()
            return await self._ask(timeout_ms)
        return given.raw

    async def _housekeeping(self) -> None:
        if self.nio.should_upload_keys:
            await self.nio.keys_upload()
        if self.nio.should_query_keys:
            await self.nio.keys_query()
        if self.nio.should_claim_keys:
            await self.nio.keys_claim(self.nio.get_users_for_key_claiming())
        await self.nio.send_to_device_messages()

    def _take(self, event: Any) -> None:
        if isinstance(event, nio.MegolmEvent):
            self._sealed.append(event)
        elif (
            isinstance(event, nio.RoomMessageText)
            and event.decrypted
            and event.body not in self.read
        ):
            self.read.append(event.body)

    def _unseal(self) -> None:
        """Tries again what came before its key."""
        sealed, self._sealed = self._sealed, []
        for event in sealed:
            try:
                self._take(self.nio.decrypt_event(event))
            except nio.EncryptionError:
                self._sealed.append(event)


def _as_v2(answer: JSON) -> JSON:
    """The answer as a ``/sync`` answer would say it."""
    told = answer["extensions"]
    e2ee = told.get("e2ee", {})
    lists = e2ee.get("device_lists", {"changed": [], "left": []})
    return {
        "next_batch": answer["pos"],
        "device_one_time_keys_count": e2ee.get("device_one_time_keys_count", {}),
        "device_lists": lists,
        "to_device": {"events": told["to_device"].get("events", [])},
        "presence": {"events": []},
        "account_data": {"events": []},
        "rooms": {
            "invite": {},
            "leave": {},
            "join": {
                room_id: {
                    "timeline": {
                        "events": room.get("timeline", []),
                        "limited": False,
                        "prev_batch": room.get("prev_batch", "x"),
                    },
                    "state": {"events": room.get("required_state", [])},
                    "ephemeral": {"events": []},
                    "account_data": {"events": []},
                    "unread_notifications": {},
                    "summary": {},
                }
                for room_id, room in answer["rooms"].items()
                if "invite_state" not in room
            },
        },
    }
