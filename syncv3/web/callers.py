"""Who sends a request, and how they reached us.

Anybody can write ``X-Forwarded-For`` into a request. It counts only when the peer of the
connection is a proxy that the operator has named, and then only from the right: what the
named proxies have appended themselves. What stands further left came from the client.

An example: the peer is 10.0.0.1, a named proxy, and the header says ``6.6.6.6, 1.2.3.4, 10.0.0.2``.
Of the last, 10.0.0.2, it is known from 10.0.0.1, and it is a named proxy, too; so 1.2.3.4 is known
from it. That is no proxy: it is the client, and wrote 6.6.6.6 itself.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sanic import Request

from syncv3.settings import UNIX, Network

_READ: Final = ("host", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto")
_HOST = re.compile(r"([A-Za-z0-9.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
_IPV6_OF_ONE_PREFIX: Final = 64
"""Who has one IPv6 address usually has the 2^64 of its network."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Caller:
    """``hops`` are addresses from the client's to the peer's; none on a unix socket whose
    other side is not a named proxy. ``host`` is what the client addressed; "": it did not say.
    """

    hops: tuple[str, ...]
    scheme: str
    host: str

    @property
    def address(self) -> str:
        """The client's IP address; "" over a unix socket."""
        return self.hops[0] if self.hops else ""

    @property
    def share(self) -> str:
        """Requests with the same text share one client's part of what there is."""
        if not self.hops:
            return UNIX
        address = ipaddress.ip_address(self.hops[0])
        if address.version == 4:
            return self.hops[0]
        return str(ipaddress.ip_network((address, _IPV6_OF_ONE_PREFIX), strict=False))


def caller_of_request(request: Request, trusted: Iterable[Network]) -> Caller:
    """Who sent a request; ``trusted`` are the proxies that the operator has named."""
    transport = request.transport
    peer = transport.get_extra_info("peername")
    said = {name: ",".join(request.headers.getall(name, ())) for name in _READ}
    return caller_of(
        peer[0] if isinstance(peer, tuple) else None,
        said,
        trusted,
        tls=transport.get_extra_info("sslcontext") is not None,
    )


def caller_of(
    peer: str | None, headers: Mapping[str, str], trusted: Iterable[Network], *, tls: bool
) -> Caller:
    """Who sent these headers (names in lower case, repeated ones joined) from ``peer``.

    ``peer`` None: over a unix socket.
    """
    trusted = tuple(trusted)
    address = peer_address(peer) if peer else None
    scheme = "https" if tls else "http"
    own = (str(address),) if address else ()
    if not _is_trusted(address, trusted):
        return Caller(own, scheme, _host(headers.get("host", "")))
    hops = tuple(reversed([*_appended(headers.get("x-forwarded-for", ""), trusted)])) + own
    said = headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    host = headers.get("x-forwarded-host", "").partition(",")[0].strip()
    return Caller(
        hops, said if said in ("http", "https") else scheme, _host(host or headers.get("host", ""))
    )


@lru_cache(maxsize=1024)
def peer_address(peer: str) -> Address | None:
    """That of a connection's other side, which sends many requests."""
    return read_address(peer)


def read_address(text: str) -> Address | None:
    """An IP address, without port, brackets and zone; None: it is none."""
    text = text.strip().partition("%")[0]
    if found := re.fullmatch(r"\[(.*)\](:[0-9]+)?|([0-9.]+):[0-9]+", text):
        text = found[1] or found[3]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _appended(forwarded_for: str, trusted: tuple[Network, ...]) -> Iterator[str]:
    """From the right: the named proxies, then the one whom they have seen."""
    for part in reversed(forwarded_for.split(",")):
        address = read_address(part)
        if address is None:
            return
        yield str(address)
        if not _is_trusted(address, trusted):
            return


def _is_trusted(address: Address | None, trusted: tuple[Network, ...]) -> bool:
    """Whether this is a proxy that the operator has named; None: the other side of a socket."""
    if address is None:
        return UNIX in trusted
    return any(address in network for network in trusted if not isinstance(network, str))


def _host(text: str) -> str:
    """A host as it may stand in a URL; "" for what could be something else there."""
    return text.lower() if _HOST.fullmatch(text) else ""
