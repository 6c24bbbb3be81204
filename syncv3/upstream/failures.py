"""What a homeserver's refusal means for the one who asked.

Two kinds are told apart, because what follows is so different. A dead token ends a session: the
token is deleted, and the client must log in again. Everything else passes, and the same is asked
again later. When in doubt it passes: a reverse proxy in trouble answers 401 or 403 to everything,
and must not log out all users.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import msgspec

from syncv3.errors import HomeserverError, UnknownToken

DEAD_TOKEN = ("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN")
LONGEST_WAIT_S = 3600.0  # whatever an answer says, it is asked again within the hour
_ERRCODE = re.compile(r"[A-Za-z0-9_.]{1,100}")
"""What is logged and passed on to clients as an errcode: a homeserver may say anything."""


class Refusal(msgspec.Struct, frozen=True):
    """The standard error object of the client-server API, as far as it could be read."""

    errcode: str = ""
    soft_logout: bool = False
    retry_after_ms: float | None = None


def parse_refusal(body: bytes) -> Refusal:
    """The error object in ``body``; an empty one when it is anything else."""
    try:
        return msgspec.json.decode(body, type=Refusal, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Refusal()


def is_unrecognized(status: int, body: bytes) -> bool:
    """Whether an answer says that the homeserver does not know this path: older ones know another
    (UZ-7).

    The oldest say that without an errcode. With any other errcode the path is known, and what was
    asked for is not there.
    """
    if status != HTTPStatus.NOT_FOUND:
        return False
    return parse_refusal(body).errcode in ("M_UNRECOGNIZED", "")


def failure(
    what: str, status: int, headers: Mapping[str, str], body: bytes
) -> UnknownToken | HomeserverError:
    """The error to raise for an answer other than 200. Header names are lower case.

    Only 401 with an errcode that says so is a dead token (UZ-6): a reverse proxy's 401,
    a locked account or missing consent (403) may pass.
    """
    refusal = parse_refusal(body)
    if status == HTTPStatus.UNAUTHORIZED and refusal.errcode in DEAD_TOKEN:
        return UnknownToken("the homeserver rejected the token", soft_logout=refusal.soft_logout)
    errcode = refusal.errcode if _ERRCODE.fullmatch(refusal.errcode) else ""
    return HomeserverError(
        f"{what}: {status} {errcode}".rstrip(),
        retry_after_s=_retry_after_s(headers.get("retry-after"), refusal.retry_after_ms),
        status=status,
        errcode=errcode,
    )


def wait_wanted_s(headers: Mapping[str, str], body: bytes) -> float | None:
    """Seconds that an answer other than 200 asks to wait before the next request, or None."""
    return _retry_after_s(headers.get("retry-after"), parse_refusal(body).retry_after_ms)


def _retry_after_s(header: str | None, body_ms: float | None) -> float | None:
    """Seconds that the homeserver wants us to wait (UZ-5), at most an hour."""
    seconds = _parse_retry_after(header) if header else None
    if seconds is None and body_ms is not None:
        seconds = body_ms / 1000
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT_S)


def _parse_retry_after(header: str) -> float | None:
    """Retry-After is a number of seconds or a date."""
    if header.strip().isdecimal():
        return float(header)
    try:
        then = parsedate_to_datetime(header)
    except ValueError:
        return None
    aware = then if then.tzinfo else then.replace(tzinfo=UTC)  # "-0000" is parsed without a zone
    return (aware - datetime.now(UTC)).total_seconds()
