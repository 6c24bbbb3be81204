"""Connections and ``pos``, with a real homeserver."""

from tests.integration.service.test_connections import *  # noqa: F403
