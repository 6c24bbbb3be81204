"""What the presence extension stores."""

from tortoise import fields
from tortoise.models import Model


class SeenPresence(Model):
    """The presence of one user as the homeserver told it to another."""

    observer = fields.IntField(primary_key=True, generated=False, description="user key")
    user_id = fields.TextField()
    json = fields.TextField(description="the event as it came")
    generated_us = fields.BigIntField(description="when the report was made")
    pos = fields.BigIntField(description="stream position of the last change")

    class Meta:
        table = "presence_seen"
