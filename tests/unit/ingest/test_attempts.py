"""Whether a part that is fenced had been written before."""

from typing import Any

import pytest

from syncv3.ingest.attempts import was_written
from tests.unit.ingest.build import part

WRITTEN: dict[str, Any] = {"owner": "worker", "lease_no": 7, "since": "s2"}


@pytest.mark.parametrize(
    ("row", "next_since", "written"),
    [
        pytest.param(WRITTEN, "s2", True, id="its-own-since-is-stored"),
        pytest.param(WRITTEN | {"since": "s1"}, "s2", False, id="since-has-not-moved"),
        pytest.param(WRITTEN | {"since": "s3"}, "s2", False, id="since-has-moved-elsewhere"),
        pytest.param(WRITTEN | {"lease_no": 8}, "s2", False, id="a-newer-lease"),
        pytest.param(WRITTEN | {"owner": "other"}, "s2", False, id="another-worker"),
        pytest.param(WRITTEN | {"since": None}, None, False, id="not-its-answer's-last-part"),
    ],
)
def test_was_written(row: dict[str, Any], next_since: str | None, written: bool) -> None:
    assert was_written(part(next_since=next_since), row) is written
