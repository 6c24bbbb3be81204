"""State, members, upgrades and spaces, with a real homeserver."""

from tests.integration.service.test_state import *  # noqa: F403
