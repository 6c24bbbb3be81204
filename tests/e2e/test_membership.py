"""Joining and leaving, with a real homeserver."""

from tests.integration.service.test_membership import *  # noqa: F403
