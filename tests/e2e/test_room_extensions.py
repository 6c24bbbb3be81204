"""Account data, typing and receipts, with a real homeserver."""

from tests.integration.service.test_room_extensions import *  # noqa: F403
