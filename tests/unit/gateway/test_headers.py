"""Which headers go through."""

import pytest

from syncv3.errors import InvalidParam
from syncv3.gateway.headers import comes_back, towards_client, towards_homeserver
from syncv3.web.callers import Caller

CALLER = Caller(("1.2.3.4", "127.0.0.1"), "https", "evil.test")


def sent(*given: tuple[str, str], base_url: str = "") -> dict[str, str]:
    return {
        name.lower(): value for name, value in towards_homeserver(given, CALLER, base_url).items()
    }


def test_headers_about_the_connection_end_here() -> None:
    headers = sent(
        ("connection", "close, X-Mine"), ("x-mine", "1"), ("keep-alive", "1"), ("te", "trailers"),
        ("upgrade", "websocket"), ("transfer-encoding", "chunked"), ("expect", "100-continue"),
        ("host", "evil.test"), ("proxy-authorization", "x"), ("trailer", "x"),
        ("range", "bytes=0-1"),
    )  # fmt: skip
    assert headers == {
        "range": "bytes=0-1",
        "via": "1.1 syncv3",
        "x-forwarded-for": "1.2.3.4, 127.0.0.1",
        "x-forwarded-proto": "https",
    }


@pytest.mark.parametrize("name", ["authorization", "content-type", "content-length", "range"])
def test_a_connection_header_cannot_change_what_a_request_means(name: str) -> None:
    assert sent(("connection", name.upper()), (name, "7"))[name] == "7"


@pytest.mark.parametrize(
    "name", ["x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "x-forwarded-proto"]
)
def test_nobody_is_believed_who_says_where_they_come_from(name: str) -> None:
    assert "6.6.6.6" not in sent((name, "6.6.6.6")).values()


def test_the_host_is_the_operators_or_not_told() -> None:
    assert "x-forwarded-host" not in sent()
    assert sent(base_url="https://sync.test:1")["x-forwarded-host"] == "sync.test:1"


def test_bytes_that_no_header_can_have_are_refused() -> None:
    with pytest.raises(InvalidParam):
        sent(("x-odd", b"\xff".decode(errors="surrogateescape")))


def test_an_answers_headers_come_through_one_by_one() -> None:
    raw = [
        (b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2"), (b"ETag", b'"x"'),
        (b"Connection", b"x-y"),
        (b"X-Y", b"1"), (b"Transfer-Encoding", b"chunked"), (b"Content-Disposition", b"a=\xff"),
    ]  # fmt: skip
    assert towards_client(raw) == [
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("etag", '"x"'),
        ("content-disposition", "a=\udcff"),
    ]


def test_a_request_of_our_own_is_known() -> None:
    assert comes_back([("via", "1.0 a"), ("via", "1.1 nginx, 1.1 syncv3")])
    assert not comes_back([("via", "1.1 syncv3.example.org")])
