"""Bad data somewhere in a part: its rooms are tried alone, and what is bad is left out.

A room that cannot be taken in is told as a gap, so that nothing is missing silently. The rooms are
written without the part's ``since`` and without what belongs to the device. These follow when all
rooms have been tried, so that after a crash in between the whole answer is fetched again.
"""

import logging
from collections.abc import Callable

from syncv3.complaints import reason_of
from syncv3.ingest.attempts import Attempts
from syncv3.ingest.entries import Entry
from syncv3.ingest.hooks import HookFailed
from syncv3.ingest.parts import only, rooms_of
from syncv3.ingest.remarks import Remarks
from syncv3.store.faults import is_passing
from syncv3.types import RoomID

log = logging.getLogger(__name__)


class SinglingOut:
    """Leaves out what cannot be stored. ``on_skipped`` is called for each room that is left out."""

    def __init__(
        self, attempts: Attempts, remarks: Remarks, on_skipped: Callable[[], None]
    ) -> None:
        self._attempts = attempts
        self._remarks = remarks
        self._on_skipped = on_skipped

    async def try_rooms(self, entry: Entry, error: Exception) -> bool:
        """Writes the rooms of a part that failed, one by one, but not its ``since``.

        Whether the rest is to be written now. False: no room and no account data is left that could
        be to blame, so whoever waits for the entry got the error.
        """
        rooms = [room_id for room_id in rooms_of(entry.part) if room_id not in entry.excluded]
        if not rooms and (isinstance(error, HookFailed) or not entry.part.account_data):
            entry.resolve(error)
            return False
        for room_id in rooms:
            await self._write_room(entry, room_id, error)
        # They are written, or given up: what is left is what belongs to the device.
        entry.excluded.update(rooms)
        if not rooms:
            self.skip_account_data(entry, reason_of(error))
        return True

    async def _write_room(self, entry: Entry, room_id: RoomID, error: Exception) -> None:
        """Writes one room of a part. If that fails, writes that something is missing in it, and if
        that fails too, gives the room up."""
        while room_id not in entry.excluded:
            single = Entry.of(only(entry.part, room_id))  # made anew after each ``leave_out``
            try:
                remaining = [single]
                while remaining:
                    remaining = await self._attempts.make(remaining)
            except Exception as bad:
                if is_passing(bad):
                    raise
                self.skip_room(entry, room_id, reason_of(bad))
                continue
            if single.done.done() and single.done.exception() is not None:
                log.info("A part lost its lease while its rooms were tried: %s", error)
            return

    def skip_room(self, entry: Entry, room_id: RoomID, reason: str) -> None:
        entry.leave_out(room_id)
        self._on_skipped()
        self._remarks.warn(entry.part, room_id, f"skipping a room: {reason}")

    def skip_account_data(self, entry: Entry, reason: str) -> None:
        entry.leave_out_account_data()
        self._remarks.warn(entry.part, None, f"skipping the account data: {reason}")
