"""What an extension could not take in: kept in a table, bounded, until somebody replays it.

The homeserver sends a to-device message once. If an extension fails on it, because of a bug say,
the message would be lost when ``since`` moves on. So it is kept, in a transaction before or with
that move, and an operator who has mended the extension replays it (``python -m syncv3.replay``).

The bounds are per device, and within a device per sender: a stranger who sends what cannot be
taken in neither fills the disk nor uses up the room that others' messages need. What is over a
bound is counted and given up.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import asyncpg

from syncv3.batch import Part
from syncv3.complaints import Hourly
from syncv3.extension import Write
from syncv3.ingest.items import Failure, encode, sender_of

log = logging.getLogger(__name__)

# A device has room for eight senders, or more, who fill theirs.
ITEMS_PER_SENDER: Final = 100
BYTES_PER_SENDER: Final = 1024 * 1024
ITEMS_PER_DEVICE: Final = 1000
BYTES_PER_DEVICE: Final = 8 * 1024 * 1024
REASON_MOST: Final = 500  # characters: an error may quote a whole message

USED: Final = """
SELECT sender, count(*), sum(octet_length(item)) FROM ss_set_aside
WHERE device_key = $1 GROUP BY sender
"""
"""Index ss_set_aside_device; a device has at most ``ITEMS_PER_DEVICE`` rows."""
SET_ASIDE: Final = """
INSERT INTO ss_set_aside (extension, device_key, sender, generated_us, item, error)
SELECT extension, device_key, sender, generated_us, item, error
FROM json_to_recordset($1) AS r (extension text, device_key int, sender text,
    generated_us bigint, item text, error text)
"""

ENDED: Final = """
DELETE FROM ss_set_aside s USING json_to_recordset($1) AS r (id bigint)
WHERE s.id = r.id AND $2::bigint IS NOT NULL
"""

OnSetAside = Callable[[str, bool, int], None]
"""Told how many things of an extension were set aside, and whether they are kept."""


@dataclass(slots=True)
class _Used:
    """How much is kept of a device, of each sender and in all. ``by_sender`` has the number of
    things and their bytes."""

    by_sender: dict[str | None, tuple[int, int]]
    things: int = field(init=False)
    taken: int = field(init=False)

    def __post_init__(self) -> None:
        self.things = sum(things for things, _ in self.by_sender.values())
        self.taken = sum(taken for _, taken in self.by_sender.values())

    def admit(self, sender: str | None, size: int) -> bool:
        """Whether one more of this size may be kept; if so it counts from now on."""
        things, taken = self.by_sender.get(sender, (0, 0))
        bounded_sender = sender is not None and (
            things >= ITEMS_PER_SENDER or taken + size > BYTES_PER_SENDER
        )
        full = self.things >= ITEMS_PER_DEVICE or self.taken + size > BYTES_PER_DEVICE
        if bounded_sender or full:
            return False
        self.by_sender[sender] = things + 1, taken + size
        self.things += 1
        self.taken += size
        return True


class Aside:
    """Decides what is kept, and says so: once an hour for an extension and device."""

    def __init__(self, pool: asyncpg.Pool, on_set_aside: OnSetAside) -> None:
        self._pool = pool
        self._on_set_aside = on_set_aside
        self._told = Hourly()

    async def keep(self, name: str, pieces: Sequence[tuple[Part, Failure]]) -> Write | None:
        """The statement that keeps parts of one device, with why each could not be taken in.

        Nothing is written here: the rows go with the group. None: nothing is to be written. What is
        in use is read without a lock, as only the device's own poller adds to it.
        """
        if not pieces:
            return None
        device_key = pieces[0][0].lease.device_key
        used = _Used({s: (n, size) for s, n, size in await self._pool.fetch(USED, device_key)})
        rows: list[dict[str, object]] = []
        given_up = 0
        for part, failure in pieces:
            item, sender = encode(part), _storable(sender_of(part))
            if item is None:
                continue
            if not used.admit(sender, len(item.encode())):
                given_up += 1
                continue
            row = {
                "n": len(rows),  # equal rows are written once; two equal messages are two
                "extension": name[:64],
                "device_key": device_key,
                "sender": sender,
                "generated_us": part.generated_us,
                "item": item,
                "error": _storable(failure.reason),
            }
            rows.append(row)
        self._tell(name, *pieces[0], len(rows), given_up)
        return Write(SET_ASIDE, rows) if rows else None

    def _tell(self, name: str, part: Part, why: Failure, kept: int, given_up: int) -> None:
        for number, is_kept in ((kept, True), (given_up, False)):
            if number:
                self._on_set_aside(name, is_kept, number)
        if not (kept or given_up):
            return
        if self._told.due((name, part.lease.device_key)):
            log.error(
                "Extension %s: set aside what it cannot take in; see python -m syncv3.replay list",
                name,
                extra={"user": part.user_id, "device": part.device_id, "reason": why.place,
                       "kept": kept, "given_up": given_up},
            )  # fmt: skip


def _storable(text: str | None) -> str | None:
    """A text as PostgreSQL takes it: without NUL and lone surrogates, and not too long."""
    if text is None:
        return None
    return text[:REASON_MOST].replace("\x00", "").encode(errors="backslashreplace").decode()
