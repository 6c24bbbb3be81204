"""Group commit: one committer per process writes what all its pollers bring.

While one transaction runs, the parts of all other pollers gather; the next takes them
together. A group is planned without the lock and committed by one call, which refuses if
what the plan was made from has changed meanwhile (``stale``), if a poller's lease or
``since`` has moved (``fenced``), or if the database has crashed in between (``epoch``).

Faults: a lost connection, a deadlock or a full disk repeats the whole group, for as long
as it takes; only bad data singles out parts, then rooms. A room that cannot be taken in is
told as a gap, so that nothing is missing silently. The outcome of a commit that was cut
off is found out by the guard: it is fenced with its own ``next_since`` stored.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import asyncpg

from syncv3.batch import Part
from syncv3.bus.local import STREAM, Bus
from syncv3.errors import LeaseLost
from syncv3.extension import Extension, Write
from syncv3.ingest.aside import OnSetAside
from syncv3.ingest.complaints import Complaints, reason_of
from syncv3.ingest.group import Group, KeySource, hook_row
from syncv3.ingest.hooks import (
    Gave,
    HookFailed,
    Hooks,
    Rows,
    add_hooks,
    ended,
    take_in,
)
from syncv3.ingest.learning import Learning
from syncv3.ingest.parts import emptied, only, rooms_of, size, tellable
from syncv3.ingest.planning.lost import reused_names
from syncv3.ingest.planning.plan import BadRoom, BadSection, plan
from syncv3.ingest.planning.planning import Keys
from syncv3.ingest.repair import Repair
from syncv3.ingest.trial import HOOK_REFUSED
from syncv3.store.faults import let_sessions_go, passes
from syncv3.store.knowledge import Knowledge, Wants, look_up, wants
from syncv3.store.stream import open_epoch
from syncv3.types import DeviceKey, Event, EventID, RoomID, UserID
from syncv3.watchdog import Watchdog

log = logging.getLogger(__name__)

GROUP_EVENTS = 500
BREATHE_FROM = 50
"""From so many events on the steps of a group are milliseconds each."""
RETRY_FIRST_S = 0.05
RETRY_MOST_S = 2.0
TRIES = 5
STOP_S = 10.0
COMMIT_S = 20.0
"""How long a commit may take; a statement of an extension may hang."""
TOLD_MOST = 1000
"""Warnings about one answer that are remembered while it is fetched again and again."""
COMMIT = """
SELECT * FROM ss_commit_group($1, $2, $3::ss_w_guard[], $4::ss_w_expect[], $5::text[],
    $6::ss_rooms[], $7::ss_space_children[], $8::ss_events[], $9::ss_w_state[],
    $10::ss_w_redacted[], $11::ss_gaps[], $12::ss_user_rooms[], $13::ss_memberships[],
    $14::ss_spans[], $15::ss_spans[], $16::ss_w_unread[], $17::ss_w_tags[], $18::ss_w_user[],
    $19::ss_w_txn[], $20::ss_w_hook[], $21::ss_w_change[])
"""
BLOCKS = """
SELECT
    ARRAY(SELECT nextval('ss_room_blocks') FROM generate_series(1, $1)),
    ARRAY(SELECT nextval('ss_event_blocks') FROM generate_series(1, $2))
"""
ROOM_KEYS = "SELECT room_id, room_key FROM ss_rooms WHERE room_id = ANY ($1::text[])"
POLLER = "SELECT since, owner, lease_no FROM ss_pollers WHERE device_key = $1"


OnStrangers = Callable[[DeviceKey, RoomID, Mapping[UserID, EventID]], None]
"""Told of senders without member event, each with an event of theirs, and whose sync it was."""
OnDoubtful = Callable[[DeviceKey, RoomID, Mapping[UserID, EventID], str], None]
"""Told of senders whose member event may be old, and of the token up to which the sync was."""


@dataclass(slots=True, eq=False)
class _Entry:
    """A part that waits for its commit.

    ``emptied`` rooms could not be taken in: of them only that something is missing is.
    ``excluded`` ones are not written at all.
    """

    part: Part
    done: asyncio.Future[None]
    size: int
    hooks: tuple[Gave, ...] = ()
    emptied: set[RoomID] = field(default_factory=set)
    excluded: set[RoomID] = field(default_factory=set)


class Committer:
    """Takes parts in, in groups. ``commit`` returns when its part is durable."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        bus: Bus,
        extensions: Sequence[Extension] = (),
        *,
        on_skipped: Callable[[str], None] = lambda reason: None,
        on_delivered: Callable[[set[int]], None] = lambda users: None,
        on_gap: Callable[[DeviceKey, RoomID], None] = lambda device, room: None,
        on_strangers: OnStrangers = lambda device, room, senders: None,
        on_doubtful: OnDoubtful = lambda device, room, senders, upto: None,
        on_hook_failure: Callable[[str], None] = lambda name: None,
        on_set_aside: OnSetAside = lambda name, kept, number: None,
        on_fault: Callable[[Exception], None] = lambda error: None,
        watchdog: Watchdog | None = None,
        stop_s: float = STOP_S,
        commit_s: float = COMMIT_S,
    ) -> None:
        self._pool = pool
        self._bus = bus
        self._stop_s = stop_s
        self._on_skipped = on_skipped
        self._on_delivered = on_delivered
        self._on_gap = on_gap
        self._on_strangers = on_strangers
        self._on_doubtful = on_doubtful
        self._on_fault = on_fault
        self._hooks = Hooks(
            pool,
            extensions,
            watchdog or Watchdog(),
            on_failure=on_hook_failure,
            on_set_aside=on_set_aside,
        )
        self._learning = Learning(self)
        self._complaints = Complaints()
        self._told: dict[DeviceKey, set[tuple[RoomID | None, str]]] = {}
        self._commit_s = commit_s
        self._queue: deque[_Entry] = deque()
        self._wanted = asyncio.Event()
        self.dry = asyncio.Event()  # nothing waits and nothing is being written
        self.dry.set()
        self._keys = Keys(KeySource(), KeySource())
        self._epoch: int | None = None
        self._task: asyncio.Task[None] | None = None

    def listen(
        self,
        *,
        delivered: Callable[[set[int]], None],
        gaps: Callable[[DeviceKey, RoomID], None],
        strangers: OnStrangers,
        doubtful: OnDoubtful,
    ) -> None:
        """Whom to tell which users' polls were written, of gaps, and of senders whose member
        events lack or may be old: they may need the committer, so they come after it."""
        self._on_delivered = delivered
        self._on_gap = gaps
        self._on_strangers = strangers
        self._on_doubtful = doubtful

    async def start(self) -> None:
        self._epoch = await open_epoch(self._pool)
        await self._hooks.start()
        self._task = asyncio.create_task(self._run(), name="committer")

    async def stop(self) -> None:
        """Finishes what is queued if the database lets it, then ends."""
        if self._task is not None and not self._task.done():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._stop_s):
                    await self.dry.wait()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def commit(self, part: Part) -> None:
        """Makes a part durable.

        Raises ``LeaseLost`` when the poller is no longer this worker's, or its ``since``
        has moved: it must read its row again.
        """
        hooks = await self._ask_hooks(part)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(_Entry(part, done, size(part) + _device_size(part), hooks))
        self._wanted.set()
        self.dry.clear()
        await done

    async def _ask_hooks(self, part: Part) -> tuple[Gave, ...]:
        """What the extensions make of a part, however long the database cannot be asked."""
        delay = RETRY_FIRST_S
        while True:
            try:
                return await self._hooks.take_in(part)
            except Exception as error:
                if not passes(error):
                    raise
                self._on_fault(error)
                await let_sessions_go(self._pool, error)
            await asyncio.sleep(delay)
            delay = min(delay * 2, RETRY_MOST_S)

    async def publish(self, name: str, writes: Sequence[Write]) -> None:
        """Writes what an extension says by itself, not because of a homeserver's answer.

        Raises the database's error if a statement fails.
        """
        group = Group()
        for statement, rows, tells, _ in map(Rows.of, writes):
            group.hooks.append(hook_row(name, statement, dict.fromkeys(rows), tells))
        try:
            await self._publish(group)
        except HookFailed as failed:
            raise failed.__cause__ or failed from None

    async def replay(self, extension: Extension, part: Part, number: int) -> None:
        """Takes in what was set aside under this number, which ends with it.

        Raises what the extension raises, and ``HookFailed`` if its statement fails.
        """
        gave = take_in(extension, part)
        keys = dict(await self._pool.fetch(ROOM_KEYS, list(part.joined)))
        group = Group()
        add_hooks(group, [(part, [gave, ended(number)])], keys)
        await self._publish(group)

    async def _publish(self, group: Group) -> None:
        for _ in range(TRIES):
            outcome = await self._call(self._pool, group, self._epoch or 0)
            if outcome["status"] == "ok":
                self._bus.publish(STREAM, "")
                return
            await self._enter_epoch(self._pool)

    async def confirm(self, room_id: RoomID, gap_ord: int, user_ids: Sequence[UserID]) -> None:
        """See ``Learning``."""
        await self._learning.confirm(room_id, gap_ord, user_ids)

    async def learn_members(
        self, room_id: RoomID, members: Sequence[Event], gap_ord: int | None = None
    ) -> bool:
        """See ``Learning``."""
        return await self._learning.members(room_id, members, gap_ord)

    async def learn_senders(
        self, room_id: RoomID, members: Sequence[Event], behind: EventID | None = None
    ) -> None:
        """See ``Learning``."""
        await self._learning.senders(room_id, members, behind)

    @property
    def pool(self) -> asyncpg.Pool:
        return self._pool

    @property
    def keys(self) -> Keys:
        return self._keys

    async def look_up(self, db: asyncpg.Connection, want: Wants, events: int = 0) -> Knowledge:
        """What is stored, for planning what belongs to no batch; see ``Writer``."""
        known = await look_up(db, want)
        await self._refill(db, 1, events)
        return known

    async def write(self, db: asyncpg.Connection, group: Group, *, tell: bool = True) -> int | None:
        """Commits what belongs to no batch; see ``Writer``."""
        if not group.writes:
            return 0
        outcome = await db.fetchrow(COMMIT, *group.arguments(self._epoch or 0))
        assert outcome is not None
        if outcome["status"] == "epoch":
            await self._enter_epoch(db)
        if outcome["status"] != "ok":
            return None
        if tell:
            self._bus.publish(STREAM, "")
        return int(outcome["base"])

    async def _enter_epoch(self, db: asyncpg.Pool | asyncpg.Connection) -> None:
        """The database has lost something: perhaps also who took which keys."""
        self._epoch = await open_epoch(db)
        self._keys = Keys(KeySource(), KeySource())

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self._queue:
                entries = self._take()
                try:
                    await self._write(entries)
                except Exception as error:  # who waits for an entry tells the log
                    for entry in entries:
                        _resolve(entry, error)
            self.dry.set()

    def _take(self) -> list[_Entry]:
        taken: list[_Entry] = []
        size = 0
        devices: set[int] = set()
        while self._queue and (not taken or size + self._queue[0].size <= GROUP_EVENTS):
            if self._queue[0].part.lease.device_key in devices:
                break  # a device's parts follow each other: one since at a time
            entry = self._queue.popleft()
            if entry.done.done():
                continue
            devices.add(entry.part.lease.device_key)
            size += entry.size
            taken.append(entry)
        return taken

    async def _write(self, entries: list[_Entry]) -> None:
        """Writes entries, however many tries it takes; resolves each of them."""
        delay = RETRY_FIRST_S
        repair = Repair(self._hooks)
        while entries:
            try:
                await repair.mend(entries)
                entries = await self._attempt(entries)
                continue
            except BadRoom as bad:
                self._skip(entries[bad.part], bad.room_id, bad.reason)
                continue
            except HookFailed as failed:
                if repair.note(failed, len(entries)):
                    continue
                await self._single_out(entries, failed)
                return
            except BadSection as bad:
                self._skip_account_data(entries[bad.part], bad.reason)
                continue
            except Exception as error:
                if not passes(error):
                    await self._single_out(entries, error)
                    return
                repair.note_fault(error)
                self._on_fault(error)
                await let_sessions_go(self._pool, error)
                times = self._complaints.due(reason_of(error))
                if times is not None:
                    log.warning("Writing a group failed, trying again: %r, %d times", error, times)
            await asyncio.sleep(delay)
            delay = min(delay * 2, RETRY_MOST_S)

    async def _attempt(self, entries: list[_Entry]) -> list[_Entry]:
        """One try; gives the entries that must be tried again."""
        parts = [entry.part for entry in entries]
        async with self._pool.acquire() as db:
            known = await self._known(db, parts)
            await _breathe(entries)
            rooms = sum(
                len(p.ahead) + len(p.joined) + len(p.left) + len(p.invited) + len(p.knocked)
                for p in parts
            )
            await self._refill(db, rooms, sum(map(size, parts)))
            epoch = self._epoch or 0  # of the keys that are planned with
            excluded = {(i, r) for i, entry in enumerate(entries) for r in entry.excluded}
            group = plan(parts, known, self._keys, excluded=excluded)
            rows = (*known.rooms.values(), *group.rooms)
            keys = {RoomID(row.room_id): row.room_key for row in rows}
            gave = [(entry.part, entry.hooks) for entry in entries]
            add_hooks(group, gave, keys)
            await _breathe(entries)
            outcome = await self._call(db, group, epoch)
        match outcome["status"]:
            case "ok":
                self._complaints.over()
                self._pass_on(entries, group)
                for entry in entries:
                    _resolve(entry, None)
                    if entry.part.next_since is not None:
                        self._told.pop(entry.part.lease.device_key, None)
                self._tell_gaps(entries, group)
                self._tell_strangers(entries, group)
                self._on_delivered({entry.part.user_key for entry in entries})
                self._bus.publish(STREAM, "")
                return []
            case "epoch":
                await self._enter_epoch(self._pool)
                log.warning("The database has restarted: epoch %d begins", self._epoch)
                return entries
            case "fenced":
                return await self._drop_fenced(entries, set(outcome["keys"]))
        return entries  # stale: others wrote these rooms meanwhile

    async def _known(self, db: asyncpg.Connection, parts: Sequence[Part]) -> Knowledge:
        """What planning these parts must know."""
        want = wants(parts)
        known = await look_up(db, want)
        names = reused_names(parts, known)
        if names:
            want.events |= names
            known = await look_up(db, want)
        return known

    async def _call(
        self, db: asyncpg.Pool | asyncpg.Connection, group: Group, epoch: int
    ) -> asyncpg.Record:
        """Commits a group that was planned in an epoch.

        Raises ``HookFailed`` if an extension's statement fails.
        """
        try:
            outcome = await db.fetchrow(COMMIT, *group.arguments(epoch), timeout=self._commit_s)
        except asyncpg.PostgresError as error:
            if error.sqlstate != HOOK_REFUSED:
                raise
            name, _, reason = str(error).partition(": ")
            raise HookFailed(name, reason) from error
        assert outcome is not None
        return outcome

    def _pass_on(self, entries: list[_Entry], group: Group) -> None:
        """Tells the log what planning had to remark."""
        for room_id, remark in group.remarks:
            who = next(e for e in entries if room_id in rooms_of(e.part))
            self._warn(who.part, room_id, remark)

    def _warn(self, part: Part, room_id: RoomID | None, what: str) -> None:
        """Warns of something in a device's answer; not again if the answer is fetched again."""
        told = self._told.setdefault(part.lease.device_key, set())
        if (room_id, what) in told:
            return
        if len(told) < TOLD_MOST:
            told.add((room_id, what))
        log.warning(
            "In %s's sync: %s", part.user_id, what, extra={"room": room_id, "user": part.user_id}
        )

    def _tell_gaps(self, entries: list[_Entry], group: Group) -> None:
        """Rooms of which events are missing: who else is in there must be found out."""
        gaps = {gap[0] for gap in group.gaps}
        room_ids = {RoomID(row.room_id) for row in group.rooms if row.room_key in gaps}
        for entry in entries if gaps else ():
            for room_id in room_ids & entry.part.joined.keys():
                self._on_gap(entry.part.lease.device_key, room_id)
                room_ids.discard(room_id)

    def _tell_strangers(self, entries: list[_Entry], group: Group) -> None:
        """Senders without a member event, or with one that may be old: they are asked for."""
        for room_id, senders in group.strangers.items():
            who = next(entry for entry in entries if room_id in entry.part.joined)
            self._on_strangers(who.part.lease.device_key, room_id, senders)
        for room_id, senders in group.doubtful.items():
            part = next(entry.part for entry in entries if room_id in entry.part.joined)
            if part.next_batch is not None:
                self._on_doubtful(part.lease.device_key, room_id, senders, part.next_batch)

    async def _drop_fenced(self, entries: list[_Entry], devices: set[int]) -> list[_Entry]:
        """Resolves fenced entries: already written, or no longer ours."""
        for entry in entries:
            part = entry.part
            if part.lease.device_key not in devices:
                continue
            row = await self._pool.fetchrow(POLLER, part.lease.device_key)
            mine = row is not None and (row["owner"], row["lease_no"]) == (
                part.lease.owner,
                part.lease.number,
            )
            done = mine and part.next_since is not None and row["since"] == part.next_since
            _resolve(entry, None if done else LeaseLost("the poller has moved"))
        return [entry for entry in entries if entry.part.lease.device_key not in devices]

    async def _single_out(self, entries: list[_Entry], error: Exception) -> None:
        """Bad data somewhere in the group: entries one by one, then their rooms."""
        if len(entries) > 1:
            for entry in entries:
                await self._write([entry])
            return
        entry = entries[0]
        rooms = [room_id for room_id in rooms_of(entry.part) if room_id not in entry.excluded]
        if not rooms and (isinstance(error, HookFailed) or not entry.part.account_data):
            _resolve(entry, error)
            return
        for room_id in rooms:
            await self._write_room(entry, room_id, error)
        entry.excluded.update(rooms)
        if not rooms:
            self._skip_account_data(entry, reason_of(error))
        await self._write(entries)

    async def _write_room(self, entry: _Entry, room_id: RoomID, error: Exception) -> None:
        """Writes one room of a part, without its ``since``; if that fails too, that something
        is missing in it."""
        while room_id not in entry.excluded:
            alone = only(entry.part, room_id)
            single = _Entry(alone, asyncio.get_running_loop().create_future(), entry.size)
            try:
                remaining = [single]
                while remaining:
                    remaining = await self._attempt(remaining)
            except Exception as bad:
                if passes(bad):
                    raise
                self._skip(entry, room_id, reason_of(bad))
                continue
            if single.done.done() and single.done.exception() is not None:
                log.info("A part lost its lease while its rooms were tried: %s", error)
            return

    def _skip(self, entry: _Entry, room_id: RoomID, reason: str) -> None:
        """Leaves out what a part says of a room, but for that something is missing in it."""
        if room_id in entry.emptied or room_id not in tellable(entry.part):
            entry.excluded.add(room_id)
        else:
            entry.emptied.add(room_id)
            entry.part = emptied(entry.part, room_id)
        self._on_skipped("room")
        self._warn(entry.part, room_id, f"skipping a room: {reason}")

    def _skip_account_data(self, entry: _Entry, reason: str) -> None:
        """Leaves out what the lists need of a part's account data; extensions keep theirs."""
        entry.part = replace(entry.part, account_data=())
        self._warn(entry.part, None, f"skipping the account data: {reason}")

    async def _refill(self, db: asyncpg.Connection, rooms: int, events: int) -> None:
        """Takes blocks of keys, so that planning cannot run out."""
        needs = ((rooms, self._keys.rooms), (events, self._keys.events))
        while any(blocks := [source.blocks_for(need) for need, source in needs]):
            row = await db.fetchrow(BLOCKS, *blocks)  # others may take keys meanwhile
            assert row is not None
            for (_, source), numbers in zip(needs, row, strict=True):
                for number in numbers:
                    source.refill(number)


async def _breathe(entries: Sequence[_Entry]) -> None:
    """Lets others run between the steps of a large group."""
    if sum(entry.size for entry in entries) > BREATHE_FROM:
        await asyncio.sleep(0)


def _device_size(part: Part) -> int:
    """How many rows extensions may store for the device alone."""
    device = part.device
    return len(device.to_device) + len(device.changed) + len(device.left)


def _resolve(entry: _Entry, error: Exception | None) -> None:
    if entry.done.done():
        return
    if error is None:
        entry.done.set_result(None)
    else:
        entry.done.set_exception(error)
