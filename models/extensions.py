"""What the five extensions store, and what could not be stored of an extension's data.

To-device messages and key counts are with their devices, in ``models.devices``.
"""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class AccountDatum(Model):
    """One type of one user's account data, global (room key 0) or of a room.

    ``earlier`` has the values of the last minute and who has reported which, so that a
    device that lags behind is not taken for a change back to one of them.
    """

    user_key = fields.IntField(primary_key=True, generated=False)
    room_key = fields.IntField(description="0: global")
    type = fields.TextField()
    json = fields.TextField(description="the event as it came")
    generated_us = fields.BigIntField(description="when the report of this value was made")
    pos = fields.BigIntField(description="position of the last change")
    reported_by = ArrayField("int", description="devices that have reported this value")
    earlier = fields.JSONField[list[object]](
        description="newest first: [{hash, until (us), by: [device keys]}]"
    )

    class Meta:
        table = "ss_account_data"


class Receipt(Model):
    """Up to where one user has read a room or a thread of it. Written by ingest only."""

    room_key = fields.IntField(primary_key=True, generated=False)
    user_id = fields.TextField()
    private = fields.BooleanField(description="m.read.private")
    thread_id = fields.TextField(description="empty: not of a thread")
    own = fields.BooleanField(
        default=False, description="private, or told by the owner's poller: for the owner only"
    )
    event_id = fields.TextField()
    ts = fields.BigIntField(description="when it was read, ms, as the event says")
    generated_us = fields.BigIntField(description="when the report was made")
    pos = fields.BigIntField(description="position of the last change")

    class Meta:
        table = "ss_receipts"


class RoomTyping(Model):
    """Who is typing in a room now, in an UNLOGGED table.

    Only the poller that spoke first is heard, until it ends, leaves the room or has not spoken
    of it for a while: others may lag, and typing would flicker.
    """

    room_key = fields.IntField(primary_key=True, generated=False)
    device_key = fields.IntField(null=True, description="whose poller is heard; null: anyone's")
    partial = fields.BooleanField(
        default=False, description="the heard one's user ignores somebody, perhaps in this room"
    )
    json = fields.TextField(description="the event")
    nobody = fields.BooleanField(description="it says that nobody is typing")
    before = fields.TextField(null=True, description="the event that it took the place of")
    before_pos = fields.BigIntField(default=0, description="position of that one's change")
    generated_us = fields.BigIntField(description="when the last report was made, equal or not")
    pos = fields.BigIntField(description="position of the last change")

    class Meta:
        table = "ss_typing"


class SetAside(Model):
    """Something of a ``/sync`` answer that an extension could not take in, kept for a replay.

    One row is one item, a to-device message say, where the extension is durable; otherwise it
    is all that one part of an answer had for it. Bounded by sender and device.
    """

    id = fields.BigIntField(primary_key=True)
    extension = fields.CharField(64)
    device_key = fields.IntField(db_index=True, description="whose poller brought it")
    sender = fields.TextField(null=True, description="who it is from; null: the homeserver")
    generated_us = fields.BigIntField(description="when the answer was made")
    item = fields.TextField(description="the part of the answer, as JSON (ingest/items.py)")
    error = fields.TextField(description="why; may have content in it")
    created = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "ss_set_aside"


class Piece(Model):
    """A piece of an answer whose ``since`` is not stored yet: what must not be taken in twice.

    An answer with very many to-device messages is written in pieces. If the process ends
    between two of them the same answer is fetched again, and these messages are left out.
    """

    id = fields.BigIntField(primary_key=True)
    device_key = fields.IntField(db_index=True)
    since = fields.TextField(description="the token that the answer was asked with; or empty")
    digests = fields.BinaryField(description="16 bytes of each message, one behind the other")

    class Meta:
        table = "ss_pieces"
