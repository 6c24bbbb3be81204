"""Windows, operations, sorting and filters, with a real homeserver."""

from tests.integration.service.test_lists import *  # noqa: F403
