"""What a user does at a homeserver, through the client-server API: fake and real alike."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote

import aiohttp
from yarl import URL

from tests.support.room import JSON

PASSWORD = "correct horse battery staple"
_TXNS = itertools.count(1)


class ApiError(Exception):
    """The homeserver refused: HTTP status and its error object."""

    def __init__(self, status: int, body: JSON) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.errcode = body.get("errcode")


def text(body: str, **content: Any) -> JSON:
    return {"msgtype": "m.text", "body": body, **content}


@dataclass(frozen=True, slots=True)
class Account:
    """One device of one user. Methods raise ``ApiError`` when the homeserver refuses."""

    http: aiohttp.ClientSession = field(repr=False)
    url: str
    user_id: str
    device_id: str
    token: str = field(repr=False)

    @classmethod
    async def register(
        cls, http: aiohttp.ClientSession, url: str, localpart: str, device_id: str | None = None
    ) -> Self:
        body = {"username": localpart, "password": PASSWORD, "auth": {"type": "m.login.dummy"}}
        answer = await _call(http, "POST", url, "/register", body=_with_device(body, device_id))
        return cls(http, url, answer["user_id"], answer["device_id"], answer["access_token"])

    async def login(self, device_id: str | None = None) -> Self:
        """The same user on another device, or with another token on the same one."""
        body: JSON = {"type": "m.login.password", "password": PASSWORD,
                      "identifier": {"type": "m.id.user", "user": self.user_id}}  # fmt: skip
        body = _with_device(body, device_id)
        answer = await _call(self.http, "POST", self.url, "/login", body=body)
        return type(self)(
            self.http, self.url, self.user_id, answer["device_id"], answer["access_token"]
        )

    async def logout(self) -> None:
        await self.call("POST", "/logout")

    async def call(
        self, method: str, path: str, body: JSON | None = None, **query: str | int
    ) -> Any:
        return await _call(self.http, method, self.url, path, self.token, body, query)

    # Rooms

    async def create_room(
        self, name: str | None = None, *, public: bool = True, invite: Iterable[Self] = (),
        state: Iterable[JSON] = (), room_type: str | None = None, **body: Any,
    ) -> str:  # fmt: skip
        """The ID of a new room, which anybody may join unless it is not ``public``."""
        body |= {
            "preset": "public_chat" if public else "private_chat",
            "invite": [account.user_id for account in invite],
            "initial_state": list(state),
        }
        if name is not None:
            body["name"] = name
        if room_type is not None:
            body["creation_content"] = {"type": room_type}
        room_id: str = (await self.call("POST", "/createRoom", body))["room_id"]
        return room_id

    async def create_dm(self, other: Self) -> str:
        """A direct chat: the other is invited, and one's own ``m.direct`` says so."""
        room = await self.create_room(public=False, invite=[other], is_direct=True)
        await self.mark_direct(other, room)
        return room

    async def mark_direct(self, other: Self, *room_ids: str) -> None:
        await self.set_account_data("m.direct", {other.user_id: list(room_ids)})

    async def upgrade(self, room_id: str, version: str = "9") -> str:
        answer = await self.call("POST", f"/rooms/{_q(room_id)}/upgrade", {"new_version": version})
        new: str = answer["replacement_room"]
        return new

    async def join(self, room_id: str) -> None:
        await self.call("POST", f"/join/{_q(room_id)}", {})

    async def knock(self, room_id: str) -> None:
        await self.call("POST", f"/knock/{_q(room_id)}", {})

    async def leave(self, room_id: str) -> None:
        await self.call("POST", f"/rooms/{_q(room_id)}/leave", {})

    async def forget(self, room_id: str) -> None:
        await self.call("POST", f"/rooms/{_q(room_id)}/forget", {})

    async def invite(self, room_id: str, target: Self) -> None:
        await self._act_on(room_id, "invite", target)

    async def kick(self, room_id: str, target: Self) -> None:
        await self._act_on(room_id, "kick", target)

    async def ban(self, room_id: str, target: Self) -> None:
        await self._act_on(room_id, "ban", target)

    async def unban(self, room_id: str, target: Self) -> None:
        await self._act_on(room_id, "unban", target)

    async def _act_on(self, room_id: str, action: str, target: Self) -> None:
        await self.call("POST", f"/rooms/{_q(room_id)}/{action}", {"user_id": target.user_id})

    # Events

    async def send(
        self, room_id: str, body: str | JSON, *, kind: str = "m.room.message",
        txn_id: str | None = None,
    ) -> str:  # fmt: skip
        """The event's ID. A string is a text message."""
        content = text(body) if isinstance(body, str) else body
        txn = txn_id or f"txn{next(_TXNS)}"
        path = f"/rooms/{_q(room_id)}/send/{_q(kind)}/{_q(txn)}"
        event_id: str = (await self.call("PUT", path, content))["event_id"]
        return event_id

    async def send_all(self, room_id: str, bodies: Iterable[str]) -> list[str]:
        return [await self.send(room_id, body) for body in bodies]

    async def set_state(self, room_id: str, kind: str, content: JSON, key: str = "") -> str:
        path = f"/rooms/{_q(room_id)}/state/{_q(kind)}/{_q(key)}"
        event_id: str = (await self.call("PUT", path, content))["event_id"]
        return event_id

    async def rename(self, room_id: str, name: str) -> str:
        return await self.set_state(room_id, "m.room.name", {"name": name})

    async def encrypt(self, room_id: str) -> str:
        content = {"algorithm": "m.megolm.v1.aes-sha2"}
        return await self.set_state(room_id, "m.room.encryption", content)

    async def add_child(self, space: str, child: str) -> str:
        content = {"via": [space.partition(":")[2]]}
        return await self.set_state(space, "m.space.child", content, child)

    async def remove_child(self, space: str, child: str) -> str:
        return await self.set_state(space, "m.space.child", {}, child)

    async def redact(self, room_id: str, event_id: str) -> str:
        path = f"/rooms/{_q(room_id)}/redact/{_q(event_id)}/txn{next(_TXNS)}"
        redaction: str = (await self.call("PUT", path, {}))["event_id"]
        return redaction

    # What is not an event

    async def type_in(self, room_id: str, on: bool = True) -> None:
        body = {"typing": on, "timeout": 30_000}
        await self.call("PUT", f"/rooms/{_q(room_id)}/typing/{_q(self.user_id)}", body)

    async def read(
        self, room_id: str, event_id: str, kind: str = "m.read", *, thread_id: str | None = None
    ) -> None:
        body = {} if thread_id is None else {"thread_id": thread_id}
        await self.call("POST", f"/rooms/{_q(room_id)}/receipt/{kind}/{_q(event_id)}", body)

    async def set_account_data(self, kind: str, content: JSON, room_id: str | None = None) -> None:
        room = f"/rooms/{_q(room_id)}" if room_id else ""
        path = f"/user/{_q(self.user_id)}{room}/account_data/{_q(kind)}"
        await self.call("PUT", path, content)

    async def tag(self, room_id: str, tag: str) -> None:
        path = f"/user/{_q(self.user_id)}/rooms/{_q(room_id)}/tags/{_q(tag)}"
        await self.call("PUT", path, {"order": 0.5})

    async def untag(self, room_id: str, tag: str) -> None:
        path = f"/user/{_q(self.user_id)}/rooms/{_q(room_id)}/tags/{_q(tag)}"
        await self.call("DELETE", path)

    async def ignore(self, *others: Self) -> None:
        ignored: JSON = {other.user_id: {} for other in others}
        await self.set_account_data("m.ignored_user_list", {"ignored_users": ignored})

    async def send_to_device(self, target: Self, kind: str, content: JSON) -> None:
        messages = {target.user_id: {target.device_id: content}}
        path = f"/sendToDevice/{_q(kind)}/txn{next(_TXNS)}"
        await self.call("PUT", path, {"messages": messages})

    async def upload_device_keys(self) -> None:
        """Encryption keys of this device: whoever shares an encrypted room is told."""
        keys = {f"{kind}:{self.device_id}": "A" * 43 for kind in ("curve25519", "ed25519")}
        device: JSON = {
            "user_id": self.user_id, "device_id": self.device_id, "keys": keys, "signatures": {},
            "algorithms": ["m.megolm.v1.aes-sha2"],
        }  # fmt: skip
        await self.call("POST", "/keys/upload", {"device_keys": device})

    async def upload_one_time_key(self) -> dict[str, int]:
        """One more; how many of each algorithm there are now."""
        name = f"signed_curve25519:AAAA{next(_TXNS)}"
        key: JSON = {"key": "A" * 43, "signatures": {}}
        answer = await self.call("POST", "/keys/upload", {"one_time_keys": {name: key}})
        counts: dict[str, int] = answer["one_time_key_counts"]
        return counts

    async def rename_self(self, displayname: str) -> None:
        path = f"/profile/{_q(self.user_id)}/displayname"
        await self.call("PUT", path, {"displayname": displayname})

    async def sync_v2(self, since: str | None = None, **query: str | int) -> JSON:
        """The homeserver's own /sync, for tests of the homeserver."""
        if since is not None:
            query["since"] = since
        body: JSON = await self.call("GET", "/sync", None, **query)
        return body


def _with_device(body: JSON, device_id: str | None) -> JSON:
    return body if device_id is None else body | {"device_id": device_id}


def _q(part: str) -> str:
    return quote(part, safe="")


async def _call(
    http: aiohttp.ClientSession, method: str, url: str, path: str, token: str = "",
    body: JSON | None = None, query: JSON | None = None,
) -> Any:  # fmt: skip
    from_url = URL(f"{url}/_matrix/client/v3{path}", encoded=True)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with http.request(
        method, from_url.with_query(query or {}) if query else from_url, json=body, headers=headers
    ) as response:
        answer = await response.json()
        if response.status != 200:
            raise ApiError(response.status, answer)
        return answer
