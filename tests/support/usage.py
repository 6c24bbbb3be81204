"""What a process and a database hold."""

import os
from collections.abc import Mapping
from pathlib import Path

import asyncpg

MIB = 1024 * 1024


def memory_mib(pid: int) -> float:
    """Memory of a process that the kernel cannot drop: no mapped files are in it."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss_Anon:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no memory is reported of process {pid}")


def processor_s(pid: int) -> float:
    """The processor's time that a process has used, of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children_of(pid: int) -> list[int]:
    """The processes that this one has started and that are still there."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for t in threads for child in (t / "children").read_text().split()]


async def row_counts(url: str) -> dict[str, int]:
    """The rows of every table of ours, by name."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE tablename ~ '^(ss|syncv3)_'"
        )
        return {
            name: await connection.fetchval(f'SELECT count(*) FROM "{name}"') for (name,) in tables
        }
    finally:
        await connection.close()


def grown(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """By how many rows each table has grown, if it has."""
    return {name: rows - before[name] for name, rows in after.items() if rows > before[name]}
