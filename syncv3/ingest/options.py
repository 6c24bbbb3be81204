"""Bounds and times of pollers, and of those who wait for them."""

from dataclasses import dataclass, field
from datetime import timedelta

from syncv3.ingest.pauses import PausePace

SILENCE = 0.8
"""After this part of the lease without a beat a worker counts as dead. The rest is for those who
take over: they claim, ask the homeserver, take in its answers and wake the clients."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long clients and workers wait before they conclude something, in seconds.

    - ``look_s``: for so long another worker is believed to poll a device, after it was seen to.
    - ``again_s``: between two tries to have a device polled. ``unpolled_s``: all of these together.
      It is longer than the lease, within which the pollers of a dead worker are taken over.
    - ``failing_s``: for so long a poll may fail before clients are told.
    - ``silent_s``: the same of another worker's poll, of which is only known when it stores an
      answer. One that has no news does so every 90 s.
    """

    look_s: float = 10.0
    again_s: float = 1.0
    unpolled_s: float = 15.0
    failing_s: float = 60.0
    silent_s: float = 180.0


@dataclass(frozen=True, slots=True)
class PollerOptions:
    """Bounds and times of pollers.

    ``lease``: after so long at most somebody else serves the devices of a worker that has died.
    ``idle``: a device that was unused for so long is not polled (U-60).
    """

    lease: timedelta = timedelta(seconds=10)
    idle: timedelta = timedelta(days=30)
    fresh: timedelta = timedelta(minutes=3)  # a sibling's poll that is up to date (U-23)
    starting: int = 16  # first answers at the same time at boot (U-21)
    catching_up: int = 16  # questions of polls that rest at the same time
    claims_a_round: int = 50
    current_wait_s: float = 1.0  # for the first answer of a poll that goes on
    first_wait_s: float = 100.0  # for the first rooms of a first sync
    remote_look_s: float = 0.25  # between looks at what another worker does
    tend_s: float = 3600.0
    patience: Patience = field(default_factory=Patience)
    pace: PausePace = field(default_factory=PausePace)

    @property
    def silence(self) -> timedelta:
        """For how long after its last beat a worker's leases are its own."""
        return self.lease * SILENCE
