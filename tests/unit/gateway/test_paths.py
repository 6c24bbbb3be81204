"""What may reach the homeserver, and as which path."""

from posixpath import normpath
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncv3.errors import InvalidParam, Unrecognized
from syncv3.gateway.paths import PREFIXES, target_of


@pytest.mark.parametrize(
    ("raw", "asked"),
    [
        ("/_matrix/client/v3/login", "/_matrix/client/v3/login"),
        ("/_matrix/client/v3/sync?since=a%2Fb&x", "/_matrix/client/v3/sync?since=a%2Fb&x"),
        ("/_matrix/client/v3/sync?", "/_matrix/client/v3/sync?"),
        ("/_matrix/client/v3/rooms/!a:b/state/t/", "/_matrix/client/v3/rooms/!a:b/state/t/"),
        ("/_matrix/client/v3/join/%23a%3Ab", "/_matrix/client/v3/join/%23a%3Ab"),
        ("/_matrix/client/v3/x/a%2fb", "/_matrix/client/v3/x/a%2Fb"),
        ("/_matrix/client/v3/%73ync", "/_matrix/client/v3/sync"),
        ("/_matrix/client/v3/x/a..b", "/_matrix/client/v3/x/a..b"),
        ("/_matrix/client/v3/x/100%25", "/_matrix/client/v3/x/100%25"),
        ("/_matrix/media/v3/download/a.b/c", "/_matrix/media/v3/download/a.b/c"),
        ("/_synapse/client/oidc/callback?code=1", "/_synapse/client/oidc/callback?code=1"),
        ("/.well-known/matrix/client", "/.well-known/matrix/client"),
    ],
)
def test_what_clients_ask_is_passed_on_under_one_name(raw: str, asked: str) -> None:
    assert str(target_of(raw)) == asked


@pytest.mark.parametrize(
    "raw",
    [
        "/_synapse/admin/v1/users",
        "/_synapse/metrics",
        "/_matrix/federation/v1/version",
        "/_matrix/key/v2/server",
        "/_matrix/client",
        "/_matrix/client/v3/admin/whois/@a:b",
        "/_matrix/client/v3/%61dmin/whois/@a:b",
        "/_matrix/client/r0/admin",
        "/_matrix//client/v3/sync",
        "/_matrix/client//v3/sync",
        "//evil.test/_matrix/client/v3/sync",
        "/.well-known/matrix/server",
        "/.well-known/matrix/client/",
        "/_matrix/clientele/x",
        "/_MATRIX/client/v3/sync",
        "/metrics",
        "/",
    ],
)
def test_nothing_else_is(raw: str) -> None:
    with pytest.raises(Unrecognized):
        target_of(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "http://evil.test/_matrix/client/v3/sync",
        "*",
        "evil.test:443",
        "/_matrix/client/../../_synapse/admin",
        "/_matrix/client/%2e%2e/%2E./_synapse/admin",
        "/_matrix/client/.%2e/x",
        "/_matrix/client/./x",
        "/_matrix/client/x/..",
        "/_matrix/client/..%2f..%2f_synapse%2fadmin",
        "/_matrix/client/x%2f..%2fy",
        "/_matrix/client/%252e%252e/x",
        "/_matrix/client/%25252e%25252e/x",
        "/_matrix/client/%2525252525252e/x",
        "/_matrix/client/..;/x",
        "/_matrix/client/..;a=b%2fx",
        "/_matrix/client/..\\x",
        "/_matrix/client/..%5cx",
        "/_matrix/client/a%00",
        "/_matrix/client/a%0d%0aHost:x",
        "/_matrix/client/a%250ab",
        "/_matrix/client/a%",
        "/_matrix/client/a%zz",
        "/_matrix/client/v3/sync#x",
        "/_matrix/client/v3/x?y#z",
    ],
)
def test_what_others_could_read_in_another_way_is_refused(raw: str) -> None:
    with pytest.raises(InvalidParam):
        target_of(raw)


@given(st.text(alphabet="/.%25eEfFcC;\\a?#_:", max_size=40))
def test_whatever_passes_stays_below_its_prefix_however_often_it_is_decoded(tail: str) -> None:
    try:
        target = target_of(PREFIXES[0] + tail)
    except (InvalidParam, Unrecognized):
        return
    path = target.path
    assert path.startswith(PREFIXES[0])
    for _ in range(5):
        path = unquote(path).replace("\\", "/")
        assert normpath(path).startswith(PREFIXES[0].rstrip("/"))


@pytest.mark.parametrize(
    ("raw", "is_sync"),
    [
        ("/_matrix/client/v3/sync", True),
        ("/_matrix/client/r0/sync/", True),
        ("/_matrix/client/unstable/sync", True),
        ("/_matrix/client/v4/%73%79nc", True),
        ("/_matrix/client/unstable/org.matrix.simplified_msc3575/sync", True),
        ("/_matrix/client/v3/user/@a:b/account_data/sync", False),
        ("/_matrix/client/v3/rooms/!a:b/state/sync/sync", False),
        ("/_matrix/media/v3/sync", False),
    ],
)
def test_every_sync_is_recognised(raw: str, is_sync: bool) -> None:
    assert target_of(raw).is_sync is is_sync


@pytest.mark.parametrize(
    ("query", "tokens"),
    [
        ("access_token=a", {"a"}),
        ("access%5Ftoken=a%62", {"ab"}),
        ("x=1;access_token=a&access_token=b", {"a", "b"}),
        ("access_token=", set()),
        ("user_id=access_token", set()),
    ],
)
def test_tokens_in_the_query_are_found(query: str, tokens: set[str]) -> None:
    assert target_of(f"/_matrix/client/v3/sync?{query}").tokens == tokens
