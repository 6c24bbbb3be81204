"""``python -m syncv3.replay``: what extensions could not take in, once more.

``list`` shows what was set aside, ``retry`` gives it to the extensions again, ``drop`` deletes it.
Each takes numbers as ``list`` shows them, ``--extension`` or ``--user``; without any of these it
means everything. What ``retry`` stores is noticed by the running service within a second.

The environment is that of the service: SYNCV3_DB, or its embedded database, and
SYNCV3_EXTENSIONS.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import asyncpg

from syncv3.bus.local import LocalBus
from syncv3.config import Config
from syncv3.embedded import opened
from syncv3.errors import ConfigError
from syncv3.extension import Extension
from syncv3.ingest.group_writer import GroupWriter
from syncv3.ingest.hooks import HookFailed
from syncv3.ingest.items import decode
from syncv3.ingest.publishing import Publishing
from syncv3.plugins import load_extensions
from syncv3.types import Device, DeviceID, DeviceKey, UserID, UserKey

FOUND: Final = """
SELECT s.id, s.extension, d.id, u.id, u.user_id, d.device_id, s.sender, s.generated_us, s.error,
    to_char(s.created, 'YYYY-MM-DD HH24:MI'), octet_length(s.item), s.item
FROM ss_set_aside s JOIN ss_devices d ON d.id = s.device_key JOIN ss_users u ON u.id = d.user_key
WHERE ($1::bigint[] IS NULL OR s.id = ANY ($1)) AND ($2::text IS NULL OR s.extension = $2)
    AND ($3::text IS NULL OR u.user_id = $3) AND s.id > $4
ORDER BY s.id LIMIT $5
"""
PAGE: Final = 100  # rows have whole messages, perhaps large ones
DROP: Final = "DELETE FROM ss_set_aside WHERE id = ANY ($1::bigint[])"
FAILED: Final = "UPDATE ss_set_aside SET error = $2 WHERE id = $1"
ERROR_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows; None: any."""

    ids: list[int] | None = None
    extension: str | None = None
    user_id: str | None = None


class SetAsideRow(NamedTuple):
    """One thing that was set aside. ``size`` is that of ``item``, in bytes."""

    id: int
    extension: str
    device: Device
    sender: str | None
    generated_us: int
    error: str
    created: str
    size: int
    item: str


async def found(pool: asyncpg.Pool, choice: Choice) -> AsyncIterator[SetAsideRow]:
    """The rows of a choice, oldest first; they may be deleted meanwhile."""
    last = 0
    while True:
        rows = await pool.fetch(FOUND, choice.ids, choice.extension, choice.user_id, last, PAGE)
        for row in rows:
            device = Device(UserID(row[4]), DeviceID(row[5]), UserKey(row[3]), DeviceKey(row[2]))
            yield SetAsideRow(row[0], row[1], device, *row[6:])
            last = row[0]
        if len(rows) < PAGE:
            return


async def retry(pool: asyncpg.Pool, extension: Extension, row: SetAsideRow) -> str | None:
    """Takes in once more what was set aside, and deletes it; None. Or why it fails again.

    Both are one transaction.
    """
    publishing = Publishing(GroupWriter(pool, LocalBus()))
    try:
        part = decode(row.item, row.device, row.generated_us)
        await publishing.replay(extension, part, row.id)
        return None
    except HookFailed as error:
        reason = error.reason
    except asyncpg.PostgresError:  # the database's own trouble says nothing of this row
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
    reason = reason[:ERROR_MOST].replace("\x00", "").encode(errors="backslashreplace").decode()
    await pool.execute(FAILED, row.id, reason)
    return reason


async def drop(pool: asyncpg.Pool, ids: Sequence[int]) -> None:
    """Deletes what was set aside, for good: nobody sends it again."""
    await pool.execute(DROP, ids)


async def run(arguments: argparse.Namespace, pool: asyncpg.Pool, extensions: Sequence[str]) -> int:
    """Does what was asked for and tells; the exit status: 1 if something failed again."""
    choice = Choice(arguments.ids or None, arguments.extension, arguments.user)
    enabled = {e.name: e for e in load_extensions(tuple(extensions))}
    done = failed = 0
    async for row in found(pool, choice):
        if arguments.do == "list":
            print(_line(row))
        elif arguments.do == "drop":
            await drop(pool, [row.id])
        elif (extension := enabled.get(row.extension)) is None:
            print(f"{row.id}: the extension {row.extension} is not enabled", file=sys.stderr)
            failed += 1
            continue
        elif (reason := await retry(pool, extension, row)) is not None:
            print(f"{row.id}: {reason}", file=sys.stderr)
            failed += 1
            continue
        done += 1
    did = {"list": "set aside", "drop": "deleted", "retry": "taken in"}[arguments.do]
    print(f"{done} {did}" + (f", {failed} not" if failed else ""))
    return 1 if failed else 0


def _line(row: SetAsideRow) -> str:
    """What is told of a row: nothing of its content but the error."""
    who = f"{row.device.user_id} {row.device.device_id}"
    sender = row.sender if row.sender is not None else "-"
    return f"{row.id}\t{row.created}\t{row.extension}\t{who}\t{sender}\t{row.size}\t{row.error}"


def parser() -> argparse.ArgumentParser:
    """Reads the command's arguments."""
    made = argparse.ArgumentParser(prog="python -m syncv3.replay", description=__doc__)
    made.add_argument("do", choices=("list", "retry", "drop"))
    made.add_argument("ids", nargs="*", type=int)
    made.add_argument("--extension")
    made.add_argument("--user")
    return made


async def main(arguments: Sequence[str]) -> int:
    """Runs the command; the exit status. Raises ``ConfigError``."""
    asked = parser().parse_args(arguments)
    config = Config.from_environ(os.environ)
    async with (
        opened(config.db, config.data_dir) as url,
        asyncpg.create_pool(url, min_size=1, max_size=2, command_timeout=60) as pool,
    ):
        return await run(asked, pool, config.extensions)


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main(sys.argv[1:])))
    except ConfigError as error:
        sys.exit(str(error))
