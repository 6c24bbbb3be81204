"""Messages arrive, with a real homeserver."""

from tests.integration.service.test_live import *  # noqa: F403
