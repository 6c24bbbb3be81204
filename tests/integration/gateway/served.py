"""``sanic tests.integration.gateway.served:app serve``: the real start, answers at once."""

from argparse import Namespace

import app as real
from syncv3.web.server import App
from tests.unit.web.fakes import FakeService


def app(args: Namespace | None = None) -> App:
    return real.application(args, FakeService.start)
