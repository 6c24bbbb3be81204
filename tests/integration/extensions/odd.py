"""Extensions that go wrong when they are told to."""

import asyncio
import time
from collections import Counter
from typing import Any, ClassVar

import asyncpg

from syncv3.batch import Part
from syncv3.extension import HOOK_S, Answer, Extension, Ingested, Scope, Services, Write


class Odd(Extension):
    """Does wrong what it is told to."""

    name = "odd"
    always: ClassVar[bool] = True

    def __init__(self, wrong: str = "") -> None:
        self.wrong = wrong
        self.whom = ""  # all, or what of one user it cannot take in
        self.calls: Counter[str] = Counter()

    async def start(self, services: Services) -> None:
        if self.wrong == "start":
            raise ValueError("odd")

    async def stop(self) -> None:
        if self.wrong == "stop":
            raise ValueError("odd")

    def ingest(self, part: Part) -> Ingested:
        self.calls["ingest"] += 1
        if self.whom and part.user_id != self.whom:
            return Ingested()
        if self.wrong == "ingest":
            raise ValueError("odd")
        if self.wrong == "ingest hangs":
            time.sleep(HOOK_S * 10)  # the fault
        if self.wrong == "statement":
            return Ingested((Write("SELECT nothing FROM nowhere", [{"n": 1}]),))
        if self.wrong == "statement hangs":
            return Ingested((Write("SELECT pg_sleep(60), $1::json, $2::bigint", [{"n": 1}]),))
        return Ingested()

    async def load(self, scope: Scope, pool: asyncpg.Pool) -> Any:
        self.calls["load"] += 1
        if self.wrong == "load waits":
            await asyncio.sleep(HOOK_S * 10)  # the fault
        if self.wrong == "load hangs":
            time.sleep(HOOK_S * 10)  # noqa: ASYNC251 this is the fault

    def respond(self, scope: Scope, loaded: Any) -> Answer:
        if self.wrong == "respond":
            raise ValueError("odd")
        if self.wrong == "respond hangs":
            time.sleep(HOOK_S * 10)  # the fault
        return Answer({"since": scope.since}, news=False)


class Precious(Odd):
    """The same, with data that must not be lost."""

    name = "precious"
    durable = True
