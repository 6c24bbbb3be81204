"""All checks, in the order in which one explains the next.

If a name has no address, nothing that is asked there can be answered: one finding says so, and the
checks behind it, which would all fail, are left out. What does not depend on each other (the
homeserver, the database, the public address) is looked at side by side.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncv3.config import Config
from syncv3.doctor import configuration, database, homeserver, public, reaching
from syncv3.doctor.asking import Asker
from syncv3.doctor.finding import Finding
from syncv3.embedded import opened
from syncv3.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is not in the configuration, and is asked of whoever examines.

    ``public_url``: the service's address for clients; None: that of the configuration, if any.
    ``server_name``: the name in user IDs, whose well-known file is read; None: it is not.
    ``token``: an access token for what cannot be seen without one; None: that is left out.
    ``wait_s``: how many seconds the long poll is tried with.
    """

    public_url: str | None = None
    server_name: str | None = None
    token: str | None = None
    wait_s: float = 120.0


async def examine(environ: Mapping[str, str], wishes: Wishes) -> list[Finding]:
    """All findings, in the order of the checks; the good ones, too. Raises nothing of a check."""
    config, finding = configuration.read(environ)
    found = [finding, *configuration.misspelt(environ)]
    if config is None:
        return found
    parts = await asyncio.gather(
        around_homeserver(config, wishes.token), _database(config), _public(config, wishes)
    )
    return [*found, *(finding for part in parts for finding in part)]


async def around_homeserver(config: Config, token: str | None = None) -> list[Finding]:
    """Whether the homeserver can be reached, and is one; with a token also whose that is."""
    asker, server = way_to(config)
    # Behind a unix socket there is no name and no certificate to look at.
    found = [] if asker.socket else await _reach("homeserver", server)
    if any(finding.level == "error" for finding in found):
        return found
    found.append(await homeserver.versions(asker, server))
    if token and found[-1].level != "error":
        found.append(await homeserver.whoami(asker, server, token))
    return found


def way_to(config: Config) -> tuple[Asker, str]:
    """How the homeserver is asked, and the URL to ask, also if that is behind a unix socket."""
    path = config.server if config.server.startswith("/") else None
    return Asker(socket=path), "http://unix" if path else config.server


async def _database(config: Config) -> list[Finding]:
    try:
        async with opened(config.db, config.data_dir) as url:
            return await database.examine(url)
    except ConfigError as reason:
        return [database.unreachable(reason)]


async def _public(config: Config, wishes: Wishes) -> list[Finding]:
    """The way that clients take; nothing is asked if no address of it is known."""
    asker, url = Asker(), wishes.public_url or config.base_url
    found: list[Finding] = []
    if wishes.server_name:
        found.append(await public.well_known(asker, wishes.server_name, url))
    if url is None:
        return found
    url = url.rstrip("/")
    found += await _reach("public address", url)
    if any(finding.level == "error" for finding in found[-2:]):  # of name and certificate
        return found
    native = config.leaves_native_sync
    asked: Sequence[Coroutine[Any, Any, Finding]] = [
        public.route(asker, url),
        public.preflight(asker, url),
        public.versions(asker, url, native=native),
        *([public.long_poll(asker, url, wishes.token, wishes.wait_s)] if wishes.token else []),
    ]
    return [*found, *await asyncio.gather(*asked)]


async def _reach(what: str, url: str) -> list[Finding]:
    """Name and certificate of a URL's host; ``what`` it is, in the names of the checks."""
    found = await reaching.names(what, url)
    if found.level == "error":
        return [found]
    tls = await reaching.certificate(what, url)
    return [found] if tls is None else [found, tls]
