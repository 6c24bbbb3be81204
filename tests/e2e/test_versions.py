"""What the homeserver can, with a real one."""

from tests.integration.service.test_versions import *  # noqa: F403
