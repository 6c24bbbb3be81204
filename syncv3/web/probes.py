"""Whether the service can be used, as orchestrators and people ask it (O-C1)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from sanic import HTTPResponse, Request

from syncv3 import logs
from syncv3.complaints import Complaints, reason_of
from syncv3.web.answers import json_answer
from syncv3.web.edge import Edge

log = logging.getLogger(__name__)

PROBE_S: Final = 5.0
TOLD: Final = 10
TOLD_S: Final = 60.0
"""So many lines in so many seconds: a database under load may be away at every other look."""


class Probes:
    """The routes below ``/health``, and what the log has been told of what they found.

    Probes come every few seconds from several sides, and anybody may ask. So while the database is
    away the log hears of it once and then ever more rarely, and once when it is back.
    """

    def __init__(self) -> None:
        self._complaints = Complaints()
        self._lines = logs.Seldom(TOLD, TOLD_S)

    async def health(self, request: Request) -> HTTPResponse:
        """200 when clients can be served, else 503."""
        edge: Edge = request.app.ctx.edge
        return await self._looked(edge, edge.service.health)

    async def live(self, _request: Request) -> HTTPResponse:
        """200 as long as the process answers at all: a restart would mend nothing else.

        That the database is away, or that the service is being stopped, is no reason to kill it.
        """
        return json_answer({"status": "ok"})

    async def ready(self, request: Request) -> HTTPResponse:
        """200 when requests may be sent here, else 503; in each case what is how (S-326)."""
        edge: Edge = request.app.ctx.edge
        return await self._looked(edge, edge.service.ready)

    async def _looked(
        self, edge: Edge, look: Callable[[], Awaitable[Mapping[str, object]]]
    ) -> HTTPResponse:
        if edge.draining:
            return json_answer({"status": "stopping"}, 503)
        try:
            async with asyncio.timeout(PROBE_S):
                facts = await look()
        except Exception as error:  # a probe tells that something is wrong, whatever it is
            self._complain(error)
            return json_answer({"status": "unavailable", "database": "away"}, 503)
        if self._complaints.over():
            self._lines.log(log, logging.INFO, "the service is healthy again", {})
        if facts.get("schema", "ok") != "ok":
            return json_answer({"status": "unavailable", **facts}, 503)
        return json_answer({"status": "ok", **facts})

    def _complain(self, error: Exception) -> None:
        times = self._complaints.due(reason_of(error))
        if times is not None:
            self._lines.log(
                log,
                logging.WARNING,
                "the service is not healthy",
                {"reason": repr(error), "times": times},
            )
