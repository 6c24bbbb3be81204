"""Which headers go through, in both directions.

Headers about one connection end here (RFC 9110, 7.6.1): each side frames its own messages.

All others go through as they came, with two exceptions towards the homeserver. Who the client is,
and how it reached us, is said anew from what is known for certain, as anybody can write such
headers. And ``Via`` has this service's mark, by which a loop is noticed.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

from multidict import CIMultiDict

from syncv3.errors import InvalidParam
from syncv3.version import VIA
from syncv3.web.callers import Caller

Pairs = Iterable[tuple[str, str]]

HOP_BY_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NOT_FORWARDED: Final = HOP_BY_HOP | {
    "expect",  # is answered here, when the homeserver is there to take the body
    "forwarded",
    "host",  # the homeserver's own: it may serve several names
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
}
_NEVER_DROPPED: Final = frozenset(
    {"authorization", "content-encoding", "content-length", "content-type", "range", "via"}
)
"""Not even when ``Connection`` names them: the meaning of the request would be another."""


def towards_homeserver(
    given: Sequence[tuple[str, str]], caller: Caller, base_url: str
) -> CIMultiDict[str]:
    """The headers for the homeserver; ``base_url`` is this service's own, "" if nobody said.

    ``X-Forwarded-Host`` is what the operator says, never what a client does: a homeserver
    could write it into mails. Raises ``InvalidParam`` for bytes that are no UTF-8.
    """
    dropped = _NOT_FORWARDED | (_named(given) - _NEVER_DROPPED)
    kept = CIMultiDict((name, value) for name, value in given if name.lower() not in dropped)
    try:  # what is read from the wire may have bytes that cannot be written again
        "".join(kept.values()).encode()
    except UnicodeEncodeError as error:
        raise InvalidParam("a header is not UTF-8") from error
    kept.add("Via", VIA)
    kept["X-Forwarded-Proto"] = caller.scheme
    if caller.hops:
        kept["X-Forwarded-For"] = ", ".join(caller.hops)
    if base_url:
        kept["X-Forwarded-Host"] = urlsplit(base_url).netloc
    return kept


def towards_client(raw: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """The homeserver's headers as they came, several of one name included."""
    given = [(_text(name).lower(), _text(value)) for name, value in raw]
    dropped = HOP_BY_HOP | _named(given) - _NEVER_DROPPED
    return [(name, value) for name, value in given if name not in dropped]


def comes_back(given: Pairs) -> bool:
    """Whether this service has passed the request on already."""
    vias = (value for name, value in given if name.lower() == "via")
    return any(hop.strip() == VIA for via in vias for hop in via.split(","))


def _named(given: Pairs) -> set[str]:
    """What a ``Connection`` header says is about this connection only."""
    values = (value for name, value in given if name.lower() == "connection")
    return {name.strip().lower() for value in values for name in value.split(",")}


def _text(raw: bytes) -> str:
    """A header as text, from which the same bytes can be made again."""
    return raw.decode(errors="surrogateescape")
