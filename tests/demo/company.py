"""The people of the demonstration: they found rooms, and then they do not stop talking."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import aiohttp

from tests.support.account import Account, ApiError, text

VIEWER: Final = "alice"
OTHERS: Final = ("bob", "carol", "dora", "emil")
TOPICS: Final = {
    "Harbour": "Boats, tides and who has borrowed the dinghy",
    "Kitchen": "What there is to eat, and what was",
    "Garden": "Beans, mostly",
    "Night trains": "Timetables are a kind of poetry",
    "Repair café": "Bring it broken",
    "Choir": "Thursdays at seven",
    "Weather": "It will do something",
    "Book club": "Nobody has finished it",
}
LINES: Final = (
    "Has anybody seen my blue cup?",
    "The tide turns at six.",
    "I would not, but you may.",
    "That was a good one.",
    "Tomorrow then, if it does not rain.",
    "It works again. Do not ask how.",
    "Two more are coming.",
    "I have written it down somewhere.",
    "Could somebody open the window?",
    "We should do this every week.",
)
PARTIES: Final = 3
"""Rooms to which the viewer is invited while one watches; more would only fill the list."""


@dataclass(frozen=True, slots=True)
class Company:
    """Who is there. ``chats`` are the direct rooms that each of the others has with the viewer,
    in their order."""

    viewer: Account
    others: Sequence[Account]
    rooms: Sequence[str]
    chats: Sequence[str]

    @classmethod
    async def meet(cls, http: aiohttp.ClientSession, url: str) -> Self:
        """Register everybody at the homeserver of ``url`` and let them found their rooms.

        Each room has its first line. The viewer is in all of them and has one invitation.
        """
        viewer = await Account.register(http, url, VIEWER)
        others = [await Account.register(http, url, name) for name in OTHERS]
        rooms = [await found(name, viewer, others) for name in TOPICS]
        chats = [await other.create_dm(viewer) for other in others[:2]]
        for other, chat in zip(others, chats, strict=False):
            await viewer.join(chat)
            await other.send(chat, "Hello! Are you there?")
        await viewer.set_account_data(
            "m.direct", {o.user_id: [c] for o, c in zip(others, chats, strict=False)}
        )
        await others[-1].create_room("Surprise", public=False, invite=[viewer])
        return cls(viewer, others, rooms, chats)

    async def talk(self, *, pause_s: float = 1.0) -> None:
        """One act after another, for ever. A homeserver that refuses one is asked for another."""
        chance = random.Random()
        parties = 0
        while True:
            try:
                if parties < PARTIES and chance.random() < 0.02:
                    parties += 1
                    await self.throw_party(chance, parties)
                else:
                    await self.act(chance)
            except (ApiError, aiohttp.ClientError):
                await asyncio.sleep(pause_s)  # or it would fail all the time
            await asyncio.sleep(chance.uniform(0.3, 1.7) * pause_s)  # the pace of the talk

    async def act(self, chance: random.Random) -> None:
        """One says something: mostly in a room, at times privately, to the viewer, or typing."""
        who, line = chance.choice(self.others), chance.choice(LINES)
        room, luck = chance.choice(self.rooms), chance.random()
        if luck < 0.15:
            place = chance.randrange(len(self.chats))
            await self.others[place].send(self.chats[place], line)
        elif luck < 0.25:
            await who.send(room, mention(self.viewer, line))
        elif luck < 0.4:
            await who.type_in(room)
            await asyncio.sleep(1)  # they type
            await who.send(room, line)
        else:
            await who.send(room, line)

    async def throw_party(self, chance: random.Random, number: int) -> None:
        host = chance.choice(self.others)
        await host.create_room(f"Party {number}", public=False, invite=[self.viewer])


async def found(name: str, viewer: Account, others: Sequence[Account]) -> str:
    """A room in which everybody is, with a topic and a first line; its ID."""
    host, *guests = others
    topic = {"type": "m.room.topic", "content": {"topic": TOPICS[name]}}
    room = await host.create_room(name, state=[topic])
    for guest in (viewer, *guests):
        await guest.join(room)
    await host.send(room, f"Welcome to {name}.")
    return room


def mention(whom: Account, line: str) -> dict[str, object]:
    """A message that highlights the room for ``whom``."""
    name = whom.user_id.removeprefix("@").partition(":")[0]
    return text(f"{name}: {line}", **{"m.mentions": {"user_ids": [whom.user_id]}})
