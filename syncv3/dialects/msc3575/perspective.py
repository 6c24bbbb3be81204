"""Which rooms lists have, what they are called and when they were active, in MSC3575."""

from collections.abc import Iterable
from dataclasses import dataclass

from syncv3.cache.perspective import Rooms, RoomSummary, RoomType
from syncv3.cache.rooms import CachedRoom, Labels
from syncv3.dialects.msc3575.names import room_avatar, room_name
from syncv3.protocol.invites import Invite
from syncv3.protocol.response import HEROES_MOST, Hero
from syncv3.store.rows import UserRoomRow
from syncv3.types import UserID


@dataclass(frozen=True, slots=True)
class Seen3575:
    """See ``syncv3.cache.perspective.Perspective``."""

    def candidate(self, rooms: Rooms, room_key: int) -> bool:
        """Invites, and joined rooms that no other joined room replaces (L-1, L-2, U-17R)."""
        stay = rooms.rooms.get(room_key)
        if stay is None:
            return False
        if stay.membership == "invite":  # some homeservers pass on what an ignored user sends
            return not rooms.is_invited_by_ignored(room_key)
        return rooms.may_see(room_key) and not rooms.is_replaced(room_key)

    def told(
        self, labels: Labels, heroes: Iterable[Hero], me: UserID, *, is_dm: bool | None
    ) -> RoomSummary:
        """The calculated name, and the avatar of a DM (D-21 to D-24)."""
        others = tuple(hero for hero in heroes if hero.user_id != me)[:HEROES_MOST]
        named = room_name(labels.name, labels.alias, labels.joined, labels.invited, others)
        return RoomSummary(
            name=named.name,
            heroes=others if named.heroes_used else (),
            avatar=None if is_dm is None else (room_avatar(labels.avatar, is_dm, others),),
            joined=labels.joined,
            invited=labels.invited,
            is_dm=is_dm,
        )

    def told_of_invite(self, invite: Invite, *, is_dm: bool) -> RoomSummary:
        """Nothing but what the stripped state says (D-26)."""
        named = room_name(invite.name, invite.alias, 1, 1, invite.heroes)
        return RoomSummary(
            name=named.name,
            heroes=invite.heroes if named.heroes_used else (),
            avatar=(room_avatar(invite.avatar_url, is_dm, invite.heroes),),
            joined=1,
            invited=1,
            is_dm=is_dm,
        )

    def is_dm(self, listed: bool, invite: Invite | None, *, invited_later: bool) -> bool:
        """Also by an invite that says so, until the user's client has noted it."""
        return listed or (invite is not None and invite.is_direct and invited_later)

    def is_encrypted(self, stay: UserRoomRow, room: CachedRoom, invite: Invite | None) -> bool:
        """What an invite does not say counts as no (D-26)."""
        return invite.is_encrypted if invite is not None else room.row.encrypted

    def room_type(self, stay: UserRoomRow, room: CachedRoom, invite: Invite | None) -> RoomType:
        """What an invite does not say counts as no type (D-26)."""
        return invite.room_type if invite is not None else room.row.room_type

    def unread(self, stay: UserRoomRow) -> tuple[int, int]:
        """An invite counts as one highlight (L-35)."""
        if stay.membership != "join":
            return 0, 1
        return stay.notification_count, stay.highlight_count

    def activity(
        self,
        stay: UserRoomRow,
        room: CachedRoom,
        ignored: frozenset[str],
        bump_types: frozenset[str] | None,
    ) -> int:
        """The newest event's ``origin_server_ts`` (L-48).

        Events of ignored senders do not count; never below the user's own join. An invite may
        say no time, or one to come: then it is when it arrived.
        """
        if stay.membership != "join":
            learned = stay.generated_us // 1000
            return stay.joined_ts if 0 < stay.joined_ts <= learned else learned
        newest = room.newest() if bump_types is None else room.newest_of(bump_types)
        seen = [timestamp for timestamp, sender in newest if sender not in ignored]
        # Of all types the newest event is the one that arrived last, whatever its time says; of
        # several types the latest time is taken.
        latest = seen[0] if bump_types is None and seen else max(seen, default=0)
        return max(latest, stay.joined_ts)
