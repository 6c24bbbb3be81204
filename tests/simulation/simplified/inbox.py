"""The to-device messages of one device, which all of its connections share (S-350).

As in the SDKs the token belongs to the device: whichever connection asks sends the newest, and
a request with a token acknowledges what came before it. Messages are numbered from 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.reader import Violation


@dataclass(slots=True)
class Inbox:
    """``tokens`` maps each token that was given to how many messages came up to it.

    ``acknowledged`` of them have been acknowledged, and must never come again; ``held`` is how
    many the device has stored.
    """

    device: str
    tokens: dict[str, int] = field(default_factory=dict)
    since: str | None = None
    acknowledged: int = 0
    held: int = 0
    kept: tuple[int, int] = (0, 0)

    def ask(self) -> str | None:
        """The token for a request, which acknowledges as soon as the service has it."""
        if self.since is not None:
            self.acknowledged = max(self.acknowledged, self.tokens[self.since])
        return self.since

    def check(self, told: Mapping[str, Any], acknowledged: int, limit: int) -> None:
        """Looks at the answer to a request that had acknowledged so many. Also at a lost one."""
        events: Sequence[Mapping[str, Any]] = told.get("events", ())
        if not isinstance(told.get("next_batch"), str):
            raise Violation(f"unreadable: {self.device}: next_batch {told.get('next_batch')}")
        numbers = [event["content"]["number"] for event in events]
        if numbers and numbers[0] < acknowledged:
            raise Violation(f"repeated: {self.device}: message {numbers[0]} of {acknowledged}")
        if numbers != list(range(acknowledged, acknowledged + len(numbers))):
            raise Violation(f"lost: {self.device}: messages {numbers} after {acknowledged}")
        if len(numbers) > limit:
            raise Violation(f"unasked: {self.device}: {len(numbers)} messages, {limit} wanted")
        self.tokens[told["next_batch"]] = acknowledged + len(numbers)

    def take(self, told: Mapping[str, Any]) -> None:
        """The device stores an answer, unless it has stored a later one."""
        count = self.tokens[told["next_batch"]]
        if count >= self.held:
            self.held, self.since = count, told["next_batch"]

    def keep(self, stored: int) -> None:
        """A backup is made, in which the service has so many messages."""
        self.kept = (self.acknowledged, stored)

    def lose(self) -> None:
        """The backup was put back: what was acknowledged since is there again.

        No token counts for messages that the service did not have then: the homeserver gives it
        these once more, and it cannot know that they are the same (TD-9a). The device takes them
        as new ones.
        """
        acknowledged, stored = self.kept
        self.acknowledged = min(self.acknowledged, acknowledged)
        self.tokens = {token: min(count, stored) for token, count in self.tokens.items()}
        self.held = min(self.held, stored)
