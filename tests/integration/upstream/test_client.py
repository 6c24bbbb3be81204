"""The homeserver's client over real HTTP."""

import asyncio
import json
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiohttp import web
from multidict import CIMultiDict

from syncv3.errors import HomeserverError, UnknownToken
from syncv3.types import EventID, RoomID, UserID
from syncv3.upstream.client import FACT_LIMIT_BYTES, Homeserver
from tests.integration.upstream.fakes import TinyHomeserver, refusal

ROOM = RoomID("!a/b:x")
SYNC = "/_matrix/client/v3/sync"


@asynccontextmanager
async def homeserver_at(server: str, **options: Any) -> AsyncIterator[Homeserver]:
    async with Homeserver(server, user_agent="sync-v3-proxy-1", **options) as homeserver:
        yield homeserver


@pytest.fixture
async def homeserver(fake: TinyHomeserver) -> AsyncIterator[Homeserver]:
    async with homeserver_at(fake.url) as homeserver:
        yield homeserver


async def poll(homeserver: Homeserver, token: str = "me/D", **more: Any) -> Any:
    options = {"since": None, "timeout_ms": 0, "filter": "{}", "initial": True} | more
    body = await homeserver.sync(token, **options)
    answer = json.loads(bytes(body.data))
    body.close()
    return answer


@pytest.mark.rules("U-30", "U-32", "O-5")
async def test_a_poll_sends_what_it_should(fake: TinyHomeserver, homeserver: Homeserver) -> None:
    await poll(homeserver, since="a b&c", filter='{"room":{}}')
    request = fake.requests[0]
    assert request.headers["Authorization"] == "Bearer me/D"
    assert request.headers["User-Agent"] == "sync-v3-proxy-1"
    assert dict(request.query) == {
        "timeout": "0", "set_presence": "offline", "filter": '{"room":{}}', "since": "a b&c",
    }  # fmt: skip


async def test_polls_share_kept_connections(fake: TinyHomeserver, homeserver: Homeserver) -> None:
    for _ in range(5):
        await poll(homeserver)
    ports = {request.transport and request.transport.get_extra_info("peername")
             for request in fake.requests}  # fmt: skip
    assert len(fake.requests) == 5 and len(ports) == 1


async def test_a_connection_closed_while_idle_is_replaced(tmp_path: Path) -> None:
    fake, path = TinyHomeserver(), str(tmp_path / "hs.sock")
    async with homeserver_at(path) as homeserver:
        for _ in range(2):
            async with fake.serve(path):
                assert "next_batch" in await poll(homeserver)


def test_polls_work_on_uvloop_which_the_service_runs_on() -> None:
    async def polls() -> None:
        async with TinyHomeserver().serve() as fake, homeserver_at(fake.url) as homeserver:
            fake.first = {"filler": "0123456789" * 500_000}
            assert await poll(homeserver) == {"next_batch": "s1"} | fake.first
            assert "next_batch" in await poll(homeserver, since="s1")

    uvloop.run(polls())


@pytest.mark.rules("U-30")
async def test_a_homeserver_behind_a_socket_is_asked(tmp_path: Path) -> None:
    path = str(tmp_path / "hs.sock")
    async with TinyHomeserver().serve(path), homeserver_at(path) as homeserver:
        assert "next_batch" in await poll(homeserver)
        assert await homeserver.whoami("me/D") == ("@me:x", "D")


async def test_a_large_answer_arrives_whole(fake: TinyHomeserver, homeserver: Homeserver) -> None:
    fake.first = {"filler": "0123456789" * 500_000}
    assert await poll(homeserver) == {"next_batch": "s1"} | fake.first


@pytest.mark.rules("UZ-7")
async def test_older_homeservers_are_asked_under_r0(
    fake: TinyHomeserver, homeserver: Homeserver
) -> None:
    async def unknown(request: web.Request) -> web.Response:
        return refusal(404, "M_UNRECOGNIZED")

    fake.handlers[SYNC] = unknown
    await poll(homeserver)
    await poll(homeserver)
    await homeserver.whoami("me/D")
    assert fake.paths() == [
        SYNC, *["/_matrix/client/r0/sync"] * 2, "/_matrix/client/r0/account/whoami",
    ]  # fmt: skip


@pytest.mark.rules("U-41", "UZ-6")
async def test_a_dead_token_is_told_apart(fake: TinyHomeserver, homeserver: Homeserver) -> None:
    fake.rejected, fake.soft_logout = {"me/D"}, True
    for question in (poll(homeserver), homeserver.whoami("me/D")):
        with pytest.raises(UnknownToken) as error:
            await question
        assert error.value.soft_logout


@pytest.mark.rules("H-26", "UZ-6")
async def test_no_other_answer_to_whoami_is_a_dead_token(
    fake: TinyHomeserver, homeserver: Homeserver
) -> None:
    status = 0

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status)

    fake.handlers["/_matrix/client/v3/account/whoami"] = answer
    for status in (401, 403, 429, 500):
        with pytest.raises(HomeserverError) as error:
            await homeserver.whoami("me/D")
        assert error.value.status == status


async def test_no_redirect_is_followed(fake: TinyHomeserver, homeserver: Homeserver) -> None:
    async def elsewhere(request: web.Request) -> web.Response:
        raise web.HTTPFound("http://127.0.0.1:1/stolen")

    fake.handlers[SYNC] = fake.handlers["/_matrix/client/v3/account/whoami"] = elsewhere
    for question in (poll(homeserver), homeserver.whoami("me/D")):
        with pytest.raises(HomeserverError, match="302"):
            await question


@pytest.mark.rules("U-36", "U-40")
async def test_a_stalled_homeserver_is_given_up_in_time(fake: TinyHomeserver) -> None:
    async with homeserver_at(fake.url, timeout_s=0.1) as homeserver:
        with pytest.raises(HomeserverError, match="too long"):
            await poll(homeserver, timeout_ms=30_000, initial=False)
        assert "next_batch" in await poll(homeserver)


@pytest.mark.rules("U-40")
async def test_a_homeserver_that_is_away_is_no_answer() -> None:
    async with homeserver_at("http://127.0.0.1:1") as homeserver:
        for question in (poll(homeserver), homeserver.whoami("me/D")):
            with pytest.raises(HomeserverError) as error:
                await question
            assert error.value.status is None


async def test_a_cancelled_poll_leaves_nothing_behind(
    fake: TinyHomeserver, homeserver: Homeserver
) -> None:
    waiting = asyncio.create_task(poll(homeserver, timeout_ms=30_000))
    await fake.asked.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert "next_batch" in await poll(homeserver)


async def test_state_after_is_asked_for_when_versions_offers_it(
    fake: TinyHomeserver, homeserver: Homeserver
) -> None:
    async def versions(request: web.Request) -> web.Response:
        return web.json_response({"versions": ["v1.16"]})

    fake.handlers["/_matrix/client/versions"] = versions
    await homeserver.versions()
    body = await homeserver.sync("me/D", since=None, timeout_ms=0, filter="{}", initial=True)
    assert body.state_after and fake.requests[-1].query["use_state_after"] == "true"


@pytest.mark.rules("S-572", "U-30")
@pytest.mark.parametrize("authorization", [None, "Bearer me/D", "whatever was sent"])
async def test_a_clients_own_question_carries_its_own_header(
    fake: TinyHomeserver, homeserver: Homeserver, authorization: str | None
) -> None:
    async def refuse(request: web.Request) -> web.Response:
        vary = (("Vary", "Origin"), ("Vary", "Authorization"))
        return web.Response(status=401, text="no", headers=CIMultiDict(vary))

    fake.handlers["/_matrix/client/versions"] = refuse
    reply = await homeserver.versions_for(authorization)
    assert (reply.status, reply.body) == (401, b"no")
    assert reply.headers["vary"] == "Origin, Authorization"
    sent = fake.requests[-1].headers
    assert (sent.get("Authorization"), sent["Via"]) == (authorization, "1.1 syncv3")


@pytest.mark.parametrize("header", ["Bearer a\r\nHost: other", "Bearer \x00", "é", "x" * 20_000])
async def test_what_can_be_no_header_is_not_passed_on(
    fake: TinyHomeserver, homeserver: Homeserver, header: str
) -> None:
    with pytest.raises(UnknownToken):
        await homeserver.versions_for(header)
    assert fake.requests == []


async def test_an_answer_about_versions_is_bounded(
    fake: TinyHomeserver, homeserver: Homeserver
) -> None:
    async def flood(request: web.Request) -> web.Response:
        return web.Response(body=b" " * (FACT_LIMIT_BYTES + 1))

    fake.handlers["/_matrix/client/versions"] = flood
    with pytest.raises(HomeserverError, match="larger than"):
        await homeserver.versions_for(None)


async def test_members_and_history_are_events(fake: TinyHomeserver, homeserver: Homeserver) -> None:
    member = {"event_id": "$m", "type": "m.room.member", "state_key": "@a:x",
              "content": {"membership": "join"}}  # fmt: skip
    base = "/_matrix/client/v3/rooms/!a/b:x"

    def answering(answer: Any) -> Any:
        async def handler(request: web.Request) -> web.Response:
            return web.json_response(answer)

        return handler

    fake.handlers = {
        f"{base}/members": answering({"chunk": [member, {"bad": 1}]}),
        f"{base}/joined_members": answering({"joined": {"@a:x": {"display_name": "A"}}}),
        f"{base}/messages": answering({"chunk": [member], "start": "t1", "end": "t2"}),
        f"{base}/context/$1": answering({"event": {}, "state": [member]}),
    }
    assert [event.event_id for event in await homeserver.members("me/D", ROOM)] == ["$m"]
    joined = await homeserver.joined_members("me/D", ROOM)
    assert joined[UserID("@a:x")].display_name == "A"
    page = await homeserver.messages("me/D", ROOM, start="t1", limit=5)
    assert (page.events[0].event_id, page.end) == ("$m", "t2")
    one = await homeserver.sender_of("me/D", ROOM, EventID("$1"), UserID("@a:x"))
    assert one is not None and one.event_id == "$m"
    assert await homeserver.sender_of("me/D", ROOM, EventID("$1"), UserID("@b:x")) is None


@pytest.mark.rules("S-611", "U-81")
@pytest.mark.parametrize(
    "hostile",
    [b'{"a":' * 10_000 + b"1" + b"}" * 10_000, rb'"\ud800"', b"1e400", b"{}", b"5"],
    ids=["deep", "half a pair", "out of range", "no event", "wrong type"],
)
async def test_a_page_of_messages_says_where_an_event_cannot_be_used(
    fake: TinyHomeserver, homeserver: Homeserver, hostile: bytes
) -> None:
    first, last = (b'{"event_id":"$%d","type":"m.room.message","content":{}}' % n for n in (1, 2))
    body = b'{"chunk":[' + b",".join((first, hostile, last)) + b'],"end":"t2"}'

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    fake.handlers = {"/_matrix/client/v3/rooms/!a/b:x/messages": handler}
    page = await homeserver.messages("me/D", ROOM, start="t1", limit=5)
    assert [event.event_id for event in page.events] == ["$1", "$2"]
    assert ([hole.at for hole in page.holes], page.end) == ([1], "t2")


@pytest.mark.parametrize(
    "hostile",
    [b'{"a":' * 10_000 + b"1" + b"}" * 10_000, rb'"\ud800"', b"1e400", b'"\xff"', b"5"],
    ids=["deep", "half a pair", "out of range", "not UTF-8", "wrong type"],
)
@pytest.mark.parametrize("others", [0, 2_000])
async def test_one_members_odd_event_hides_no_other_member(
    fake: TinyHomeserver, homeserver: Homeserver, hostile: bytes, others: int
) -> None:
    """A list that could not be read was fetched again and again, for whoever asked for it."""
    base = "/_matrix/client/v3/rooms/!a/b:x"

    def answering(answer: bytes) -> Any:
        async def handler(request: web.Request) -> web.Response:
            return web.Response(body=answer, content_type="application/json")

        return handler

    member = (
        b'{"event_id":"$%s","type":"m.room.member","state_key":"@%s:x",'
        b'"content":{"membership":"join","x":%s}}'
    )
    names = [b"a%d" % n for n in range(others)]
    many = [member % (name, name, b"1") for name in names]  # so many that they come in pieces
    listed = b'{"chunk":[%s]}' % b",".join(
        [*many, member % (b"a", b"a", hostile), *many, member % (b"b", b"b", b"1")]
    )
    profiles = b'{"joined":{%s"@a:x":{"display_name":%%s},%s"@b:x":{"display_name":"B"}}}' % (
        (b"".join(b'"@%s:x":{"display_name":"A"},' % name for name in names),) * 2
    )
    fake.handlers = {
        f"{base}/members": answering(listed),
        f"{base}/joined_members": answering(profiles % hostile),
    }
    members = await homeserver.members("me/D", ROOM)
    found = {member.event_id for member in members}
    assert len(found) == len(members) and found - {"$a"} == {
        "$b", *(f"$a{n}" for n in range(others))
    }  # fmt: skip
    joined = await homeserver.joined_members("me/D", ROOM)
    assert joined.keys() == {"@a:x", "@b:x", *(f"@a{n}:x" for n in range(others))}
    assert joined[UserID("@b:x")].display_name == "B"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"event_id": "$m", "type": "m.room.member", "state_key": "@a:x", "sender": "@a:x",
          "content": {"membership": "join"}}, "$m"),
        ({"membership": "join"}, None),  # a homeserver that does not know the parameter
        ({"event_id": "$m", "type": "m.room.member", "state_key": "@b:x", "sender": "@b:x",
          "content": {"membership": "join"}}, None),
        (None, None),
    ],
    ids=["told", "only its content", "somebody else's", "none"],
)  # fmt: skip
async def test_a_member_is_one_event(
    fake: TinyHomeserver, homeserver: Homeserver, answer: Any, told: str | None
) -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.query["format"] == "event"
        return web.json_response(answer) if answer else refusal(404, "M_NOT_FOUND")

    fake.handlers["/_matrix/client/v3/rooms/!a/b:x/state/m.room.member/@a:x"] = handler
    found = await homeserver.member("me/D", ROOM, UserID("@a:x"))
    assert (found and found.event_id) == told


async def test_tls_is_spoken_and_checked(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(  # noqa: ASYNC221 (a test)
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    packed = b'{"next_batch": "s1"}'

    async def answer(request: web.Request) -> web.Response:
        response = web.Response(body=packed)
        response.enable_compression()
        return response

    app = web.Application()
    app.router.add_get(SYNC, answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    url = f"https://localhost:{runner.addresses[0][1]}"
    trusting = ssl.create_default_context(cafile=str(certificate))
    try:
        async with homeserver_at(url, tls=trusting) as homeserver:
            assert await poll(homeserver) == {"next_batch": "s1"}
        async with homeserver_at(url) as homeserver:
            with pytest.raises(HomeserverError, match="certificate"):
                await poll(homeserver)
    finally:
        await runner.cleanup()


@pytest.mark.rules("U-32", "UZ-7")
async def test_a_homeserver_that_knows_only_the_old_paths_is_asked_there(
    fake: TinyHomeserver, homeserver: Homeserver
) -> None:
    """It answers 404 without a Matrix error to the newer ones."""

    async def not_found(request: web.Request) -> web.Response:
        return web.Response(status=404, text="404 page not found")

    for path in ("account/whoami", "sync"):
        fake.handlers[f"/_matrix/client/v3/{path}"] = not_found
    user_id, _ = await homeserver.whoami("me/D")
    assert user_id
    await poll(homeserver)
