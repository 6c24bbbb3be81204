"""Answers with very much for the device: written in pieces, each message once.

What belongs to the device comes with the answer's last part. Thousands of messages in one
transaction would make everybody wait, so they are parts of their own before it, without
``next_since``. If the process ends between two pieces, the next one asks with the same
``since`` and is given the same messages, perhaps in another order. So each piece notes digests
of its messages, in its own transaction, under the ``since`` that is stored; and what was noted
is left out of the answer to the same ``since``. The last part forgets the notes.

Say an answer to s1 has messages A, B and C, in pieces of one. A and B are stored, with their
digests under s1, then the process is killed. The next one asks with s1, and gets B, C and A. A and
B are left out, C is stored with the last part, which moves ``since`` to s2 and deletes the notes.
Digests are counted: somebody may send the same message twice, and then both are delivered.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from syncv3.batch import DeviceData, Part
from syncv3.types import UserID

PIECE_ITEMS: Final = 500  # as many as a group has events
PIECE_BYTES: Final = 4 * 1024 * 1024
DIGEST_BYTES: Final = 16  # long enough that two messages never share one by chance

_T = TypeVar("_T", UserID, bytes)


def digest_of_message(message: bytes) -> bytes:
    return hashlib.blake2b(message, digest_size=DIGEST_BYTES).digest()


def digests_in(noted: Sequence[bytes]) -> Counter[bytes]:
    """How often each digest is in the notes of several pieces; of two equal messages it is
    twice."""
    return Counter(
        note[at : at + DIGEST_BYTES] for note in noted for at in range(0, len(note), DIGEST_BYTES)
    )


def without_taken(part: Part, taken: Counter[bytes]) -> Part:
    """The part without messages that an earlier try has stored."""
    if not taken:
        return part
    left = Counter(taken)
    fresh = []
    for message in part.device.to_device:
        digest = digest_of_message(message)
        if left[digest] > 0:
            left[digest] -= 1
        else:
            fresh.append(message)
    return replace(part, device=replace(part.device, to_device=tuple(fresh)))


def pieces_of(part: Part) -> Iterator[Part]:
    """A part as several, if there is much for the device in it.

    Rooms and account data are in the first, key counts and the next ``since`` in the last. A part
    that is small enough comes back as it is.
    """
    device = part.device
    if _is_small(device):
        yield part
        return
    *chunks, rest = [
        *(DeviceData(changed=chunk) for chunk in _chunks(device.changed)),
        *(DeviceData(left=chunk) for chunk in _chunks(device.left)),
        *(DeviceData(to_device=chunk) for chunk in _chunks(device.to_device)),
    ] or [DeviceData()]
    if not chunks:  # it had only little of each kind, or one message that is very large
        yield part
        return
    for number, chunk in enumerate(chunks):
        whole = part if number == 0 else _without_rooms(part)
        noted = b"".join(map(digest_of_message, chunk.to_device)) or None
        yield replace(whole, device=chunk, next_since=None, presence=(), noted=noted)
    keys = replace(
        rest, one_time_keys=device.one_time_keys, fallback_key_types=device.fallback_key_types
    )
    yield replace(_without_rooms(part), device=keys, forgets_notes=True)


def _is_small(device: DeviceData) -> bool:
    items = (*device.to_device, *device.changed, *device.left)
    return len(items) <= PIECE_ITEMS and sum(map(len, items)) <= PIECE_BYTES


def _chunks(entries: Sequence[_T]) -> Iterator[tuple[_T, ...]]:
    chunk: list[_T] = []
    size = 0
    for entry in entries:
        if chunk and (len(chunk) >= PIECE_ITEMS or size + len(entry) > PIECE_BYTES):
            yield tuple(chunk)
            chunk, size = [], 0
        chunk.append(entry)
        size += len(entry)
    if chunk:
        yield tuple(chunk)


def _without_rooms(part: Part) -> Part:
    return replace(part, ahead={}, joined={}, left={}, invited={}, knocked={}, account_data=())
