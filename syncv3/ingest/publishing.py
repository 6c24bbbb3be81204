"""Writes what extensions say apart from any batch, and what had been set aside for them.

Such a group has no guard, since no ``since`` moves with it, and no expectations, since it writes no
rooms. So it can only be refused because a new epoch has begun, and is then simply written again.
"""

from collections.abc import Sequence
from typing import Final

from syncv3.batch import Part
from syncv3.errors import Unavailable
from syncv3.extension import Extension, Write
from syncv3.ingest.group import Group, hook_row
from syncv3.ingest.group_writer import GroupWriter
from syncv3.ingest.hooks import Gave, HookFailed, Rows, add_hooks, ended, take_in

TRIES: Final = 5  # each but the last may meet a new epoch
ROOM_KEYS: Final = "SELECT room_id, room_key FROM ss_rooms WHERE room_id = ANY ($1::text[])"


class Publishing:
    """Writes groups that come from no answer of the homeserver."""

    def __init__(self, writer: GroupWriter) -> None:
        self._writer = writer

    async def publish(self, name: str, writes: Sequence[Write]) -> None:
        """Writes what an extension says by itself, not because of a homeserver's answer.

        Raises the database's error if a statement fails, and ``Unavailable`` if the database begins
        one epoch after another.
        """
        group = Group()
        for statement, rows, tells, _ in map(Rows.of, writes):
            group.hooks.append(hook_row(name, statement, dict.fromkeys(rows), tells))
        try:
            await self._write(group)
        except HookFailed as failed:
            # The caller is the extension itself: it gets the error of its own statement.
            raise failed.__cause__ or failed from None

    async def replay(self, extension: Extension, part: Part, number: int) -> None:
        """Has an extension take in what was set aside under this number, and deletes that with the
        same commit.

        Raises what the extension raises, and ``HookFailed`` if its statement fails: then it stays
        set aside.
        """
        await self.take_in(part, take_in(extension, part), ended(number))

    async def take_in(self, part: Part, *gave: Gave) -> None:
        """Writes what hooks have made of a part that no poll brings: what was set aside, or key
        counts.

        Raises ``HookFailed`` if a statement fails.
        """
        keys = dict(await self._writer.pool.fetch(ROOM_KEYS, list(part.joined)))
        group = Group()
        add_hooks(group, [(part, gave)], keys)
        await self._write(group)

    async def _write(self, group: Group) -> None:
        for _ in range(TRIES):
            outcome = await self._writer.call(self._writer.pool, group, self._writer.epoch)
            if outcome["status"] == "ok":
                self._writer.tell()
                return
            await self._writer.enter_epoch(self._writer.pool)
        raise Unavailable("nothing could be written: the database went back again and again")
