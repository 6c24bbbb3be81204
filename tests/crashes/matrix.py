"""What happens when: which faults strike which deployment, and who is away meanwhile."""

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.crashes.clients import Watch
from tests.crashes.faults import KINDS, Times
from tests.crashes.life import FULL, Size
from tests.crashes.stage import Stage, away, staged
from tests.support.postgres import Postgres

CALM_S = (0.5, 3.0)  # between two faults
AWAY = 8  # one in so many clients is away during some faults of each kind


@dataclass(frozen=True, slots=True)
class Deployment:
    """So many instances of the service, of so many workers each, on one database, and the kinds
    of faults for them. ``standby``: the database has one. ``rests``: polls pause as soon as their
    clients are away."""

    name: str
    instances: int
    kinds: Sequence[str]
    workers: int = 1
    standby: bool = False
    rests: bool = False


MATRIX = (
    Deployment("one process", 1,
               ("kill service", "kill backend", "stop database", "homeserver gone")),
    Deployment("two instances", 2, ("kill worker", "pause worker", "two at once")),
    Deployment("three workers", 1, ("kill one of three", "pause one of three"), workers=3),
    Deployment(
        "two instances, a standby", 2, ("fail over", "fail over, behind"), standby=True
    ),
    Deployment(
        "two instances that rest", 2, ("kill worker", "pause worker", "homeserver gone"), rests=True
    ),
)  # fmt: skip


@dataclass(slots=True)
class Outcome:
    """What a run came to. ``returned``: clients that came back after being away, and
    those of them whose position had been cleaned up."""

    watches: list[Watch] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    answers: int = 0
    events: int = 0
    messages: int = 0
    lost_answers: int = 0
    superseded: int = 0
    behind_gaps: int = 0
    sent: int = 0
    returned: int = 0
    cleaned_up: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    acts: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, stage: Stage) -> None:
        """Take over what the stage's clients counted."""
        tally = stage.tally
        self.findings += tally.findings
        self.answers += tally.answers
        self.events += tally.events
        self.messages += tally.messages
        self.lost_answers += tally.lost_answers
        self.superseded += tally.superseded
        self.behind_gaps += tally.behind_gaps
        self.sent += len(stage.life.sent)
        for name, count in tally.failed.items():
            self.failed[name] = self.failed.get(name, 0) + count
        for name, count in stage.life.acts.items():
            self.acts[name] = self.acts.get(name, 0) + count


async def run(
    postgres: Postgres, *, repeat: int, times: Times, matrix: Sequence[Deployment] = MATRIX,
    size: Size = FULL, say: Callable[[str], None] = lambda _: None,
) -> Outcome:  # fmt: skip
    """Each kind of each deployment ``repeat`` times; after each kind all must be complete."""
    outcome, started = Outcome(), time.monotonic()
    for deployment in matrix:
        async with staged(
            postgres, instances=deployment.instances, workers=deployment.workers,
            standby=deployment.standby, size=size, rests=deployment.rests,
        ) as stage:  # fmt: skip
            told = 0
            for kind in deployment.kinds:
                stage.life.start()
                await _block(stage, kind, repeat, times, outcome, say)
                await stage.complete()
                stage.tally.watch = None
                say(f"{deployment.name}, {kind}: {stage.tally.events} events checked,"
                    f" {len(stage.tally.findings)} findings so far")  # fmt: skip
                for finding in stage.tally.findings[told:]:
                    say(finding)
                told = len(stage.tally.findings)
            outcome.add(stage)
            if stage.tally.findings:
                say(stage.output)
    outcome.seconds = time.monotonic() - started
    return outcome


async def _block(
    stage: Stage, kind: str, repeat: int, times: Times, outcome: Outcome,
    say: Callable[[str], None],
) -> None:  # fmt: skip
    """One kind: some clients are away during its middle, one through all of it.

    When the last one returns, what its position needs has been cleaned up.
    """
    count = max(2, len(stage.clients) // AWAY)
    some, long = stage.clients[-count:-1], stage.clients[-1:]
    returns = itertools.count()
    async with away(long, itertools.count()):
        early, late = repeat // 3, repeat - repeat // 3
        await _strike(stage, kind, early, times, outcome, say)
        async with away(some, returns):
            await _strike(stage, kind, late - early, times, outcome, say)
        await _strike(stage, kind, repeat - late, times, outcome, say)
        await stage.forget_the_past(times.past)
    outcome.returned += next(returns)
    outcome.cleaned_up += len(long)


async def _strike(
    stage: Stage, kind: str, count: int, times: Times, outcome: Outcome,
    say: Callable[[str], None],
) -> None:  # fmt: skip
    """So many faults of a kind, each followed until every client is served again."""
    for _ in range(count):
        await asyncio.sleep(stage.chance.uniform(*CALM_S))  # so long all goes well
        await stage.prepare()
        present = frozenset(c.number for c in stage.clients if c.present.is_set())
        watch = stage.tally.watch = Watch(kind, time.monotonic(), present)
        outcome.watches.append(watch)
        await KINDS[kind](stage, times)
        watch.ended = time.monotonic()
        await stage.recovered(kind)
        stage.life.only_talk = False
        last = max(watch.after_end.values(), default=0)
        lasted = watch.ended - watch.began
        say(f"  {kind}: lasted {lasted:.1f} s; the last client had news {last:.1f} s later")
