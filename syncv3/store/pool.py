"""Connections to the database: how many of a process, and with which settings."""

from typing import Final

import asyncpg

from syncv3.config import Config
from syncv3.errors import ConfigError
from syncv3.store.faults import DATABASE_FAULTS

COMMAND_S: Final = 60.0
"""How long one statement may take."""
NAME: Final = "syncv3"
"""What our sessions call themselves; those of the Go proxy have no name."""
# All our statements are short: compiling one takes longer than running it.
SETTINGS: Final = {"application_name": NAME, "jit": "off"}
"""Of each session, also of those beside the pool."""


async def open_pool(config: Config) -> asyncpg.Pool:
    """The bounded pool of database connections. Raises ``ConfigError``."""
    try:
        return await asyncpg.create_pool(
            config.db,
            min_size=1,
            max_size=max(config.db_connections, 1),
            max_inactive_connection_lifetime=max(config.db_idle_s, 0),
            command_timeout=COMMAND_S,
            reset=_leave_as_it_is,
            server_settings=SETTINGS,
        )
    except DATABASE_FAULTS as error:
        raise ConfigError(f"The database cannot be reached: {type(error).__name__}.") from error


async def _leave_as_it_is(_connection: asyncpg.Connection) -> None:
    """No code here changes a session, so none is reset: that would be a round trip a use."""
