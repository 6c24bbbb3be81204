"""Messages to devices and their keys, with a real homeserver."""

from tests.integration.service.test_device_extensions import *  # noqa: F403
