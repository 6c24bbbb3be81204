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
from syncv3.upstream.versions import (
    DIALECTS,
    VersionsRelay,
    merge_features,
    passed_on,
    with_dialects,
)

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
        self.versions = VersionsRelay(self.ask, one, self.counted.append, clock=lambda: self.now)

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


@pytest.mark.rules("S-570", "S-572", "S-573")
@pytest.mark.parametrize(("before", "after"), [
    ('{"versions":["v1.1"]}', '{"versions":["v1.1"],"unstable_features":{%s}}'),
    ('{"unstable_features":{"a": false},"b": [1.50]}',
     '{"unstable_features":{"a":false,%s},"b":[1.50]}'),
    ('{"unstable_features":{"org.example":false}}',
     '{"unstable_features":{"org.example":true,"org.matrix.simplified_msc3575":true}}'),
    ('{"unstable_features":null}', '{"unstable_features":{%s}}'),
])  # fmt: skip
def test_features_are_added_and_nothing_else_is_touched(before: str, after: str) -> None:
    added = '"org.matrix.simplified_msc3575":true,"org.example":true'
    expected = after.replace("%s", added).encode()
    merged = merge_features(before.encode(), with_dialects(one, left=False))
    assert merged.replace(b" ", b"") == expected


@pytest.mark.rules("S-573", "S-574", "S-575")
def test_the_dialects_that_are_served_are_claimed_and_nothing_else() -> None:
    said = {"org.matrix.msc4306": False, SIMPLIFIED: False}
    body = json.dumps({"versions": ["v1.11"], "unstable_features": said}).encode()
    merged = json.loads(merge_features(body, with_dialects(nothing, left=False)))
    features = {"org.matrix.msc4306": False, SIMPLIFIED: True}
    assert merged == {"versions": ["v1.11"], "unstable_features": features}


@pytest.mark.rules("S-574")
def test_what_the_homeserver_has_decides_what_is_added() -> None:
    def only_beside(upstream: Mapping[str, Any]) -> dict[str, Raw]:
        return {"ours": Raw(b"true")} if upstream.get("org.matrix.msc4306") is True else {}

    for has in (True, False):
        body = json.dumps({"unstable_features": {"org.matrix.msc4306": has}}).encode()
        assert ("ours" in json.loads(merge_features(body, only_beside))["unstable_features"]) is has


def features_of(body: bytes, *, left: bool) -> dict[str, Any]:
    merged = json.loads(merge_features(body, with_dialects(one, left=left)))
    features: dict[str, Any] = merged["unstable_features"]
    return features


@pytest.mark.rules("S-570", "S-575")
@pytest.mark.parametrize("native", [b"{}", b'{"unstable_features":{"%s":true}}'])
def test_the_flag_is_there_if_its_dialect_is_served(native: bytes) -> None:
    body = native.replace(b"%s", SIMPLIFIED.encode())
    served = SIMPLIFIED in DIALECTS or native != b"{}"
    assert (features_of(body, left=False).get(SIMPLIFIED) is True) is served
    assert {name for name in DIALECTS} <= features_of(body, left=False).keys()


@pytest.mark.rules("S-575")
@pytest.mark.parametrize("says", [True, False, None])
def test_a_homeserver_that_it_is_left_to_says_itself_whether_it_can(says: bool | None) -> None:
    body = json.dumps({"unstable_features": {} if says is None else {SIMPLIFIED: says}}).encode()
    assert features_of(body, left=True).get(SIMPLIFIED) is says


@pytest.mark.rules("S-574")
@pytest.mark.parametrize("has", [True, False, None])
def test_features_that_need_the_homeserver_are_as_it_says(has: bool | None) -> None:
    names = ("org.matrix.msc4306", "org.matrix.msc4354", "org.matrix.msc4262")
    said = {} if has is None else dict.fromkeys(names, has)
    told = features_of(json.dumps({"unstable_features": said}).encode(), left=False)
    assert {name: told.get(name) for name in names} == dict.fromkeys(names, has)


@pytest.mark.rules("S-573")
def test_no_version_of_the_specification_is_claimed() -> None:
    body = b'{"versions":["v1.1"]}'
    assert json.loads(merge_features(body, with_dialects(one, left=False)))["versions"] == ["v1.1"]


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
    standing_in = await home.versions.answer("Bearer a")
    assert (standing_in.status, standing_in.body) == (200, before.body)
    assert standing_in.headers == {**before.headers, "age": "60"}
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
    home.now += versions.USUALLY_FRESH_S
    for caller in callers:
        assert json.loads((await home.versions.answer(caller)).body)["for"] == caller
    with pytest.raises(BadGateway):
        await home.versions.answer("Bearer c")
    assert home.asked == [*callers, *callers, "Bearer c"]


async def test_who_was_refused_meanwhile_has_no_last_answer(home: Home) -> None:
    await home.versions.answer("Bearer a")
    home.says = reply(401, b'{"errcode":"M_UNKNOWN_TOKEN"}')
    home.now += versions.USUALLY_FRESH_S
    assert (await home.versions.answer("Bearer a")).status == 401
    home.is_down()
    home.now += versions.USUALLY_FRESH_S
    with pytest.raises(BadGateway):
        await home.versions.answer("Bearer a")


async def test_what_is_remembered_is_bounded(home: Home) -> None:
    for number in range(versions.REMEMBERED + 1):
        await home.versions.answer(f"Bearer {number}")
    home.says = reply(body=b'{"versions":["%s"]}' % (b"x" * versions.REMEMBERED_BYTES))
    await home.versions.answer("Bearer long")
    home.is_down()
    home.now += versions.USUALLY_FRESH_S
    for forgotten in ("Bearer 0", "Bearer long"):
        with pytest.raises(BadGateway):
            await home.versions.answer(forgotten)
    assert (await home.versions.answer("Bearer 1")).status == 200


class Hanging:
    """A homeserver that answers nobody until ``goes_on``."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.goes_on = asyncio.Event()
        self.says: Reply | Exception = reply()
        self.versions = VersionsRelay(self.ask, nothing, lambda _: None)

    async def ask(self, authorization: str | None) -> Reply:
        self.asked.append(authorization)
        await self.goes_on.wait()
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    async def all_ask(self, *callers: str | None) -> list[asyncio.Task[Reply]]:
        """The questions, once each has come as far as it comes."""
        asking = [asyncio.create_task(self.versions.answer(caller)) for caller in callers]
        for _ in range(10):
            await asyncio.sleep(0)
        return asking


async def end(*tasks: asyncio.Task[Reply]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_homeserver_that_hangs_is_not_asked_more_than_a_few_times_at_once() -> None:
    home = Hanging()
    strangers = [f"Bearer {number}" for number in range(30)]
    asking = await home.all_ask(*strangers)
    assert len(home.asked) == versions.STRANGERS_AT_ONCE
    asking += await home.all_ask(None)
    assert home.asked[-1] is None, "strangers' tokens do not keep others waiting"
    await end(*asking)


async def test_all_who_send_no_token_are_one_question() -> None:
    home = Hanging()
    asking = await home.all_ask(*[None] * 50)
    home.goes_on.set()
    assert {answer.status for answer in await asyncio.gather(*asking)} == {200}
    assert home.asked == [None]


async def test_one_caller_is_one_question_at_a_time_also_when_it_fails() -> None:
    home = Hanging()
    asking = await home.all_ask(*["Bearer a"] * 50)
    home.says = HomeserverError("cannot ask")
    home.goes_on.set()
    failed = await asyncio.gather(*asking, return_exceptions=True)
    assert {type(error) for error in failed} == {BadGateway}
    assert home.asked == ["Bearer a"]


async def test_who_hangs_up_does_not_take_the_answer_from_those_who_wait() -> None:
    home = Hanging()
    first, second = await home.all_ask(None, None)
    await end(first)
    home.goes_on.set()
    assert (await second).status == 200
    assert home.asked == [None, None]


@pytest.mark.rules("S-572")
@pytest.mark.parametrize(
    ("headers", "fresh_s"),
    [
        ({}, versions.USUALLY_FRESH_S),
        ({"cache_control": "public, max-age=600, s-maxage=3600"}, 60),
        ({"cache_control": "max-age=30"}, 30),
        ({"cache_control": "max-age=30", "age": "20"}, 10),
        ({"cache_control": "max-age=30", "age": "90"}, 1),
        ({"cache_control": "max-age=0"}, 1),
        ({"cache_control": "No-Store"}, 1),
        ({"cache_control": "no-cache, max-age=30"}, 1),
        ({"cache_control": "max-age=x", "age": "x"}, versions.USUALLY_FRESH_S),
    ],
)
async def test_an_answer_is_given_again_while_it_is_fresh(
    home: Home, headers: dict[str, str], fresh_s: float
) -> None:
    home.says = reply(200, b"{}", **headers)
    for _ in range(3):
        await home.versions.answer(None)
        home.now += fresh_s / 3 - 0.01
        await home.versions.answer(None)
    assert home.asked == [None]
    home.now += 0.04
    await home.versions.answer(None)
    assert home.asked == [None, None]
    assert home.counted == ["homeserver", *["recent"] * 5, "homeserver"]


@pytest.mark.rules("S-572")
async def test_an_answer_that_is_given_again_says_its_age(home: Home) -> None:
    home.says = reply(cache_control="max-age=60", age="3")
    await home.versions.answer(None)
    home.now += 20.5
    assert (await home.versions.answer(None)).headers["age"] == "23"


@pytest.mark.rules("S-572", "UZ-5")
async def test_a_homeserver_that_wants_to_be_left_alone_is(home: Home) -> None:
    home.says = reply(429, b"slowly", retry_after="90")
    for passed in (0, 30, 59.5):
        home.now = 1000.0 + passed
        answer = await home.versions.answer("Bearer a")
        assert (answer.status, answer.body) == (429, b"slowly")
        assert answer.headers["retry-after"] == {0: "90", 30: "60", 59.5: "31"}[passed]
    assert home.asked == ["Bearer a"]
    home.now, home.says = 1090.0, reply()
    assert (await home.versions.answer("Bearer a")).status == 200


@pytest.mark.rules("S-572", "UZ-5")
async def test_a_homeserver_that_is_overloaded_is_left_alone_too(home: Home) -> None:
    home.says = reply(503, retry_after="20")
    for _ in range(3):
        with pytest.raises(BadGateway):
            await home.versions.answer(None)
        home.now += 6
    assert home.asked == [None]
    home.now, home.says = 1020.0, reply()
    assert (await home.versions.answer(None)).status == 200


async def test_strangers_who_are_refused_drive_out_no_answer(home: Home) -> None:
    await home.versions.answer("Bearer a")
    home.says = reply(401)
    for number in range(2 * versions.REMEMBERED):
        await home.versions.answer(f"Bearer {number}")
    home.is_down()
    home.now += 30
    assert (await home.versions.answer("Bearer a")).status == 200


async def test_a_homeserver_that_hangs_counts_as_down() -> None:
    async def hang(_authorization: str | None) -> Reply:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(BadGateway):
        await VersionsRelay(hang, nothing, lambda _: None, answer_s=0.01).answer(None)
