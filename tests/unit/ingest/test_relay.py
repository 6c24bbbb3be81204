"""Parts of one answer on their way: in order, and one ahead."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest

from syncv3.batch import JoinedRoom, Part
from syncv3.ingest.relay import Relay
from tests.unit.ingest.build import KITCHEN, part


class Writer:
    """Stores what it is let; remembers what happened. A part is known by its ``generated_us``."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.gates: dict[int, asyncio.Future[None]] = {}
        self.relay = Relay(self.store)

    async def store(self, part: Part, after: Awaitable[None] | None) -> None:
        name = part.generated_us
        self.told.append(f"plan {name}")
        if after is not None:
            await after
        self.told.append(f"write {name}")
        gate = self.gates[name] = asyncio.get_running_loop().create_future()
        await gate
        self.told.append(f"done {name}")

    async def add(
        self, name: int, next_since: str | None = None, **sections: Any
    ) -> asyncio.Task[None]:
        """The relay was given this part, and has run as far as it can."""
        given = part(generated_us=name, next_since=next_since, **sections)
        adding = asyncio.create_task(self.relay.add(given))
        await settled()
        return adding

    async def let(self, name: int) -> None:
        self.gates[name].set_result(None)
        await settled()


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
async def writer() -> AsyncIterator[Writer]:
    writer = Writer()
    yield writer
    await writer.relay.close()


async def test_the_next_part_is_planned_while_one_is_written(writer: Writer) -> None:
    await writer.add(1)
    assert (await writer.add(2)).done()
    assert writer.told == ["plan 1", "write 1", "plan 2"]
    third = await writer.add(3)
    assert not third.done(), "two at once are enough"
    await writer.let(1)
    assert third.done()
    assert writer.told[3:] == ["done 1", "write 2", "plan 3"]


async def test_the_last_part_ends_when_all_are_stored(writer: Writer) -> None:
    await writer.add(1)
    last = await writer.add(2, next_since="s2")
    await writer.let(1)
    assert not last.done()
    await writer.let(2)
    assert last.done()


async def test_nothing_is_written_behind_what_could_not_be(writer: Writer) -> None:
    await writer.add(1)
    await writer.add(2)
    last = await writer.add(3, next_since="s2")
    writer.gates[1].set_exception(OSError("the database is away"))
    await settled()
    with pytest.raises(OSError, match="away"):
        await last
    assert [told for told in writer.told if told.startswith("write")] == ["write 1"]


async def test_slices_of_one_room_are_planned_one_after_the_other(writer: Writer) -> None:
    ahead = {KITCHEN: JoinedRoom()}
    await writer.add(1, ahead=ahead)
    second = await writer.add(2, ahead=ahead)
    assert writer.told == ["plan 1", "write 1"]
    await writer.let(1)
    assert second.done()
    last = await writer.add(3, next_since="s2")
    assert writer.told[3:] == ["plan 2", "write 2"]
    await writer.let(2)
    await writer.let(3)
    assert last.done()


async def test_what_is_given_up_leaves_nothing_running(writer: Writer) -> None:
    await writer.add(1)
    await writer.add(2)
    await writer.relay.close()
    assert writer.gates[1].cancelled() and "write 2" not in writer.told
