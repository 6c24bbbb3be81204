"""Work that a running service does again and again, such as cleaning up; and its end, in order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from syncv3.store.faults import DATABASE_FAULTS

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[None]]
Step = tuple[str, Job]

LEAST_S: Final = 0.5
"""What each step gets, however much the ones before it took."""


async def regularly(every_s: float, job: Job) -> None:
    """Runs a job again and again; a fault of the database is logged and does not end it."""
    while True:
        await asyncio.sleep(every_s)  # first, as a start has enough to do
        try:
            await job()
        except DATABASE_FAULTS as error:
            log.warning("A regular job failed: %s", error)
        except Exception:  # an extension's, say: the next time is still due
            log.exception("A regular job failed")


async def in_order(steps: Iterable[Step], within_s: float) -> None:
    """Stops parts one after another; one that fails or hangs does not keep the others running.

    A database that has vanished would else hold up the process until it is killed, and the
    parts behind, with their leases, would not be stopped at all.
    """
    deadline = asyncio.get_running_loop().time() + within_s
    for name, step in steps:
        left_s = deadline - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(max(left_s, LEAST_S)):
                await step()
        except TimeoutError:
            log.warning("Stopping %s takes too long: it is cut off", name)
        except DATABASE_FAULTS as error:
            log.warning("Stopping %s: %s", name, error)
