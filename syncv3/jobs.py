"""Work that a running service does again and again, such as cleaning up."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from syncv3.store.faults import DATABASE_FAULTS

log = logging.getLogger(__name__)


async def regularly(every_s: float, job: Callable[[], Awaitable[None]]) -> None:
    """Runs a job again and again; a fault of the database is logged and does not end it."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await job()
        except DATABASE_FAULTS as error:
            log.warning("A regular job failed: %s", error)
        except Exception:  # an extension's, say: the next time is still due
            log.exception("A regular job failed")
