"""Restarts and several processes, with a real homeserver."""

from tests.integration.service.test_restarts import *  # noqa: F403
