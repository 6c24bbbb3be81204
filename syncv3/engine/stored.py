"""What is stored of a view, and the view that comes out of it again.

A stored view is *exact* for a token that names it: one has the other's generation and nonce. It
is not after a kill that came before the newest view was stored, or when the client has not got
the answer that was. Then only that is taken as sent which was sent by the time of the token's
base, as the client certainly has that.

An example: the client has room A, in generation 4, at position 10. It comes back with that and is
sent B, in generation 5, at 12; the process is killed before it stores this. The client's token
names generation 5 at 12, made from (the *base*) 4 at 10. What is stored is generation 4. So A was
sent for certain, and told up to 10: if nothing has happened in it since, it is as it was. If
something has, nobody knows whether the answer of 12 told it. Then A is sent anew, or, to a client
that keeps rooms, from 10 on. Of B nothing is known: it is sent anew, too.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec.structs import replace

from syncv3.engine.configs import Configs
from syncv3.engine.view import INHERITED, ListState, Name, Quiet, Reach, Sent, View, ViewKey
from syncv3.protocol.pos import PosToken
from syncv3.protocol.request import CompleteRequest
from syncv3.store.connections import StoredRoom

Members = Mapping[str, int]


class _Windows(msgspec.Struct):
    lists: dict[str, tuple[tuple[tuple[int, ...], ...], int]] = {}


class _Told(msgspec.Struct, omit_defaults=True):
    generation: int = 0  # of the view; an older version may have stored another one since
    told: dict[str, Reach] = {}
    quiet: Quiet | None = None
    unsure: bool = False
    lagging: dict[str, dict[int, int]] = {}
    line: tuple[Name, ...] = ()


_windows, _told = msgspec.json.Decoder(_Windows), msgspec.json.Decoder(_Told)
_members: Final = msgspec.json.Decoder(dict[str, int])


def write_windows(view: View) -> bytes:
    """A view's windows, for the next worker that is asked."""
    lists = {name: (state.windows, state.count) for name, state in view.lists.items()}
    return msgspec.json.encode(_Windows(lists))


def write_told(view: View) -> bytes:
    """How far extensions have told, and what the view was made from."""
    lagging = {name: dict(rooms) for name, rooms in view.lagging.items()}
    told = _Told(view.generation, dict(view.told), view.quiet, view.unsure, lagging, view.line)
    return msgspec.json.encode(told)


def row_of(sent: Sent, configs: Configs, members: Members | None) -> StoredRoom:
    """A room's row."""
    return StoredRoom(
        sent.generation,
        sent.config_id,
        msgspec.json.encode(members) if members else None,
        configs.number(sent),
        sent.upto,
        sent.kept_upto,
        sent.is_dm,
    )


def sent_rooms_of(rows: Mapping[int, StoredRoom], configs: Configs) -> dict[int, Sent]:
    """How the rooms of these rows were sent: one object for all that are alike.

    Five thousand rooms of a connection are usually a handful of different objects.
    """
    alike: dict[StoredRoom, Sent] = {}
    found = {}
    for key, row in rows.items():
        same = row if row.members is None else row._replace(members=None)
        sent = alike.get(same)
        if sent is None:
            bare = Sent(
                row.config_id, row.generation, None, row.upto, kept_upto=row.kept_upto,
                is_dm=row.is_dm,
            )  # fmt: skip
            sent = alike[same] = configs.sent(row.effective, bare)
        found[key] = sent
    return found


def members_of(rows: Mapping[int, StoredRoom]) -> dict[int, dict[str, int]]:
    """By room key, the members whom a connection was sent because they spoke, each with the
    position of the answer that had them."""
    return {key: _members.decode(row.members) for key, row in rows.items() if row.members}


@dataclass(frozen=True, slots=True)
class StoredView:
    """The view that is stored of a connection.

    ``old``: it was stored in an epoch that has ended. The database may have fallen back to what
    it once had of an answer that got lost, so only a token that names it may count on it.
    """

    key: ViewKey
    rooms: Mapping[int, Sent]
    windows: bytes | None
    told: bytes | None
    old: bool = False

    def is_exact(self, token: PosToken) -> bool:
        """Whether a token names it."""
        return self.key[:2] == (token.generation, token.nonce)

    def surely(self, token: PosToken) -> tuple[int, int] | None:
        """The generation and position up to which it is certainly the client's; None: it names
        this view itself."""
        if self.is_exact(token):
            return None
        return token.base_generation, min(self.key[2], token.base_position)

    def lists(self, ask: CompleteRequest, *, known: bool) -> dict[str, ListState]:
        """The lists, with their windows if these are ``known``."""
        windows = _windows.decode(self.windows).lists if known and self.windows else {}
        return {
            name: ListState(spec, *windows[name])
            if name in windows
            else ListState(spec, known=False)
            for name, spec in ask.lists.items()
        }

    def told_in(self, view: View) -> View:
        """The view with what extensions have told."""
        left = _told.decode(self.told) if self.told else _Told()
        if left.generation != view.generation:
            return view
        return replace(
            view, told=left.told, quiet=left.quiet, unsure=left.unsure, lagging=left.lagging,
            line=left.line,
        )  # fmt: skip

    def is_from(self, name: Name) -> bool:
        """Whether it is a view of that name, or was made from one."""
        return self.key[:2] == name or name in self._left().line

    def in_step(self) -> list[str]:
        """The extensions that had told of all rooms that were shown, as far as the view was."""
        told = self._left().told
        return [name for name, reach in told.items() if reach.resumed == 0 and not reach.partly]

    def surely_heard(self, view: View, generation: int, sure: int) -> View:
        """The view with what extensions had told by then for certain, if this one is of later.

        One that was in step all the time had told up to there. Of another it is not known any more.
        Where nothing is certain it tells everything that came after the first position. It must not
        take this for the connection's first answer: that names nobody whose devices have changed.
        """
        left = self._left()
        told = {name: Reach(max(sure, 1), generation, None) for name in self.in_step()}
        return replace(view, told=told, lagging=left.lagging)

    def _left(self) -> _Told:
        """What is stored beside the rooms; nothing if that is of another view."""
        left = _told.decode(self.told) if self.told else _Told()
        return left if left.generation == self.key[0] else _Told()


@dataclass(frozen=True, slots=True)
class LastChanges:
    """What has happened of late: the position at which something last did in each of the user's
    rooms, and at which it last changed which of them are DMs."""

    rooms: Mapping[int, int]
    direct: int = 0


def rebuilt(
    stored: StoredView, token: PosToken, ask: CompleteRequest, last: LastChanges, *, keeps: bool
) -> View:
    """The view of an authentic token, as far as what is stored can tell.

    ``keeps``: the client keeps rooms that it is shown no longer. ``last`` counts only if
    what is stored is not exact.
    """
    surely = stored.surely(token)
    view = View(
        generation=token.generation,
        nonce=token.nonce,
        position=token.position,
        base_generation=token.base_generation,
        base_position=token.base_position,
        lists=stored.lists(ask, known=surely is None and stored.key[2] == token.position),
        subscriptions=ask.subscriptions,
        held=dict(token.held),
    )
    if surely is None:
        shown, kept = (stored.rooms, {}) if keeps else _apart(stored.rooms)
        return replace(stored.told_in(view), rooms=shown, kept=kept)
    # The stored view is another one than the token's: what of it does the client have for certain?
    generation, sure = surely
    certain = {k: s for k, s in stored.rooms.items() if s.generation <= generation}
    if not keeps:  # a room in which something has happened since is left out, and so sent anew
        shown, kept = _apart(certain)
        kept = {k: s for k, s in kept.items() if s.generation == INHERITED or (s.upto or 0) <= sure}
        rooms = {k: s for k, s in shown.items() if last.rooms.get(k, sure + 1) <= sure}
        return replace(view, rooms=rooms, kept=kept, unsure=True)
    if stored.old:  # of an epoch that has ended: the row may have fallen back to a lost answer
        certain = {}
    else:
        view = stored.surely_heard(view, generation, sure)
    quiet = Quiet(generation, sure)
    return replace(view, rooms=surely_told(certain, sure, last), unsure=True, quiet=quiet)


def _apart(rooms: Mapping[int, Sent]) -> tuple[Mapping[int, Sent], Mapping[int, Sent]]:
    """What is shown to a client, and what it has beside that (``View.kept``)."""
    kept = {key: sent for key, sent in rooms.items() if sent.upto is not None}
    return {key: rooms[key] for key in rooms.keys() - kept.keys()} if kept else rooms, kept


def surely_told(rooms: Mapping[int, Sent], sure: int, last: LastChanges) -> dict[int, Sent]:
    """The rooms as they were told up to that position at least, whatever was told later.

    An example: rooms A and B are told as far as the view is, which is 20, and 9 is sure. In A
    nothing has happened since 7: it stays as it is. B got a message at 12, and it is not known
    if that was told: B counts as told up to 9, and the message is sent, perhaps once more.
    """
    alike: dict[tuple[int, bool], Sent] = {}
    found = {}
    for key, sent in rooms.items():
        if key not in last.rooms:
            continue  # it was lost with the database, or forgotten
        changed = last.rooms[key] > sure or max(sent.upto or 0, sent.kept_upto) > sure
        same = (id(sent), changed)
        if same not in alike:
            told = told_up_to(sent, sure) if changed else sent
            alike[same] = told if last.direct <= sure else replace(told, is_dm=None)
        found[key] = alike[same]
    return found


def told_up_to(sent: Sent, position: int) -> Sent:
    """A room that was told up to this position, or less far than that."""
    upto = position if sent.upto is None else min(sent.upto, position)
    return replace(sent, upto=upto, kept_upto=min(sent.kept_upto, position))


def rewound(view: View, ended: int, known: Container[int], *, keeps: bool) -> View:
    """The view of a client that was told more than is left of its epoch.

    The database lost commits after position 90, say, and the client was told up to 95: 91 to 95
    no longer exist. Nobody knows which rooms that was about. What was lost comes in once more,
    also in rooms in which nothing has happened yet. A client that ``keeps`` rooms is sent all
    that comes after 90 in them; for others every room is sent anew. Windows may have rooms whose
    keys were lost, too: ``known`` are those which the user has to do with now.
    """
    lists = {name: ListState(state.spec, known=False) for name, state in view.lists.items()}
    back = replace(
        view, position=ended, lists=lists, rooms={}, held={}, unsure=True, visible=None, kept={}
    )
    if not keeps:
        return back
    alike = {id(sent): sent for sent in view.rooms.values()}
    ends = {same: _rewound(sent, ended) for same, sent in alike.items()}
    return replace(
        back,
        rooms={key: ends[id(sent)] for key, sent in view.rooms.items() if key in known},
        held={key: min(bound, ended) for key, bound in view.held.items() if key in known},
        told={name: r._replace(upto=min(r.upto, ended)) for name, r in view.told.items()},
        quiet=view.quiet and view.quiet._replace(position=min(view.quiet.position, ended)),
    )


def _rewound(sent: Sent, ended: int) -> Sent:
    if sent.upto is not None:
        return told_up_to(sent, ended)
    return replace(sent, kept_upto=min(sent.kept_upto, ended)) if sent.kept_upto > ended else sent
