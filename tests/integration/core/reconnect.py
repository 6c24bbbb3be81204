"""``python -m tests.integration.core.reconnect``: bytes of a reconnect with stored rooms.

A client lists all rooms of an account, five of their newest events and some of their state, with
account data and receipts. It ends, and begins a new connection: without a delta token, and with
one. Meanwhile nothing has happened, or one message has come in a twentieth of the rooms.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from extensions.account_data import AccountData
from extensions.receipts import Receipts
from syncv3.store.migrate import apply_migrations
from syncv3.types import Event, RoomID
from tests.integration.core.build import ALICE, CAROL, World, account_data, chunk, event
from tests.support.postgres import Postgres

STATE: Final = ("create", "name", "topic", "avatar", "encryption", "join_rules", "tombstone")
SHARE: Final = 20
SIZES: Final = (20, 1_000)
BATCH: Final = 50


@dataclass(frozen=True, slots=True)
class Bytes:
    """One reconnect: the size of the answer's body, and how many rooms it has."""

    body: int
    rooms: int


def _room(number: int) -> list[Event]:
    state = [
        event(f"{number}-{kind}", f"m.room.{kind}", CAROL, key="",
              content={"name": f"Room {number}", "topic": "what we talk about here " * 4,
                       "url": f"mxc://example.org/{number:032}", "algorithm": "m.megolm.v1.x",
                       "join_rule": "invite"})
        for kind in STATE[1:-1]
    ]  # fmt: skip
    return [*state, *(_message(number, n) for n in range(10))]


def _message(number: int, n: int) -> Event:
    text = {"msgtype": "m.text", "body": f"{number} {n} " + "and so on and so forth " * 4}
    return event(f"{number}-m{n}", sender=CAROL, content=text)


def _id(number: int) -> RoomID:
    return RoomID(f"!{number:018}:example.org")


async def _fill(world: World, rooms: int) -> None:
    for first in range(0, rooms, BATCH):
        batch = range(first, min(first + BATCH, rooms))
        joined = {
            _id(n): chunk(
                *_room(n), state=_founding(n),
                account_data=(account_data("m.fully_read", {"event_id": f"${n}-m9"}),),
                ephemeral=(_read(n),),
            )
            for n in batch
        }  # fmt: skip
        await world.poll(ALICE, 10 + first, joined=joined)


def _founding(number: int) -> Sequence[Event]:
    created = event(f"{number}-create", "m.room.create", CAROL, content={}, key="")
    me = {"membership": "join", "displayname": "Alice"}
    return created, event(f"{number}-me", "m.room.member", ALICE, content=me, key=ALICE)


def _read(number: int) -> bytes:
    content = {f"${number}-m9": {"m.read": {ALICE: {"ts": 1_700_000_000_000}}}}
    return json.dumps({"type": "m.receipt", "content": content}).encode()


async def _begin(world: World, rooms: int, token: str) -> tuple[Bytes, str]:
    state = [[f"m.room.{kind}", ""] for kind in STATE]
    asked = {
        "ranges": [[0, rooms - 1]], "timeline_limit": 5,
        "required_state": [*state, ["m.room.member", "$ME"]],
    }  # fmt: skip
    on = {"enabled": True}
    body: dict[str, Any] = {
        "lists": {"all": asked}, "extensions": {"account_data": on, "receipts": on},
        "delta_token": token,
    }  # fmt: skip
    answer = await world.sync(ALICE, body=body)
    written = world.dialect.write(answer)
    return Bytes(len(written), len(answer.rooms)), str(answer.resume)


async def measure(url: str, rooms: int) -> dict[str, Bytes]:
    """What a first request brings without a token, then with one, before and after some news."""
    world = await World.start(url, [AccountData(), Receipts()])
    try:
        await _fill(world, rooms)
        before, token = await _begin(world, rooms, "")
        silent, _ = await _begin(world, rooms, token)
        news = {_id(n): chunk(_message(n, 10)) for n in range(0, rooms, SHARE)}
        await world.poll(ALICE, 100_000, joined=news)
        some, _ = await _begin(world, rooms, token)
        anew, _ = await _begin(world, rooms, "")
        return {"without": before, "nothing new": silent, "some news": some, "anew": anew}
    finally:
        await world.stop()


def main() -> None:
    logging.disable(logging.ERROR)
    server = Postgres.start()
    try:
        asyncio.run(server.make_template(apply_migrations))
        for rooms in SIZES:
            for name, found in asyncio.run(measure(asyncio.run(server.clone()), rooms)).items():
                print(f"{rooms} rooms, {name}: {found}")
    finally:
        server.close()


if __name__ == "__main__":
    main()
