"""State that comes ahead of its room: slices of a block that is too large for one group.

A group holds the stream lock while it is written, so it must be small, but a room may have ten
thousand members in its state block. So ``syncv3.upstream.ahead`` cuts the block into slices; the
room's timeline, and the state that says what the room is, follow in a part behind them.

A slice is written without telling anybody. In a room that is not known yet nothing shows: nobody is
in it until its chunk comes, with a later part of the same answer. In a room that is known,
what was not known before is only learned. What is another value than before is told with
the chunk, as something that changed behind the timeline (see ``RoomDraft.quiet``).

The answer's ``since`` moves with its last part. If the worker dies before that, the answer comes
again: what is stored is then found, and stays as it is.
"""

from dataclasses import replace

from syncv3.batch import JoinedRoom, Part
from syncv3.ingest.planning.holes import before_hole, join_at
from syncv3.ingest.planning.lost import as_received
from syncv3.ingest.planning.planning import Planning
from syncv3.ingest.planning.state import apply_state, block_of
from syncv3.ingest.planning.summary import follow_heroes
from syncv3.ingest.planning.timeline import find_place, is_late
from syncv3.types import RoomID


def take_ahead(planning: Planning, part: Part, room_id: RoomID, room: JoinedRoom) -> None:
    """Stores one slice: ``room.state`` is the slice, and ``room.timeline`` the whole chunk.

    The timeline is not stored here. It is looked at for where the chunk begins: known state from
    there on is newer than the slice. All that is decided is what ``rooms.take_joined`` decides when
    the chunk comes.
    """
    draft = planning.draft(room_id, quiet=True)
    room = as_received(planning, draft, room)
    head, start = draft.row.head_ord, None
    late = head is not None and is_late(planning, part, draft, room)
    stay = planning.stay(part.user_id, part.user_key, room_id)
    if head is not None and draft.row.history_hidden and join_at(room.timeline, part.user_id):
        start = before_hole(planning, draft, stay, room)
        if not room.state_after:  # as ``behind_hole``: of what is known nothing is told anew
            new = (event for event in room.state if planning.event(event.event_id) is None)
            room = replace(room, state=tuple(new))
    elif head is not None:
        made_before = part.generated_us < draft.row.generated_us
        start = find_place(planning, part, draft, stay, room, late=made_before).start_ord
    block = block_of(planning, draft, room, start, late=late, user_id=part.user_id)
    members = apply_state(planning, draft, block, head_ord=head, first=head is None)
    if head is None:
        follow_heroes(draft, members)
