"""Plays a story: clients of several servers ask the same of them, while things happen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.support.simplified.answer import Answer
from tests.support.simplified.connection import Connection
from tests.support.simplified.facts import Facts, facts
from tests.support.simplified.model import Model
from tests.support.simplified.stage import Stage
from tests.support.simplified.story import AT_THE_HOMESERVER, Action
from tests.support.simplified.target import Target
from tests.support.simplified.wishes import EXTENSIONS, Wish

QUIET_MS: Final = 300
ENOUGH: Final = 30
"""Requests after which a client must have been told everything."""


@dataclass(slots=True)
class Player:
    """A client of the account at one server; ``learned`` is what it knew at the end."""

    target: Target
    conn: Connection
    learned: Facts = field(default_factory=dict)

    @property
    def model(self) -> Model:
        return self.conn.model

    def wish(self, wish: Wish) -> None:
        self.conn.lists = wish.lists
        self.conn.subscriptions = wish.subscriptions
        self.conn.extensions = EXTENSIONS

    async def settle(self) -> None:
        """Ask for everything until there is no more."""
        self.wish(Wish.last())
        await self.target.caught_up(self.conn.account)
        for _ in range(ENOUGH):
            answer = await self.conn.sync(timeout_ms=QUIET_MS)
            if not _has_news(answer):
                self.learned = facts(self.model)
                return
        raise AssertionError(f"{self.target.name} finds no end of news")


def _has_news(answer: Answer) -> bool:
    told = (answer.rooms, answer.global_data, answer.room_data, answer.receipts)
    return any(map(bool, told))


async def play(actions: Sequence[Action], stage: Stage, players: Sequence[Player]) -> None:
    """Each request is sent to all servers when all of them know what has happened so far."""
    wish = Wish.first()
    for action in actions:
        if action.kind in AT_THE_HOMESERVER:
            await stage.carry_out(action)
            continue
        if action.kind == "wish":
            wish = wish.changed(action.numbers)
        elif action.kind == "subscribe":
            wish = wish.subscribed(stage.rooms, action.numbers)
        for player in players:
            await _ask(player, action.kind, wish)
    await _order_rooms(stage, players)
    for player in players:
        await player.settle()


async def _order_rooms(stage: Stage, players: Sequence[Player]) -> None:
    """A message in each joined room, one after the other, so that their order is known.

    What a homeserver tells in one answer has no order for our service (S-604).
    """
    for room in stage.joined:
        await stage.me.send(room, "the last")
        for player in players:
            await player.target.caught_up(stage.me)


async def _ask(player: Player, kind: str, wish: Wish) -> None:
    player.wish(wish)
    await player.target.caught_up(player.conn.account)
    if kind == "lose":
        await player.conn.ask()
        return
    if kind == "forget":
        player.conn.forget()
    await player.conn.sync()
