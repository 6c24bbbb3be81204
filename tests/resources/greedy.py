"""A device that asks for all it can, in a process of its own: ``python -m tests.resources.greedy``.

It has some connections, each with a hundred lists, and changes something in each request, so that
every room of every list has to be looked at. It reads as little of the answers as it can. Its
arguments are the service's address, an access token, how many connections, and what the
lists are made of; it runs until it is stopped, and says ``ready`` when each connection has
had its first answer.
"""

import asyncio
import itertools
import json
import re
import sys
from collections.abc import Callable

import aiohttp

from tests.support.client import PATH
from tests.support.room import JSON

LISTS = 100
POS = re.compile(rb'"pos":"([^"]+)"')
REST_S = 0.05  # after a refusal

KINDS: dict[str, Callable[[int, int], JSON]] = {
    "required_state": lambda conn, n: {
        "required_state": [[f"m.{conn}.{n}", f"{i}"] for i in range(49)] + [["m.room.name", ""]]
    },
    "bump_event_types": lambda conn, n: {
        "bump_event_types": [f"m.{conn}.{n}.{i}" for i in range(9)] + ["m.room.message"]
    },
    "filters": lambda conn, n: {"filters": {"not_tags": [f"u.{conn}.{n}"]}},
}


def lists(kind: str, conn: int) -> JSON:
    """A hundred lists of all rooms, no two of them alike."""
    shown = {"ranges": [[0, 9_999]], "timeline_limit": 1}
    return {f"l{n}": {**shown, **KINDS[kind](conn, n)} for n in range(LISTS)}


async def insist(
    http: aiohttp.ClientSession, url: str, token: str, kind: str, conn: int, ready: asyncio.Event
) -> None:
    """One connection, request after request."""
    headers = {"Authorization": f"Bearer {token}"}
    pos = ""
    for turn in itertools.count():
        asked = lists(kind, conn) if not pos else {"l0": {"timeline_limit": 1 + turn % 2}}
        body = json.dumps({"conn_id": f"c{conn}", "lists": asked})
        query = {"timeout": "0"} | ({"pos": pos} if pos else {})
        async with http.post(f"{url}{PATH}", params=query, data=body, headers=headers) as answer:
            told = POS.search(await answer.read())
        if told is None:
            await asyncio.sleep(REST_S)  # or it would ask all the time to be refused
            continue
        pos = told[1].decode()
        ready.set()


async def main(url: str, token: str, connections: int, kind: str) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout()) as http:
        ready = [asyncio.Event() for _ in range(connections)]
        asking = [
            asyncio.create_task(insist(http, url, token, kind, conn, event))
            for conn, event in enumerate(ready)
        ]
        for event in ready:
            await event.wait()
        print("ready", flush=True)
        await asyncio.gather(*asking)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]))
