"""What ``syncv3 export`` and ``syncv3 import`` share: a file of JSON, a row a line.

The first line names format and version. Each further one is the kind of row, a space, and the row
as JSON; rows of one kind stand together. The last line is ``end`` with the number of rows, so that
a file that was cut off is known as one. Lines are read one by one, however large the file is.
"""

import json
import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from syncv3.cli.bar import progress
from syncv3.errors import ConfigError
from syncv3.store import transfer

FORMAT: Final = {"format": "syncv3", "version": 1}


async def write(db: Any, path: Path) -> int:
    """Writes all rows; how many.

    Access tokens are in it, if only encrypted: so nobody but its owner may read it. It is written
    under another name and renamed at the end: so it is complete when it is there.
    """
    draft, total, done = path.with_name(f"{path.name}.part"), await transfer.count_rows(db), 0
    # Nobody else can read it from its first byte on, whatever the umask is.
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file, progress() as bar:
        task = bar.add_task("exporting", total=total)
        file.write(json.dumps(FORMAT) + "\n")
        async for kind, page in transfer.rows(db):
            file.writelines(f"{kind} {row}\n" for row in page)
            done += len(page)
            bar.update(task, completed=done)
        file.write(f"end {done}\n")
        # On the disk before it has its name: a crash must not leave an empty file in its place.
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return done


def check(path: Path) -> int:
    """How many rows the file has. Raises ``ConfigError`` unless it is a whole one."""
    number, last = 0, ""
    with path.open() as file:
        if file.readline().strip() != json.dumps(FORMAT):
            raise ConfigError(f"{path} is no export of this version.")
        for last in file:
            number += 1
            kind = last.partition(" ")[0]
            if kind != "end" and kind not in transfer.KINDS:
                raise ConfigError(f"{path} has a row of a kind that is not known: {kind[:20]}.")
    if last.strip() != f"end {number - 1}":
        raise ConfigError(f"{path} is not complete.")
    return number - 1


async def read(db: Any, path: Path, position: int, total: int) -> None:
    """Takes all rows in, in pages; ``total`` is for the bar, ``position`` one of the stream."""
    with path.open() as file, progress() as bar:
        task = bar.add_task("importing", total=total)
        file.readline()
        for kind, page in _pages(line.rstrip("\n") for line in file):
            await transfer.take_in(db, kind, f"[{','.join(page)}]", position)
            bar.advance(task, len(page))


def _pages(lines: Iterator[str]) -> Iterator[tuple[str, list[str]]]:
    """Rows of one kind, at most ``transfer.PAGE`` at a time, without their kind."""
    for kind, group in groupby(lines, key=lambda line: line.partition(" ")[0]):
        if kind == "end":
            return
        page: list[str] = []
        for line in group:
            page.append(line.partition(" ")[2])
            if len(page) == transfer.PAGE:
                yield kind, page
                page = []
        if page:
            yield kind, page
