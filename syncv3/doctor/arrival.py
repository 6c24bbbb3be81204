"""What each start looks at by itself: mistakes that a configuration does not show.

The service serves meanwhile and goes on whatever is found: a homeserver may come up later
than this service. But the log says what is wrong, in words that name what to change, before
the first client meets it.
"""

import logging
from typing import Final
from urllib.parse import urlsplit

from syncv3.config import Config
from syncv3.doctor import public
from syncv3.doctor.asking import Asker
from syncv3.doctor.examination import around_homeserver, way_to
from syncv3.doctor.finding import Finding

log = logging.getLogger(__name__)

KEYS: Final = "/_matrix/key/v2/server"  # where a homeserver says its own name
LEVELS: Final = {"warning": logging.WARNING, "error": logging.ERROR}  # all is well: no line


async def look(config: Config, web: Asker | None = None) -> list[Finding]:
    """What is wrong; the log is told of it. Empty if all is well.

    ``web`` asks what is reached from outside, such as the well-known file; tests give their own.
    """
    found = await around_homeserver(config)
    if not any(finding.level == "error" for finding in found):
        found += await _well_known(config, web or Asker())
    wrong = [finding for finding in found if finding.level != "ok"]
    for finding in wrong:
        log.log(LEVELS[finding.level], "%s: %s", finding.said, finding.advice)
    return wrong


async def _well_known(config: Config, web: Asker) -> list[Finding]:
    """Whether clients of MSC3575, who look there, find this service.

    That nothing is published is no mistake, as other clients look elsewhere; so only a file
    that names a wrong address is one.
    """
    # The file is at the name in user IDs, which nobody has configured here; the homeserver has it
    # in what it publishes for other servers.
    asker, server = way_to(config)
    name = (await asker.ask("GET", server + KEYS)).object or {}
    host = urlsplit(f"//{name.get('server_name', '')}").hostname
    if not host:
        return []
    reply = await web.ask("GET", f"https://{host}/.well-known/matrix/client")
    if reply.status != 200 or public.KEY not in (reply.object or {}):
        return []
    found = public.judge_well_known(reply, config.base_url)
    url = public.proxy_in(reply)
    if found.level != "ok" or url is None:
        return [found]
    return [await public.route(web, url.rstrip("/"))]
