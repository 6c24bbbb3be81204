"""Sliding-sync connections: what must survive a restart.

Losing the newest of it makes an answer longer, and never one that lacks something, so it is written
when there is time (``syncv3/store/connections.py``).
"""

from tortoise import fields
from tortoise.models import Model


class Connection(Model):
    """One connection of one device.

    ``request`` is the sticky request; ``generation`` and ``nonce`` name the answer whose
    sent state is stored in ``ss_connection_rooms``, made at ``pos``. Each dialect has its own
    connections: a device may use one name in several of them. A ``resumable`` one outlives being
    replaced by another of its name: a later one may be asked to go on with its rooms.
    """

    connection_key = fields.BigIntField(primary_key=True)
    device_key = fields.IntField()
    conn_id = fields.TextField(null=True, description="null: it was replaced, see resumable")
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
    told = fields.BinaryField(null=True, description="JSON: how far extensions have told")
    configs = fields.BinaryField(
        null=True, description="JSON: effective configs of its rooms, by number"
    )
    rooms = fields.IntField(default=0, description="how many it has in ss_connection_rooms")
    resumable = fields.BooleanField(
        default=False, description="its client has tokens to go on with its rooms later"
    )
    dropped = fields.BigIntField(default=0, description="turn in which rooms were last deleted")

    class Meta:
        table = "ss_connections"
        unique_together = (("device_key", "dialect", "conn_id"),)


class ConnectionRoom(Model):
    """A room that the client of a connection has been sent, and how."""

    connection_key = fields.BigIntField(primary_key=True, generated=False)
    room_key = fields.IntField()
    generation = fields.BigIntField(description="of the answer that last claimed more")
    config = fields.IntField(description="which timeline limit and required state it was sent with")
    members = fields.BinaryField(null=True, description="who was sent lazily")
    turn = fields.BigIntField(default=0, description="in which the row was last written")
    effective = fields.IntField(
        null=True, description="number of its effective config among the configs"
    )
    upto = fields.BigIntField(null=True, description="position; null: as far as the connection")
    kept_upto = fields.BigIntField(default=0, description="position of state it was kept from")
    is_dm = fields.BooleanField(null=True, description="what was told of that")

    class Meta:
        table = "ss_connection_rooms"
