"""The service as clients reach it: through a reverse proxy, found by a well-known file.

Four things go wrong between a client and a service that is well. The path of sync is routed to
somebody else (``route``). Browsers are refused, because a proxy answers ``OPTIONS`` itself, or
sends headers of its own beside ours (``preflight``). Clients do not learn that there is a sliding
sync: those of MSC3575 look into the well-known file, the others at ``/versions``. And a proxy cuts
off answers that take long (``long_poll``): an error for a client whenever nothing happens.
"""

from typing import Any, Final
from urllib.parse import urlsplit

from syncv3.doctor.asking import Asker, ProbeReply
from syncv3.doctor.finding import Finding, error, ok, warning

# The path of sync, the flag in ``/versions``, and the key in the well-known file.
MSC3575: Final = "/_matrix/client/unstable/org.matrix.msc3575/sync"
SIMPLIFIED: Final = "org.matrix.simplified_msc3575"
KEY: Final = "org.matrix.msc3575.proxy"
# What a browser asks before it lets a page of another site send a request with a token.
ORIGIN: Final = {
    "Origin": "https://client.invalid",
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}
BEHIND: Final = 10.0
"""Seconds that an answer may take beyond the wait that was asked for."""
GATEWAY_TIMEOUTS: Final = (502, 504, 524)  # the last is Cloudflare's


async def route(asker: Asker, url: str) -> Finding:
    """Whether the path of sync leads to this service, which answers without a token that it is
    missing."""
    return judge_route(url, await asker.ask("POST", url + MSC3575, body={}))


def judge_route(url: str, reply: ProbeReply) -> Finding:
    """What the answer to a request of sync without a token tells."""
    check = "public address: route"
    if reply.failure:
        return error(check, f"{url} does not answer: {reply.failure}", "see the reverse proxy")
    code = (reply.object or {}).get("errcode")
    if reply.status == 401 and code == "M_MISSING_TOKEN":
        return ok(check, f"{url} leads to a sliding sync")
    if reply.status in GATEWAY_TIMEOUTS or reply.status == 503:
        return error(
            check,
            f"{url} answers {reply.status} for the sync path",
            "the reverse proxy does not reach this service: compare its upstream with"
            " SYNCV3_BINDADDR",
        )
    return error(
        check,
        f"{url} answers {reply.status} {code or ''}".rstrip() + " for the sync path",
        f"route {MSC3575} to this service, without changing the path",
    )


async def preflight(asker: Asker, url: str) -> Finding:
    """Whether browsers may send requests there from pages of other sites."""
    return judge_preflight(await asker.ask("OPTIONS", url + MSC3575, headers=ORIGIN))


def judge_preflight(reply: ProbeReply) -> Finding:
    """What the answer to a browser's ``OPTIONS`` tells."""
    check = "public address: CORS"
    if reply.failure or reply.status not in (200, 204):
        said = reply.failure or f"it answers {reply.status}"
        return error(
            check, f"browsers' OPTIONS is refused: {said}", "pass OPTIONS on to this service"
        )
    if len(reply.origins) != 1:
        return error(
            check,
            f"Access-Control-Allow-Origin comes {len(reply.origins)} times",
            "let it come once, from one place: the service sends it, the proxy needs not",
        )
    allowed = reply.headers.get("access-control-allow-headers", "").lower()
    if "authorization" not in allowed:
        return error(
            check,
            "Access-Control-Allow-Headers lacks Authorization",
            "do not replace the service's header in the reverse proxy",
        )
    return ok(check, "browsers may ask")


async def versions(asker: Asker, url: str, *, native: bool) -> Finding:
    """Whether clients learn there that they may use the simplified dialect.

    ``native``: that dialect is left to the homeserver, so it need not be announced.
    """
    return judge_versions(await asker.ask("GET", f"{url}/_matrix/client/versions"), native=native)


def judge_versions(reply: ProbeReply, *, native: bool) -> Finding:
    check, body = "public address: versions", reply.object or {}
    features = body.get("unstable_features")
    if isinstance(features, dict) and (native or features.get(SIMPLIFIED)):
        return ok(check, "clients learn of the simplified dialect")
    said = reply.failure or f"/versions answers {reply.status} without {SIMPLIFIED}"
    return warning(
        check,
        f"Element X and other clients of today see no sliding sync: {said}",
        "route /_matrix/client/versions to this service at the homeserver's own address"
        " (docs/deploy), unless only clients of MSC3575 are to be served",
    )


async def well_known(asker: Asker, server_name: str, url: str | None) -> Finding:
    """Whether clients of MSC3575 find the service by the name in user IDs.

    ``url`` is the address that the file should name; None: any will do.
    """
    scheme = "" if "://" in server_name else "https://"
    reply = await asker.ask("GET", f"{scheme}{server_name}/.well-known/matrix/client")
    return judge_well_known(reply, url)


def judge_well_known(reply: ProbeReply, url: str | None) -> Finding:
    check = "well-known file"
    if reply.failure or reply.status != 200:
        said = reply.failure or f"it answers {reply.status}"
        return error(check, f"there is none: {said}", "publish it (README.md)")
    body = reply.object
    if body is None or not _url_in(body, "m.homeserver", "base_url"):
        return error(check, "it has no m.homeserver.base_url", "add the homeserver's public URL")
    if not reply.origins:
        return error(
            check, "browsers may not read it", "send it with Access-Control-Allow-Origin: *"
        )
    proxy = proxy_in(reply)
    if proxy is None:
        return warning(
            check,
            f"it has no {KEY}: clients of MSC3575 do not find the service",
            f'add "{KEY}": {{"url": "{url or "https://…"}"}}, unless none are to be served',
        )
    if urlsplit(proxy).scheme not in ("http", "https"):
        return error(check, f"{KEY} is no URL: {proxy}", "begin it with https://")
    if url is not None and proxy.rstrip("/") != url.rstrip("/"):
        return error(
            check,
            f"{KEY} is {proxy}, and the service's address {url}",
            "let it name the address that is routed here",
        )
    return ok(check, f"it names {proxy}")


def proxy_in(reply: ProbeReply) -> str | None:
    """The address of a sliding sync that a well-known file names."""
    return _url_in(reply.object or {}, KEY, "url")


def _url_in(body: dict[str, Any], key: str, name: str) -> str | None:
    inner = body.get(key)
    value = inner.get(name) if isinstance(inner, dict) else None
    return value if isinstance(value, str) and value else None


async def long_poll(asker: Asker, url: str, token: str, wait_s: float) -> Finding:
    """Whether an answer may take as long as clients let it: measured, with a token.

    ``wait_s`` is how many seconds the service is asked to wait for news. The first answer gives a
    ``pos``, and the second request, with that, has nothing to be told: so it waits.
    """
    headers = {"Authorization": f"Bearer {token}"}
    body = {"conn_id": "doctor"}
    first = await asker.ask("POST", url + MSC3575, headers=headers, body=body, timeout_s=120)
    pos = (first.object or {}).get("pos")
    if first.status != 200 or not isinstance(pos, str):
        said = first.failure or f"it answers {first.status}"
        return error("public address: long poll", f"no first answer: {said}", "see the log")
    reply = await asker.ask(
        "POST",
        f"{url}{MSC3575}?pos={pos}&timeout={wait_s * 1000:.0f}",
        headers=headers,
        body=body,
        timeout_s=wait_s + BEHIND,
    )
    return judge_long_poll(reply, wait_s)


def judge_long_poll(reply: ProbeReply, wait_s: float) -> Finding:
    """What the second answer tells: it should have taken ``wait_s`` seconds."""
    check = "public address: long poll"
    if reply.status == 200 and reply.took_s < wait_s - 1:
        return warning(
            check,
            f"not measured: there was news after {reply.took_s:.0f} s",
            "try again with a token of an account in which nothing happens",
        )
    if reply.status == 200:
        return ok(check, f"an answer may take {reply.took_s:.0f} s")
    said = reply.failure or f"{reply.status}"
    return error(
        check,
        f"an answer that takes {wait_s:.0f} s is cut off after {reply.took_s:.0f} s: {said}",
        "set the reverse proxy's time-out (nginx: proxy_read_timeout) to 180 s, longer than"
        " SYNCV3_LONGEST_POLL_SECS",
    )
