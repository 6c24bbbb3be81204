"""Invites and knocks: rooms of which a user sees nothing but the stripped state.

The homeserver repeats an invite in ``rooms.invite`` of every first answer, and each device of the
user reports it by itself. So it must be told apart whether an invite is new, the same once more
(nothing is written), the same with another stripped state (it is written, and keeps its time), or
an old one, which a lagging device still sees although the user has answered it.
"""

import msgspec

from syncv3.batch import Part, StrippedRoom
from syncv3.ingest.planning.ends import end_stay
from syncv3.ingest.planning.planning import Planning
from syncv3.ingest.planning.stamps import stamp_of_report
from syncv3.protocol.invites import invite_room
from syncv3.protocol.required_state import MEMBER
from syncv3.store.rows import UserRoomRow
from syncv3.types import RoomID, UserID


def take_invited(planning: Planning, part: Part, room_id: RoomID, room: StrippedRoom) -> None:
    """A room of ``rooms.invite``: the user is invited, and sees its stripped state."""
    _take(planning, part, room_id, room, "invite")


def take_knocked(planning: Planning, part: Part, room_id: RoomID, room: StrippedRoom) -> None:
    """A room of ``rooms.knock``. If the user's own member event is not there, one is made up and
    added.

    That is right for a knock, as nobody but the user can have sent it. It would not be for an
    invite: its sender is whoever has invited the user, and no other event of the stripped state
    says who that is.
    """
    if invite_room(room.events, part.user_id) is None:
        room = StrippedRoom((*room.events, _own_knock(part.user_id)))
    _take(planning, part, room_id, room, "knock")


def _own_knock(user_id: UserID) -> bytes:
    member = {"type": MEMBER, "state_key": user_id, "sender": user_id}
    return msgspec.json.encode({**member, "content": {"membership": "knock"}})


def _take(
    planning: Planning, part: Part, room_id: RoomID, room: StrippedRoom, membership: str
) -> None:
    """Opens the stay, or renews it (M-1 to M-3, M-6).

    A room without the user's own member event in its stripped state is left out: nobody could tell
    who has invited them. The log is told.
    """
    stay = planning.stay(part.user_id, part.user_key, room_id)
    if stay is not None and part.generated_us < stay.generated_us:
        return  # a lagging device still sees the invite that was answered
    told = invite_room(room.events, part.user_id)
    if told is None:
        remark = f"{membership} without a member event of its user"
        planning.group.remarks.append((room_id, remark))
        return
    stripped = b"[" + b",".join(room.events) + b"]"
    pending = stay is not None and stay.membership == membership
    # Every device of the user, and every first answer, tells of it again.
    if stay is not None and pending and stay.stripped == stripped:
        return
    draft = planning.draft(room_id)
    # Nobody is invited while they are in the room: they have left, and that was not told.
    if stay is not None and stay.membership == "join":
        end_stay(planning, draft, stay, "leave", None, part.generated_us)
        stay = planning.stay(part.user_id, part.user_key, room_id)
    draft.touched = True
    pos = planning.group.take_position()
    base = stay or UserRoomRow(part.user_key, draft.key, pos, membership, pos, 0)
    planning.put_stay(
        draft,
        base,
        membership=membership,
        stripped=stripped,
        member_json=None,
        reset_pos=pos,
        generated_us=part.generated_us,
        joined_ts=_since(told.timestamp, part, stay if pending else None),
        joined_ord=None,
        left_ord=None,
        forgotten=False,
        stamp=stay.stamp if stay and pending else stamp_of_report(part, told.timestamp, stay),
    )


def _since(timestamp: int, part: Part, pending: UserRoomRow | None) -> int:
    """When the invite came, in milliseconds: by its own time, if that is possible (L-35).

    Stripped state has no time, or whatever a stranger wrote. Then it came when it was first
    reported. ``pending`` is the same invite as it is known already.
    """
    reported = part.generated_us // 1000
    if 0 < timestamp <= reported:
        return timestamp
    if pending is None:
        return reported
    learned = pending.generated_us // 1000
    return pending.joined_ts if 0 < pending.joined_ts <= learned else learned
