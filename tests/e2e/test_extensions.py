"""The extensions, with a real homeserver."""

from tests.integration.service.test_extensions import *  # noqa: F403
