"""Whose access token is this, and which tokens does a device have (rules U-1 to U-9).

Each request of a client brings its access token, and only the homeserver knows whose it is. To ask
it each time would be as expensive as the request itself. So a token's device is remembered in
memory for a minute, and in the database, by a hash of the token. The token itself is stored
encrypted, because pollers need it.

A token can be revoked, and nobody tells us. A poll finds out, since its answer is a 401. Where no
poll runs with this very token, the homeserver is asked again about one that it has not confirmed
for five minutes (``confirmations``): shortly before that in the background, and if that did not
happen, while the request waits.

Strangers may send tokens that nobody knows; what that may cost is bounded in ``identifier``. One
that the homeserver has just rejected is refused for half a minute without asking.
"""

import asyncio
import logging
from collections import OrderedDict

import asyncpg

from syncv3.bus.local import CONFIRMED, DROPPED, Bus
from syncv3.crypt import CannotDecrypt, TokenCipher, token_hash
from syncv3.errors import Forbidden, UnknownToken
from syncv3.ingest.admission import Admission
from syncv3.ingest.confirmations import Belief, Confirmations, Need
from syncv3.ingest.identifier import Identifier
from syncv3.store.faults import DATABASE_FAULTS
from syncv3.store.tokens import (
    StoredToken,
    delete_token,
    find_token,
    load_ciphertexts,
    note_use,
    replace_ciphertext,
    save_token,
)
from syncv3.types import Device, DeviceKey, UserID
from syncv3.upstream.address import check_token

logger = logging.getLogger(__name__)

REMEMBERED_TOKENS = 10_000  # those used last; others cost a look into the database
REMEMBER_S = 60.0
"""How long a token is known without looking into the database: another worker's hint that it was
dropped may get lost."""
ASKED_AGAIN = 4
"""Questions about known tokens at the same time, beside those about unknown ones."""
REJECTED_TOKENS = 10_000  # beyond them the oldest are forgotten, and asked about again
REJECTED_S = 30.0
"""How long a rejected token is refused without asking: clients repeat themselves."""


Rejection = UnknownToken | Forbidden  # by the homeserver; by the operator, who names users


class Accounts:
    """Finds the device of a token: in memory, in the database, or by asking; and asks again
    about one that the homeserver has not confirmed for a while."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        identifier: Identifier,
        cipher: TokenCipher,
        bus: Bus,
        belief: Belief | None = None,
        admission: Admission | None = None,
    ) -> None:
        self._admission = admission or Admission()
        self._pool = pool
        self._identifier = identifier
        self._cipher = cipher
        self._bus = bus
        self._belief = belief or Belief()
        self._confirmations = Confirmations(self._belief)
        self._again = asyncio.Semaphore(ASKED_AGAIN)
        self._confirming: dict[str, tuple[asyncio.Task[None], float]] = {}
        self._known: OrderedDict[str, tuple[Device, float]] = OrderedDict()
        self._rejected: OrderedDict[str, tuple[Rejection, float]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Device]] = {}
        self._drops = 0
        bus.subscribe(self._heard)

    async def close(self) -> None:
        """End the look-ups that are still under way."""
        running = [*self._asking.values(), *(task for task, _ in self._confirming.values())]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def device_of(self, token: str, address: str = "") -> Device:
        """The owner of an access token; see ``syncv3.web.ports.Auth``.

        Requests at the same time with the same token share one look-up and one question, which
        go on when they hang up. A token that was not confirmed for five minutes is asked about
        again; the request waits for the answer, but not for long.
        """
        check_token(token)
        key = token_hash(token)
        device = self._remembered(key)
        if device is None:
            self._raise_if_rejected(key)
            device = await self._found(token, key, address)
        if (need := self._confirmations.need(key)) is not Need.NONE:
            await self._have_confirmed(token, key, device, wait=need is Need.NOW)
        return device

    def confirm(self, token: str, asked: float) -> None:
        """A poll with this token was answered, so the token is good. ``asked``: when the poll was
        begun, as a time of the loop."""
        key = token_hash(token)
        self._confirmations.confirm(key, asked)
        if self._bus.others and self._confirmations.is_to_be_told(key):
            self._bus.publish(CONFIRMED, key)

    def _remembered(self, key: str) -> Device | None:
        known = self._known.get(key)
        if known is None or known[1] <= asyncio.get_running_loop().time():
            return None
        self._known.move_to_end(key)
        return known[0]

    def _raise_if_rejected(self, key: str) -> None:
        rejected = self._rejected.get(key)
        if rejected is not None and rejected[1] > asyncio.get_running_loop().time():
            reason = rejected[0]
            # A new error each time: one that is raised again and again collects tracebacks.
            if isinstance(reason, Forbidden):
                raise Forbidden(reason.message, limit=reason.limit)
            raise UnknownToken(reason.message, soft_logout=reason.soft_logout)

    async def _found(self, token: str, key: str, address: str) -> Device:
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._look_up(token, key, address))
            drops = self._drops
            task.add_done_callback(lambda done: self._looked_up(key, done, drops))
        return await asyncio.shield(task)  # others may wait for it when this request hangs up

    # -- tokens that are known, but were not confirmed lately --------------------------

    async def _have_confirmed(self, token: str, key: str, device: Device, *, wait: bool) -> None:
        """Ask about a known token, unless that is under way; ``wait`` a moment for the answer."""
        now = asyncio.get_running_loop().time()
        if key not in self._confirming:
            task = asyncio.create_task(self._ask_again(token, key, device))
            self._confirming[key] = task, now
            task.add_done_callback(lambda done: self._asked_again(key, done))
        task, begun = self._confirming[key]
        left_s = begun + self._belief.wait_s - now
        if wait and left_s > 0:
            await asyncio.wait((task,), timeout=left_s)
            self._raise_if_rejected(key)

    async def _ask_again(self, token: str, key: str, device: Device) -> None:
        """Ask whose a known token is; drop it if it is nobody's or another device's by now."""
        async with self._again:
            if self._confirmations.need(key) is Need.NONE:
                return  # a poll has confirmed it meanwhile
            asked = asyncio.get_running_loop().time()
            try:
                owner = await self._identifier.confirm(token)
            except UnknownToken as rejection:
                await self.drop(token, rejection)
                return
        if owner is None:
            self._confirmations.unanswered(key)
        elif owner == (device.user_id, device.device_id):
            self._confirmations.confirm(key, asked)
        else:
            await self.drop(token, UnknownToken("the token is another device's"))

    def _asked_again(self, key: str, task: "asyncio.Task[None]") -> None:
        del self._confirming[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.warning("cannot forget a token", extra={"reason": type(error).__name__})

    # -- the tokens of a device ---------------------------------------------------------

    async def tokens_of(self, device_key: DeviceKey) -> list[str]:
        """The usable tokens of a device, most recently seen first.

        What no known secret opens is skipped with a log line (rule U-7).
        """
        tokens = []
        for ciphertext in await load_ciphertexts(self._pool, device_key):
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
        device = await delete_token(self._pool, key)
        if device is not None:
            self._bus.publish(DROPPED, f"{device}")

    async def find_anew(self, token: str) -> Device:
        """``device_of`` for a caller who has seen that the device in memory is not in the database
        any more."""
        self._known.pop(token_hash(token), None)
        return await self.device_of(token)

    # -- looking up -----------------------------------------------------------------------

    async def _look_up(self, token: str, key: str, address: str) -> Device:
        stored = await find_token(self._pool, key)
        if stored is None:
            return await self._ask(token, key, address)
        self._admit(stored.device.user_id, key)
        await self._refresh(token, key, stored)
        return stored.device

    async def _refresh(self, token: str, key: str, stored: StoredToken) -> None:
        """Re-encrypt what the current secret does not open (U-7); note the use (U-8, U-60)."""
        if not self._is_current(stored.ciphertext):
            await replace_ciphertext(self._pool, key, self._cipher.encrypt(token))
        if stored.stale:
            try:
                await note_use(self._pool, key)
            except DATABASE_FAULTS as error:  # the next look-up, in a minute, tries again
                logger.warning("cannot note a use", extra={"reason": type(error).__name__})

    def _admit(self, user_id: UserID, key: str) -> None:
        """Raise ``Forbidden``, now and for a while, if the operator does not want this user."""
        try:
            self._admission.check(user_id)
        except Forbidden as error:
            self._reject(key, error)
            raise

    def _is_current(self, ciphertext: str) -> bool:
        try:
            return self._cipher.decrypt(ciphertext).current
        except CannotDecrypt:
            return False

    async def _ask(self, token: str, key: str, address: str) -> Device:
        asked = asyncio.get_running_loop().time()
        try:
            user_id, device_id = await self._identifier.identify(token, address)
        except UnknownToken as error:
            self._reject(key, error)
            raise
        self._admit(user_id, key)
        sealed = self._cipher.encrypt(token)
        device = await save_token(self._pool, user_id, device_id, key, sealed)
        self._confirmations.confirm(key, asked)
        return device

    def _heard(self, topic: str, payload: str) -> None:
        """Another worker, or this one, has said over the bus that a token is good, or that one of a
        device was dropped.

        Then all tokens of that device are looked up anew, since it is not said which one it was.
        Look-ups under way don't count (``_drops``): they may have read a token before it was
        deleted.
        """
        if topic == CONFIRMED:
            self._confirmations.confirm(payload, asyncio.get_running_loop().time())
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
        if drops != self._drops:  # what was read may have been deleted meanwhile
            return
        until = asyncio.get_running_loop().time() + REMEMBER_S
        self._known[key] = (task.result(), until)
        self._known.move_to_end(key)
        if len(self._known) > REMEMBERED_TOKENS:
            self._known.popitem(last=False)

    def _reject(self, key: str, rejection: Rejection) -> None:
        self._known.pop(key, None)
        self._confirmations.forget(key)
        until = asyncio.get_running_loop().time() + REJECTED_S
        self._rejected[key] = (rejection, until)
        self._rejected.move_to_end(key)
        if len(self._rejected) > REJECTED_TOKENS:
            self._rejected.popitem(last=False)
