"""What a request may say, and how it is refused."""

from typing import Any

import aiohttp
import pytest

from tests.e2e.simplified.conftest import Sync
from tests.support.account import Account
from tests.support.answers import read
from tests.support.client import SyncError
from tests.support.room import JSON
from tests.support.simplified.connection import Connection
from tests.support.simplified.target import Target
from tests.support.simplified.wire import Asked, Dialect, encode, room_config, window

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = {"all": window()}


async def ask(conn: Connection, body: JSON | None = None, **loose: Any) -> tuple[int, JSON]:
    """A request for a list of all rooms, with these fields of the body and these parameters
    of their own (``pos``, ``timeout``), which stand where the form has them."""
    query, whole = encode(conn.dialect, Asked(lists=ALL), conn.account.user_id)
    if conn.dialect is Dialect.U:
        return await conn.post(whole | (body or {}), query | loose)
    return await conn.post(whole | loose | (body or {}), query)


def one_list(conn: Connection, **fields: Any) -> JSON:
    """``lists`` with one list that has these fields; those that are None are left out."""
    _, body = encode(conn.dialect, Asked(lists=ALL), conn.account.user_id)
    whole = body["lists"]["all"] | fields
    return {"lists": {"all": {k: v for k, v in whole.items() if v is not None}}}


def refusal(answered: tuple[int, JSON]) -> tuple[int, str]:
    """The status and the code of an error, which says in words what is wrong."""
    status, error = answered
    assert isinstance(error.get("error"), str), error
    return status, error["errcode"]


@pytest.mark.rules("S-2", "S-4")
async def test_without_a_token_or_with_a_wrong_one_nobody_is_answered(
    http: aiohttp.ClientSession, target: Target
) -> None:
    url = target.url + target.dialect.path
    missing = await read(http.post(url, json={}))
    unknown = await read(http.post(url, json={}, headers={"Authorization": "Bearer nobodys"}))
    assert (missing.status, (await missing.json())["errcode"]) == (401, "M_MISSING_TOKEN")
    assert (unknown.status, (await unknown.json())["errcode"]) == (401, "M_UNKNOWN_TOKEN")


@pytest.mark.rules("S-2")
async def test_a_token_in_the_query_is_taken_too(
    http: aiohttp.ClientSession, target: Target, alice: Account
) -> None:
    url = target.url + target.dialect.path
    answer = await read(http.post(url, json={}, params={"access_token": alice.token}))
    assert answer.status == 200


@pytest.mark.rules("S-1")
async def test_browsers_may_ask(http: aiohttp.ClientSession, target: Target) -> None:
    url = target.url + target.dialect.path
    preflight = await read(http.options(url))
    refused = await read(http.post(url, json={}))
    assert preflight.status in (200, 204)
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    allowed = preflight.headers["Access-Control-Allow-Headers"]
    assert {"Content-Type", "Authorization"} <= {name.strip() for name in allowed.split(",")}


@pytest.mark.rules("S-4")
@pytest.mark.parametrize(
    ("body", "errcode"), [(b"{", "M_NOT_JSON"), (b"[]", "M_BAD_JSON"), (b"7", "M_BAD_JSON")]
)
async def test_a_body_that_is_no_object_is_refused(
    conn: Connection, body: bytes, errcode: str
) -> None:
    assert refusal(await conn.post(body)) == (400, errcode)


@pytest.mark.differs("Synapse wants a body")
@pytest.mark.rules("S-6")
async def test_no_body_is_an_empty_one(conn: Connection) -> None:
    status, answer = await conn.post(b"")
    assert status == 200
    assert (answer["rooms"], answer["extensions"]) == ({}, {})


WRONG_TYPES: list[JSON] = [
    {"timeline_limit": "10"}, {"timeline_limit": True}, {"timeline_limit": 1.5},
    {"timeline_limit": {}}, {"required_state": "all"}, {"filters": []},
    {"filters": {"is_dm": "yes"}}, {"filters": {"tags": "m.favourite"}},
    {"filters": {"room_types": [1]}},
]  # fmt: skip


@pytest.mark.rules("S-4", "S-26")
@pytest.mark.parametrize("fields", WRONG_TYPES, ids=str)
async def test_a_field_of_a_wrong_type_is_refused(conn: Connection, fields: JSON) -> None:
    assert refusal(await ask(conn, one_list(conn, **fields))) == (400, "M_BAD_JSON")


@pytest.mark.rules("S-4")
@pytest.mark.parametrize("body", [{"conn_id": 7}, {"lists": []}, {"extensions": []}], ids=str)
async def test_a_part_of_a_wrong_type_is_refused(conn: Connection, body: JSON) -> None:
    assert refusal(await ask(conn, body)) == (400, "M_BAD_JSON")


@pytest.mark.rules("S-4")
async def test_a_list_must_say_how_long_timelines_are(conn: Connection) -> None:
    status, errcode = refusal(await ask(conn, one_list(conn, timeline_limit=None)))
    assert status == 400
    assert errcode in ("M_MISSING_PARAM", "M_BAD_JSON")


@pytest.mark.only("S")
@pytest.mark.rules("S-4", "S-232")
async def test_a_list_must_say_which_state_it_wants(conn: Connection) -> None:
    status, errcode = refusal(await ask(conn, one_list(conn, required_state=None)))
    assert status == 400
    assert errcode in ("M_MISSING_PARAM", "M_BAD_JSON")


@pytest.mark.only("U")
@pytest.mark.differs("Synapse wants required_state, which ruma leaves out when it is empty")
@pytest.mark.rules("S-5")
async def test_required_state_may_be_left_out(conn: Connection) -> None:
    status, _ = await ask(conn, one_list(conn, required_state=None))
    assert status == 200


@pytest.mark.only("U")
@pytest.mark.rules("S-4", "S-21")
async def test_lists_have_limits(conn: Connection) -> None:
    config = one_list(conn)["lists"]["all"]
    assert (await ask(conn, {"lists": {f"l{n}": config for n in range(100)}}))[0] == 200
    assert (await ask(conn, {"lists": {f"l{n}": config for n in range(101)}}))[0] == 400
    assert (await ask(conn, {"lists": {"l" * 64: config}}))[0] == 200
    assert (await ask(conn, {"lists": {"l" * 65: config}}))[0] == 400
    assert (await ask(conn, {"lists": {"a list / ü": config}}))[0] == 200
    assert (await ask(conn, one_list(conn, timeline_limit=1000)))[0] == 200
    assert (await ask(conn, one_list(conn, timeline_limit=1001)))[0] == 400


@pytest.mark.only("U")
@pytest.mark.rules("S-4")
@pytest.mark.parametrize("ranges", [[[-1, 2]], [[0, "9"]], [[0]], [0, 9]], ids=str)
async def test_a_range_is_two_numbers_from_0_on(conn: Connection, ranges: Any) -> None:
    assert (await ask(conn, one_list(conn, ranges=ranges)))[0] == 400


@pytest.mark.only("S")
@pytest.mark.rules("S-4")
@pytest.mark.parametrize("bounds", [[-1, 2], [0, "9"], [0], [0, 1, 2], [[0, 9]]], ids=str)
async def test_the_range_of_the_stable_form_is_two_numbers_from_0_on(
    conn: Connection, bounds: Any
) -> None:
    assert (await ask(conn, one_list(conn, range=bounds)))[0] == 400


@pytest.mark.only("S")
@pytest.mark.rules("S-4", "S-20", "S-21")
async def test_the_stable_form_has_limits(conn: Connection) -> None:
    config = one_list(conn)["lists"]["all"]
    one = room_config() | {"required_state": {}}
    many = {f"!room{n}:localhost": one for n in range(101)}
    for body in (
        {"lists": {f"l{n}": config for n in range(101)}},
        {"lists": {"a list": config}},
        {"lists": {"": config}},
        {"lists": {"l" * 256: config}},
        {"room_subscriptions": many},
        {"set_presence": "asleep"},
        one_list(conn, timeline_limit=-1),
    ):
        assert refusal(await ask(conn, body)) == (400, "M_INVALID_PARAM"), body
    many.popitem()
    for body in (
        {"lists": {"l" * 255: config, "aZ9._~-": config}},
        {"room_subscriptions": many},
        {"set_presence": "unavailable"},
        one_list(conn, timeline_limit=100_000),
    ):
        assert (await ask(conn, body))[0] == 200, body


@pytest.mark.only("S")
@pytest.mark.rules("S-232")
@pytest.mark.parametrize(
    "required_state",
    [[], {"include": {}}, {"include": ["m.room.name"]}, {"include": [{"type": 7}]},
     {"exclude": [{"state_key": []}]}, {"lazy_members": "yes"}], ids=str,
)  # fmt: skip
async def test_selectors_of_a_wrong_form_are_refused(conn: Connection, required_state: Any) -> None:
    answered = await ask(conn, one_list(conn, required_state=required_state))
    assert refusal(answered) == (400, "M_BAD_JSON")


@pytest.mark.only("U")
@pytest.mark.rules("S-4")
@pytest.mark.parametrize(
    "selector", ["m.room.name", ["m.room.name"], [1, ""], ["a", "b", "c"]], ids=str
)
async def test_a_selector_that_is_no_pair_is_refused(conn: Connection, selector: Any) -> None:
    assert refusal(await ask(conn, one_list(conn, required_state=[selector])))[0] == 400


@pytest.mark.differs("Synapse does not check it, and behaves as with 0")
@pytest.mark.rules("S-4")
async def test_a_negative_timeline_limit_is_refused(conn: Connection) -> None:
    assert refusal(await ask(conn, one_list(conn, timeline_limit=-1))) == (400, "M_INVALID_PARAM")


@pytest.mark.rules("S-20", "S-4")
async def test_a_timeout_that_is_no_number_is_refused(conn: Connection) -> None:
    assert refusal(await ask(conn, timeout="soon")) == (400, "M_INVALID_PARAM")


@pytest.mark.rules("S-5", "S-560", "S-25", "S-340")
async def test_what_is_not_known_is_ignored(conn: Connection, alice: Account) -> None:
    room = await alice.create_room("Kitchen")
    old = {"sort": ["by_recency"], "include_old_rooms": {}, "bump_event_types": ["m.room.name"]}
    status, answer = await ask(conn, one_list(conn, **old) | {
        "unsubscribe_rooms": [room], "delta_token": "x", "future": {"a": 1},
        "extensions": {"org.example.future": {"enabled": True}, "presence": {"enabled": True}},
    })  # fmt: skip
    assert status == 200
    assert set(answer["rooms"]) == {room}
    assert answer["extensions"] == {}


@pytest.mark.rules("S-20")
async def test_null_is_the_same_as_absent(conn: Connection, alice: Account) -> None:
    await alice.create_room("Kitchen")
    nothing: JSON = dict.fromkeys(("conn_id", "lists", "room_subscriptions", "extensions"))
    status, answer = await ask(conn, nothing)
    assert status == 200
    assert (answer["rooms"], answer["extensions"]) == ({}, {})


@pytest.mark.rules("S-20", "S-53")
async def test_no_conn_id_null_and_an_empty_one_are_one_connection(
    conn: Connection, alice: Account
) -> None:
    room = await alice.create_room("Kitchen")
    first = (await ask(conn))[1]
    for conn_id in (None, ""):
        status, answer = await ask(conn, {"conn_id": conn_id}, pos=first["pos"])
        assert status == 200
        assert room not in answer["rooms"]


@pytest.mark.differs("Synapse takes any length")
@pytest.mark.rules("S-20")
async def test_a_conn_id_has_255_bytes_at_most(conn: Connection) -> None:
    assert (await ask(conn, {"conn_id": "c" * 255}))[0] == 200
    assert refusal(await ask(conn, {"conn_id": "ü" * 128})) == (400, "M_INVALID_PARAM")


@pytest.mark.differs("Synapse does not know txn_id, which ruma reads")
@pytest.mark.only("U")
@pytest.mark.rules("S-20")
async def test_a_txn_id_is_told_back(conn: Connection) -> None:
    assert (await ask(conn, {"txn_id": "mine"}))[1]["txn_id"] == "mine"


@pytest.mark.only("S")
@pytest.mark.rules("S-20")
async def test_the_stable_form_has_no_parameters_in_the_query(
    conn: Connection, alice: Account
) -> None:
    room = await alice.create_room("Kitchen")
    _, body = encode(conn.dialect, Asked(lists=ALL), alice.user_id)
    status, first = await conn.post(body, {"pos": "nonsense", "timeout": "soon"})
    assert status == 200
    status, again = await conn.post(body, {"pos": first["pos"]})
    assert room in again["rooms"]


@pytest.mark.only("U")
@pytest.mark.rules("S-20")
async def test_a_presence_that_is_not_known_is_ignored_by_the_unstable_form(
    conn: Connection,
) -> None:
    assert (await ask(conn, set_presence="asleep"))[0] == 200


@pytest.mark.differs("Synapse refuses an empty pos")
@pytest.mark.rules("S-20")
async def test_an_empty_pos_is_none(conn: Connection) -> None:
    assert (await ask(conn, pos=""))[0] == 200


@pytest.mark.rules("S-4", "S-53")
@pytest.mark.parametrize("whose", ["user", "device", "connection"])
async def test_the_pos_of_somebody_else_is_unknown(
    conn: Connection, target: Target, alice: Account, bob: Account, whose: str
) -> None:
    room = await alice.create_room("Kitchen")
    others = {"user": target.connect(bob), "device": target.connect(await alice.login()),
              "connection": target.connect(alice, "other")}  # fmt: skip
    await conn.sync(lists=ALL)
    other = others[whose]
    await other.sync(lists=ALL)
    other.pos = conn.pos
    with pytest.raises(SyncError) as refused:
        await other.sync()
    assert (refused.value.status, refused.value.errcode) == (400, "M_UNKNOWN_POS")
    other.forget()
    assert (room in (await other.sync()).rooms) == (whose != "user")


@pytest.mark.differs("Synapse calls a pos that it cannot read an unknown error")
@pytest.mark.rules("S-4", "S-52")
@pytest.mark.parametrize("pos", ["nonsense", "0", "🦊", "a" * 5000])
async def test_a_pos_that_was_never_given_out_is_unknown(conn: Connection, pos: str) -> None:
    assert refusal(await ask(conn, pos=pos)) == (400, "M_UNKNOWN_POS")


@pytest.mark.rules("S-9")
async def test_a_bad_body_is_refused_before_an_unknown_pos(
    conn: Connection, target: Target, bob: Account
) -> None:
    foreign = (await target.connect(bob).sync(lists=ALL)).pos
    answered = await ask(conn, one_list(conn, timeline_limit="10"), pos=foreign)
    assert refusal(answered) == (400, "M_BAD_JSON")


@pytest.mark.rules("S-52")
async def test_a_pos_can_stand_in_a_query_as_it_is(conn: Connection, sync: Sync) -> None:
    await sync(lists=ALL)
    for _ in range(3):
        pos = (await conn.sync()).pos
        assert pos and all(c.isascii() and (c.isalnum() or c in "-._~/:") for c in pos), pos


@pytest.mark.differs("Synapse has one form only")
@pytest.mark.rules("S-501")
async def test_the_pos_of_another_form_is_unknown(
    http: aiohttp.ClientSession, target: Target, conn: Connection
) -> None:
    other = Dialect.S if conn.dialect is Dialect.U else Dialect.U
    stranger = Connection(http, target.url, other, conn.account)
    stranger.pos = (await conn.sync(lists=ALL)).pos
    with pytest.raises(SyncError) as refused:
        await stranger.sync(lists=ALL)
    assert refused.value.errcode == "M_UNKNOWN_POS"
