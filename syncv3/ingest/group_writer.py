"""Writes groups: one call of ``ss_commit_group`` each, under an epoch and with reserved keys.

Planning gives new rooms and events their keys before the group is written. So keys come from blocks
of a thousand, which the database reserves by sequences. If it has lost something (a new epoch
begins), it may also have lost that a block was reserved, and reserve it again for somebody else. So
all keys that are left of older blocks are dropped then.

Learning and publishing write groups that belong to no batch, and thus have no guard: with
``write``, after ``look_up``.
"""

from collections.abc import Sequence
from typing import Final

import asyncpg

from syncv3.batch import Part
from syncv3.bus.local import STREAM, Bus
from syncv3.ingest.group import Group, KeySource
from syncv3.ingest.hooks import HookFailed
from syncv3.ingest.planning.lost import reused_names
from syncv3.ingest.planning.planning import KeySources
from syncv3.ingest.trial import HOOK_REFUSED
from syncv3.store.knowledge import Knowledge, Wants, look_up, wants
from syncv3.store.stream import open_epoch

COMMIT_S: Final = 20.0
"""How long a commit may take; a statement of an extension may hang."""
ARRAYS: Final = (
    "ss_w_guard", "ss_w_expect", "text", "ss_rooms", "ss_space_children", "bigint", "ss_events",
    "ss_history", "ss_w_state", "ss_w_redacted", "ss_gaps", "ss_user_rooms", "ss_w_unread",
    "ss_w_tags", "ss_w_user", "ss_w_txn", "ss_w_hook", "ss_w_change", "int",
)  # fmt: skip
"""What the arrays hold that ``ss_commit_group`` takes behind two numbers."""
GIVEN: Final = (f"coalesce(${n}::{kind}[], '{{}}')" for n, kind in enumerate(ARRAYS, 3))
COMMIT: Final = f"SELECT * FROM ss_commit_group($1, $2, {', '.join(GIVEN)})"
"""NULL stands for an empty array: most of them are, and the driver takes ten steps for each."""
BLOCKS: Final = """
SELECT
    ARRAY(SELECT nextval('ss_room_blocks') FROM generate_series(1, $1)),
    ARRAY(SELECT nextval('ss_event_blocks') FROM generate_series(1, $2))
"""


class GroupWriter:
    """What one process writes groups with. ``epoch`` is 0 until ``enter_epoch`` was called."""

    def __init__(self, pool: asyncpg.Pool, bus: Bus, *, commit_s: float = COMMIT_S) -> None:
        self.pool = pool
        self.commit_s = commit_s
        self.epoch = 0
        self.keys = KeySources(KeySource(), KeySource())
        self._bus = bus

    async def enter_epoch(self, db: asyncpg.Pool | asyncpg.Connection) -> None:
        """Opens an epoch, at the start or when the database has lost something, and forgets all
        reserved keys."""
        self.epoch = await open_epoch(db)
        self.keys = KeySources(KeySource(), KeySource())

    async def look_up_parts(self, db: asyncpg.Connection, parts: Sequence[Part]) -> Knowledge:
        """Everything that planning these parts looks at, as it is stored now."""
        want = wants(parts)
        known = await look_up(db, want)
        # Rarely a part has events whose IDs are those of other events. They are stored under names
        # that are made up only now, so these must be looked up as well.
        names = reused_names(parts, known)
        if names:
            want.events |= names
            known = await look_up(db, want)
        return known

    async def refill(self, db: asyncpg.Connection, rooms: int, events: int) -> None:
        """Takes blocks of keys, so that planning so many new rooms and events cannot run out."""
        needs = ((rooms, self.keys.rooms), (events, self.keys.events))
        while any(blocks := [source.blocks_for(need) for need, source in needs]):
            # A loop, as others who write with the same keys may take some meanwhile.
            row = await db.fetchrow(BLOCKS, *blocks)
            assert row is not None
            for (_, source), numbers in zip(needs, row, strict=True):
                for number in numbers:
                    source.refill(number)

    async def call(
        self, db: asyncpg.Pool | asyncpg.Connection, group: Group, epoch: int
    ) -> asyncpg.Record:
        """Commits a group that was planned in an epoch; the caller tells others.

        Raises ``HookFailed`` if an extension's statement fails.
        """
        try:
            outcome = await db.fetchrow(COMMIT, *group.arguments(epoch), timeout=self.commit_s)
        except asyncpg.PostgresError as error:
            if error.sqlstate != HOOK_REFUSED:
                raise
            name, _, reason = str(error).partition(": ")
            raise HookFailed(name, reason) from error
        assert outcome is not None
        return outcome

    def tell(self) -> None:
        """Wakes who follows the stream: a group is written."""
        self._bus.publish(STREAM, "")

    # -- what belongs to no batch: see ``learning.Writer`` ------------------------------

    async def look_up(self, db: asyncpg.Connection, want: Wants, events: int = 0) -> Knowledge:
        """What is stored of all that ``want`` names. Keys for one new room and ``events`` new
        events are reserved."""
        known = await look_up(db, want)
        await self.refill(db, 1, events)
        return known

    async def write(self, db: asyncpg.Connection, group: Group, *, tell: bool = True) -> int | None:
        """Commits a group without guard; ``tell``: whoever follows the stream is woken.

        Gives the position before the group's first; 0 if there was nothing to write. None: nothing
        was written, because the rooms were written meanwhile or a new epoch has begun. The caller
        looks up and plans again.
        """
        if not group.writes:
            return 0
        outcome = await db.fetchrow(COMMIT, *group.arguments(self.epoch))
        assert outcome is not None
        if outcome["status"] == "epoch":
            await self.enter_epoch(db)
        if outcome["status"] != "ok":
            return None
        if tell:
            self.tell()
        return int(outcome["base"])
