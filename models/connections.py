"""Sliding-sync connections: what must survive a restart."""

from tortoise import fields
from tortoise.models import Model


class Connection(Model):
    """One connection of one device.

    ``request`` is the sticky request; ``generation`` and ``nonce`` name the answer whose
    sent state is stored in ``ss_connection_rooms``, made at ``pos``.
    """

    connection_key = fields.BigIntField(primary_key=True)
    device_key = fields.IntField()
    conn_id = fields.TextField()
    dialect = fields.CharField(1)
    created = fields.DatetimeField()
    last_used = fields.DatetimeField()
    request = fields.BinaryField()
    generation = fields.BigIntField()
    nonce = fields.BigIntField()
    pos = fields.BigIntField()
    epoch = fields.BigIntField()
    turn = fields.BigIntField(default=0)
    windows = fields.BinaryField(null=True, description="list windows, kept for several workers")

    class Meta:
        table = "ss_connections"
        unique_together = (("device_key", "conn_id"),)


class ConnectionRoom(Model):
    """A room that the client of a connection has been sent, and how."""

    connection_key = fields.BigIntField(primary_key=True, generated=False)
    room_key = fields.IntField()
    generation = fields.BigIntField(description="of the answer in which the room became live")
    config = fields.IntField(description="which timeline limit and required state it was sent with")
    members = fields.BinaryField(null=True, description="who was sent lazily")

    class Meta:
        table = "ss_connection_rooms"
