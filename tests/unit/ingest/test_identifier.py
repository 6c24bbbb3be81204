"""Whose tokens are, asked so that nobody can make the homeserver be asked too much."""

import asyncio

import pytest

from syncv3.errors import BadGateway, HomeserverError, LimitExceeded, UnknownToken
from syncv3.ingest.identifier import BURST_S, Identifier, Owner
from syncv3.ingest.turns import Capacity
from syncv3.types import DeviceID, UserID
from tests.support.waiting import until

pytestmark = pytest.mark.rules("U-2")

ME = UserID("@me:x"), DeviceID("D")
SMALL = Capacity(places=4, each=2, waiting=8)


class Script:
    """A homeserver that answers as told: ``says`` an error, or after ``go`` that a token is
    mine if it is good."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.says: Exception | None = None
        self.go = asyncio.Event()

    async def whoami(self, token: str) -> Owner:
        self.asked.append(token)
        if self.says is not None:
            raise self.says
        await self.go.wait()
        if token.startswith("bad"):
            raise UnknownToken("no")
        return ME


async def test_a_flood_from_one_address_is_bounded_and_leaves_places_for_others() -> None:
    script = Script()
    identifier = Identifier(script, room=SMALL)
    flood = [asyncio.create_task(identifier.identify(f"bad{n}", "192.0.2.1")) for n in range(2000)]
    await asyncio.sleep(0)
    newcomer = asyncio.create_task(identifier.identify("good", "192.0.2.2"))
    await until(lambda: len(script.asked) == 3)
    assert script.asked == ["bad0", "bad1", "good"]
    script.go.set()
    assert await newcomer == ME
    outcomes = await asyncio.gather(*flood, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, LimitExceeded)]
    assert len(script.asked) == 2 + SMALL.waiting + 1
    assert len(refused) == 2000 - 2 - SMALL.waiting
    assert all(error.retry_after_s > 0 for error in refused)


@pytest.mark.parametrize(("asks_for", "at_least_s"), [(60.0, 59.0), (None, 4.0)])
async def test_a_limit_of_the_homeserver_is_heeded(
    asks_for: float | None, at_least_s: float
) -> None:
    script = Script()
    script.go.set()
    identifier = Identifier(script, room=SMALL)
    script.says = HomeserverError("429", status=429, retry_after_s=asks_for)
    for token in ("one", "two"):
        with pytest.raises(LimitExceeded) as limit:
            await identifier.identify(token, "")
        assert limit.value.retry_after_s > at_least_s
    assert await identifier.confirm("known") is None
    assert script.asked == ["one"]


async def test_after_the_limit_it_is_asked_again() -> None:
    script = Script()
    script.go.set()
    identifier = Identifier(script, room=SMALL)
    script.says = HomeserverError("429", status=429, retry_after_s=0.05)
    with pytest.raises(LimitExceeded):
        await identifier.identify("one", "")
    script.says = None
    await asyncio.sleep(0.1)  # longer than it said
    assert await identifier.identify("one", "") == ME


async def test_who_waits_when_the_limit_comes_is_not_asked_about() -> None:
    class Limiting(Script):
        async def whoami(self, token: str) -> Owner:
            self.asked.append(token)
            await self.go.wait()
            raise HomeserverError("429", status=429, retry_after_s=9.0)

    script = Limiting()
    identifier = Identifier(script, room=SMALL)
    asking = [asyncio.create_task(identifier.identify(f"t{n}", "")) for n in range(8)]
    await until(lambda: len(script.asked) == 2)
    script.go.set()
    for outcome in await asyncio.gather(*asking, return_exceptions=True):
        assert isinstance(outcome, LimitExceeded)
    assert script.asked == ["t0", "t1"]


async def test_a_homeserver_that_hangs_is_given_up() -> None:
    script = Script()
    identifier = Identifier(script, room=SMALL, answer_s=0.02)
    with pytest.raises(BadGateway):
        await identifier.identify("one", "")
    assert await identifier.confirm("one") is None


@pytest.mark.rules("S-329", "S-4")
async def test_who_sends_many_unknown_tokens_is_slowed_down_and_others_are_not() -> None:
    script = Script()
    script.go.set()
    identifier = Identifier(script, room=SMALL, unknown_per_s=1)
    for n in range(int(BURST_S) + 1):
        with pytest.raises(UnknownToken):
            await identifier.identify(f"bad{n}", "192.0.2.1")
    with pytest.raises(LimitExceeded) as limit:
        await identifier.identify("bad", "192.0.2.1")
    assert 0 < limit.value.retry_after_s <= 1
    assert limit.value.limit == "address"
    assert len(script.asked) == int(BURST_S) + 1
    assert await identifier.identify("good", "192.0.2.2") == ME


async def test_tokens_that_are_good_do_not_count() -> None:
    script = Script()
    script.go.set()
    identifier = Identifier(script, room=SMALL, unknown_per_s=1)
    for n in range(100):
        assert await identifier.identify(f"good{n}", "192.0.2.1") == ME
