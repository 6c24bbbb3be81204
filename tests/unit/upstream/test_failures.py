"""What refusals of the homeserver mean, and where it is."""

from typing import Any

import msgspec
import pytest

from syncv3.errors import ConfigError, HomeserverError, UnknownToken
from syncv3.upstream.address import HomeserverAddress, check_token
from syncv3.upstream.client import Versions
from syncv3.upstream.failures import failure


def refused(status: int, headers: dict[str, str] | None = None, **body: Any) -> Exception:
    return failure("sync", status, headers or {}, msgspec.json.encode(body))


@pytest.mark.rules("U-41", "UZ-6")
@pytest.mark.parametrize("errcode", ["M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"])
def test_only_401_with_an_errcode_is_a_dead_token(errcode: str) -> None:
    dead = refused(401, errcode=errcode, soft_logout=True)
    assert isinstance(dead, UnknownToken) and dead.soft_logout
    for passing in (
        refused(403, errcode=errcode), refused(401), refused(401, errcode="M_USER_LOCKED"),
        refused(403, errcode="M_CONSENT_NOT_GIVEN"), failure("sync", 401, {}, b"<html>"),
    ):  # fmt: skip
        assert isinstance(passing, HomeserverError)


@pytest.mark.rules("U-43")
def test_only_what_has_the_form_of_an_errcode_is_passed_on() -> None:
    for said, passed_on in (
        ("M_CONSENT_NOT_GIVEN", "M_CONSENT_NOT_GIVEN"),
        ("ORG.EXAMPLE_x1", "ORG.EXAMPLE_x1"),
        ("M_A\r\nB", ""),
        ("M" * 101, ""),
    ):
        error = refused(403, errcode=said)
        assert isinstance(error, HomeserverError)
        assert (error.errcode, str(error)) == (passed_on, f"sync: 403 {passed_on}".rstrip())


@pytest.mark.rules("UZ-5")
def test_the_homeserver_says_how_long_to_wait() -> None:
    for error, wait_s in (
        (refused(429, {"retry-after": "7"}, retry_after_ms=1), 7),
        (refused(429, retry_after_ms=2500), 2.5),
        (refused(503, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}), 0),
        (refused(503, {"retry-after": "soon"}), None),
        (refused(429, {"retry-after": "9" * 12}), 3600),
    ):
        assert isinstance(error, HomeserverError) and error.retry_after_s == wait_s


@pytest.mark.rules("U-30")
def test_a_server_is_a_url_or_a_socket() -> None:
    https = HomeserverAddress.parse("https://hs.example/base/")
    assert (https.port, https.tls, https.url) == (443, True, "https://hs.example/base")
    assert HomeserverAddress.parse("http://[::1]:8008").authority == "[::1]:8008"
    assert HomeserverAddress.parse("/run/hs.sock").socket_path == "/run/hs.sock"
    for wrong in ("hs.example", "ftp://x", "http://x:99999"):
        with pytest.raises(ConfigError):
            HomeserverAddress.parse(wrong)


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX: y", "ä", "x" * 20_000])
def test_what_cannot_stand_in_a_header_is_no_token(token: str) -> None:
    with pytest.raises(UnknownToken):
        check_token(token)


@pytest.mark.parametrize(
    ("versions", "features", "parameter"),
    [
        (("r0.6.1", "v1.11"), {}, None),
        (("v1.16",), {"org.matrix.msc4222": True}, "use_state_after"),
        (("v1.11",), {"org.matrix.msc4222": True}, "org.matrix.msc4222.use_state_after"),
        (("v1.11",), {"org.matrix.msc4222": False}, None),
    ],
)
def test_state_after_is_asked_for_where_it_is_offered(
    versions: tuple[str, ...], features: dict[str, object], parameter: str | None
) -> None:
    assert Versions(versions, features).state_after_parameter == parameter
