"""Applies pending migrations with aerich; loaded only when there are any."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
from aerich import Command, TortoiseContext
from tortoise.exceptions import BaseORMException

from syncv3.errors import ConfigError


async def upgrade(config: dict[str, Any], locations: Mapping[str, Path]) -> list[str]:
    """Upgrades the apps of ``locations`` (app to folder of migrations), in that order.

    Gives the names of the migrations applied. Raises ``ConfigError`` when one fails.
    """
    done: list[str] = []
    try:
        async with TortoiseContext(config):
            for app, location in locations.items():
                command = Command(config, app, str(location))
                await command.init()
                done += await command.upgrade(run_in_transaction=True)
        return done
    except (BaseORMException, asyncpg.PostgresError) as error:
        raise ConfigError(f"A migration of the database failed: {error}") from error
