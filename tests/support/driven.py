"""A real client in a process of its own, told what to do and asked what it saw.

The programs in ``tests/clients`` are started with one JSON object as their argument. They
print a JSON object a line about everything they see, which has its kind under ``saw``::

    {"saw": "message", "room_id": "!a:b", "event_id": "$c", "sender": "@d:b", "body": "hello"}

and obey a JSON object a line on their standard input, each answered by one line::

    {"id": 1, "do": "send", "room_id": "!a:b", "body": "hello"}
    {"saw": "answer", "id": 1, "event_id": "$c"}        or {"saw": "answer", "id": 1, "error": "…"}

``{"do": "stop"}`` or the end of the input ends them.
"""

import asyncio
import itertools
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self

from tests.support.room import JSON

PATIENCE_S: Final = 30.0
STOP_S: Final = 15.0
LINE_BYTES: Final = 16 << 20


class ClientError(Exception):
    """The client could not do what it was told."""


class DrivenClient:
    """``seen`` is all that the client has printed, oldest first, without its answers."""

    def __init__(self, name: str, process: Process, log: Path) -> None:
        self.name = name
        self.seen: list[JSON] = []
        self._process = process
        self._log = log
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[JSON]] = {}
        self._news = asyncio.Condition()
        self._silent = False  # it will print nothing any more
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(
        cls, name: str, command: Sequence[str | Path], arguments: JSON, *, log: Path
    ) -> Self:
        """What the client says on its standard error is added to ``log``."""
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *map(str, command), json.dumps(arguments),
                stdin=PIPE, stdout=PIPE, stderr=errors, limit=LINE_BYTES,
            )  # fmt: skip
        return cls(name, process, log)

    async def do(self, what: str, patience_s: float = PATIENCE_S, **arguments: Any) -> JSON:
        """The client's answer. Raises ``ClientError`` when it says that it could not."""
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        line = json.dumps({"id": number, "do": what, **arguments})
        self._process.stdin.write(line.encode() + b"\n")
        await self._process.stdin.drain()
        async with asyncio.timeout(patience_s):
            done: JSON = await answer
        if "error" in done:
            raise ClientError(f"{self.name} could not {what}: {done['error']}")
        return done

    def all(self, kind: str, **properties: Any) -> list[JSON]:
        """What it saw of this kind with these properties, until now."""
        return [one for one in self.seen if _fits(one, kind, properties)]

    async def sees(
        self, kind: str, *, since: int = 0, patience_s: float = PATIENCE_S, **properties: Any
    ) -> JSON:
        """The first of this kind with these properties, from ``seen[since]`` on; waits for it."""
        found: list[JSON] = []

        def there() -> bool:
            found.extend(one for one in self.seen[since:] if _fits(one, kind, properties))
            return bool(found)

        await self.until(there, f"{kind} {properties}", patience_s)
        return found[0]

    async def until(
        self, true: Callable[[], bool], what: str = "it", patience_s: float = PATIENCE_S
    ) -> None:
        """Wait until ``true``, which is asked whenever the client has printed something."""
        try:
            async with asyncio.timeout(patience_s), self._news:
                await self._news.wait_for(lambda: true() or self._silent)
        except TimeoutError:
            raise AssertionError(f"{self.name} never saw {what}{self._story()}") from None
        assert true(), f"{self.name} ended before it saw {what}{self._story()}"

    async def stop(self) -> None:
        """End it as a user does. It must say nothing of errors and end with status 0."""
        await self.do("stop", patience_s=STOP_S)
        async with asyncio.timeout(STOP_S):
            status = await self._process.wait()
            await self._reading
        assert status == 0, f"{self.name} ended with status {status}{self._story()}"
        assert not self.all("error"), f"{self.name} had errors{self._story()}"

    async def close(self) -> None:
        """End it at once if it still runs."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            await self._take(json.loads(line))
        async with self._news:
            self._silent = True
            for answer in self._answers.values():
                answer.set_exception(ClientError(f"{self.name} has ended{self._story()}"))
            self._news.notify_all()

    async def _take(self, said: JSON) -> None:
        if said["saw"] == "answer":
            self._answers.pop(said["id"]).set_result(said)
            return
        async with self._news:
            self.seen.append(said)
            self._news.notify_all()

    def _story(self) -> str:
        lines = "\n".join(json.dumps(one) for one in self.seen[-40:])
        errors = self._log.read_text(errors="replace")[-6000:]
        return f".\nIt saw:\n{lines}\nIt said:\n{errors}"


def _fits(said: JSON, kind: str, properties: JSON) -> bool:
    return said["saw"] == kind and all(said.get(k) == v for k, v in properties.items())
