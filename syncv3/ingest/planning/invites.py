"""Invites and knocks: rooms of which a user sees nothing but the stripped state."""

import msgspec

from syncv3.batch import Part, StrippedRoom
from syncv3.ingest.planning.planning import Planning
from syncv3.ingest.planning.room_keys import MEMBER
from syncv3.ingest.planning.stamps import stamp_of_report
from syncv3.store.rows import UserRoomRow
from syncv3.types import RoomID, UserID


def take_invited(planning: Planning, part: Part, room_id: RoomID, room: StrippedRoom) -> None:
    """A room of ``rooms.invite``."""
    _take(planning, part, room_id, room, "invite")


def take_knocked(planning: Planning, part: Part, room_id: RoomID, room: StrippedRoom) -> None:
    """A room of ``rooms.knock``."""
    _take(planning, part, room_id, room, "knock")


def _take(
    planning: Planning, part: Part, room_id: RoomID, room: StrippedRoom, membership: str
) -> None:
    """Opens the view, or renews it (M-1 to M-3, M-6)."""
    view = planning.view(part.user_id, part.user_key, room_id)
    if view is not None and part.generated_us < view.generated_us:
        return  # a lagging device still sees the invite that was answered
    stripped = b"[" + b",".join(room.events) + b"]"
    own = _stripped_member(stripped, part.user_id)
    pending = view is not None and view.membership == membership
    if own is None or (view is not None and pending and view.stripped == stripped):
        return
    draft = planning.draft(room_id)
    draft.touched = True
    pos = planning.group.take_position()
    base = view or UserRoomRow(part.user_key, draft.key, pos, membership, pos, 0)
    planning.put_view(
        draft,
        base,
        membership=membership,
        stripped=stripped,
        member_json=None,
        reset_pos=pos,
        generated_us=part.generated_us,
        joined_ts=own,
        joined_ord=None,
        left_ord=None,
        stamp=view.stamp if view and pending else stamp_of_report(part, own, view),
    )
    planning.group.memberships.append((part.user_key, draft.key, pos, membership, None))


def _stripped_member(stripped: bytes, user_id: UserID) -> int | None:
    """The time of the user's own event in an invite state (0: it has none); None: no event."""
    for event in msgspec.json.decode(stripped):
        if (
            isinstance(event, dict)
            and event.get("type") == MEMBER
            and event.get("state_key") == user_id
        ):
            timestamp = event.get("origin_server_ts")
            return timestamp if isinstance(timestamp, int) else 0
    return None
