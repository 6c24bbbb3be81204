"""Whom a test of simplified sliding sync asks: Synapse's own endpoint, or one of ours."""

import itertools
import os
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import aiohttp

from tests.support.account import Account
from tests.support.service import Service
from tests.support.simplified.answer import BARRIER
from tests.support.simplified.connection import Connection
from tests.support.simplified.wire import Dialect

NATIVE: Final = "native"
DIALECTS: Final = MappingProxyType({NATIVE: Dialect.U, "ours-U": Dialect.U, "ours-S": Dialect.S})
SHORT: Final = ("ours-U", ("connections", "timeline", "clients", "invites"))
"""What is run unless ``SIMPLIFIED_TARGETS`` names targets: one of them, with these files. All
files with all targets take longer than everything else together (``make simplified``)."""

_NUMBERS = itertools.count(1)


def chosen(subject: str) -> frozenset[str]:
    """The targets of the file about a subject, ``test_<subject>.py``.

    Raises ``ValueError`` for a target that does not exist.
    """
    names = os.environ.get("SIMPLIFIED_TARGETS")
    if not names:
        target, subjects = SHORT
        return frozenset((target,) if subject in subjects else ())
    targets = frozenset(names.split(","))
    if unknown := sorted(targets - set(DIALECTS)):
        raise ValueError(f"no targets: {unknown}; there are {', '.join(DIALECTS)}")
    return targets


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint. ``service`` is ours behind it; None when it is the homeserver itself."""

    name: str
    dialect: Dialect
    http: aiohttp.ClientSession = field(repr=False)
    url: str
    service: Service | None = None
    barriers: dict[str, Connection] = field(default_factory=dict)

    @property
    def is_native(self) -> bool:
        return self.service is None

    def connect(self, account: Account, conn_id: str = "") -> Connection:
        return Connection(self.http, self.url, self.dialect, account, conn_id)

    async def caught_up(self, account: Account) -> None:
        """Return when requests of this device are answered with all that has happened until now.

        The account writes account data and waits for it on a connection of its own: what the
        homeserver knew before has come with it, or earlier.
        """
        if self.is_native:
            return
        number = next(_NUMBERS)
        await account.set_account_data(BARRIER, {"number": number})
        if account.token not in self.barriers:
            self.barriers[account.token] = self.connect(account, "barrier")
        barrier = self.barriers[account.token]
        await barrier.until(
            lambda: barrier.model.account_data.get(BARRIER) == {"number": number},
            extensions={"account_data": {"enabled": True}},
        )
