"""Two users, and some dozens of cases that are played for them at once."""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from tests.integration.hostile.cases import Case
from tests.integration.hostile.reader import Reader
from tests.integration.hostile.scene import Scene, value_at
from tests.support.client import SyncError
from tests.support.faults import Fault
from tests.support.homeserver import FakeHomeserver
from tests.support.room import JSON

PATIENCE_S: Final = 20.0
SPOOLED: Final = 1_100_000
"""Bytes of padding that make an answer large."""


@dataclass(slots=True)
class Failure:
    """What went wrong, and in which case: one of these."""

    reason: str
    suspects: tuple[Case, ...]

    def __str__(self) -> str:
        return f"{self.reason}: {'; or '.join(map(str, self.suspects))}"


@dataclass(slots=True)
class Act:
    """A case while it is played. ``done``: the value need not be put anywhere any more."""

    case: Case
    scene: Scene
    was_put: bool = False
    failed: bool = False


@dataclass
class House:
    """``large``: answers that have a value are spooled. ``dead``: a user is not answered."""

    homeserver: FakeHomeserver
    http: aiohttp.ClientSession
    url: str
    number: str
    large: bool
    acts: list[Act] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    readers: dict[str, Reader] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    dead: bool = False
    goods: list[tuple[int, frozenset[str]]] = field(default_factory=list)
    _numbers: dict[bytes, bytes] = field(default_factory=dict)

    # The stages

    def build(self, cases: Iterable[Case], numbers: Callable[[], int]) -> None:
        """The users and rooms; what is hostile in a first answer has happened already."""
        world = self.homeserver.world
        names = [world.create_user(f"{name}{self.number}") for name in ("alice", "bob", "carol")]
        alice, bob, carol = names
        for case in cases:
            scene = Scene(numbers(), case.value, world, alice, bob, carol)
            self._numbers[f'"{scene.marker}"'.encode()] = case.value.raw
            scene.room = world.create_room(alice, preset="public_chat")
            for user in (bob, carol):
                world.member(scene.room, user, user, "join")
            self.acts.append(Act(case, scene))
        self._provoke(first=True)
        for user in (alice, bob):
            self.tokens[user] = world.create_token(user, f"DEVICE{self.number}")
            fault = Fault(rewrite=self._rewrite, edit=self._edit)
            self.homeserver.break_(fault, user_id=user, times=None)
            self.readers[user] = self._reader(user)

    def _reader(self, user: str, conn_id: str = "") -> Reader:
        rooms = 2 * len(self.acts) + 10
        return Reader(self.http, self.url, self.tokens[user], rooms=rooms, conn_id=conn_id)

    def provoke(self) -> None:
        """What is hostile in a later answer happens; everything in one answer."""
        self._provoke(first=False)
        self._good()

    def _provoke(self, *, first: bool) -> None:
        for act in self.acts:
            act.scene.say("before")
            if act.case.first == first:
                act.scene.hostile = act.case.place.provoke(act.scene)
            act.scene.say("after")

    def go_on(self) -> None:
        for act in self.acts:
            act.scene.say("on")
        self._good()

    def heal(self) -> None:
        for act in self.acts:
            act.case.place.heal(act.scene)
            act.scene.say("healed")
        self._good()

    async def all_arrives(self) -> None:
        """Reads until everything that can be expected has come, or notes what has not."""
        for user, reader in self.readers.items() if not self.dead else ():
            try:
                await self._read(user, reader)
            except (AssertionError, SyncError) as error:
                self.fail(f"{user}: {error}")
                self.dead = True

    async def is_healed(self) -> None:
        """What new connections of both are told."""
        for user in self.readers if not self.dead else ():
            reader = self._reader(user, "new")
            deadline = asyncio.get_running_loop().time() + PATIENCE_S
            while (waiting := self._not_healed(reader)) and _left(deadline) > 0:
                await _sync(reader, deadline)
            for act in waiting:
                self._fail(act, f"{user} is not told of a good value that came later")

    def look_at_values(self) -> None:
        """A case whose value was in no answer is none."""
        for act in self.acts:
            if not act.was_put:
                self._fail(act, "the value was in no answer")

    # What goes over the wire

    def _rewrite(self, answer: JSON) -> JSON:
        changed: JSON = json.loads(json.dumps(answer))
        for act in self.acts:
            if act.scene.hostile and act.case.place.put(changed, act.scene):
                act.was_put = True
        return changed

    def _edit(self, body: bytes) -> bytes:
        if b"@@" not in body:
            return body
        for marker, raw in self._numbers.items():
            body = body.replace(marker, raw)
        padding = b'"padding":"%s",' % (b"x" * SPOOLED) if self.large else b""
        return b"{" + padding + body.removeprefix(b"{")

    def _good(self) -> None:
        """What must arrive beside: account data, and a message to each device."""
        spoiled = {
            act.case.place.section or ""
            for act in self.acts
            if act.case.place.spoils and not act.case.first and act.scene.hostile
        }
        number = len(self.goods) + 1
        self.goods.append((number, frozenset(spoiled if number == 1 else ())))
        world = self.homeserver.world
        for user in self.readers:
            world.set_account_data(user, "org.good", {"n": number})
            world.to_device(user, user, "*", "org.good", {"n": number})

    # What must have come

    async def _read(self, user: str, reader: Reader) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        await _sync(reader, deadline, timeout_ms=0)
        while _left(deadline) > 0 and (self._waiting(reader) or self._good_missing(reader)):
            await _sync(reader, deadline)
        for act, reason in self._waiting(reader):
            self._fail(act, f"{user}: {reason}")
        if missing := self._good_missing(reader):
            self.fail(f"{user}: {missing}")
            self.goods.clear()  # told once

    def _waiting(self, reader: Reader) -> list[tuple[Act, str]]:
        found = [(act, self._problem(act, reader)) for act in self.acts if not act.failed]
        return [(act, reason) for act, reason in found if reason is not None]

    def _problem(self, act: Act, reader: Reader) -> str | None:
        """What is not as it must be for this reader; None: all of it is."""
        scene, timeline = act.scene, reader.timeline(act.scene.room)
        keeps = act.case.place.keeps(act.case.value)
        wanted = [*scene.others, *([scene.hostile] if keeps and scene.hostile else [])]
        for event_id in wanted:
            stored = scene.world.room(scene.room).find(event_id)
            assert stored is not None
            there = event_id in timeline.events
            if not there and (keeps or not timeline.leads_back_to(stored.position)):
                return f"{stored.event['content'].get('body')!r} does not arrive"
        order = [event_id for event_id in timeline.order if event_id in scene.others]
        if order != [event_id for event_id in scene.others if event_id in order]:
            return "events come in another order"
        return self._changed(act, timeline.events.get(scene.hostile)) if keeps else None

    def _changed(self, act: Act, event: JSON | None) -> str | None:
        """Whether an event is not passed on as it came."""
        path = act.case.place.path
        if event is None or path is None or not act.was_put:
            return None
        served = value_at(event, path)
        return None if served == act.case.value.served else f"it is passed on as {served!r:.80}"

    def _good_missing(self, reader: Reader) -> str | None:
        if not self.goods:
            return None
        got = [e["content"].get("n") for e in reader.inbox if e.get("type") == "org.good"]
        wanted = [n for n, spoiled in self.goods if "to_device" not in spoiled]
        if [n for n in got if n in wanted] != wanted:
            return f"of the to-device messages {wanted} came {got}"
        expected = [n for n, spoiled in self.goods if "account_data" not in spoiled]
        if expected and reader.data.get("org.good", {}).get("n") != self.goods[-1][0]:
            return None if self.goods[-1][0] not in expected else "account data does not arrive"
        return None

    def _not_healed(self, reader: Reader) -> list[Act]:
        waiting = []
        for act in self.acts:
            rooms = reader.timeline(act.scene.room).rooms
            whole: JSON = {}
            for room in rooms:
                whole |= room
            if not act.failed and not (rooms and act.case.place.is_healed(whole, act.scene)):
                waiting.append(act)
        return waiting

    def _fail(self, act: Act, reason: str) -> None:
        act.failed = True
        self.failures.append(Failure(reason, (act.case,)))

    def fail(self, reason: str) -> None:
        """Something is wrong that may be any case's fault."""
        self.failures.append(Failure(reason, tuple(act.case for act in self.acts)))


async def _sync(reader: Reader, deadline: float, timeout_ms: int = 1_000) -> None:
    """One answer; a service that cannot answer yet is asked again."""
    while True:
        try:
            return await reader.sync(timeout_ms=timeout_ms)
        except SyncError as refused:
            if refused.status != 503 or _left(deadline) < 0:
                raise
        await asyncio.sleep(0.2)  # between two tries


def _left(deadline: float) -> float:
    return deadline - asyncio.get_running_loop().time()
