"""Which requests are passed on, and to which path of the homeserver.

A path is read by several programs: by us, perhaps by a proxy in front of the homeserver, by
the homeserver. Where one of them decodes or shortens what another did not, a client could
reach what is never passed on (``/_matrix/client/..%2f..%2f_synapse/admin``). So a path is
made canonical first, what any reader could take for a step upwards is refused, and only then
is it compared with what is passed on. ``%2F`` stays as it is: it is part of identifiers.

Some examples: ``/_matrix/client/v3/rooms/%21a%3Ab/state`` stays as it is; ``/%5Fmatrix/…`` becomes
``/_matrix/…``; ``/_matrix/client/%2e%2e/x``, ``/_matrix/client/..;/x`` and
``/_matrix/client/%252e%252e/x`` are refused, as is everything below ``/_matrix/client/*/admin``.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote

from syncv3.errors import InvalidParam, Unrecognized

PREFIXES: Final = ("/_matrix/client/", "/_matrix/media/", "/_synapse/client/")
WELL_KNOWN: Final = "/.well-known/matrix/client"

_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_BAD_ENCODING = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SEPARATORS = re.compile(r"[/\\]")
_AND = re.compile(r"[&;]")  # some servers split queries at semicolons, too
_DEEPEST: Final = 4
"""So often is a segment decoded in search of dots; what is encoded more often is refused."""


class Target(NamedTuple):
    """What a request asks for: the canonical path, and the query as it came (None: none)."""

    path: str
    query: str | None

    def __str__(self) -> str:
        return self.path if self.query is None else f"{self.path}?{self.query}"

    @property
    def segments(self) -> list[str]:
        """The decoded parts of the path, without the empty one of a slash at its end."""
        return [unquote(part) for part in self.path.strip("/").split("/")]

    @property
    def is_sync(self) -> bool:
        """Whether it is any version's ``/sync``: all of them take a device's messages."""
        match self.segments:
            case ["_matrix", "client", _, "sync"] | ["_matrix", "client", "unstable", _, "sync"]:
                return True
        return False

    @property
    def logs_in(self) -> bool:
        """Whether the answer may tell the client where its homeserver is (``well_known``)."""
        match self.segments:
            case ["_matrix", "client", _, "login" | "register"]:
                return True
        return False

    @property
    def forgets(self) -> str | None:
        """The room that a ``POST`` to it would forget."""
        match self.segments:
            case ["_matrix", "client", _, "rooms", room_id, "forget"]:
                return room_id
        return None

    @property
    def uploads_keys(self) -> bool:
        """Whether a ``POST`` to it uploads keys of the client's device."""
        match self.segments:
            case ["_matrix", "client", _, "keys", "upload"]:
                return True
        return False

    @property
    def masquerades(self) -> bool:
        """Whether an application service may be acting for one of its users (``user_id``)."""
        return "user_id" in dict(self._pairs())

    @property
    def tokens(self) -> set[str]:
        """The access tokens in the query, as any homeserver may split it."""
        return {value for name, value in self._pairs() if name == "access_token" and value}

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for part in _AND.split(self.query or ""):
            yield from parse_qsl(part, keep_blank_values=True)


def target_of(raw: str) -> Target:
    """What to ask the homeserver for.

    ``raw`` is the target of the request line. Raises ``Unrecognized`` for what is not passed
    on, ``InvalidParam`` for what can be read in two ways.
    """
    path, mark, query = raw.partition("?")
    if "#" in raw or not path.startswith("/") or _BAD_ENCODING.search(path):
        raise InvalidParam("the path cannot be read")
    path = _ENCODED.sub(_canonical, path)
    segments = path.split("/")
    if "" in segments[1:-1]:
        raise Unrecognized("there is nothing at this path")
    for segment in segments:
        _check(segment)
    target = Target(path, query if mark else None)
    if not _is_passed(target):
        raise Unrecognized("there is nothing at this path")
    return target


def _canonical(found: re.Match[str]) -> str:
    """An encoded character in the one form in which it is written here: decoded if it means the
    same then, else with upper-case digits."""
    character = chr(int(found[1], 16))
    return character if _UNRESERVED.fullmatch(character) else found[0].upper()


def _check(segment: str) -> None:
    readings = list(_readings(segment))
    if len(readings) > _DEEPEST or any(map(_is_odd, readings)):
        raise InvalidParam("the path cannot be read")


def _readings(segment: str) -> Iterator[str]:
    """The segment, then decoded once more each time, as long as that changes it."""
    for _ in range(_DEEPEST + 1):
        yield segment
        decoded = unquote(segment)
        if decoded == segment:
            return
        segment = decoded


def _is_odd(reading: str) -> bool:
    """Whether some reader takes it for a step upwards, or for the end of a line."""
    steps = (part.partition(";")[0] for part in _SEPARATORS.split(reading))
    return bool(_CONTROL.search(reading)) or not {".", ".."}.isdisjoint(steps)


def _is_passed(target: Target) -> bool:
    """Whether the path is one of those that clients need."""
    if target.path == WELL_KNOWN:
        return True
    below = target.segments[3:4] if target.path.startswith(PREFIXES[0]) else []
    return target.path.startswith(PREFIXES) and below != ["admin"]
