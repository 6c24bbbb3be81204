"""How long to wait before asking again (rules U-40, UZ-5): doubling, with jitter."""

import random

FIRST_S = 1.0
LONGEST_S = 15.0
LONGEST_INITIAL_S = 3.0
"""A homeserver keeps a first sync it has computed only for a short while (rule U-40)."""


class Backoff:
    """Counts failures in a row; one per poller."""

    def __init__(self) -> None:
        self.failures = 0

    def reset(self) -> None:
        self.failures = 0

    def next_wait_s(self, retry_after_s: float | None = None, *, initial: bool = False) -> float:
        """Seconds until the next try; never less than the homeserver asked for."""
        longest = LONGEST_INITIAL_S if initial else LONGEST_S
        wait_s = min(FIRST_S * 2.0 ** min(self.failures, 10), longest)
        self.failures += 1
        jittered = wait_s * random.uniform(0.5, 1.0)
        return jittered if retry_after_s is None else max(retry_after_s, jittered)
