"""Live clients: each asks, waits, asks again, and goes to another address when one fails."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
import msgspec

from tests.crashes.copies import Broken, Has
from tests.crashes.kept import WHOLE, Kept
from tests.crashes.ledger import Ledger
from tests.crashes.life import Life
from tests.simulation.reader import Violation
from tests.simulation.simplified.asks import SELECTIONS, Asks, Shape
from tests.simulation.simplified.speech import STABLE, UNSTABLE, Speech
from tests.support.client import PATH
from tests.support.world import Device

POLL_MS = 5_000
PATIENCE_S = 10.0  # until a client gives a request up, its long poll included
RETRY_S = 0.3
HOP = 0.02  # how often a client goes to another address without need
LOSE = 0.01  # how often an answer is lost on its way
WANTS: Sequence[tuple[str, list[tuple[int, int]], int]] = (
    ("by_recency", [(0, 40)], 20),
    ("by_recency", [(0, 2)], 5),
    ("by_name", [(0, 40)], 10),
    ("by_recency", [(0, 0), (2, 3)], 3),
)
"""What clients ask for, in turn: sort, ranges, ``timeline_limit``."""
SPEECHES: Sequence[Speech | None] = (None, UNSTABLE, STABLE)
"""Which dialect they speak, in turn; None is MSC3575."""
KEPT: Sequence[tuple[tuple[tuple[int, int], ...], int]] = (
    (WHOLE, 20), (((0, 2),), 5), (((0, 0),), 2), (WHOLE, 3),
)  # fmt: skip
"""What clients of the other two want, in turn: ranges and ``timeline_limit``."""


@dataclass(slots=True)
class Addresses:
    """Where the service answers. ``out``: numbers that a load balancer leaves out now."""

    urls: list[str]
    out: set[int] = field(default_factory=set)

    def pick(self, chance: random.Random, *, besides: int | None = None) -> int:
        """Any address but ``besides``, if there is another one."""
        good = [n for n in range(len(self.urls)) if n not in self.out]
        return chance.choice([n for n in good if n != besides] or good or [0])


@dataclass(slots=True)
class Watch:
    """What is measured of one fault; times are of the monotonic clock.

    ``present``: the numbers of the clients that were there when it began. ``after_begin``
    and ``after_end`` map such a number to the seconds until the client had an event that
    was sent since; ``delay`` to the longest that an event took meanwhile.
    """

    kind: str
    began: float
    present: frozenset[int]
    ended: float | None = None
    after_begin: dict[int, float] = field(default_factory=dict)
    after_end: dict[int, float] = field(default_factory=dict)
    delay: dict[int, float] = field(default_factory=dict)

    def see(self, number: int, sent: float, now: float) -> None:
        """The client got an event."""
        if sent < self.began or number not in self.present:
            return
        self.after_begin.setdefault(number, now - self.began)
        self.delay[number] = max(self.delay.get(number, 0.0), now - sent)
        if self.ended is not None and sent >= self.ended:
            self.after_end.setdefault(number, now - self.ended)


@dataclass(slots=True)
class Tally:
    """What all clients came to. ``findings``: broken promises, in words."""

    answers: int = 0
    events: int = 0
    messages: int = 0
    lost_answers: int = 0
    superseded: int = 0
    behind_gaps: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    watch: Watch | None = None


class Client:
    """One connection of one device. ``has`` is what it was told."""

    def __init__(
        self, number: int, device: Device, addresses: Addresses, ledger: Ledger, life: Life,
        tally: Tally, http: aiohttp.ClientSession,
    ) -> None:  # fmt: skip
        self.number = number
        self.device = device
        self.pos: str | None = None
        self.present = asyncio.Event()
        self.present.set()
        self._addresses = addresses
        self._ledger = ledger
        self._life = life
        self._tally = tally
        self._http = http
        self._chance = random.Random(number)
        self._at = addresses.pick(self._chance)
        self._speech = SPEECHES[number % len(SPEECHES)]
        self._asked = Asks()
        self._messages = 0
        self._since: str | None = None
        self.start_anew()

    def start_anew(self) -> None:
        """As a client without a stored session; its to-device token it keeps."""
        self.pos = None
        turn = self.number // len(SPEECHES)
        self.has: Has | Kept
        if self._speech is None:
            sort, listed, self._limit = WANTS[turn % len(WANTS)]
            self.has = Has(self._ledger, self.device.user_id, sort, listed)
        else:
            ranges, limit = KEPT[turn % len(KEPT)]
            shape = Shape(limit, SELECTIONS[0])
            self.has = Kept(self._ledger, self.device.user_id, self._speech, shape, ranges)

    def grow(self) -> None:
        """Want all rooms: what a client keeps but was not shown must come in the end."""
        if isinstance(self.has, Kept):
            self.has.grow()

    async def run(self) -> None:
        """Sync for ever, but while it is away."""
        while True:
            await self.present.wait()
            try:
                await self._step()
            except (Broken, Violation, LookupError) as broken:
                self._find(repr(broken))
                await asyncio.sleep(RETRY_S)  # its pause after a failure

    def missing(self) -> list[str]:
        """What this client lacks now; empty: nothing."""
        sent = self._life.messages[self.device.key]
        lacks = [] if self._messages == sent else [f"{self._messages} of {sent} to-device messages"]
        return lacks + self.has.missing()

    async def _step(self) -> None:
        if self._at in self._addresses.out or self._chance.random() < HOP:
            self._at = self._addresses.pick(self._chance)
        try:
            status, raw = await self._ask()
            answer = msgspec.json.decode(raw)
        except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError) as error:
            await self._wait_after(type(error).__name__)
            return
        if status == 200:
            self._take(answer, raw)
        elif status >= 500:
            await self._wait_after(str(status))
        else:
            self._find(f"{status} {answer}")

    async def _wait_after(self, failure: str) -> None:
        self._tally.failed[failure] += 1
        self._at = self._addresses.pick(self._chance, besides=self._at)
        await asyncio.sleep(RETRY_S * self._chance.uniform(0.5, 1.5))  # its pause after a failure

    async def _ask(self) -> tuple[int, bytes]:
        url, body = self._request(self._addresses.urls[self._at])
        headers = {"Authorization": f"Bearer {min(self.device.tokens)}"}
        async with self._http.post(url, data=body, headers=headers) as got:
            return got.status, await got.read()

    def _request(self, base: str) -> tuple[str, bytes]:
        """Address and body, in the client's dialect."""
        if self._speech is not None and isinstance(self.has, Kept):
            self._asked = self.has.asks
            query, body = self._speech.write(
                self._asked, "", self.pos, self._since, me=self.device.user_id,
                timeout_ms=POLL_MS,
            )  # fmt: skip
            return self._speech.url(base, query), body
        asked = {"timeout": str(POLL_MS)} | ({"pos": self.pos} if self.pos else {})
        return f"{base}{PATH}?{urlencode(asked)}", msgspec.json.encode(self._body())

    def _body(self) -> dict[str, Any]:
        assert isinstance(self.has, Has)
        since = {"since": self._since} if self._since else {}
        body: dict[str, Any] = {"extensions": {"to_device": {"enabled": True, **since}}}
        if self.pos is None:
            body["lists"] = {"all": {
                "ranges": self.has.ranges, "sort": [self.has.sort],
                "timeline_limit": self._limit, "required_state": [["m.room.topic", ""]],
            }}  # fmt: skip
        return body

    def _take(self, answer: dict[str, Any], raw: bytes) -> None:
        if self._chance.random() < LOSE:
            self._tally.lost_answers += 1
            return
        if answer["pos"] == self.pos and not answer.get("lists"):
            # A request that this client gave up has reached another worker since, and has
            # taken the turn: nothing is said here, and nothing lost.
            self._tally.superseded += 1
            return
        before, behind_gaps = self.has.events, self.has.behind_gaps
        if isinstance(self.has, Kept):
            new = self.has.take(self.has.speech.read(raw, self._asked))
        else:
            new = self.has.take(answer)
        self._take_messages(answer["extensions"].get("to_device"))
        self.pos = answer["pos"]
        self._tally.answers += 1
        self._tally.events += self.has.events - before
        self._tally.behind_gaps += self.has.behind_gaps - behind_gaps
        now = time.monotonic()
        if self._tally.watch is not None:
            for event_id in new:
                self._tally.watch.see(self.number, self._life.sent[event_id], now)

    def _take_messages(self, told: Mapping[str, Any] | None) -> None:
        """To-device messages are numbered: each comes once, in order."""
        if told is None:
            return
        for event in told.get("events", ()):
            if event["content"]["number"] != self._messages:
                raise Broken(f"to-device: {event} is not number {self._messages}")
            self._messages += 1
            self._tally.messages += 1
        self._since = told["next_batch"]

    def _find(self, what: str) -> None:
        where = self._tally.watch.kind if self._tally.watch else "no fault"
        when = time.strftime("%H:%M:%S")
        self._tally.findings.append(
            f"{when} client {self.number}, {self.device.key}, {where}: {what}"
        )
        self.start_anew()
