"""How many requests begin in one turn of the loop, and in which order."""

import asyncio

from syncv3.web.turns import RequestTurns


class Floor:
    """Counts the requests that began in each turn of the loop."""

    def __init__(self, most: int) -> None:
        self.turns = RequestTurns(most)
        self.begun: list[tuple[int, str]] = []
        self.now = 0

    async def request(self, name: str, *, pipelined: bool = False) -> None:
        await self.turns.take(pipelined=pipelined)
        self.begun.append((self.now, name))

    async def let(self, turns: int) -> None:
        for _ in range(turns):
            self.now += 1
            await asyncio.sleep(0)


async def test_a_few_requests_begin_without_waiting() -> None:
    floor = Floor(3)
    for name in "abc":
        await floor.request(name)
    assert floor.begun == [(0, "a"), (0, "b"), (0, "c")]


async def test_many_requests_begin_in_their_order_and_only_some_in_one_turn() -> None:
    floor = Floor(3)
    names = [f"{number}" for number in range(20)]
    waiting = [asyncio.create_task(floor.request(name)) for name in names]
    await floor.let(60)
    await asyncio.gather(*waiting)
    assert [name for _, name in floor.begun] == names
    turns = [turn for turn, _ in floor.begun]
    assert max(turns.count(turn) for turn in set(turns)) <= 3


async def test_one_connection_that_does_not_wait_gets_one_turn_where_others_get_one() -> None:
    floor = Floor(2)

    async def greedy() -> None:
        for number in range(50):
            await floor.request(f"greedy {number}", pipelined=True)

    running = asyncio.create_task(greedy())
    await floor.let(6)
    before = len(floor.begun)
    await floor.request("polite")
    assert len(floor.begun) - before <= 2
    await running


async def test_a_connection_that_closed_while_it_waited_takes_nobodys_turn() -> None:
    floor = Floor(1)
    await floor.request("first")
    closed = asyncio.create_task(floor.request("closed", pipelined=True))
    last = asyncio.create_task(floor.request("last", pipelined=True))
    await asyncio.sleep(0)
    closed.cancel()
    await last
    assert [name for _, name in floor.begun] == ["first", "last"]
