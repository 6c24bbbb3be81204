"""What a client's ``pos`` names: its view, carried over into the present epoch of the stream.

A ``pos`` is refused (``M_UNKNOWN_POS``, and the client begins anew) if it is not ours, if its
connection was deleted, if the database has not come as far as it says, or if the client was away
for so long that its operator wants it to begin anew (``ConnectionLimits.stale_rooms``). Every other
one is answered. Two things may be in the way. The view may be forgotten: then it is rebuilt from
what is stored. And the *epoch* may have ended, that is, the database has lost commits
(docs/architecture.md, "One stream"). An example: epoch 1 got as far as position 95, and its last
commits were lost in a crash, so that it ended at 90. A client that was told up to 88 goes on as if
nothing had been: up to there both histories are the same. One that was told up to 95 is set back to
90 (``rewound``): of what it was told last nobody knows any more what it was. Later positions of
other epochs are much higher, so they are never confused.
"""

from collections.abc import Mapping
from typing import Final

import asyncpg

from syncv3.cache.cache import Cache
from syncv3.cache.users import CachedUser
from syncv3.engine.connection import Connection
from syncv3.engine.connections import EXPIRED, Connections
from syncv3.engine.dialect import Dialect
from syncv3.engine.due import last_in
from syncv3.engine.resuming import inherited
from syncv3.engine.stored import rewound
from syncv3.engine.view import View
from syncv3.errors import UnknownPosition
from syncv3.protocol.pos import MAX_HELD, PosToken, Signer
from syncv3.store.stream import Epoch, load_epochs
from syncv3.types import Device

NOTHING_TOLD: Final = View(0, 0, 0, first=True)
RESUME: Final = "\0resume"
"""What tokens for later connections are signed with in place of a ``conn_id``, which may not have
a NUL: so they are no ``pos``, and good for a connection of any name."""
NOWHERE: Final = 0
"""Connection key in a ``pos`` that was given to a client which only probed: no connection has
been created."""


class Positions:
    """Reads tokens, finds what they name, and writes those of new answers."""

    def __init__(
        self, pool: asyncpg.Pool, cache: Cache, connections: Connections, signer: Signer
    ) -> None:
        self._pool = pool
        self._cache = cache
        self._connections = connections
        self._signer = signer
        self._epochs: Mapping[int, Epoch] = {}

    def read(self, pos: str, tag: str, device: Device, conn_id: str) -> PosToken:
        """The token that was given to this device, on this connection, in this dialect.

        Raises ``UnknownPosition`` for any other.
        """
        token = self._signer.read(
            pos, user_id=device.user_id, device_id=device.device_id, conn_id=conn_id
        )
        if token.dialect != tag:
            raise UnknownPosition(EXPIRED)
        return token

    def nowhere(self, tag: str, device: Device, conn_id: str) -> str:
        """A ``pos`` for a client that perhaps only tries whether there is sliding sync here."""
        token = PosToken(tag, NOWHERE, 0, 0, 0, 0, 0, self._cache.epoch)
        return self._signer.sign(
            token, user_id=device.user_id, device_id=device.device_id, conn_id=conn_id
        )

    def sign(self, connection: Connection, view: View, epoch: int) -> str:
        """The ``pos`` that names a view of that epoch: good for its connection's device only."""
        return self._signer.sign(
            self._token(connection, view, epoch),
            user_id=connection.device.user_id,
            device_id=connection.device.device_id,
            conn_id=connection.conn_id,
        )

    def _token(self, connection: Connection, view: View, epoch: int) -> PosToken:
        base_generation, base_position = connection.base_of(view)
        return PosToken(
            dialect=connection.dialect.tag,
            connection=connection.key,
            generation=view.generation,
            nonce=view.nonce,
            base_generation=base_generation,
            position=view.position,
            base_position=base_position,
            epoch=epoch,
            held=tuple(view.held.items())[:MAX_HELD],
        )

    def sign_resume(self, connection: Connection, view: View, epoch: int) -> str:
        """The token with which another connection goes on from a view of that epoch."""
        device = connection.device
        return self._signer.sign(
            self._token(connection, view, epoch),
            user_id=device.user_id,
            device_id=device.device_id,
            conn_id=RESUME,
        )

    async def earlier(
        self, resume: str | None, device: Device, dialect: Dialect
    ) -> tuple[PosToken, Connection] | None:
        """The connection that such a token is of; None for whatever names none of the device's."""
        if not resume:
            return None
        try:
            token = self._signer.read(
                resume, user_id=device.user_id, device_id=device.device_id, conn_id=RESUME
            )
        except UnknownPosition:
            return None
        if token.dialect != dialect.tag:
            return None
        found = await self._connections.earlier(device, dialect, token.connection)
        return None if found is None else (token, found)

    async def _begun(self, connection: Connection) -> View:
        """The first view of a connection, perhaps with the rooms of an earlier one."""
        found, connection.earlier = connection.earlier, None
        if found is None:
            return NOTHING_TOLD
        token, earlier = found
        await self._cache.reach(token.position)
        if token.epoch > self._cache.epoch:
            await self._cache.refresh()
        user = await self._user_known(earlier, token.epoch)
        # Nothing waits from here on, as in ``view``.
        ended = self._end_of(token.epoch)
        told = self._cache.position if ended is None else ended
        if token.epoch > self._cache.epoch or token.position > told:
            return NOTHING_TOLD  # a token of what the database has lost: nothing is gone on with
        stored = earlier.stored_view()
        begun = inherited(stored, earlier.members, token, last_in(user, stored.rooms))
        if not begun.rooms:
            return NOTHING_TOLD
        connection.inherit(begun.members)
        return begun.view()

    async def view(self, connection: Connection, token: PosToken | None) -> View:
        """The view that a token names; None: that of a new connection."""
        if token is None:
            return await self._begun(connection)
        if connection.ask is None:
            raise UnknownPosition(EXPIRED)
        await self._cache.reach(token.position)
        if token.epoch > self._cache.epoch:  # another worker has noticed that it began
            await self._cache.refresh()
        user = await self._user_behind(connection, token.epoch)
        # Nothing waits from here on: the cache stays at this position and epoch.
        if token.epoch > self._cache.epoch:
            raise UnknownPosition(EXPIRED, "lost")
        if token.epoch == self._cache.epoch and token.position > self._cache.position:
            raise UnknownPosition(EXPIRED, "lost")
        view = self._connections.view_of(connection, token, user)
        return self._carried_over(connection, view, user, token.epoch)

    async def carry_over(self, connection: Connection, view: View, epoch: int) -> View:
        """A view of that epoch, when another one has begun while it was answered."""
        user = await self._user_behind(connection, epoch)
        return self._carried_over(connection, view, user, epoch)

    async def _user_behind(self, connection: Connection, epoch: int) -> CachedUser | None:
        """The connection's user, and it is known where the epoch ended, if it has.

        None if the connection has no rooms: then nothing is to be known of the user's, who may
        have thousands.
        """
        if connection.has_rooms:
            return await self._user_known(connection, epoch)
        while epoch != self._cache.epoch and not self._knows(epoch):
            await self._learn_epochs()
        return None

    async def _user_known(self, connection: Connection, epoch: int) -> CachedUser:
        user = await self._cache.user(connection.device.user_key)
        while epoch != self._cache.epoch and not self._knows(epoch):
            await self._learn_epochs()
            user = await self._cache.user(connection.device.user_key)
        return user

    async def _learn_epochs(self) -> None:
        await self._cache.refresh()  # opens an epoch if nobody has yet
        self._epochs = await load_epochs(self._pool)

    def _carried_over(
        self, connection: Connection, view: View, user: CachedUser | None, epoch: int
    ) -> View:
        """A view of that epoch in the present one."""
        ended = self._end_of(epoch)
        if ended is None or view.position <= ended:
            return view
        connection.rewind(ended)
        keeps = connection.dialect.manners.keeps_unshown
        known = user.rooms if user is not None else ()
        return rewound(view, ended, known, keeps=keeps)

    def _knows(self, epoch: int) -> bool:
        """Whether it is known where this epoch ended, or that there was none of that number."""
        if self._cache.epoch not in self._epochs:
            return False
        found = self._epochs.get(epoch)
        return found is None or found.last_pos is not None

    def _end_of(self, epoch: int) -> int | None:
        """Where an epoch ended, before a crash of the database; None: it goes on."""
        if epoch == self._cache.epoch:
            return None
        # An epoch that is not known was lost as a whole: it followed what is known before it.
        known = max((number for number in self._epochs if number <= epoch), default=None)
        return 0 if known is None else self._epochs[known].last_pos
