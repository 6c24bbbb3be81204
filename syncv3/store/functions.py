"""The database's functions: the files in ``sql/``, applied when their text has changed.

A function has no data, so it needs no migration: whoever starts first with a new text drops
the old functions and makes the new ones, in one transaction. Each file says itself what it
replaces, and the files are applied in the order of their names. The text is compared by its
digest, so a changed comment makes them anew, too.

A worker of the older version that still runs then calls functions which are gone. Its
statements fail as ``UndefinedFunctionError``, which counts as a fault of the database: it
tries again until it is restarted, and loses nothing (``syncv3.store.faults``).
"""

import hashlib
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "sql"

# A row for each folder of functions: ours, and those of extensions.
_APPLIED: Final = "SELECT digest FROM ss_functions WHERE name = $1"
_NOTE: Final = """
INSERT INTO ss_functions (name, digest, applied) VALUES ($1, $2, now())
ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, applied = excluded.applied
"""


async def apply_functions(connection: Any, name: str = "core", folder: Path = FOLDER) -> bool:
    """Makes the functions of a folder, unless they are there already; whether it did.

    ``connection`` is in a transaction that holds the lock of migrations. ``name`` is under
    what the database remembers the folder.
    """
    digest = digest_of(folder)
    if await applied_functions(connection, name) == digest:
        return False
    await connection.execute(function_text(folder))
    await connection.execute(_NOTE, name, digest)
    return True


async def applied_functions(connection: Any, name: str = "core") -> str | None:
    """The digest of the functions that the database has; None: it has none."""
    found: str | None = await connection.fetchval(_APPLIED, name)
    return found


def digest_of(folder: Path) -> str:
    """What the database remembers of a folder's functions."""
    return hashlib.sha256(function_text(folder).encode()).hexdigest()


_NAMES: Final = """
SELECT p.oid::regprocedure::text FROM pg_proc p
WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'ss\\_%'
"""


async def drop_functions(connection: Any) -> None:
    """Drops all functions of ours, of which the next start makes those that it needs.

    A table cannot be dropped as long as a function takes its rows.
    """
    for (name,) in await connection.fetch(_NAMES):
        await connection.execute(f"DROP FUNCTION {name} CASCADE")
    if await connection.fetchval("SELECT to_regclass('ss_functions') IS NOT NULL"):
        await connection.execute("DELETE FROM ss_functions")


def function_text(folder: Path = FOLDER) -> str:
    """All files of a folder as one script, in the order of their names."""
    return "\n".join(path.read_text() for path in sorted(folder.glob("*.sql")))
