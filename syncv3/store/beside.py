"""Our schema in a database whose tables have names that our oldest migrations use as well.

A released migration is never changed, and ours of then made ``syncv3_to_device_messages``. So on
the database of the Go proxy they run in a schema of their own, in which only we look; then all
that they have made moves beside its tables. A start that is killed in between leaves that schema
behind, with nothing in it that anybody needs: the next one drops it.
"""

from typing import Any, Final

SCHEMA: Final = "syncv3_beside"

# Tables first, which take their own indexes and sequences along; then what is left.
_MOVE: Final = f"""
DO $$
DECLARE
    made text := '{SCHEMA}';
    target text := quote_ident(current_schema());
    thing record;
BEGIN
    FOR thing IN SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = made::regnamespace AND c.relkind = 'r'
    LOOP
        EXECUTE format('ALTER TABLE %I.%I SET SCHEMA %s', made, thing.relname, target);
    END LOOP;
    FOR thing IN SELECT c.relname, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TYPE' END AS kind
        FROM pg_class c
        WHERE c.relnamespace = made::regnamespace AND c.relkind IN ('S', 'c')
    LOOP
        EXECUTE format('ALTER %s %I.%I SET SCHEMA %s', thing.kind, made, thing.relname, target);
    END LOOP;
    FOR thing IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = made::regnamespace
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET SCHEMA %s', thing.oid::regprocedure, target);
    END LOOP;
END $$
"""


async def prepare(connection: Any) -> None:
    """An empty schema to migrate in; the connection is in no transaction."""
    await connection.execute("SET client_min_messages = warning")
    await connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    await connection.execute(f"CREATE SCHEMA {SCHEMA}")


async def move(connection: Any) -> None:
    """Puts all that was made there where the connection looks first, in its transaction.

    Tables take their indexes and the sequences that they own along. Dropping the empty schema
    shows that nothing was forgotten.
    """
    await connection.execute(_MOVE)
    await connection.execute(f"DROP SCHEMA {SCHEMA}")
