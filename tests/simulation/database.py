"""The database of one story after another: emptied, kept aside as a backup, put back.

Deleting a few rows is faster than truncating or cloning. Statements stay prepared and
sequences begin again, so a story finds the same database each time.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Self

import asyncpg

from tests.support.pools import Remembering

PREPARE = """
CREATE SCHEMA backup;
CREATE TABLE backup.sequences (name text, last_value bigint, is_called boolean);
DO $$
DECLARE
    t text;
    s text;
    empty text := '';
    keep text := 'DELETE FROM backup.sequences;';
    put_back text := '';
BEGIN
    FOR t IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'aerich' ORDER BY 1
    LOOP
        EXECUTE format('CREATE UNLOGGED TABLE backup.%1$I (LIKE public.%1$I)', t);
        EXECUTE format('ALTER TABLE public.%I SET (autovacuum_enabled = off)', t);
        empty := empty || format('DELETE FROM public.%I;', t);
        keep := keep || format('DELETE FROM backup.%1$I;'
            'INSERT INTO backup.%1$I TABLE public.%1$I;', t);
        put_back := put_back || format('INSERT INTO public.%1$I TABLE backup.%1$I;', t);
    END LOOP;
    FOR s IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
        empty := empty || format('PERFORM setval(%L, 1, false);', 'public.' || s);
        keep := keep || format('INSERT INTO backup.sequences'
            ' SELECT %1$L, last_value, is_called FROM public.%1$I;', s);
    END LOOP;
    put_back := empty || put_back ||
        'PERFORM setval(name::regclass, last_value, is_called) FROM backup.sequences;'
        'DELETE FROM ss_stream_fence;';
    EXECUTE format('CREATE FUNCTION backup.empty() RETURNS void LANGUAGE plpgsql AS %L',
        'BEGIN ' || empty || ' END');
    EXECUTE format('CREATE FUNCTION backup.keep() RETURNS void LANGUAGE plpgsql AS %L',
        'BEGIN ' || keep || ' END');
    EXECUTE format('CREATE FUNCTION backup.put_back() RETURNS void LANGUAGE plpgsql AS %L',
        'BEGIN ' || put_back || ' END');
END $$;
"""
SHRINK = """
SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables
WHERE schemaname IN ('public', 'backup') AND tablename NOT IN ('aerich', 'sequences')
"""
SETTINGS = {"jit": "off", "synchronous_commit": "off"}
CONNECTIONS = 2
SHRINK_AFTER = 100
"""Stories after which deleted rows are cleared away."""


class Pool:
    """A pool for those who wait for each other: connections without the upkeep of a real one.

    It gives what the product uses of ``asyncpg.Pool``.
    """

    def __init__(self, connections: list[asyncpg.Connection]) -> None:
        self._idle = connections

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[asyncpg.Connection]:
        connection = self._idle.pop()
        try:
            yield connection
        finally:
            self._idle.append(connection)

    async def fetch(self, statement: str, *arguments: Any, **more: Any) -> Any:
        async with self.acquire() as connection:
            return await connection.fetch(statement, *arguments, **more)

    async def fetchrow(self, statement: str, *arguments: Any, **more: Any) -> Any:
        async with self.acquire() as connection:
            return await connection.fetchrow(statement, *arguments, **more)

    async def fetchval(self, statement: str, *arguments: Any, **more: Any) -> Any:
        async with self.acquire() as connection:
            return await connection.fetchval(statement, *arguments, **more)

    async def execute(self, statement: str, *arguments: Any, **more: Any) -> Any:
        async with self.acquire() as connection:
            return await connection.execute(statement, *arguments, **more)


class Database:
    """A migrated database that nobody else uses. Made by ``open``."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.stories = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Self]:
        async with AsyncExitStack() as stack:
            connections = []
            for _ in range(CONNECTIONS):
                connection = await asyncpg.connect(
                    url, server_settings=SETTINGS, connection_class=Remembering
                )
                stack.push_async_callback(connection.close)
                connections.append(connection)
            if not await connections[0].fetchval("SELECT to_regnamespace('backup') IS NOT NULL"):
                await connections[0].execute(PREPARE)
            yield cls(Pool(connections))

    async def empty(self) -> None:
        """As it was when it was new."""
        self.stories += 1
        if self.stories % SHRINK_AFTER == 0:
            await self.pool.execute(f"TRUNCATE {await self.pool.fetchval(SHRINK)}")
        await self.pool.execute("SELECT backup.empty()")

    async def keep(self) -> None:
        """Makes a backup, in place of the one before."""
        await self.pool.execute("SELECT backup.keep()")

    async def put_back(self) -> None:
        """Puts the backup back: what was committed since is lost, and the fence is down."""
        await self.pool.execute("SELECT backup.put_back()")
