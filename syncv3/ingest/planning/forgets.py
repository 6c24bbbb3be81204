"""Rooms that a user has forgotten: what they had to do with them is over, and not listed."""

from syncv3.ingest.group import Group
from syncv3.ingest.planning.ends import end_stay
from syncv3.ingest.planning.planning import KeySources, Planning
from syncv3.ingest.planning.room_keys import ENDED
from syncv3.store.knowledge import Knowledge
from syncv3.types import RoomID, UserID


def plan_forgotten(
    user_id: UserID, room_id: RoomID, asked_us: int, known: Knowledge, keys: KeySources
) -> Group:
    """The rows when the homeserver has let a user forget a room (S-85, S-602).

    ``asked_us`` is when the user asked for that, in microseconds of the database's clock. Only
    who has left can forget. So a join, invite or knock that was reported before that time is over,
    although its end has not been reported yet. One that was reported later came after the
    forgetting: the room stays, and the group is empty. Nobody else is told of a forgotten room.
    """
    planning = Planning(known, keys)
    stay = planning.stay_of(user_id, room_id)
    if stay is None or stay.forgotten:
        return Group()
    draft = planning.draft(room_id, quiet=True)
    if stay.membership not in ENDED:
        if stay.generated_us >= asked_us:
            return Group()
        end_stay(planning, draft, stay, "leave", None, asked_us)
        stay = planning.stay_of(user_id, room_id) or stay
    made_us = max(stay.generated_us, asked_us)
    planning.put_stay(draft, stay, forgotten=True, generated_us=made_us)
    return planning.finish()
