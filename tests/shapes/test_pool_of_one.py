"""One process with one database connection for everything but heartbeat and bus."""

import pytest

from tests.integration.service.test_extensions import *  # noqa: F403
from tests.integration.service.test_live import *  # noqa: F403
from tests.support.shapes import POOL1, Shape


@pytest.fixture(scope="module")
def shape() -> Shape:
    return POOL1
