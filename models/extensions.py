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
    private = fields.BooleanField(description="m.read.private: for its owner only")
    thread_id = fields.TextField(description="empty: not of a thread")
    event_id = fields.TextField()
    ts = fields.BigIntField(description="when it was read, ms, as the event says")
    generated_us = fields.BigIntField(description="when the report was made")
    pos = fields.BigIntField(description="position of the last change")

    class Meta:
        table = "ss_receipts"


class RoomTyping(Model):
    """Who is typing in a room now, in an UNLOGGED table.

    Only the poller that spoke first is heard, until it ends or leaves the room: others
    may lag, and typing would flicker.
    """

    room_key = fields.IntField(primary_key=True, generated=False)
    device_key = fields.IntField(null=True, description="whose poller is heard; null: anyone's")
    json = fields.TextField(description="the event as it came")
    nobody = fields.BooleanField(description="it says that nobody is typing")
    generated_us = fields.BigIntField(description="when the report was made")
    pos = fields.BigIntField(description="position of the last change")

    class Meta:
        table = "ss_typing"


class RejectedSection(Model):
    """Data that an extension could not take in: set aside, so that the poll could go on."""

    id = fields.BigIntField(primary_key=True)
    extension = fields.CharField(64)
    device_key = fields.IntField(null=True, description="null: of several devices")
    rows = fields.TextField(description="what was to be stored, or the sections, as JSON")
    error = fields.TextField()
    created = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "ss_rejected_sections"
