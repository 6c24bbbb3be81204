"""Older messages of a room that is opened, with a real homeserver."""

from tests.integration.service.test_history import *  # noqa: F403
