"""Whom the operator lets use this service, by user ID.

This is not the homeserver's say in who may log in: a user who is not admitted uses the homeserver
as ever, with its own sync.
"""

import re
from collections.abc import Collection, Iterable

from syncv3.errors import Forbidden


class Admission:
    """``allowed`` and ``denied`` are user IDs; in them ``*`` stands for any characters.

    Nobody named in ``allowed``: everybody but the denied. Who is in both is denied.
    """

    def __init__(self, allowed: Collection[str] = (), denied: Collection[str] = ()) -> None:
        self._allowed = _Users(allowed) if allowed else None
        self._denied = _Users(denied)

    def admits(self, user_id: str) -> bool:
        if user_id in self._denied:
            return False
        return self._allowed is None or user_id in self._allowed

    def check(self, user_id: str) -> None:
        """Raise ``Forbidden`` for who is not to use this service."""
        if not self.admits(user_id):
            raise Forbidden("this user may not use sliding sync here", limit="user")


class _Users:
    """Those that are named, and those that a pattern fits."""

    def __init__(self, named: Iterable[str]) -> None:
        names = set(named)
        self._exact = frozenset(name for name in names if "*" not in name)
        patterns = sorted(names - self._exact)
        self._pattern = re.compile("|".join(map(_as_regex, patterns))) if patterns else None

    def __contains__(self, user_id: str) -> bool:
        if user_id in self._exact:
            return True
        return self._pattern is not None and self._pattern.fullmatch(user_id) is not None


def _as_regex(pattern: str) -> str:
    """Several stars in a row are one: else they would be tried in all combinations."""
    parts = re.sub(r"\*+", "*", pattern).split("*")
    return "(?s:" + ".*".join(map(re.escape, parts)) + ")"
