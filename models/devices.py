"""Devices, their tokens and pollers, and what is kept for a device alone.

What a homeserver gives a device only once is here: to-device messages and changes of device lists.
It is written in the transaction that moves ``Poller.since``, which tells the homeserver to forget
it.
"""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class KnownDevice(Model):
    """One device of one user."""

    device_key = fields.IntField(primary_key=True, source_field="id")
    user_key = fields.IntField()
    device_id = fields.TextField()

    class Meta:
        table = "ss_devices"
        unique_together = (("user_key", "device_id"),)


class Token(Model):
    """One access token, encrypted. The plain token is never stored."""

    hash = fields.CharField(64, primary_key=True, description="hex SHA-256 of the token")
    device_key = fields.IntField(db_index=True)
    token = fields.TextField()
    last_seen = fields.DatetimeField()
    created = fields.DatetimeField()

    class Meta:
        table = "ss_tokens"


class Poller(Model):
    """The upstream poll of one device: how far it is, and who runs it."""

    device_key = fields.IntField(primary_key=True, generated=False)
    since = fields.TextField(null=True)
    rooms_due = fields.SmallIntField(
        default=0,
        description="1: what is stored up to since has no rooms; 2: the first have come",
    )
    generated_us = fields.BigIntField(default=0)
    owner = fields.TextField(null=True)
    lease_no = fields.BigIntField(default=0)
    last_used = fields.DatetimeField()

    class Meta:
        table = "ss_pollers"


class Worker(Model):
    """A running process that may own pollers, with its heartbeat."""

    worker = fields.CharField(64, primary_key=True)
    started = fields.DatetimeField()
    beat = fields.DatetimeField()

    class Meta:
        table = "ss_workers"


class DeviceKeys(Model):
    """What the homeserver last said of a device's one-time and fallback keys."""

    device_key = fields.IntField(primary_key=True, generated=False)
    one_time_keys = fields.BinaryField(null=True)
    fallback_types = fields.BinaryField(null=True)
    algorithms = ArrayField("text", default=list, description="of which there ever were keys")
    generated_us = fields.BigIntField(default=0, description="when the report was made")
    doubtful = fields.BooleanField(
        default=False, description="the counts may have changed: the homeserver must be asked"
    )
    asked = fields.DatetimeField(null=True, description="when it was asked last")
    pos = fields.BigIntField(description="position of their last change")
    lists_acknowledged = fields.BigIntField(
        default=0, description="up to where some connection has device list changes"
    )

    class Meta:
        table = "ss_device_keys"


class ToDeviceMessage(Model):
    """One to-device message, kept until the client acknowledges it."""

    position = fields.BigIntField(primary_key=True)
    user_id = fields.TextField()
    device_id = fields.TextField()
    event_type = fields.TextField()
    sender = fields.TextField()
    message = fields.TextField()
    unique_key = fields.TextField(null=True, description="what a key request is known by")
    key_hash = fields.BinaryField(null=True, description="SHA-256 of that, for the index")
    action = fields.SmallIntField(default=0, description="0 other, 1 request, 2 cancellation")
    sent = fields.BooleanField(default=False, description="a request that a client was given")
    pos = fields.BigIntField(default=0, description="stream position: wakes, is not the token")

    class Meta:
        table = "ss_to_device_messages"


class DeviceListUpdate(Model):
    """The newest device list change of one target user, as seen by one device's poller."""

    user_id = fields.TextField()
    device_id = fields.TextField()
    target_user_id = fields.TextField()
    target_state = fields.SmallIntField(description="1 changed, 2 left")
    pos = fields.BigIntField(primary_key=True, generated=False)

    class Meta:
        table = "ss_device_list_updates"
