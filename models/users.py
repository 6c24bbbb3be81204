"""Users whose accounts are polled, and what they may see of rooms.

Columns that end in ``_us`` are times of the database's clock, in microseconds, at which a report
was made. Several devices report the same of one user, some later than others: of two reports the
one that was made later wins.
"""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class User(Model):
    """One local user, with the account data that lists need."""

    user_key = fields.IntField(primary_key=True, source_field="id")
    user_id = fields.CharField(255, unique=True)
    pos = fields.BigIntField(default=0)
    direct = ArrayField("text", description="rooms named in m.direct")
    direct_us = fields.BigIntField(default=0, description="when that m.direct was made")
    ignored = ArrayField("text", description="users of m.ignored_user_list")
    ignored_us = fields.BigIntField(default=0)

    class Meta:
        table = "ss_users"


class UserRoom(Model):
    """One user's relation to one room. Opened by the user's own poller only.

    ``joined_ord`` .. ``left_ord`` is what the user may see of the room's timeline since
    the latest join; ``visible_ord`` may reach further back where the user's own sync did, and
    stays when an invite takes the place of an earlier stay. ``forgotten`` is only true of a
    membership that has ended: such a room is in no list, and nothing of it is told.

    Of a membership that has ended ``confirmed_pos`` says when the user had come in, and from
    ``reset_pos`` on when its end was last told otherwise.
    If it had ended before the user came here, nothing of the room's timeline is theirs:
    ``joined_ord`` is null, and ``stripped`` has what was told of it to this user alone
    (``syncv3/store/remnant.py``). So it has of a membership that ended in a hole: the stored
    timeline up to ``left_ord`` does not go on to that end.
    """

    user_key = fields.IntField(primary_key=True, generated=False)
    room_key = fields.IntField()
    pos = fields.BigIntField(description="position of the last change of this row")
    membership = fields.CharField(6)
    reset_pos = fields.BigIntField(description="position of the last change of membership")
    generated_us = fields.BigIntField(description="when the report behind the membership was made")
    joined_ord = fields.BigIntField(null=True)
    visible_ord = fields.BigIntField(null=True)
    left_ord = fields.BigIntField(null=True)
    confirmed_ord = fields.BigIntField(null=True, description="no gap above this is confirmed")
    confirmed_pos = fields.BigIntField(default=0, description="when it was confirmed past a gap")
    joined_ts = fields.BigIntField(default=0, description="origin_server_ts of the join")
    member_json = fields.BinaryField(null=True, description="own leave or ban event, whole")
    stripped = fields.BinaryField(null=True, description="invite or knock state: a JSON array")
    notification_count = fields.IntField(default=0)
    highlight_count = fields.IntField(default=0)
    unread_pos = fields.BigIntField(default=0)
    unread_us = fields.BigIntField(default=0)
    tags = ArrayField("text")
    tags_us = fields.BigIntField(default=0)
    forgotten = fields.BooleanField(default=False)
    stamp = fields.BigIntField(
        default=0, description="when the membership arrived, milliseconds; never falls"
    )

    class Meta:
        table = "ss_user_rooms"


class History(Model):
    """What one call of /messages gave one user: older events of a room, the newest first.

    A chunk goes on from the one numbered before it, the first from the event at ``base_ord``,
    before which nothing is stored that the user may see. Nobody but the user may see these
    events because of it. Appended only; chunks of another ``base_ord`` are deleted.
    """

    user_key = fields.IntField(primary_key=True, generated=False)
    room_key = fields.IntField()
    base_ord = fields.BigIntField(description="order of the event that the chunks precede")
    number = fields.IntField(description="0 for the newest chunk")
    pos = fields.BigIntField(description="position at which it was stored; 0: nobody's news")
    events = ArrayField("bytea", description="event IDs, see syncv3/store/event_ids.py")
    start = fields.TextField(description="token that it was asked for with")
    next = fields.TextField(null=True, description="token to go on with; null: it cannot go on")
    done = fields.BooleanField(description="there is nothing older that the user is shown")

    class Meta:
        table = "ss_history"


class Transaction(Model):
    """A device's poller has delivered this own event, with or without a transaction id."""

    device_key = fields.IntField(primary_key=True, generated=False)
    event_key = fields.BigIntField()
    txn_id = fields.TextField(null=True)
    pos = fields.BigIntField()
    created = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "ss_txns"
