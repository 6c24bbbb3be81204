"""The database: its version, how near it is, its clock, and who else is in it.

An answer asks the database several times, one after another, so a database in another town makes
every answer slow. Rooms are stamped with times of the database's clock, log lines with times of
this machine's. And a Go proxy that runs on the same database takes messages that are needed here.
"""

import asyncio
import time
from statistics import median
from typing import Any, Final

import asyncpg

from syncv3.doctor.finding import Finding, error, ok, warning
from syncv3.errors import ConfigError
from syncv3.store import old_proxy
from syncv3.store.migrate import APP, LOCATION, OLDEST_POSTGRESQL, applied, files
from syncv3.takeover import HARMLESS

LOOKS: Final = 5  # of which the middle one counts, as the first may be slow
SLOW_MS: Final = 20.0  # an answer that asks ten times would take a fifth of a second
SKEW_S: Final = 2.0


def judge_version(major: int) -> Finding:
    """``major`` is that of the PostgreSQL server: 15, say."""
    check = "database: version"
    if major < OLDEST_POSTGRESQL:
        return error(
            check, f"it is PostgreSQL {major}", f"upgrade it to {OLDEST_POSTGRESQL} or newer"
        )
    return ok(check, f"PostgreSQL {major}")


async def latency(db: Any) -> Finding:
    """How long a question takes that is no work: the way there and back."""
    took = []
    for _ in range(LOOKS):
        started = time.perf_counter()
        await db.fetchval("SELECT 1")
        took.append((time.perf_counter() - started) * 1000)
    return judge_latency(median(took))


def judge_latency(ms: float) -> Finding:
    check = "database: latency"
    if ms > SLOW_MS:
        return warning(
            check,
            f"a question takes {ms:.0f} ms",
            "run the service near the database: an answer asks it several times",
        )
    return ok(check, f"a question takes {ms:.1f} ms")


async def clock(db: Any) -> Finding:
    """How far this machine's clock is from the database's."""
    theirs = float(await db.fetchval("SELECT extract(epoch FROM clock_timestamp())"))
    return judge_clock(abs(theirs - time.time()))


def judge_clock(skew_s: float) -> Finding:
    check = "database: clock"
    if skew_s > SKEW_S:
        return warning(
            check,
            f"the clocks of this machine and the database differ by {skew_s:.0f} s",
            "run a time service (chrony, systemd-timesyncd) on both",
        )
    return ok(check, "its clock is this machine's")


async def tables(db: Any) -> Finding:
    """Whether the schema is one that this version knows."""
    check = "database: schema"
    done, known = set(await applied(db, APP)), set(files(LOCATION, APP))
    # Migrations that are in force and not known here: a later version has been started on it.
    if done - known:
        return error(
            check,
            f"it is of a newer version: {', '.join(sorted(done - known))}",
            "start that version, or restore a backup from before it",
        )
    if known - done:
        return ok(check, f"the next start applies {len(known - done)} migrations")
    return ok(check, "it is up to date")


async def go_proxy(db: Any) -> Finding | None:
    """Whether the Go proxy may be at work on the same database; None: it never was there."""
    if not await old_proxy.is_here(db):
        return None
    check, state = "database: Go proxy", await old_proxy.state(db)
    if sessions := await old_proxy.sessions(db, HARMLESS):
        return error(
            check,
            f"another session of this role, pid {sessions[0].pid}, may be the Go proxy",
            "stop it: the homeserver gives each message to one of the two only",
        )
    if state is None or state.returned:
        return warning(
            check, "its tables are there", "the next start takes them over (docs/moving.md)"
        )
    return ok(check, "it was taken over")


async def examine(url: str) -> list[Finding]:
    """All checks of the database at this URL; if it cannot be reached, that alone."""
    try:
        # By its name whoever takes over the database knows that this session is no Go proxy's.
        db = await asyncio.wait_for(
            asyncpg.connect(url, server_settings={"application_name": "syncv3"}), 10
        )
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as reason:
        return [unreachable(reason)]
    try:
        found = [
            judge_version(db.get_server_version().major),
            await latency(db),
            await clock(db),
            await tables(db),
            await go_proxy(db),
        ]
    finally:
        await db.close()
    return [finding for finding in found if finding is not None]


def unreachable(reason: BaseException | ConfigError) -> Finding:
    """The finding of a database that cannot be reached, by the driver's or our own error."""
    said = " ".join(str(reason).split()) or type(reason).__name__
    return error(
        "database",
        f"it cannot be reached: {said}",
        "compare SYNCV3_DB with what psql takes, from this machine or container",
    )
