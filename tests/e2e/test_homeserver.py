"""What the fake homeserver is tested for, of the real one."""

from tests.integration.service.test_homeserver import *  # noqa: F403
