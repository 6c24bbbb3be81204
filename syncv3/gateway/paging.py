"""A ``pos`` of sliding sync in the queries of ``/messages`` and ``/relations`` (S-65, S-605).

The homeserver knows nothing of it. It is replaced by a token of the homeserver's from which no
event is skipped; every other value goes through as it came.

An example: a client has a room up to event B, and wants what precedes it: ``from=<pos>&dir=b``. The
``pos`` becomes a token from just behind B, so the page begins with B, which the client has: a
repetition costs it nothing, a hole would not be noticed.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import quote, unquote_plus

from sanic import Request

from syncv3.errors import InvalidParam
from syncv3.gateway.guard import tokens_of
from syncv3.gateway.paths import Target
from syncv3.types import PageTokens, RoomID
from syncv3.untrusted import is_id
from syncv3.web.callers import Caller
from syncv3.web.ports import Service

_POSITIONS: Final = ("from", "to")
_MOST: Final = 4
"""Positions in one query: two, and those of somebody who wants to find out what happens."""


class PagedRequest(NamedTuple):
    """What a request pages through, in which direction; ``positions``: its ``from`` and ``to``.

    ``takes_tokens``: a sync's tokens are understood there. For ``/relations`` of Dendrite they are
    not, so a position is left out there where that only makes paging go further.
    """

    room_id: RoomID
    backwards: bool
    positions: frozenset[str]
    takes_tokens: bool = True


def page_of(target: Target) -> PagedRequest | None:
    """What a ``GET`` pages through; None for other requests, and where the direction is not clear.

    ``/relations`` goes backwards unless it is told otherwise; ``/messages`` is always told.
    """
    match target.segments:
        case ["_matrix", "client", _, "rooms", room_id, "messages"]:
            usual, takes_tokens = set[str](), True
        case ["_matrix", "client", _, "rooms", room_id, "relations", *_]:
            usual, takes_tokens = {"b"}, False
        case _:
            return None
    pairs = list(map(_pair, _parts(target)))
    directions = {value for name, value in pairs if name == "dir"} or usual
    positions = frozenset(value for name, value in pairs if name in _POSITIONS)
    if directions not in ({"b"}, {"f"}) or not positions or not is_id(room_id):
        return None
    return PagedRequest(RoomID(room_id), directions == {"b"}, positions, takes_tokens)


def with_tokens(target: Target, page: PagedRequest, known: Mapping[str, PageTokens]) -> Target:
    """The target with the homeserver's tokens in place of positions.

    A ``from`` of backwards paging that is not known is left out: paging begins at the room's
    newest event then. A ``to`` that is not known is left out: paging goes on. Raises
    ``InvalidParam`` for a ``from`` of forward paging that is not known: nothing can stand for it.
    """
    parts = (_replaced(part, page, known) for part in _parts(target))
    return target._replace(query="&".join(part for part in parts if part is not None))


def _replaced(part: str, page: PagedRequest, known: Mapping[str, PageTokens]) -> str | None:
    name, value = _pair(part)
    tokens = known.get(value) if name in _POSITIONS else None
    if tokens is None:
        return part
    may_lack = name == "to" or page.backwards
    # Where a page begins or ends just outside of what is meant: events may come twice, none is
    # lost.
    found = tokens.newer if (name == "from") == page.backwards else tokens.older
    if may_lack and not page.takes_tokens:
        return None
    if found is None and not may_lack:
        raise InvalidParam("nothing is known of this room at that position; page backwards")
    return None if found is None else f"{name}={quote(found, safe='')}"


def _parts(target: Target) -> Iterator[str]:
    return iter((target.query or "").split("&"))


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return unquote_plus(name), unquote_plus(value)


async def translated(request: Request, target: Target, caller: Caller, service: Service) -> Target:
    """The target that the homeserver understands. Raises ``MatrixError``."""
    page = page_of(target) if request.method == "GET" else None
    if page is None or len(page.positions) > _MOST:
        return target
    tokens = tokens_of(request, target)
    if len(tokens) != 1:  # the homeserver says what it thinks of that
        return target
    (token,) = tokens
    known = {
        pos: found
        for pos in page.positions
        if (found := await service.page_tokens(pos, token, page.room_id, caller.address))
    }
    return with_tokens(target, page, known) if known else target
