"""What pollers count (rules O-79 to O-7E), and what they tell the log now and then (O-6F).

A line for each answer would be thousands a minute. So each poller keeps a tally, and writes it at
most every 30 seconds, if anything came. Names and labels of metrics are those that dashboards of
the Go proxy know.
"""

import logging
from dataclasses import dataclass, fields

from syncv3.batch import Part
from syncv3.ingest.payloads import EXPIRED, KINDS, payloads_of
from syncv3.metrics import Metrics
from syncv3.upstream.decode import Loss

logger = logging.getLogger(__name__)

SUMMARY_S = 30.0  # between two lines of what a poller took in
PROGRESS_S = 5.0  # between two lines of how far a large first answer is


class PollerMeasures:
    """Counts for all pollers of a process."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics
        self.rooms_to_come = metrics.rooms_to_come
        self.malformed = metrics.malformed
        self._payloads = {kind: metrics.poller_payloads.labels(kind) for kind in KINDS}

    def part(self, part: Part) -> None:
        """Counts what one part has, and the sizes of its rooms (O-7D, O-7E, O-7F)."""
        for kind, number in payloads_of(part):
            if number:
                self._payloads[kind].inc(number)
        for room in part.joined.values():
            if room.timeline:
                label = "limited" if room.limited else "unlimited"
                self.metrics.timeline_size.labels(label).observe(len(room.timeline))
            if room.limited:
                self.metrics.gappy_state_size.observe(len(room.state))

    def expired(self) -> None:
        """Counts a device of which the homeserver takes no token any more."""
        self._payloads[EXPIRED].inc()

    def lost(self, loss: Loss) -> None:
        """Counts something that could not be used, and writes one log line of it (rule U-81)."""
        self.malformed.labels(loss.kind).inc(loss.number)
        if loss.kind == "room":
            self.metrics.skipped_rooms.inc()
        logger.warning(
            "left out what cannot be used of an answer",
            extra={
                "kind": loss.kind,
                "number": loss.number,
                "room": loss.room_id,
                "reason": loss.reason,
            },
        )


@dataclass(slots=True)
class Tally:
    """What one poller took in since its last summary line (rule O-6F)."""

    timeline: int = 0
    state: int = 0
    ephemeral: int = 0
    room_account_data: int = 0
    invites: int = 0
    to_device: int = 0
    changed: int = 0
    left: int = 0
    account_data: int = 0

    def add(self, part: Part) -> None:
        """Counts a part that is stored."""
        for room in part.joined.values():
            self.timeline += len(room.timeline)
            self.state += len(room.state)
            self.ephemeral += len(room.ephemeral)
            self.room_account_data += len(room.account_data)
        self.invites += len(part.invited)
        self.to_device += len(part.device.to_device)
        self.changed += len(part.device.changed)
        self.left += len(part.device.left)
        self.account_data += len(part.account_data)

    def write(self) -> None:
        """One line with what is not zero; then start anew."""
        counts = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name)}
        if counts:
            logger.info("accumulated data", extra=counts)
        for name in counts:
            setattr(self, name, 0)
