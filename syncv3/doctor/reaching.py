"""Names and certificates: what comes before any request.

They are looked at apart from the requests that follow, because an HTTP client's error hardly tells
"there is no such name" from "nobody listens there" or "the certificate has ended".
"""

import asyncio
import socket
import ssl
import time
from typing import Final
from urllib.parse import urlsplit

from syncv3.doctor.finding import Finding, error, ok, warning

CONNECT_S: Final = 10.0
SOON_DAYS: Final = 14  # certificates that renew themselves have done so long before
DAY_S: Final = 86_400


async def names(what: str, url: str) -> Finding:
    """Whether the host of a URL has an address here."""
    check, host = f"{what}: DNS", urlsplit(url).hostname or ""
    try:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as reason:
        return error(
            check,
            f"{host} has no address here: {reason.strerror or reason}",
            "correct the name, or the DNS of this machine or container; names such as `synapse`"
            " are known only inside one container network",
        )
    return ok(check, f"{host} is {', '.join(sorted({str(one[4][0]) for one in found}))}")


async def certificate(what: str, url: str, context: ssl.SSLContext | None = None) -> Finding | None:
    """Whether the chain is trusted, and for how long; None: the URL is not one of HTTPS."""
    check, parts = f"{what}: TLS", urlsplit(url)
    if parts.scheme != "https":
        return None
    host, port = parts.hostname or "", parts.port or 443
    try:
        async with asyncio.timeout(CONNECT_S):
            _, writer = await asyncio.open_connection(
                host, port, ssl=context or ssl.create_default_context()
            )
    except ssl.SSLCertVerificationError as reason:
        return error(
            check,
            f"the certificate of {host} is not trusted: {reason.verify_message}",
            "serve the whole chain (fullchain.pem) of a certificate for this name that has not"
            " ended; for a CA of your own set SSL_CERT_FILE",
        )
    except (OSError, TimeoutError) as reason:
        said = str(reason) or "no answer in time"
        return error(check, f"{host}:{port} speaks no TLS: {said}", "see what listens there")
    try:
        ends = str(writer.get_extra_info("peercert")["notAfter"])
    finally:
        writer.close()
    days = (ssl.cert_time_to_seconds(ends) - time.time()) / DAY_S
    if days < SOON_DAYS:
        return warning(check, f"the certificate of {host} ends in {days:.0f} days", "renew it")
    return ok(check, f"the certificate of {host} is good for {days:.0f} days")
