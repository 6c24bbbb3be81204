"""Whom a request counts for."""

from ipaddress import ip_network

import pytest

from syncv3.settings import Network
from syncv3.web.callers import Caller, caller_of

LOCAL: tuple[Network, ...] = (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"))
SAID = {
    "x-forwarded-for": "6.6.6.6, 1.2.3.4, 10.0.0.1",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "Sync.Example.org",
    "host": "127.0.0.1:8008",
}


def test_headers_of_a_stranger_do_not_count() -> None:
    caller = caller_of("9.9.9.9", SAID, LOCAL, tls=False)
    assert caller == Caller(("9.9.9.9",), "http", "127.0.0.1:8008")


def test_of_a_named_proxy_only_what_the_named_ones_have_seen_counts() -> None:
    """6.6.6.6 is what the client itself had written."""
    caller = caller_of("127.0.0.1", SAID, LOCAL, tls=False)
    assert caller == Caller(("1.2.3.4", "10.0.0.1", "127.0.0.1"), "https", "sync.example.org")
    assert caller.share == "1.2.3.4"


@pytest.mark.parametrize(
    ("forwarded_for", "hops"),
    [
        ("", ("127.0.0.1",)),
        ("unknown", ("127.0.0.1",)),
        ("1.2.3.4, unknown, 10.0.0.2", ("10.0.0.2", "127.0.0.1")),
        ("1.2.3.4:5678", ("1.2.3.4", "127.0.0.1")),
        ("[2001:db8::1]:443", ("2001:db8::1", "127.0.0.1")),
        ("::ffff:1.2.3.4", ("1.2.3.4", "127.0.0.1")),
        ("10.0.0.9, 10.0.0.8", ("10.0.0.9", "10.0.0.8", "127.0.0.1")),
    ],
)
def test_what_is_no_address_ends_the_chain(forwarded_for: str, hops: tuple[str, ...]) -> None:
    caller = caller_of("127.0.0.1", {"x-forwarded-for": forwarded_for}, LOCAL, tls=False)
    assert caller.hops == hops


def test_a_unix_socket_is_named_unix() -> None:
    said = {"x-forwarded-for": "1.2.3.4"}
    assert caller_of(None, said, LOCAL, tls=False) == Caller((), "http", "")
    assert caller_of(None, said, ("unix",), tls=False).hops == ("1.2.3.4",)
    assert caller_of(None, said, LOCAL, tls=False).share == "unix"


def test_addresses_of_one_ipv6_network_are_one_client() -> None:
    shares = {
        caller_of(peer, {}, (), tls=True).share for peer in ("2001:db8::1", "2001:db8::2", "::1")
    }
    assert shares == {"2001:db8::/64", "::/64"}


def test_a_mapped_address_is_the_ipv4_one() -> None:
    assert caller_of("::ffff:127.0.0.1", SAID, LOCAL, tls=False).scheme == "https"


@pytest.mark.parametrize("host", ["evil.test/x", "a b", 'a"', "user@host", "a:b", "[::1", ""])
def test_what_is_no_host_is_not_taken(host: str) -> None:
    assert caller_of("1.2.3.4", {"host": host}, (), tls=True).host == ""
