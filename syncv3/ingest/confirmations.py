"""Which known tokens the homeserver has confirmed lately (rule U-2): none is believed for long.

A token is confirmed by an answer to whoami, or by a poll that it was good for. A homeserver
that does not answer confirms nothing, but leaves the token valid; it is asked again later.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from enum import IntEnum

REMEMBERED = 20_000  # tokens; one that is forgotten counts as never confirmed


@dataclass(frozen=True, slots=True)
class Belief:
    """How long a confirmed token is believed, in seconds.

    - ``confirm_s``: for so long nobody has to ask.
    - ``ahead_s``: so long before that ends, the homeserver is asked in the background.
    - ``wait_s``: when it has ended a request waits for the answer, but no longer than this.
    - ``again_s``: until the next question, after one that had no answer.
    - ``tell_s``: between two hints to other workers that a token is good.
    """

    confirm_s: float = 300.0
    ahead_s: float = 60.0
    wait_s: float = 2.0
    again_s: float = 30.0
    tell_s: float = 120.0


class Need(IntEnum):
    """Whether the homeserver is to be asked about a token."""

    NONE = 0
    SOON = 1  # while requests go on
    NOW = 2  # and the request waits for it


@dataclass(slots=True)
class _Known:
    """What is known of a token, as times of the loop: when it was confirmed, from when on it may
    be asked about again, and when other workers were told of it."""

    confirmed: float = float("-inf")
    again: float = float("-inf")
    told: float = float("-inf")


class Confirmations:
    """What is known of tokens, by their hashes. Of too many those that were used last are
    remembered."""

    def __init__(self, belief: Belief) -> None:
        self._belief = belief
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def need(self, key: str) -> Need:
        """Whether the token with this hash is to be asked about."""
        now = asyncio.get_running_loop().time()
        known = self._known.get(key)
        if known is None:
            return Need.NOW
        left_s = known.confirmed + self._belief.confirm_s - now
        if left_s > self._belief.ahead_s or known.again > now:
            return Need.NONE
        return Need.SOON if left_s > 0 else Need.NOW

    def confirm(self, key: str, asked: float) -> None:
        """The homeserver took the token for good when it was asked at that time of the loop."""
        known = self._entry(key)
        # As of the question: the token may have been revoked while the answer was on its way.
        known.confirmed = max(known.confirmed, asked)

    def unanswered(self, key: str) -> None:
        """The homeserver has not said whether it is good: not to be asked again for a while."""
        self._entry(key).again = asyncio.get_running_loop().time() + self._belief.again_s

    def is_to_be_told(self, key: str) -> bool:
        """Whether other workers are to be told now that this token is good."""
        known, now = self._entry(key), asyncio.get_running_loop().time()
        if now - known.told < self._belief.tell_s:
            return False
        known.told = now
        return True

    def forget(self, key: str) -> None:
        self._known.pop(key, None)

    def _entry(self, key: str) -> _Known:
        known = self._known[key] = self._known.pop(key, _Known())
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return known
