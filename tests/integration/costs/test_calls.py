"""The hot paths cost what was recorded: whoever makes one longer sees it, and records anew."""

import asyncio
import json
import sys

import pytest

from tests.integration.costs.counted import RECORDED, Count, agrees


@pytest.fixture
async def counted(database_url: str) -> dict[str, list[int]]:
    """Counted in a process of its own, as the framework rewrites itself when it starts."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.costs.counted", "--json", database_url,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0
    found: dict[str, list[int]] = json.loads(said.splitlines()[-1])
    return found


async def test_each_way_costs_what_was_recorded(counted: dict[str, list[int]]) -> None:
    """Queries, calls of functions of ours, of libraries', and in C; see ``counted``."""
    recorded: dict[str, list[int]] = json.loads(RECORDED.read_text())
    assert counted.keys() == recorded.keys()
    off = [
        f"{way}: {counted[way]}, and recorded {before}"
        for way, before in recorded.items()
        if not agrees(Count(*counted[way]), before)
    ]
    assert off == []
