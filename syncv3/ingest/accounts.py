"""Whose access token is this, and which tokens does a device have (rules U-1 to U-9)."""

import asyncio
import logging
from collections import OrderedDict
from typing import Protocol

import asyncpg

from syncv3.bus.local import DROPPED, Bus
from syncv3.crypt import CannotDecrypt, TokenCipher, token_hash
from syncv3.errors import BadGateway, HomeserverError, UnknownToken
from syncv3.store import accounts as store
from syncv3.store.faults import DATABASE_FAULTS
from syncv3.types import Device, DeviceID, DeviceKey, UserID
from syncv3.upstream.address import check_token

logger = logging.getLogger(__name__)

REMEMBERED_TOKENS = 10_000
REMEMBER_S = 60.0
"""How long a token is believed without looking: a hint that it is dead may get lost."""
REJECTED_TOKENS = 10_000
REJECTED_S = 5.0
"""How long a rejected token is refused without asking: clients repeat themselves."""


class WhoAmI(Protocol):
    """The one question that is asked of the homeserver here."""

    async def whoami(self, token: str) -> tuple[UserID, DeviceID]: ...


class Accounts:
    """Finds the device of a token: in memory, in the database, or by asking."""

    def __init__(
        self, pool: asyncpg.Pool, homeserver: WhoAmI, cipher: TokenCipher, bus: Bus
    ) -> None:
        self._pool = pool
        self._homeserver = homeserver
        self._cipher = cipher
        self._bus = bus
        self._known: OrderedDict[str, tuple[Device, float]] = OrderedDict()
        self._rejected: OrderedDict[str, tuple[UnknownToken, float]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Device]] = {}
        self._drops = 0
        bus.subscribe(self._heard)

    async def close(self) -> None:
        """End the look-ups that are still under way."""
        running = list(self._asking.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def device_of(self, token: str, address: str = "") -> Device:
        """The owner of an access token.

        Raises ``UnknownToken`` when the homeserver rejects it (rule H-25) and
        ``BadGateway`` when it could not be asked (rule H-26). Requests at the same time
        with the same token share one look-up, which goes on when they hang up.
        """
        check_token(token)
        key = token_hash(token)
        now = asyncio.get_running_loop().time()
        known = self._known.get(key)
        if known is not None and known[1] > now:
            self._known.move_to_end(key)
            return known[0]
        rejected = self._rejected.get(key)
        if rejected is not None and rejected[1] > now:
            raise UnknownToken(rejected[0].message, soft_logout=rejected[0].soft_logout)
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._look_up(token, key))
            drops = self._drops
            task.add_done_callback(lambda done: self._looked_up(key, done, drops))
        return await asyncio.shield(task)

    async def tokens_of(self, device_key: DeviceKey) -> list[str]:
        """The usable tokens of a device, most recently seen first.

        What no known secret opens is skipped with a log line (rule U-7).
        """
        tokens = []
        for ciphertext in await store.load_ciphertexts(self._pool, device_key):
            try:
                tokens.append(self._cipher.decrypt(ciphertext).token)
            except CannotDecrypt:
                logger.warning("cannot decrypt a token", extra={"device_key": device_key})
        return tokens

    async def drop(self, token: str, rejection: UnknownToken) -> None:
        """Forget a token that the homeserver rejected (rule U-9), here and on other workers;
        its device stays."""
        key = token_hash(token)
        self._reject(key, rejection)
        device = await store.delete_token(self._pool, key)
        if device is not None:
            self._bus.publish(DROPPED, f"{device}")

    async def find_anew(self, token: str) -> Device:
        """``device_of`` without believing what is in memory."""
        self._known.pop(token_hash(token), None)
        return await self.device_of(token)

    async def _look_up(self, token: str, key: str) -> Device:
        stored = await store.find_token(self._pool, key)
        if stored is None:
            return await self._ask(token, key)
        await self._refresh(token, key, stored)
        return stored.device

    async def _refresh(self, token: str, key: str, stored: store.StoredToken) -> None:
        """Re-encrypt what the current secret does not open (U-7); note the use (U-8, U-60)."""
        if not self._is_current(stored.ciphertext):
            await store.replace_ciphertext(self._pool, key, self._cipher.encrypt(token))
        if stored.stale:
            try:
                await store.note_use(self._pool, key)
            except DATABASE_FAULTS as error:  # the next look-up, in a minute, tries again
                logger.warning("cannot note a use", extra={"reason": type(error).__name__})

    def _is_current(self, ciphertext: str) -> bool:
        try:
            return self._cipher.decrypt(ciphertext).current
        except CannotDecrypt:
            return False

    async def _ask(self, token: str, key: str) -> Device:
        try:
            user_id, device_id = await self._homeserver.whoami(token)
        except HomeserverError as error:
            raise BadGateway(str(error)) from error
        except UnknownToken as error:
            self._reject(key, error)
            raise
        sealed = self._cipher.encrypt(token)
        return await store.save_token(self._pool, user_id, device_id, key, sealed)

    def _heard(self, topic: str, payload: str) -> None:
        """A token is dead: look again whether those of its device are stored.

        What is being looked up just now may have been read before it was deleted.
        """
        if topic == DROPPED:
            self._drops += 1
            of_device = [k for k, (known, _) in self._known.items()
                         if f"{known.device_key}" == payload]  # fmt: skip
            for key in of_device:
                del self._known[key]

    def _looked_up(self, key: str, task: "asyncio.Task[Device]", drops: int) -> None:
        self._asking.pop(key, None)
        if task.cancelled() or task.exception() is not None:
            return  # whoever waits for the task is told
        if drops != self._drops:
            return
        until = asyncio.get_running_loop().time() + REMEMBER_S
        self._known[key] = (task.result(), until)
        self._known.move_to_end(key)
        if len(self._known) > REMEMBERED_TOKENS:
            self._known.popitem(last=False)

    def _reject(self, key: str, rejection: UnknownToken) -> None:
        self._known.pop(key, None)
        until = asyncio.get_running_loop().time() + REJECTED_S
        self._rejected[key] = (rejection, until)
        self._rejected.move_to_end(key)
        if len(self._rejected) > REJECTED_TOKENS:
            self._rejected.popitem(last=False)
