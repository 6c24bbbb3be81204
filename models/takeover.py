"""What was taken over from the database of the Go proxy (``syncv3/takeover.py``)."""

from tortoise import fields
from tortoise.models import Model


class Takeover(Model):
    """One taking over of the Go proxy's tables; the row with the greatest ``id`` is the state.

    Made with what was taken over, in one transaction. ``returned``: it was all written back.
    ``dropped``: the old tables are gone, so that there is no way back.
    """

    id = fields.IntField(primary_key=True)
    taken = fields.DatetimeField(auto_now_add=True)
    returned = fields.DatetimeField(null=True)
    dropped = fields.DatetimeField(null=True)
    devices = fields.IntField()
    tokens = fields.IntField()
    messages = fields.BigIntField(description="to-device messages")
    lists = fields.BigIntField(description="device list changes")
    decimals_upto = fields.BigIntField(
        description="a to-device token that is a bare number counts up to this position"
    )

    class Meta:
        table = "ss_takeovers"
