"""Asks the homeserver whose access tokens are, so that nobody can make it ask too much.

Anybody may send tokens that nobody knows, and each costs a question. These have a few places
of their own, in turn by address; what does not fit is told to come again. From an address from
which many came that nobody knows, only so many more are asked about in a second. When the
homeserver says that it is asked too much, nothing is asked until the time that it names.
"""

import asyncio
import logging
from http import HTTPStatus
from typing import Final, Protocol

from syncv3.errors import (
    BadGateway,
    HomeserverError,
    LimitExceeded,
    MatrixError,
    Refused,
    UnknownToken,
)
from syncv3.ingest.turns import AddressTurns, Capacity, network_of
from syncv3.rates import Rate
from syncv3.types import DeviceID, UserID

logger = logging.getLogger(__name__)

ANSWER_S: Final = 20.0  # until a question counts as unanswered; a client waits for it
BURST_S: Final = 10.0
"""So many seconds' worth of unknown tokens may come at once from an address."""
PAUSE_S: Final = 5.0
"""For how long nothing is asked when the homeserver only says that it is too much."""

Owner = tuple[UserID, DeviceID]


class WhoAmI(Protocol):
    """The one question that is asked of the homeserver here."""

    async def whoami(self, token: str) -> Owner: ...


class Identifier:
    """Asks whose tokens are, within bounds.

    ``room``: how many questions about unknown tokens at the same time, of all and of one address,
    and how many may wait. ``unknown_per_s``: how many tokens that turn out to be nobody's may come
    from an address in a second, after a burst; 0: any number.
    """

    def __init__(
        self,
        homeserver: WhoAmI,
        *,
        room: Capacity | None = None,
        answer_s: float = ANSWER_S,
        unknown_per_s: float = 0,
    ) -> None:
        self._strangers = Rate(unknown_per_s, BURST_S)
        self._homeserver = homeserver
        self._answer_s = answer_s
        self._turns = AddressTurns(room or Capacity())
        self._paused_until = float("-inf")

    async def identify(self, token: str, address: str) -> Owner:
        """Whose token this is, which nobody here knows.

        ``address`` is the client's, "" if it has none. Raises ``UnknownToken`` when the homeserver
        rejects the token (H-25), ``LimitExceeded`` when it cannot be asked about just now,
        ``BadGateway`` when there is no answer (H-26).
        """
        self._raise_if_paused()
        network = network_of(address)
        self._raise_if_hasty(network)
        async with self._turns.turn(network):
            self._raise_if_paused()
            try:
                return await self._ask(token)
            except UnknownToken:
                self._strangers.take(network)
                raise
            except HomeserverError as error:
                told = self._told_of(error)
                if isinstance(told, UnknownToken):
                    self._strangers.take(network)
                raise told from error

    def _raise_if_hasty(self, network: str) -> None:
        """Raises ``LimitExceeded`` if too many unknown tokens came from the network. Good ones
        don't count: many users behind one address may log in."""
        wait_s = self._strangers.wait_s(network)
        if wait_s > 0:
            raise LimitExceeded(
                "too many unknown access tokens from this address",
                retry_after_s=wait_s,
                limit="address",
            )

    async def confirm(self, token: str) -> Owner | None:
        """Whose a known token still is; None: the homeserver does not say.

        Raises ``UnknownToken`` when the homeserver rejects it: by a 401 that says so, as a
        reverse proxy in trouble must not end sessions (UZ-6).
        """
        if self._pause_s() > 0:
            return None
        try:
            return await self._ask(token)
        except HomeserverError:
            return None

    async def _ask(self, token: str) -> Owner:
        try:
            async with asyncio.timeout(self._answer_s):
                return await self._homeserver.whoami(token)
        except TimeoutError as error:
            raise HomeserverError("whoami: no answer in time") from error
        except HomeserverError as error:
            if error.status == HTTPStatus.TOO_MANY_REQUESTS:
                self._pause(PAUSE_S if error.retry_after_s is None else error.retry_after_s)
            raise

    def _told_of(self, error: HomeserverError) -> MatrixError:
        """What the client is told of a failure. A 401 is a rejection, unless it says that the
        account is locked: a locked account's sessions come back when it is unlocked."""
        if error.status == HTTPStatus.TOO_MANY_REQUESTS:
            return self._paused()
        if error.status != HTTPStatus.UNAUTHORIZED:
            return BadGateway(str(error))
        if error.errcode == "M_USER_LOCKED":
            return Refused("the account is locked", status=401, errcode=error.errcode)
        return UnknownToken("the homeserver rejected the token")

    def _pause_s(self) -> float:
        return self._paused_until - asyncio.get_running_loop().time()

    def _pause(self, pause_s: float) -> None:
        if self._pause_s() <= 0 < pause_s:  # not once more for each that was under way
            logger.warning("the homeserver limits questions about tokens", extra={"s": pause_s})
        until = asyncio.get_running_loop().time() + pause_s
        self._paused_until = max(self._paused_until, until)

    def _paused(self) -> LimitExceeded:
        return LimitExceeded(
            "the homeserver limits how many tokens it is asked about",
            retry_after_s=max(self._pause_s(), 1.0),
            limit="homeserver",
        )

    def _raise_if_paused(self) -> None:
        if self._pause_s() > 0:
            raise self._paused()
