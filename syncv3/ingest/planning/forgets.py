"""Rooms that a user has forgotten: what they had to do with them is over, and not listed."""

from syncv3.ingest.group import Group
from syncv3.ingest.planning.ends import end_view
from syncv3.ingest.planning.planning import KeySources, Planning
from syncv3.ingest.planning.room_keys import ENDED
from syncv3.store.knowledge import Knowledge
from syncv3.types import RoomID, UserID


def plan_forgotten(
    user_id: UserID, room_id: RoomID, asked_us: int, known: Knowledge, keys: KeySources
) -> Group:
    """The rows when the homeserver has let a user forget a room (S-85, S-602).

    ``asked_us`` is when the user asked for that. Only who has left can forget, so a join, invite
    or knock that was reported before is over, although its end has not been reported yet. One
    that was reported later came after the forgetting: the room stays. Nobody else is told.
    """
    planning = Planning(known, keys)
    view = planning.view_of(user_id, room_id)
    if view is None or view.forgotten:
        return Group()
    draft = planning.draft(room_id, quiet=True)
    if view.membership not in ENDED:
        if view.generated_us >= asked_us:
            return Group()
        end_view(planning, draft, view, "leave", None, asked_us)
        view = planning.view_of(user_id, room_id) or view
    made_us = max(view.generated_us, asked_us)
    planning.put_view(draft, view, forgotten=True, generated_us=made_us)
    return planning.finish()
