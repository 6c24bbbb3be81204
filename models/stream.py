"""The stream of positions: commits, epochs, the crash fence, extensions' changes.

A position says when the service learned something. Each commit takes a few, under a lock, so they
become visible in their own order (docs/architecture.md, "One stream").
"""

from tortoise import fields
from tortoise.models import Model


class StreamCommit(Model):
    """One committed group and the positions it took. Appended only, under the stream lock."""

    last_pos = fields.BigIntField(primary_key=True, generated=False)
    first_pos = fields.BigIntField()
    epoch = fields.BigIntField()

    class Meta:
        table = "ss_stream_commits"


class StreamEpoch(Model):
    """One stretch of the stream without a crash of the database.

    A new epoch starts far above everything the old one can have handed out, so
    a position never means two things; ``last_pos`` is where the old one ended.
    """

    epoch = fields.BigIntField(primary_key=True, generated=False)
    first_pos = fields.BigIntField()
    last_pos = fields.BigIntField(null=True, description="null while the epoch is open")
    opened = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "ss_stream_epochs"


class StreamFence(Model):
    """One row naming the open epoch, in an UNLOGGED table.

    PostgreSQL empties it on crash recovery, promotion and restore: no row means that commits
    may have been lost, and their positions with them, so a new epoch must be opened.
    """

    epoch = fields.BigIntField(primary_key=True, generated=False)
    floor = fields.BigIntField(default=0, description="changes of this epoch before it are gone")

    class Meta:
        table = "ss_stream_fence"


class Change(Model):
    """Something an extension stored changed. Written by ingest, deleted by retention."""

    pos = fields.BigIntField(primary_key=True, generated=False)
    extension = fields.CharField(64)
    user_key = fields.IntField(null=True, description="null: not narrowed to a user")
    device_key = fields.IntField(null=True)
    room_key = fields.IntField(null=True)

    class Meta:
        table = "ss_changes"


class FunctionSet(Model):
    """A set of the database's functions, and which text of them is in force."""

    name = fields.CharField(64, primary_key=True)
    digest = fields.CharField(64, description="hex SHA-256 of their text")
    applied = fields.DatetimeField()

    class Meta:
        table = "ss_functions"
