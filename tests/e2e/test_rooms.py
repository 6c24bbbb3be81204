"""Which rooms appear and how, with a real homeserver."""

from tests.integration.service.test_rooms import *  # noqa: F403
