"""What is kept of a client's requests: everything but what somebody could use."""

import re

import pytest

from tests.support.recorded import Recorded, read_all, without_repetition, without_tokens
from tests.support.recorder import Exchange, anonymous

PATH = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync"
TOKENS = re.compile(r"syt_|access_token|\d+/s\d+_|Bearer")


def exchange(
    pos: str | None = None, since: str | None = None, status: int | None = 200
) -> Exchange:
    query = {"timeout": "0"} | ({} if pos is None else {"pos": pos})
    to_device = {"enabled": True} | ({} if since is None else {"since": since})
    body = {"conn_id": "main", "extensions": {"to_device": to_device}}
    return Exchange(1, PATH, query, body, asked_at=0.0, status=status)


def test_tokens_are_numbered_and_one_that_comes_twice_has_one_number() -> None:
    told = without_tokens([exchange(), exchange("4/s9", "x"), exchange("4/s9", "y")])
    assert [one.query.get("pos") for one in told] == [None, "pos-1", "pos-1"]
    since = [one.body["extensions"]["to_device"].get("since") for one in told]
    assert since == [None, "since-1", "since-2"]


def test_what_became_of_a_request_is_kept() -> None:
    hung_up, cut = exchange("a", status=None), exchange("a", status=None)
    hung_up.hung_up = True
    told = without_tokens([exchange(), hung_up, cut])
    assert [one.ended for one in told] == [200, "hung up", "cut"]


@pytest.mark.parametrize(
    ("exchanges", "kept"),
    [
        pytest.param([exchange(), exchange("a"), exchange("b")], [0, 1], id="only waiting"),
        pytest.param([exchange("a"), exchange("a", "x")], [0, 1], id="a new field"),
        pytest.param([exchange("a"), exchange("b", status=None), exchange("b")], [0, 1, 2],
                     id="a pos that is sent again"),
    ],
)  # fmt: skip
def test_a_client_that_only_goes_on_is_kept_once(
    exchanges: list[Exchange], kept: list[int]
) -> None:
    all_of_them = without_tokens(exchanges)
    assert without_repetition(all_of_them) == [all_of_them[index] for index in kept]


def test_identifiers_are_left_out_of_the_paths_that_are_counted() -> None:
    path = "/_matrix/client/v3/rooms/%21a%3Ab/send/m.room.message/0f0b2c6f6b6a4f6c9f9d1a2b3c4d5e6f"
    assert anonymous(path) == "/_matrix/client/v3/rooms/…/send/m.room.message/…"


RECORDED = [pytest.param(requests, id=name) for name, requests in read_all().items()]


@pytest.mark.parametrize("requests", RECORDED)
def test_no_file_has_a_token(requests: list[Recorded]) -> None:
    assert requests
    assert not TOKENS.search(repr(requests))


@pytest.mark.parametrize("requests", RECORDED)
def test_every_file_tells_of_the_simplified_dialect(requests: list[Recorded]) -> None:
    assert {one.path for one in requests} == {PATH}
    assert {one.ended for one in requests} <= {200, "hung up", "cut"}
