"""The polling user's own data: transaction ids, unread counts, tags, account data.

These are values of one user or device, so nothing of the room decides about them. Several devices
of a user report the same value with different lag, and the report that was made last wins: each row
carries ``generated_us``, and the database leaves alone what is newer than that.
"""

from collections.abc import Iterable
from typing import Final

from syncv3.batch import AccountData, JoinedRoom, Part
from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.planning import Planning
from syncv3.ingest.planning.room_keys import keys_of
from syncv3.types import Event
from syncv3.untrusted import is_id, list_of, raw_object

MOST_NAMED: Final = 20_000
"""Rooms of ``m.direct`` and ignored users that lists take into account, the first ones in order:
they are compared, written and read as a whole."""
MOST_TAGS: Final = 1_000
"""The same of a room's tags."""


def note_own_events(planning: Planning, part: Part, timeline: Iterable[Event]) -> None:
    """Notes which own events the device's poller has delivered (TX-1 to TX-3).

    A client waits for its message to come back with the transaction ID under which it was sent. The
    homeserver gives that only to the device that has sent it, while another device's poller may be
    the first to bring the event. So an event that clients were told of (it has a position) is noted
    also without ID: then it is known that there is none to wait for.
    """
    for event in timeline:
        if event.sender != part.user_id or event.state_key is not None:
            continue
        known = planning.event(event.event_id)
        if known is not None and (event.transaction_id or known.pos is not None):
            planning.group.txns.append(
                (part.lease.device_key, known.event_key, event.transaction_id)
            )


def take_unread_and_tags(
    planning: Planning, part: Part, draft: RoomDraft, room: JoinedRoom
) -> None:
    """Unread counts and tags of a room that the user has a stay in, where they have changed."""
    stay = planning.stay(part.user_id, part.user_key, draft.room_id)
    if stay is None:
        return
    counts = (
        stay.notification_count if room.notification_count is None else room.notification_count,
        stay.highlight_count if room.highlight_count is None else room.highlight_count,
    )
    if counts != (stay.notification_count, stay.highlight_count):
        planning.group.unread.append((part.user_key, draft.key, *counts, part.generated_us))
    for data in room.account_data:
        if data.type == "m.tag":
            names = _tags(keys_of(data.json, "tags"))
            if tuple(names) != stay.tags:
                planning.group.tags.append((part.user_key, draft.key, names, part.generated_us))


def take_account_data(planning: Planning, part: Part) -> None:
    """Stores the global account data that lists need: ``m.direct`` and ``m.ignored_user_list``."""
    direct = ignored = None
    for data in part.account_data:
        if data.type == "m.direct":
            direct = _direct_rooms(data)
        elif data.type == "m.ignored_user_list":
            ignored = keys_of(data.json, "ignored_users")[:MOST_NAMED]
    if direct is not None:
        planning.group.users.append((part.user_key, direct, None, part.generated_us))
    if ignored is not None:
        planning.group.users.append((part.user_key, None, ignored, part.generated_us))


def _direct_rooms(data: AccountData) -> list[str]:
    content = raw_object(raw_object(data.json).get("content", b""))
    named = [list_of(rooms) or () for rooms in content.values()]
    return sorted({room for rooms in named for room in rooms if is_id(room)})[:MOST_NAMED]


def _tags(names: Iterable[str]) -> list[str]:
    """The tags that are kept of a room, sorted; those of the specification go first."""
    ranked = sorted(names, key=lambda name: (not name.startswith("m."), name))
    return sorted(ranked[:MOST_TAGS])
