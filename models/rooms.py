"""Rooms, their events, state and gaps: what is the same for every user.

Two kinds of numbers say where something belongs. A *position* (``pos``, ``*_pos``) is when the
service learned it. An *order* (``ord``, ``*_ord``) is its place in the room's timeline: an event
that is learned late may have a low order and a high position.
"""

from tortoise import fields
from tortoise.models import Model


class Room(Model):
    """One room and everything that lists sort and filter by. Written by ingest only.

    A room that is known only from an invite is a stub: ``head_ord`` is null.
    """

    room_key = fields.IntField(primary_key=True, generated=False)
    room_id = fields.TextField()
    version = fields.BigIntField(description="position of the last write; ingest's optimistic lock")
    pos = fields.BigIntField(description="position of the last change of this row")
    reset_pos = fields.BigIntField(description="position of the last gap: sent as initial after")
    head_ord = fields.BigIntField(null=True, description="order of the newest live event")
    gap_ord = fields.BigIntField(
        null=True, description="order of the first event after the newest gap"
    )
    filled_ord = fields.BigIntField(null=True, description="lowest order used below that gap")
    generated_us = fields.BigIntField(description="when the newest chunk was made, database clock")
    name = fields.TextField(null=True)
    alias = fields.TextField(null=True)
    avatar = fields.TextField(null=True)
    room_type = fields.TextField(null=True)
    room_version = fields.TextField(null=True)
    encrypted = fields.BooleanField(default=False)
    predecessor = fields.TextField(null=True)
    successor = fields.TextField(null=True)
    joined = fields.IntField(default=0)
    invited = fields.IntField(default=0)
    heroes = fields.BinaryField(
        description="JSON: [[user ID, display name, avatar], ...], at most 6"
    )
    newest = fields.BinaryField(description="JSON: see syncv3/store/newest.py")
    name_pos = fields.BigIntField()
    avatar_pos = fields.BigIntField()
    counts_pos = fields.BigIntField()
    members_complete = fields.BooleanField(default=False)
    head_token = fields.TextField(
        null=True, description="token of the answer that brought the newest event: not before any"
    )
    history_hidden = fields.BooleanField(
        default=False, description="some of its history has not been visible to all members"
    )

    class Meta:
        table = "ss_rooms"


class Event(Model):
    """One event. Bytes change only by redaction.

    ``pos`` is null where the event is nobody's news (first sync of a room, back-fill).
    ``ord`` is its place in the room's timeline; null for events known as state only, and for
    those that nothing but somebody's history has (``history``; see ``models.users.History``).
    """

    event_key = fields.BigIntField(primary_key=True, generated=False)
    room_key = fields.IntField()
    pos = fields.BigIntField(null=True)
    ord = fields.BigIntField(null=True)
    history = fields.BooleanField(
        default=False, description="visible only to whose poller brought it"
    )
    event_id = fields.BinaryField(description="see syncv3/store/event_ids.py")
    type = fields.TextField()
    state_key = fields.TextField(null=True)
    redacts = fields.TextField(null=True)
    prev_batch = fields.TextField(null=True)
    json = fields.BinaryField(description="the event without its unsigned")
    unsigned = fields.BinaryField(null=True, description="what of unsigned is true for everybody")

    class Meta:
        table = "ss_events"


class RoomState(Model):
    """One value of one state key, from a position to a position (null: current)."""

    event_key = fields.BigIntField(primary_key=True, generated=False)
    room_key = fields.IntField()
    type = fields.TextField()
    state_key = fields.TextField()
    from_pos = fields.BigIntField(description="0: learned, not changed")
    to_pos = fields.BigIntField(null=True)
    learned_pos = fields.BigIntField()

    class Meta:
        table = "ss_room_state"


class Gap(Model):
    """Events are missing below ``ord``; ``token`` pages back from there, for ``user_key``."""

    room_key = fields.IntField(primary_key=True, generated=False)
    ord = fields.BigIntField()
    token = fields.TextField(null=True)
    user_key = fields.IntField()

    class Meta:
        table = "ss_gaps"


class SpaceChild(Model):
    """One room that a space names as its child, or did. Written by ingest only.

    A row whose ``valid`` is false tells of a removal; retention deletes it later.
    """

    room_key = fields.IntField(primary_key=True, generated=False, description="the space")
    child = fields.TextField(description="room ID")
    valid = fields.BooleanField()
    pos = fields.BigIntField(db_index=True, description="position of the last change")

    class Meta:
        table = "ss_space_children"
