"""What a test waits for before it lets somebody send an encrypted message."""

import asyncio

from tests.support.account import Account
from tests.support.driven import PATIENCE_S, DrivenClient
from tests.support.room import JSON

PAUSE_S = 0.05


async def until_it_has_keys(account: Account, device_id: str) -> None:
    """Until a device has uploaded its keys; before, nobody can encrypt anything for it."""
    question: JSON = {"device_keys": {account.user_id: []}}
    async with asyncio.timeout(PATIENCE_S):
        while True:
            answer = await account.call("POST", "/keys/query", question)
            if device_id in answer["device_keys"].get(account.user_id, {}):
                return
            await asyncio.sleep(PAUSE_S)  # between two looks


async def until_it_knows(client: DrivenClient, account: Account, device_id: str) -> None:
    """Until a client has been told of somebody's device, and has fetched its keys."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            known = await client.do("devices", user_id=account.user_id)
            if device_id in known["device_ids"]:
                return
            await asyncio.sleep(PAUSE_S)  # between two looks
