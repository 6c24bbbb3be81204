"""A database that the Go proxy v0.99.19 left behind (``tests/data/go-proxy``), and whose it is."""

import json
from pathlib import Path
from typing import Any, Final

import asyncpg

from tests.support.homeserver import FakeHomeserver
from tests.support.postgres import Postgres
from tests.support.world import Device

DATA: Final = Path(__file__).resolve().parents[1] / "data" / "go-proxy"
FACTS: Final[dict[str, Any]] = json.loads((DATA / "facts.json").read_text())
SECRET: Final[str] = FACTS["secret"]
PEOPLE: Final[dict[str, dict[str, str]]] = FACTS["users"]


async def left_behind(postgres: Postgres) -> str:
    """The URL of a new database with what the Go proxy has left."""
    url = await postgres.clone("template0")
    connection = await asyncpg.connect(url)
    lines = (DATA / "database.sql").read_text().splitlines()
    try:
        await connection.execute("\n".join(line for line in lines if not line.startswith("\\")))
    finally:
        await connection.close()
    return url


async def known_to(homeserver: FakeHomeserver, url: str) -> None:
    """The homeserver has these people and their devices, and a room each of them is in.

    The devices' ``since`` are its own now: it has answered up to the present.
    """
    world = homeserver.world
    for person in PEOPLE.values():
        user_id, device_id = person["user_id"], person["device_id"]
        world.users.setdefault(user_id, {})
        device = world.devices.setdefault((user_id, device_id), Device(user_id, device_id))
        device.tokens.add(person["access_token"])
        world.tokens[person["access_token"]] = device
    for user_id in {person["user_id"] for person in PEOPLE.values()}:
        world.create_room(user_id, name=f"{user_id}'s")
    connection = await asyncpg.connect(url)
    now = f"s{world.position}"
    await connection.execute("UPDATE syncv3_sync2_devices SET since = $1", now)
    await connection.close()
