"""What there is to know of one room, for a client that comes from one view.

A dialect decides by these facts what to send. They are plain values, so that what a dialect
decides can be put into a table. There is one for each room that is looked at, thousands in the
first answer of some: a struct is made in a tenth of the time of a frozen dataclass.
"""

import msgspec

from syncv3.cache.users import confirmed
from syncv3.engine.showing import Showing
from syncv3.engine.sources import Sources
from syncv3.engine.view import View
from syncv3.protocol.request import CompleteRequest, RoomConfig
from syncv3.types import RoomID

JOIN = "join"
ENDED = ("leave", "ban")
PENDING = ("invite", "knock")


class Facts(msgspec.Struct, frozen=True, gc=False):
    """One room. "Since" means: after ``bound``, up to which the client was told of the room.

    ``position`` is where the client comes from, None if it was told nothing. ``membership`` is
    the user's; ``confirmed``: known to hold behind the room's newest gap, too.

    ``changed``: something the user may know of. ``rejoined``: the membership itself, in a way
    that makes what was sent worthless. ``imported``: what follows from a room that this service
    had not known, not from a join. ``found_again``: the user turned out to be in the room still.
    ``gap``: a gap, or state that no timeline shows. ``unread``: the unread counts.

    ``held``: the client was told of it up to an earlier position than of others. ``unsure``: it
    may have rooms that the view does not know of. ``members_complete``: all members are known.
    ``dm_changed``: perhaps it became a DM, or is one no more, after ``position``.

    ``resubscribed``: there is another subscription to the room than in the view (True), or none
    any more (False). ``reconfigured`` are the configs, before and now, of the lists showing it
    whose config is another one. ``listing`` is what the lists ask that the joined room is in,
    inside or outside of their windows; it is only known of rooms that are not shown.

    ``overflow``: more has happened than can be sent as a part. ``filled``: more of the room's
    history is stored for the user than at ``bound``, from before what is stored for everybody.
    Nothing has changed in the room thereby.

    ``forgotten``: the user wants to know no more of the room. ``is_dm``: it is a DM now.
    ``asks_rooms``: the request has lists or subscriptions, so it may be told of rooms;
    ``longest`` is the largest timeline limit among these. (Only known of rooms that have ended.)
    """

    position: int | None
    bound: int
    membership: str = JOIN
    confirmed: bool = True
    changed: bool = False
    rejoined: bool = False
    imported: bool = False
    found_again: bool = False
    gap: bool = False
    unread: bool = False
    held: bool = False
    unsure: bool = False
    members_complete: bool = True
    dm_changed: bool = False
    resubscribed: bool | None = None
    reconfigured: tuple[tuple[RoomConfig, RoomConfig], ...] = ()
    listing: RoomConfig | None = None
    overflow: bool = False
    filled: bool = False
    forgotten: bool = False
    is_dm: bool = False
    asks_rooms: bool = True
    longest: int = 0

    @property
    def ended(self) -> bool:
        """Whether the membership has ended after ``bound``."""
        return self.rejoined and self.membership in ENDED


def facts_of(
    sources: Sources, view: View, ask: CompleteRequest, showing: Showing, key: int
) -> Facts:
    """The facts of a room that the user has to do with."""
    user, seen = sources.user, sources.seen
    own, row = user.rooms[key], user.known[key].row
    bound = view.bound(key)
    shown = key in showing.configs
    kept = key in view.kept
    # A kept room was told less than the view in its timeline, but its counts with each answer.
    counted = view.position if kept and not shown and not view.first else bound
    inside = own.membership == JOIN
    reset_pos = own.ended_pos if own.membership in ENDED else own.reset_pos
    rejoined, imported = reset_pos > bound, own.confirmed_pos >= own.reset_pos
    asked = ask.subscriptions.get(RoomID(row.room_id))
    resubscribed = asked != view.subscriptions.get(RoomID(row.room_id))
    listing = None
    # Costs a look at all lists, so it is made only for the few rooms of which it may be asked.
    if inside and rejoined and not imported and not shown:
        configs = showing.configs_listing(key)
        listing = ask.united(configs) if configs else None
    return Facts(
        position=None if view.first else view.position,
        bound=bound,
        membership=own.membership,
        confirmed=confirmed(own, row.gap_ord),
        changed=user.changed_at(key) > bound,
        rejoined=rejoined,
        imported=imported,
        found_again=own.confirmed_pos > bound,
        gap=inside and row.reset_pos > bound,
        unread=own.unread_pos > counted,
        held=key in view.held,
        unsure=view.unsure,
        members_complete=row.members_complete,
        dm_changed=(kept or not view.first)
        and seen.dm_changed(key, bound if kept else view.position),
        resubscribed=(asked is not None) if resubscribed else None,
        reconfigured=tuple(showing.lists_changed(key)) if shown else (),
        listing=listing,
        filled=user.filled_at(key) > bound,
        forgotten=own.forgotten,
        is_dm=seen.room(key).is_dm,
        asks_rooms=bool(ask.lists or ask.subscriptions),
        longest=_longest(ask) if own.membership in ENDED and not shown else 0,
    )


def _longest(ask: CompleteRequest) -> int:
    configs = [*(spec.config for spec in ask.lists.values()), *ask.subscriptions.values()]
    return max((config.timeline_limit for config in configs), default=0)
