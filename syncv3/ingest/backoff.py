"""How long to wait before asking again (rules U-40, UZ-5): doubling, with jitter.

After 1 s, 2 s, 4 s and so on, 15 s at most, each shortened by chance to no less than half. Without
the chance, all pollers that a restart of the homeserver has cut off would come back together.
"""

import asyncio
import random

from syncv3.types import DeviceKey

FIRST_S = 1.0
LONGEST_S = 15.0  # so a homeserver that is back is found within a quarter of a minute
LONGEST_INITIAL_S = 3.0
"""A homeserver keeps a first sync it has computed only for a short while (rule U-40)."""

LONGEST_REST_S = 600.0  # of a device whose poll cannot go on by itself


class Backoff:
    """Counts failures in a row; one per poller."""

    def __init__(self) -> None:
        self.failures = 0

    def reset(self) -> None:
        self.failures = 0

    def next_wait_s(self, retry_after_s: float | None = None, *, initial: bool = False) -> float:
        """Seconds until the next try; never less than the homeserver asked for."""
        longest = LONGEST_INITIAL_S if initial else LONGEST_S
        # The exponent is bounded, as a homeserver may be away for weeks.
        wait_s = min(FIRST_S * 2.0 ** min(self.failures, 10), longest)
        self.failures += 1
        jittered = wait_s * random.uniform(0.5, 1.0)
        return jittered if retry_after_s is None else max(retry_after_s, jittered)


class Rests:
    """Devices whose polls do not begin by themselves for a while; a client begins them at once.

    Otherwise each round of claims would take up what cannot be polled, and leave no place for
    others: after a change of the secret, say, when nobody's stored tokens can be read.
    """

    def __init__(self) -> None:
        self._rests: dict[DeviceKey, tuple[float, float]] = {}  # until when, and how long it was

    def needs_client(self, device_key: DeviceKey) -> None:
        """Begins a long rest: the device has no usable token, and will have none until a client
        brings it."""
        self._rest(device_key, LONGEST_REST_S)

    def crashed(self, device_key: DeviceKey) -> None:
        """Begins a rest after a crash, twice as long as the last one if that was lately."""
        _, last_s = self._rests.get(device_key, (0.0, FIRST_S / 2))
        self._rest(device_key, min(2 * last_s, LONGEST_REST_S))

    def resting(self) -> list[DeviceKey]:
        """The devices whose polls are not to begin now."""
        # A rest is remembered for once more its length: a crash by then is "again".
        now = asyncio.get_running_loop().time()
        self._rests = {
            key: (until, rest_s)
            for key, (until, rest_s) in self._rests.items()
            if until + rest_s > now
        }
        return [key for key, (until, _) in self._rests.items() if until > now]

    def _rest(self, device_key: DeviceKey, rest_s: float) -> None:
        self._rests[device_key] = (asyncio.get_running_loop().time() + rest_s, rest_s)
