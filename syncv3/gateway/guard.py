"""Nobody else may consume what a poller here consumes.

Whoever asks ``/sync`` with a ``since`` tells the homeserver that everything before it has
arrived, and the homeserver deletes the device's messages up to there, whatever the filter
says. If that is ahead of the poller, the poller never sees them. So a device that is polled
here gets an error instead of a second sync.
"""

from typing import Final

from sanic import Request

from syncv3.errors import Forbidden, InvalidParam
from syncv3.gateway.paths import Target
from syncv3.web.callers import Caller
from syncv3.web.ports import Service

TWO_CONSUMERS: Final = (
    "this device uses sliding sync through this service, and its /sync would take messages away"
    " from that; log in once more to use /sync on another device"
)


def tokens_of(request: Request, target: Target) -> set[str]:
    """The access tokens in a request's header and query."""
    headers = request.headers.getall("authorization", ())
    return {header.split()[-1] for header in headers if header.split()} | target.tokens


def token_of(request: Request, target: Target) -> str | None:
    """The one access token of a request, wherever the homeserver may look for it.

    Raises ``InvalidParam`` for several: nobody knows which one the homeserver takes.
    """
    tokens = tokens_of(request, target)
    if len(tokens) > 1:
        raise InvalidParam("the request has several access tokens")
    return next(iter(tokens), None)


async def refuse_second_consumer(
    request: Request, target: Target, caller: Caller, service: Service
) -> None:
    """Raise ``Forbidden`` for a ``/sync`` of a device that is polled here.

    Raises another ``MatrixError`` when it is not known whose device it is.
    """
    token = token_of(request, target)
    if token is not None and await service.polls(token, caller.address):
        raise Forbidden(TWO_CONSUMERS)
