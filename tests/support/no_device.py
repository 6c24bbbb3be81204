"""Tokens that belong to no device: what an admin of Synapse makes for an account."""

import hashlib
import hmac
import re

import aiohttp

from tests.support.account import Account
from tests.support.real_homeserver import RealHomeserver

PASSWORD = "an admin's password"


async def without_device(
    http: aiohttp.ClientSession, homeserver: RealHomeserver, account: Account, admin: str
) -> Account:
    """The account with such a token; ``admin`` is the name of a new admin of the homeserver."""
    api = f"{homeserver.url}/_synapse/admin/v1"
    config = (homeserver.folder / "homeserver.yaml").read_text()
    found = re.search(r"^registration_shared_secret: (\S+)$", config, re.MULTILINE)
    assert found is not None
    async with http.get(f"{api}/register") as response:
        nonce = (await response.json())["nonce"]
    signed = "\0".join((nonce, admin, PASSWORD, "admin")).encode()
    mac = hmac.new(found[1].encode(), signed, hashlib.sha1).hexdigest()
    asked = {"nonce": nonce, "username": admin, "password": PASSWORD, "admin": True, "mac": mac}
    async with http.post(f"{api}/register", json=asked) as response:
        token = (await response.json())["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    login = f"{api}/users/{account.user_id}/login"
    async with http.post(login, json={}, headers=headers) as response:
        answer = await response.json()
    return Account(http, account.url, account.user_id, "", answer["access_token"])
