"""How long is waited when the database fails, and what is told of that."""

import logging
from itertools import islice
from typing import Any

import pytest

from syncv3.ingest import faults as module
from syncv3.ingest.faults import FIRST_S, MOST_S, Faults, pauses


def test_pauses_double_up_to_a_bound() -> None:
    first = list(islice(pauses(), 20))
    assert first[:3] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S]
    assert first[-1] == max(first) == MOST_S


async def test_each_fault_is_counted_and_the_same_one_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    counted: list[Exception] = []
    no_pool: Any = None
    faults, error = Faults(no_pool, counted.append), ConnectionResetError("cut")
    with caplog.at_level(logging.WARNING, module.__name__):
        for _ in range(3):
            await faults.meet(error)
            faults.complain(error)
        assert (len(counted), len(caplog.records)) == (3, 1)
        faults.over()
        faults.complain(error)
    assert len(caplog.records) == 2
