"""Event IDs as the database keeps them.

Room versions 4 and later name events by a SHA-256: ``$`` and 43 characters of URL-safe
base64. As 32 bytes they take a third less of the largest unique index. Anything else is
kept as UTF-8 text with zero bytes behind it where it would have that length, so that the
two cannot be mistaken for each other.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from syncv3.types import EventID

# 43 characters stand for 258 bits, of which 256 are the hash: so the last one is one of 16.
HASHED = re.compile(r"\$[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]", re.ASCII)
HASH_BYTES = 32


def pack_event_id(event_id: str) -> bytes:
    """The stored form of an event ID."""
    if HASHED.fullmatch(event_id):
        return urlsafe_b64decode(event_id[1:] + "=")
    text = event_id.encode()
    return text + b"\x00" if len(text) == HASH_BYTES else text


def unpack_event_id(stored: bytes) -> EventID:
    """The event ID of a stored form."""
    if len(stored) == HASH_BYTES:
        return EventID("$" + urlsafe_b64encode(stored)[:43].decode())
    return EventID(stored.rstrip(b"\x00").decode())
