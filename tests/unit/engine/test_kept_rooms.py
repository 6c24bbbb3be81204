"""Whatever is lost of answers, saves and commits: a client is never taken to have what it has not.

A client that keeps rooms talks to a small model of the service. It uses the real ``Connection``
and what is stored of it; which rooms are sent, and how, is decided by a rule of a few lines. The
client notes which events each of its ``pos`` stands for, and after each answer the view that is
left behind is compared with that.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from syncv3.engine.computed import Naming
from syncv3.engine.connection import Connection
from syncv3.engine.next_view import next_view, rooms_after
from syncv3.engine.stored import LastChanges, rebuilt, rewound
from syncv3.engine.view import ListState, Sent, View
from syncv3.protocol.pos import PosToken
from syncv3.protocol.request import CompleteRequest, RoomConfig
from syncv3.store.connections import Save, StoredConnection, StoredRoom
from syncv3.types import Device, DeviceID, DeviceKey, UserID, UserKey
from tests.support.keeping import Keeping

PHONE = Device(UserID("@me:hs"), DeviceID("PHONE"), UserKey(1), DeviceKey(1))
ROOMS = range(6)
CONFIGS = [RoomConfig(1), RoomConfig(5), RoomConfig(20)]


@dataclass
class Has:
    """What a client has of a room: the events it was told, and the longest timeline."""

    events: frozenset[int] = frozenset()
    limit: int = 0


@dataclass
class Row:
    """What the database has of the connection."""

    save: Save | None = None
    rooms: dict[int, StoredRoom] = field(default_factory=dict)
    configs: bytes | None = None

    def after(self, save: Save) -> "Row":
        rooms = {} if save.whole else {k: r for k, r in self.rooms.items() if k not in save.dropped}
        configs = save.configs if save.configs is not None else self.configs
        return Row(save, rooms | dict(save.added), configs)

    def stored(self) -> StoredConnection:
        save = self.save
        if save is None:
            return StoredConnection(1, b"", 0, 0, 0, 1, 0, None, None, None, 0.0, False, {})
        return StoredConnection(
            1, b"", save.generation, save.nonce, save.pos, save.epoch, 0, save.windows, save.told,
            self.configs, 0.0, False, dict(self.rooms),
        )  # fmt: skip


class Service:
    """Answers one connection, and may be killed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.position = 10
        self.count = len(ROOMS)
        self.events = {key: {key + 1: key} for key in ROOMS}  # by room and position
        self.epoch, self.ended = 1, dict[int, int]()
        self.row = Row()
        self.backups = [(0, self.row)]  # by position
        self.start()

    def start(self) -> None:
        self.connection = Connection(1, PHONE, "", Keeping())
        self.connection.restore(self.row.stored(), self.epoch, None)
        self.connection.ask = CompleteRequest()

    def happens(self, key: int) -> None:
        self.position += 1
        self.count += 1
        self.events[key][self.position] = self.count

    def flush(self, *, cut_off: bool = False) -> None:
        save = self.connection.save(self.epoch, windows=False)
        if save is None:
            return
        self.connection.saving(save)
        if cut_off:
            if self.random.random() < 0.5:
                self.store(save)  # and nobody hears of it
            return
        self.store(save)
        self.connection.saved(save)

    def store(self, save: Save) -> None:
        self.row = self.row.after(save)
        self.backups.append((self.position, self.row))

    def ends(self, how: str) -> None:
        """It stores what it has, and perhaps is stopped then; or it is killed."""
        if how != "kill":
            self.flush()
        if how != "flush":
            self.start()

    def lose_commits(self, count: int) -> None:
        """The database falls back; what it lost comes in again, at new positions."""
        ended = max(self.position - count, 10)
        self.position = ended
        self.ended[self.epoch] = ended  # an earlier one may have ended even earlier
        self.ended = {epoch: min(end, ended) for epoch, end in self.ended.items()}
        self.epoch += 1
        self.backups = [(at, row) for at, row in self.backups if at <= ended]
        self.row = self.backups[-1][1]
        lost = [key for key in ROOMS for at in self.events[key] if at > ended]
        for key in ROOMS:
            self.events[key] = {at: e for at, e in self.events[key].items() if at <= ended}
        for key in self.random.sample(lost, len(lost)):
            self.happens(key)

    def view(self, token: PosToken | None) -> View:
        if token is None:
            self.row = Row()
            self.backups = [(0, self.row)]
            self.start()
            return View(0, 0, 0, first=True)
        connection = self.connection
        view = connection.views.get((token.generation, token.nonce, token.position))
        surely = None
        if view is None:
            last = LastChanges({key: max(events) for key, events in self.events.items()})
            stored = connection.stored_view()
            surely = stored.surely(token)
            assert connection.ask is not None
            view = rebuilt(stored, token, connection.ask, last, keeps=True)
        connection.present(view, surely)
        ended = self.ended.get(token.epoch)
        if ended is not None and token.position > ended:
            connection.rewind(ended)
            view = rewound(view, ended, set(ROOMS), keeps=True)
        return view

    def answer(
        self, token: PosToken | None, has: dict[int, Has], shown: set[int], config: RoomConfig
    ) -> tuple[PosToken, dict[int, Has], View]:
        """The token of the answer, and what its client has then."""
        view = self.view(token)
        if self.random.random() < 0.2:
            self.flush()
        naming = Naming(self.connection.generation + 1, self.random.getrandbits(32))
        then, looked_at = dict(has), dict[int, Sent | None]()
        for key in ROOMS:
            sent, bound = view.rooms.get(key), view.bound(key)
            news = any(at > bound for at in self.events[key])
            if key in shown:
                then[key] = self.told(view, key, has, config)
                looked_at[key] = after(sent, config, naming)
            elif sent is not None and news:
                looked_at[key] = replace(sent, upto=bound)
        rooms = rooms_after(view, shown, looked_at, keeps=True)
        left = next_view(
            view, CompleteRequest(), naming, self.position, lists=dict[str, ListState](),
            visible=dict.fromkeys(shown, config), rooms=rooms, held={}, keeps=True,
        )  # fmt: skip
        self.connection.keep(left, self.epoch)
        base, base_position = self.connection.base_of(left)
        token = PosToken(
            "k", 1, left.generation, left.nonce, base, left.position, base_position, self.epoch
        )  # fmt: skip
        return token, then, left

    def told(self, view: View, key: int, has: dict[int, Has], config: RoomConfig) -> Has:
        """What a client has of a shown room: by what its view says, not by what it really has."""
        before, sent = has.get(key, Has()), view.rooms.get(key)
        bound = view.bound(key) if sent is not None else 0
        news = {event for at, event in self.events[key].items() if at > bound}
        expanded = sent is None or sent.config is None or asks_more(config, sent.config)
        limit = max(config.timeline_limit, before.limit) if expanded else before.limit
        return Has(before.events | news, limit)


def asks_more(config: RoomConfig, before: RoomConfig) -> bool:
    return config.timeline_limit > before.timeline_limit


def after(sent: Sent | None, config: RoomConfig, naming: Naming) -> Sent:
    if sent is None or sent.config is None or sent.upto is not None:
        return Sent(config.number, naming.generation, config)
    if asks_more(config, sent.config):
        return Sent(config.number, naming.generation, config)
    return sent


def overclaimed(service: Service, view: View, has: dict[int, Has]) -> Iterator[Any]:
    """What a view claims that its client has not."""
    for key, sent in view.rooms.items():
        told = {event for at, event in service.events[key].items() if at <= view.bound(key)}
        mine = has.get(key, Has())
        if not told <= mine.events:
            yield key, sent, sorted(told - mine.events)
        if sent.config is not None and sent.config.timeline_limit > mine.limit:
            yield key, sent, mine.limit


STEPS = {
    "happens": 8,
    "answer": 6,
    "lost": 3,
    "flush": 4,
    "cut": 1,
    "kill": 2,
    "stop": 1,
    "crash": 1,
}
STORIES, LENGTH = 800, 60


def told(seed: int) -> None:
    """A story. In an answer that is lost, and after a kill, lies what makes views forget."""
    service, story = Service(seed), random.Random(seed)
    client: tuple[PosToken | None, dict[int, Has]] = None, {}
    for step in story.choices(list(STEPS), list(STEPS.values()), k=LENGTH):
        if step == "happens":
            service.happens(story.choice(ROOMS))
        elif step in ("answer", "lost"):
            shown = {key for key in ROOMS if story.random() < 0.4}
            token, has, view = service.answer(*client, shown, story.choice(CONFIGS))
            assert not list(overclaimed(service, view, has)), f"story {seed}"
            client = (token, has) if step == "answer" else client
        elif step == "crash":
            service.lose_commits(story.randrange(6))
        elif step == "cut":
            service.flush(cut_off=True)
        else:
            service.ends(step)


@pytest.mark.rules("S-54", "S-55", "S-56", "P-12")
def test_no_view_claims_more_than_its_client_has() -> None:
    """Random stories, the same in every run."""
    for seed in range(STORIES):
        told(seed)
