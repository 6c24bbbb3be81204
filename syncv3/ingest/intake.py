"""From one answer of the homeserver to committed parts (rules U-44, U-50, U-70, U-141).

An answer may have thousands of rooms. It is decoded room by room, and handed to the committer in
parts of some hundred events, so that others get their turn, and the stream lock, in between. All
parts say from which ``since`` the answer was asked; the last one says to which it leads. If the
process ends in between, the same answer is fetched again, and finds its events stored.

Two tokens are kept apart. ``since`` is what is asked with next; ``_stored`` is what the database
has. They differ because an answer without news is not stored each time: a thousand idle devices
would write a thousand rows each half minute. After a crash the older token is asked with again,
and nothing is missing.

An answer may *repeat* what an earlier one said, because that one got lost on its way here, or was
stored in part. Most of that does no harm, since events are known by their IDs. To-device messages
have none, so those that were stored are left out by their digests (``pieces``).
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Container, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol

from syncv3.batch import DeviceData, Lease, Part
from syncv3.ingest.clock import DatabaseClock
from syncv3.ingest.measures import PROGRESS_S, SUMMARY_S, PollerMeasures, Tally
from syncv3.ingest.pieces import digest_of_message, digests_in, pieces_of, without_taken
from syncv3.ingest.progress import PollerProgress, Stage
from syncv3.types import Device, DeviceKey
from syncv3.untrusted import in_breaths
from syncv3.upstream.body import SyncBody
from syncv3.upstream.decode import Frame, Loss, SyncAnswer, open_answer

logger = logging.getLogger(__name__)

LOSSES_MOST = 1000
"""Things of one answer of which it is remembered that they could not be used."""
QUIET_COMMIT_S = 60.0
"""An answer without news is stored only if the last one was stored longer ago: it shows other
workers that the poll is alive."""


Change = Callable[[Part], Part]
Noted = Callable[[DeviceKey, str | None], Awaitable[tuple[bool, Sequence[bytes]]]]


async def nothing_noted(device_key: DeviceKey, since: str | None) -> tuple[bool, Sequence[bytes]]:
    return False, ()


class Ingest(Protocol):
    """What stores parts; see ``syncv3.ingest.committer``."""

    async def commit(self, part: Part) -> None:
        """Store one part, durably. Raises ``LeaseLost``; after any other error the
        whole batch is fetched and committed again."""


@dataclass(frozen=True, slots=True)
class Sinks:
    """What all pollers of a process deliver to, and what they need for it.

    - ``begun`` is called when the first part of a device's very first answer is stored, but not yet
      the whole: with the time (microseconds) at which the answer was made.
    - ``sections``: which sections of an answer enabled extensions read; None: all.
    - ``noted`` gives, for a device and its stored ``since``, whether anything is noted of to-device
      messages that were taken in before, and the notes that hold for that ``since``.
    """

    ingest: Ingest
    clock: DatabaseClock
    measures: PollerMeasures
    begun: Callable[[Lease, int], Awaitable[None]]
    sections: Container[str] | None = None
    noted: Noted = nothing_noted


class Intake:
    """Commits one device's answers in order, and knows how far they are.

    ``since`` is the token to ask with next; the database may have an older one (see the module).
    ``rooms_due``: what is stored up to there has no rooms. ``tally`` counts for the log.
    """

    def __init__(
        self,
        sinks: Sinks,
        device: Device,
        lease: Lease,
        since: str | None,
        progress: PollerProgress,
        *,
        rooms_due: bool = False,
    ) -> None:
        self.since = since
        self.tally = Tally()
        self._sinks = sinks
        self._device = device
        self._lease = lease
        self._progress = progress
        self._stored = since
        self._rooms_due = rooms_due
        self._stored_at = self._tallied_at = self._told_at = 0.0
        self._repeats = True  # a process that has ended may have had the answer
        self._refused = False  # the since before the answer that is being taken in
        self._lost: set[Loss] = set()  # in the answer that is being taken in
        self._lost_before: set[Loss] = set()  # in the same answer, when it could not be stored
        self._one_time_keys: bytes | None = None
        self._fallback_types: bytes | None = None

    def missed(self) -> None:
        """A question got no answer that was taken in. The homeserver may have given one, so the
        next repeats it."""
        self._repeats = True

    async def take_in(
        self,
        body: SyncBody,
        *,
        anew: bool = False,
        refused: bool = False,
        pausing: bool = False,
        taken: Sequence[bytes] = (),
    ) -> bool:
        """Store an answer; whether it had news. Closes ``body``.

        - ``anew``: it was asked for without ``since``, as rooms are due. The to-device messages in
          ``taken`` are stored already, and left out.
        - ``refused``: it was asked for without ``since``, because the homeserver refuses the one
          that the device has.
        - ``pausing``: see ``Part``.

        Raises ``HomeserverError`` when it cannot be read, and what ``commit`` raises. Then it is
        not stored as a whole, and the caller fetches it again.
        """
        now = asyncio.get_running_loop().time
        first = self._progress.stage < Stage.CURRENT
        initial = anew or refused or not self._stored
        labels = {"initial": "1" if initial else "0", "first": "1" if first else "0"}
        started = now()
        digests = Counter(map(digest_of_message, taken))
        self._repeats = self._repeats or anew  # the same rooms may have been on their way before
        news = await self._take_in(
            body,
            self._frame(body, anew=anew, pausing=pausing),
            lambda part: without_taken(part, digests),
            refused=refused,
        )
        metrics = self._sinks.measures.metrics
        metrics.ingest_duration.labels(**labels).observe(now() - started)
        metrics.ingest_lag.labels(labels["initial"]).observe(now() - body.first_byte)
        self._progress.reach(Stage.CURRENT)
        if first:
            logger.info("first response taken in", extra={"seconds": round(now() - started, 3)})
        if now() - self._tallied_at >= SUMMARY_S:
            self._tallied_at = now()
            self.tally.write()
        return news

    async def take_in_device(self, body: SyncBody) -> Sequence[bytes]:
        """Store an answer that was asked for without rooms, while rooms are due; gives its
        to-device messages.

        Clients are not served because of it, as no room has come. Closes ``body``; raises what
        ``take_in`` raises.
        """
        messages: list[bytes] = []

        def noting(part: Part) -> Part:
            messages.extend(part.device.to_device)
            return part

        await self._take_in(body, self._frame(body), noting)
        return messages

    async def take_in_lists(self, body: SyncBody) -> None:
        """Store only the device lists of an answer. ``since`` stays, so all the rest of it comes
        again."""
        await self._take_in(body, self._frame(body), _only_lists)

    async def _take_in(
        self, body: SyncBody, frame: Frame, change: Change, *, refused: bool = False
    ) -> bool:
        """Stores what ``change`` makes of each part of an answer; whether any of that was news."""
        # If this raises, the next answer repeats this one; at the end it is known that it does not.
        repeats, self._repeats = self._repeats, True
        self._refused = refused
        self._lost_before, self._lost = self._lost, set()
        with closing(body):
            opening = open_answer(
                body.data,
                state_after=body.state_after,
                report=self._report,
                sections=self._sinks.sections,
            )
            answer = await in_breaths(opening)
            with closing(answer):
                news = await self._commit_parts(answer, frame, repeats, change)
        self._repeats = False
        return news

    def _report(self, loss: Loss) -> None:
        """Counts a thing that cannot be used, and tells the log, but once if the same answer is
        fetched again and again."""
        if len(self._lost) < LOSSES_MOST:
            self._lost.add(loss)
        if loss not in self._lost_before:
            self._sinks.measures.lost(loss)

    async def _commit_parts(
        self, answer: SyncAnswer, frame: Frame, repeats: bool, change: Change
    ) -> bool:
        """Commits all parts of an answer, one after another; whether any of them was news."""
        total = to_come = answer.room_count
        waiting = self._sinks.measures.rooms_to_come
        waiting.inc(total)
        news = False
        try:
            with closing(answer.parts(frame)) as parts:
                for whole in parts:
                    if whole is None:  # decoding pauses here, so that others get their turn
                        await asyncio.sleep(0)
                        continue
                    for part in await self._pieces(change(whole), repeats):
                        news = await self._commit(part) or news
                        stored = _rooms_in(part)
                        waiting.dec(stored)
                        to_come -= stored
                        if part.next_since is None and total:
                            self._tell_progress(total - to_come, total)
        finally:
            waiting.dec(to_come)
        return news

    async def _pieces(self, part: Part, repeats: bool) -> Iterator[Part]:
        """A part as it is committed: in pieces, and if it may ``repeat`` what an earlier answer
        said, without messages that are stored already."""
        if not repeats:
            return pieces_of(part)
        part = replace(part, repeats=True)
        if part.device.to_device:
            some, noted = await self._sinks.noted(self._device.device_key, self._stored)
            part = replace(without_taken(part, digests_in(noted)), forgets_notes=some)
        return pieces_of(part)

    async def _commit(self, part: Part) -> bool:
        """Store one part, unless it says nothing and the last commit was a moment ago.

        Whether it was news. ``since`` moves with the last part in any case.
        """
        fresh = replace(
            part,
            device=self._without_repeats(part.device),
            one_time_keys_given=part.next_since is None or part.device.one_time_keys is not None,
            begins_anew=self._refused and part.next_since is not None,
        )
        now = asyncio.get_running_loop().time()
        said = fresh.forgets_notes or fresh.begins_anew or not is_silent(fresh)
        news = fresh.next_since is None or said  # a part before the last has rooms or messages
        if news or self._stored is None or now - self._stored_at >= QUIET_COMMIT_S:
            await self._sinks.ingest.commit(fresh)
            self._sinks.measures.part(fresh)
            self.tally.add(fresh)
            await self._committed(fresh, now)
        if part.next_since is not None:
            self._remember_keys(part.device)
            self._lost.clear()
            self.since = part.next_since
        return news

    async def _committed(self, part: Part, now: float) -> None:
        """A part is stored: notes how far that is, for those who wait for it."""
        if part.ahead:  # nothing of it can be shown yet
            return
        if part.next_since is not None:
            self._stored, self._stored_at = part.next_since, now
            self._rooms_due = self._rooms_due and not part.anew
        elif part.imports and self._progress.stage < Stage.SERVING:
            await self._sinks.begun(self._lease, part.generated_us)
        if part.anew or not self._rooms_due:
            self._progress.reach(Stage.SERVING)

    def _frame(self, body: SyncBody, *, anew: bool = False, pausing: bool = False) -> Frame:
        return Frame(
            user_id=self._device.user_id,
            device_id=self._device.device_id,
            user_key=self._device.user_key,
            lease=self._lease,
            since=self._stored,
            generated_us=self._sinks.clock.at(body.first_byte),
            anew=anew,
            pausing=pausing,
        )

    def _without_repeats(self, device: DeviceData) -> DeviceData:
        """The device's data without key counts that were committed before (rule U-141).

        Synapse sends them with every answer. As news they would make each answer one to be stored.
        """
        counts, types = device.one_time_keys, device.fallback_key_types
        if counts is None and types is None:
            return device
        if counts == self._one_time_keys:
            counts = None
        if types == self._fallback_types:
            types = None
        return replace(device, one_time_keys=counts, fallback_key_types=types)

    def _remember_keys(self, device: DeviceData) -> None:
        if device.one_time_keys is not None:
            self._one_time_keys = device.one_time_keys
        if device.fallback_key_types is not None:
            self._fallback_types = device.fallback_key_types

    def _tell_progress(self, stored: int, total: int) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._told_at >= PROGRESS_S:
            self._told_at = now
            logger.info("taking in rooms", extra={"stored": stored, "total": total})


def _only_lists(part: Part) -> Part:
    """The part without everything but its device lists, and without ``next_since``: ``since``
    stays."""
    lists = DeviceData(changed=part.device.changed, left=part.device.left)
    part = replace(part, ahead={}, joined={}, left={}, invited={}, knocked={})
    return replace(part, account_data=(), presence=(), device=lists, next_since=None)


def is_silent(part: Part) -> bool:
    """Whether a part has nothing in it but a new ``since``."""
    rooms = part.ahead or part.joined or part.left or part.invited or part.knocked
    return not (rooms or part.account_data or part.presence or part.device != DeviceData())


def _rooms_in(part: Part) -> int:
    return len(part.joined) + len(part.left) + len(part.invited) + len(part.knocked)
