"""The homeserver, as this service reaches it.

A usual mistake is to give ``SYNCV3_SERVER`` the homeserver's public name. That may be routed to
this service, which would then ask itself. So what is asked here carries the ``Via`` header by which
the service knows its own questions, and refuses them.
"""

from typing import Final

from syncv3.doctor.asking import Asker, ProbeReply
from syncv3.doctor.finding import Finding, error, ok, warning
from syncv3.version import VIA

LOOP: Final = "leads back to this service"  # of the error with which the service answers itself
SLOW_S: Final = 2.0  # ``/versions`` is no work


async def versions(asker: Asker, server: str) -> Finding:
    """Whether a homeserver answers there, and not this service itself."""
    reply = await asker.ask("GET", f"{server}/_matrix/client/versions", headers={"Via": VIA})
    return judge_versions(server, reply)


def judge_versions(server: str, reply: ProbeReply) -> Finding:
    """What an answer to ``/versions`` tells of ``server``, the value of ``SYNCV3_SERVER``."""
    check = "homeserver: versions"
    if reply.failure:
        return error(
            check,
            f"SYNCV3_SERVER ({server}) does not answer: {reply.failure}",
            "start the homeserver, or name the address of its own listener as it is reached"
            " from this machine or container",
        )
    body = reply.object or {}
    if LOOP in str(body.get("error", "")):
        return error(
            check,
            f"SYNCV3_SERVER ({server}) {LOOP}",
            "name the homeserver's own listener, not the public name that is routed here",
        )
    if reply.status in (301, 302, 307, 308):
        return error(
            check,
            f"SYNCV3_SERVER ({server}) redirects to {reply.headers.get('location', '?')}",
            "set SYNCV3_SERVER to where it leads",
        )
    if reply.status != 200 or "versions" not in body:
        return error(
            check,
            f"SYNCV3_SERVER ({server}) is no homeserver: /versions answers {reply.status}",
            "name the homeserver's client API: the address behind m.homeserver.base_url",
        )
    if reply.took_s > SLOW_S:
        return warning(
            check,
            f"/versions takes {reply.took_s:.1f} s",
            "see whether it is overloaded",
        )
    return ok(check, f"{server} is a homeserver")


async def whoami(asker: Asker, server: str, token: str) -> Finding:
    """Whose a token is. The service asks the same about each client's token."""
    reply = await asker.ask(
        "GET",
        f"{server}/_matrix/client/v3/account/whoami",
        headers={"Authorization": f"Bearer {token}"},
    )
    return judge_whoami(reply)


def judge_whoami(reply: ProbeReply) -> Finding:
    """What an answer to ``whoami`` tells of a token that should be a user's."""
    check, body = "homeserver: whoami", reply.object or {}
    if reply.status == 200 and "device_id" in body:
        return ok(check, f"the token is of {body.get('user_id')}")
    if reply.status == 200:
        return error(
            check,
            "the homeserver does not tell the token's device",
            "log in as a user does: tokens of application services and of admins have none",
        )
    if reply.status == 401:
        return error(
            check,
            "the homeserver does not know the token",
            "take one that is in use at this homeserver; if it is, SYNCV3_SERVER names another",
        )
    said = reply.failure or f"it answers {reply.status}"
    return error(check, f"the homeserver cannot be asked about tokens: {said}", "see its log")
