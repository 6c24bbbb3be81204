"""A ``pos`` where clients page through a room: it works like a ``next_batch`` of v2 (S-65).

The homeserver cannot read it. What stands for it is one of the tokens that came with the room's
events, from just before or just behind the position (docs/decisions.md says why these). The
gateway puts it in place of the ``pos``, in ``from`` and ``to`` of ``/messages`` and ``/relations``.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import asyncpg

from syncv3.errors import UnknownPosition
from syncv3.protocol.pos import PosToken, Signer
from syncv3.store.paging import conn_ids, page_tokens
from syncv3.store.stream import Epoch, load_epochs
from syncv3.types import DeviceID, PageTokens, RoomID, UserID

LOOKED_AT: Final = 2000


class Paging:
    """Finds the homeserver's tokens for the positions of its devices.

    It looks for them among a room's ``looked_at`` newest events.
    """

    def __init__(self, pool: asyncpg.Pool, signer: Signer, *, looked_at: int = LOOKED_AT) -> None:
        self._pool = pool
        self._looked_at = looked_at
        self._signer = signer

    async def tokens(
        self, pos: str, user_id: UserID, device_id: DeviceID, room_id: RoomID
    ) -> PageTokens | None:
        """The tokens around a ``pos`` in a room; None if the device was never given this ``pos``.

        It may be that of a connection which another one of the same name has replaced.
        """
        names = {"", *await conn_ids(self._pool, user_id, device_id)}
        token = self._read(pos, user_id, device_id, names)
        if token is None:
            return None
        ended = end_of_epoch(token.epoch, await load_epochs(self._pool))
        most = token.position if ended is None else min(token.position, ended)
        held = {key: min(at, most) for key, at in token.held}
        return await page_tokens(self._pool, user_id, room_id, most, held, self._looked_at)

    def _read(
        self, pos: str, user_id: UserID, device_id: DeviceID, names: Iterable[str]
    ) -> PosToken | None:
        # A ``pos`` is signed for its ``conn_id``, which a request for messages does not say.
        for conn_id in names:
            try:
                return self._signer.read(pos, user_id=user_id, device_id=device_id, conn_id=conn_id)
            except UnknownPosition:
                continue
        return None


def end_of_epoch(epoch: int, epochs: Mapping[int, Epoch]) -> int | None:
    """The last position of an epoch that counts; None: all of them do, as it goes on.

    One that is not known was lost as a whole, and followed what is known before it.
    """
    known = max((number for number in epochs if number <= epoch), default=None)
    if known is None:
        return 0
    ended = epochs[known].last_pos
    return ended if known == epoch else ended or 0
