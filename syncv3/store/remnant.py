"""What is kept of a room for one user alone, of the end of their membership.

Say Alice was banned from a room last year, and uses this service for the first time today. Her
homeserver tells her of the ban, and of the room as it was then. Others may be in the room today:
what is stored of it for them says nothing of last year. The same is so if she was in the room here,
and was banned where her homeserver's answer had a hole: it leads from nothing that is stored to the
ban. So what she was told stands in her own row of ``ss_user_rooms``, in the place of the stripped
state: nobody else is ever shown it.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Raw

from syncv3.store.rows import UserRoomRow
from syncv3.untrusted import UNREADABLE, decode, is_fit

ENDED: Final = ("leave", "ban")


class Remnant(msgspec.Struct, frozen=True, gc=False):
    """``state``: whole state events as of the end. ``token`` leads back to all of the room that
    the user may see; None: it is not known."""

    state: tuple[Raw, ...] = ()
    token: str | None = None

    @property
    def events(self) -> tuple[bytes, ...]:
        """The state events that clients can be sent."""
        return tuple(filter(is_fit, map(bytes, self.state)))


_remnant = msgspec.json.Decoder(Remnant)


def write_remnant(state: Sequence[bytes], token: str | None) -> bytes:
    """The stored form of what a user alone was told: whole state events, and a token."""
    return msgspec.json.encode(Remnant(tuple(map(Raw, state)), token))


def was_in(stay: UserRoomRow) -> bool:
    """Whether the user is known to have been in a room that they are out of."""
    return stay.joined_ord is not None or remnant_of(stay) is not None


def remnant_of(stay: UserRoomRow) -> Remnant | None:
    """What is kept for the user alone; None: nothing, or the membership has not ended."""
    if stay.membership not in ENDED or stay.stripped is None:
        return None
    try:
        return decode(_remnant, stay.stripped)
    except UNREADABLE:
        return Remnant()  # the events came from a homeserver: the end alone is told then
