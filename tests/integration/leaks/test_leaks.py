"""Nobody is told what happens in a room that they are not in, by any path.

Each case is lived through twice: with what must be hidden, and without. What the user
outside the room gets must be the same, byte for byte.
"""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle, product
from typing import Any, TypeVar

import pytest

from tests.integration.core.build import World
from tests.integration.leaks.house import House
from tests.integration.leaks.stage import Case, worker
from tests.integration.leaks.story import (
    ORDERS,
    SECRET,
    SECRETS,
    TRANSITIONS,
    VISIBILITIES,
    Tale,
    play,
)
from tests.support.postgres import Postgres

TOGETHER = 12
EVERY = int(os.environ.get("LEAKS_EVERY", "37"))
"""Which part of the cases is tried; 1 is all of them (minutes)."""
T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    transition: str
    visibility: str
    order: str
    secrets: str


LASTING = ("messages", "many", "redactions")
"""What leaves no trace in the state that somebody who comes back may see."""


def comes_back(transition: str) -> bool:
    return "join" in TRANSITIONS[transition].back


def plans() -> list[Plan]:
    """Every transition with every visibility and order; with all secrets in turn."""
    found = []
    for name in TRANSITIONS:
        kinds = cycle(LASTING if comes_back(name) else SECRETS)
        for visibility, order in product(VISIBILITIES, ORDERS):
            kind = next(kinds)
            if not (comes_back(name) and (visibility, order) == ("changing", "others late")):
                # (There the homeserver itself tells the state in another way.)
                found.append(Plan(name, visibility, order, kind))
    return found


PLANS = plans()
CHOSEN = [(n, plan) for n, plan in enumerate(PLANS) if n % EVERY == 0]


def settled(body: bytes) -> bytes:
    """A body without what depends on who told of a room first.

    That are the tokens for ``/messages``, and the order of the state: it is that in which
    it was learned (D-50).
    """
    answer = json.loads(body)
    for room in answer.get("rooms", {}).values():
        room.pop("prev_batch", None)
        room.get("required_state", []).sort(key=lambda event: event["event_id"])
    return json.dumps(answer).encode()


async def live(world: World, number: int, plan: Plan, *, hidden: bool, bob: bool = True) -> Case:
    """One case in one world."""
    house = House(f"c{number}", hidden)
    tale = Tale(house, plan.visibility, space=number % 2 == 0)
    case = Case(world, house, tale, absent=frozenset() if bob else frozenset({tale.bob}))
    await play(TRANSITIONS[plan.transition], SECRETS[plan.secrets], plan.order)(case, tale)
    return case


def difference(whole: Sequence[bytes], less: Sequence[bytes]) -> str:
    """The first answer that differs, shortened to where it does; nothing if none does."""
    for n, (a, b) in enumerate(zip(whole, less, strict=True)):
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 0)
            around = slice(max(0, at - 300), at + 300)
            return f"answer {n}:\n {a[around].decode()}\nwithout:\n {b[around].decode()}"
    return ""


async def compared(full: World, without: World, number: int, plan: Plan) -> tuple[Plan, str]:
    one, two = await asyncio.gather(
        live(full, number, plan, hidden=True), live(without, number, plan, hidden=False)
    )
    told = one.heard[one.tale.bob]
    found = difference(told, two.heard[two.tale.bob])
    if not found and any(SECRET.encode() in body for body in told if b"%s 0" not in body):
        found = "a secret is told in both"
    heard = b"".join(one.heard[one.tale.alice])
    if plan.order != "others late" and SECRET.encode() not in heard:
        found = "nobody is told the secret: nothing is tested"
    return plan, found


async def in_turn(cases: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Runs some side by side; what they give."""
    room = asyncio.Semaphore(TOGETHER)

    async def one(case: Coroutine[Any, Any, T]) -> T:
        async with room:
            return await case

    return list(await asyncio.gather(*map(one, cases)))


@pytest.fixture
async def worlds(postgres: Postgres) -> AsyncIterator[tuple[World, World]]:
    urls = [await postgres.clone() for _ in range(2)]
    async with worker(urls[0]) as full, worker(urls[1]) as without:
        yield full, without
    for url in urls:
        await postgres.drop(url)


@pytest.mark.timeout(900)
@pytest.mark.rules("X-1", "X-2", "X-3", "X-4", "X-5", "X-6", "X-7", "X-8", "M-11", "M-17")
async def test_what_happens_outside_a_membership_changes_no_byte(
    worlds: tuple[World, World],
) -> None:
    results = await in_turn(compared(*worlds, n, plan) for n, plan in CHOSEN)
    failed = [(plan, found) for plan, found in results if found]
    kinds = Counter((p.transition, p.order, p.secrets) for p, _ in failed)
    assert not failed, f"{len(failed)} of {len(CHOSEN)}: {kinds}\n{failed[0][0]}\n{failed[0][1]}"


@pytest.mark.timeout(120)
async def test_who_stays_is_told_the_same_whether_or_not_the_other_is_served(
    worlds: tuple[World, World],
) -> None:
    full, alone = worlds

    async def one(number: int, plan: Plan) -> tuple[Plan, str]:
        both, only = await asyncio.gather(
            live(full, number, plan, hidden=True),
            live(alone, number, plan, hidden=True, bob=False),
        )
        told = [list(map(settled, case.heard[case.tale.alice])) for case in (both, only)]
        return plan, difference(*told)

    # (Who tells of their own return before the others do may open a gap.)
    plans = [
        (n, p)
        for n, p in CHOSEN[::4]
        if not (comes_back(p.transition) and p.order in ("own first", "others late"))
    ]
    failed = [(p, found) for p, found in await in_turn(one(n, p) for n, p in plans) if found]
    assert not failed, f"{len(failed)} of {len(plans)}\n{failed[0][0]}\n{failed[0][1]}"
