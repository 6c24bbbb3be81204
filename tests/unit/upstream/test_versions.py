"""What clients get as ``/versions``: merged, passed on, and remembered for a minute."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec import Raw

from syncv3.errors import BadGateway, HomeserverError
from syncv3.types import Reply
from syncv3.upstream import versions
from syncv3.upstream.versions import Versions, merge_features, passed_on

SIMPLIFIED = "org.matrix.simplified_msc3575"


def nothing(_upstream: Mapping[str, Any]) -> dict[str, Raw]:
    return {}


def one(_upstream: Mapping[str, Any]) -> dict[str, Raw]:
    return {"org.example": Raw(b"true")}


def reply(status: int = 200, body: bytes = b"{}", **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


class Home:
    """A homeserver that answers with ``says``, or raises it; ``now`` is the time."""

    def __init__(self) -> None:
        self.says: Reply | Exception = reply()
        self.asked: list[str | None] = []
        self.now = 1000.0
        self.counted: list[str] = []
        self.versions = Versions(self.ask, one, self.counted.append, clock=lambda: self.now)

    async def ask(self, authorization: str | None) -> Reply:
        self.asked.append(authorization)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def says_who_asks(self, authorization: str | None) -> None:
        self.says = reply(body=json.dumps({"for": authorization}).encode())

    def is_down(self) -> None:
        self.says = HomeserverError("cannot ask")


@pytest.fixture
def home() -> Home:
    return Home()


@pytest.mark.rules("S-572", "S-573")
@pytest.mark.parametrize(("before", "after"), [
    ('{"versions":["v1.1"]}', '{"versions":["v1.1"],"unstable_features":{"org.example":true}}'),
    ('{"unstable_features":{"a": false},"b": [1.50]}',
     '{"unstable_features":{"a":false,"org.example":true},"b":[1.50]}'),
    ('{"unstable_features":{"org.example":false}}', '{"unstable_features":{"org.example":true}}'),
    ('{"unstable_features":null}', '{"unstable_features":{"org.example":true}}'),
])  # fmt: skip
def test_features_are_added_and_nothing_else_is_touched(before: str, after: str) -> None:
    assert merge_features(before.encode(), one).replace(b" ", b"") == after.encode()


@pytest.mark.rules("S-572", "S-574")
def test_an_answer_to_which_nothing_is_added_stays_byte_for_byte() -> None:
    body = b'{ "versions": [], "unstable_features": {"org.matrix.msc4306": false} }\n'
    assert merge_features(body, nothing) == body


@pytest.mark.rules("S-574")
def test_what_the_homeserver_has_decides_what_is_added() -> None:
    def only_beside(upstream: Mapping[str, Any]) -> dict[str, Raw]:
        return {"ours": Raw(b"true")} if upstream.get("org.matrix.msc4306") is True else {}

    for has in (True, False):
        body = json.dumps({"unstable_features": {"org.matrix.msc4306": has}}).encode()
        assert ("ours" in json.loads(merge_features(body, only_beside))["unstable_features"]) is has


def test_the_dialect_that_is_not_served_is_not_claimed() -> None:
    assert SIMPLIFIED not in versions.DIALECTS
    assert SIMPLIFIED.encode() not in merge_features(b"{}", one)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"<html>", b'{"a"', b"[" * 100_000])
def test_what_is_no_object_is_no_answer(body: bytes) -> None:
    with pytest.raises(HomeserverError):
        merge_features(body, one)


@pytest.mark.rules("S-572")
def test_cache_headers_are_kept_and_no_others() -> None:
    came = reply(cache_control="max-age=60", vary="Origin", etag='"a"', server="x", age="3")
    assert passed_on(came, one).headers == {
        "age": "3",
        "cache-control": "max-age=60",
        "vary": "Origin, Authorization",
    }


@pytest.mark.rules("S-572")
@pytest.mark.parametrize(
    ("vary", "told"),
    [("", "Authorization"), ("authorization", "authorization"), ("*", "*"),
     ("Origin, Accept-Encoding", "Origin, Accept-Encoding, Authorization")],
)  # fmt: skip
def test_an_answer_varies_with_who_asks(vary: str, told: str) -> None:
    assert passed_on(reply(vary=vary), nothing).headers["vary"] == told


@pytest.mark.rules("S-572")
@pytest.mark.parametrize("status", [401, 403, 404, 429])
def test_a_refusal_is_passed_on_as_it_is(status: int) -> None:
    refusal = passed_on(reply(status, b"no", retry_after="7"), one)
    assert (refusal.status, refusal.body, refusal.headers["retry-after"]) == (status, b"no", "7")


@pytest.mark.rules("S-572")
@pytest.mark.parametrize(
    "says", [reply(500), reply(502), reply(301), reply(body=b"?"), HomeserverError("cannot ask")]
)
async def test_the_last_answer_stands_in_for_a_minute_then_clients_see_the_outage(
    home: Home, says: Reply | Exception
) -> None:
    before = await home.versions.answer("Bearer a")
    home.says = says
    home.now += 60
    assert await home.versions.answer("Bearer a") == before
    home.now += 1
    with pytest.raises(BadGateway):
        await home.versions.answer("Bearer a")
    assert home.counted == ["homeserver", "memory", "none"]


async def test_standing_in_does_not_make_an_answer_younger(home: Home) -> None:
    await home.versions.answer(None)
    home.is_down()
    for _ in range(2):
        home.now += 30
        await home.versions.answer(None)
    home.now += 1
    with pytest.raises(BadGateway):
        await home.versions.answer(None)


@pytest.mark.rules("S-572")
async def test_nobody_gets_the_answer_of_another(home: Home) -> None:
    callers = [None, "Bearer a", "Bearer b"]
    for caller in callers:
        home.says_who_asks(caller)
        await home.versions.answer(caller)
    home.is_down()
    for caller in callers:
        assert json.loads((await home.versions.answer(caller)).body)["for"] == caller
    with pytest.raises(BadGateway):
        await home.versions.answer("Bearer c")
    assert home.asked == [*callers, *callers, "Bearer c"]


async def test_who_was_refused_meanwhile_has_no_last_answer(home: Home) -> None:
    await home.versions.answer("Bearer a")
    home.says = reply(401, b'{"errcode":"M_UNKNOWN_TOKEN"}')
    assert (await home.versions.answer("Bearer a")).status == 401
    home.is_down()
    with pytest.raises(BadGateway):
        await home.versions.answer("Bearer a")


async def test_what_is_remembered_is_bounded(home: Home) -> None:
    for number in range(versions.REMEMBERED + 1):
        await home.versions.answer(f"Bearer {number}")
    home.says = reply(body=b'{"versions":["%s"]}' % (b"x" * versions.REMEMBERED_BYTES))
    await home.versions.answer("Bearer long")
    home.is_down()
    for forgotten in ("Bearer 0", "Bearer long"):
        with pytest.raises(BadGateway):
            await home.versions.answer(forgotten)
    assert (await home.versions.answer("Bearer 1")).status == 200


async def test_a_homeserver_that_hangs_is_not_asked_more_than_a_few_times_at_once() -> None:
    asked = 0
    enough = asyncio.Event()

    async def hang(_authorization: str | None) -> Reply:
        nonlocal asked
        asked += 1
        if asked == versions.AT_ONCE:
            enough.set()
        await asyncio.Event().wait()
        raise AssertionError

    asking = Versions(hang, nothing, lambda _: None)
    tasks = [asyncio.create_task(asking.answer(None)) for _ in range(versions.AT_ONCE * 3)]
    await enough.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert asked == versions.AT_ONCE


async def test_a_homeserver_that_hangs_counts_as_down() -> None:
    async def hang(_authorization: str | None) -> Reply:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(BadGateway):
        await Versions(hang, nothing, lambda _: None, answer_s=0.01).answer(None)
