"""Places in turn: whoever comes alone is not kept waiting by a crowd behind one address."""

import asyncio

import pytest

from syncv3.errors import LimitExceeded
from syncv3.ingest.turns import AddressTurns, Capacity, network_of

pytestmark = pytest.mark.rules("U-2")


class Crowd:
    """Who is inside, in the order of entering; ``refused`` who was sent away."""

    def __init__(self, room: Capacity) -> None:
        self.turns = AddressTurns(room)
        self.inside: list[str] = []
        self.refused: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str) -> None:
        """Each, named by its address and a number, and stays inside."""
        for name in names:
            self.tasks[name] = asyncio.create_task(self._visit(name))
        for _ in range(5):
            await asyncio.sleep(0)

    async def go(self, name: str) -> None:
        self.tasks[name].cancel()
        await asyncio.wait((self.tasks[name],))
        for _ in range(5):
            await asyncio.sleep(0)

    async def _visit(self, name: str) -> None:
        try:
            async with self.turns.turn(name[0]):
                self.inside.append(name)
                await asyncio.Event().wait()
        except LimitExceeded:
            self.refused.append(name)


async def test_an_address_has_its_share_of_the_places() -> None:
    crowd = Crowd(Capacity(places=4, each=2))
    await crowd.come("a1", "a2", "a3", "b1", "c1", "d1")
    assert crowd.inside == ["a1", "a2", "b1", "c1"]
    await crowd.go("b1")
    assert crowd.inside[4:] == ["d1"]  # not a3: two of its address are inside
    await crowd.go("a1")
    assert crowd.inside[5:] == ["a3"]


async def test_addresses_that_wait_take_turns() -> None:
    crowd = Crowd(Capacity(places=1, each=1))
    await crowd.come("a1", "a2", "a3", "a4", "b1", "b2", "c1")
    for name in ("a1", "a2", "b1", "c1", "a3", "b2"):
        await crowd.go(name)
    assert crowd.inside == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


async def test_the_last_of_the_longest_queue_makes_room() -> None:
    crowd = Crowd(Capacity(places=1, each=1, waiting=3))
    await crowd.come("a1", "a2", "a3", "a4", "a5", "b1", "c1")
    assert crowd.refused == ["a5", "a4", "a3"]
    await crowd.come("d1")
    assert crowd.refused[3:] == ["d1"]  # nobody waits with more than one
    await crowd.go("a1")
    await crowd.go("a2")
    assert crowd.inside == ["a1", "a2", "b1"]


async def test_who_waits_too_long_is_sent_away_and_its_place_in_the_queue_is_free() -> None:
    crowd = Crowd(Capacity(places=1, each=1, waiting=1, wait_s=0.01))
    await crowd.come("a1", "b1")
    await asyncio.wait((crowd.tasks["b1"],))
    assert crowd.refused == ["b1"]
    await crowd.come("c1")
    await crowd.go("a1")
    assert crowd.inside == ["a1", "c1"]


async def test_who_hangs_up_takes_no_place() -> None:
    crowd = Crowd(Capacity(places=1, each=1))
    await crowd.come("a1", "b1", "c1", "d1")
    await crowd.go("b1")  # while it waits
    crowd.tasks["a1"].cancel()
    await asyncio.wait((crowd.tasks["a1"],))
    await crowd.go("c1")  # which has just been given the place
    await crowd.come()
    assert crowd.inside[-1] == "d1"
    await crowd.go("d1")
    await crowd.come("e1")
    assert crowd.inside[-1] == "e1"


def test_a_person_has_many_addresses_of_one_network() -> None:
    assert network_of("192.0.2.7") == "192.0.2.7"
    assert network_of("::ffff:192.0.2.7") == "192.0.2.7"
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2::9")
    assert network_of("2001:db8:1:2::9") != network_of("2001:db8:1:3::9")
    assert network_of("fe80::1%eth0") == network_of("fe80::2")
    assert network_of("") == network_of("unix:") == ""
