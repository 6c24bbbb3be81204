"""The functions that are measured exist, and are themselves again when that ends."""

import pytest
from opentelemetry.trace import NoOpTracer

from syncv3.tracing.seams import SEAMS, Seam, install, owner_of
from syncv3.tracing.wrapping import Wraps


@pytest.mark.rules("O-82")
@pytest.mark.parametrize("seam", SEAMS, ids=lambda seam: f"{seam.module}:{seam.path}")
def test_each_is_there(seam: Seam) -> None:
    owner, name = owner_of(seam)
    assert callable(getattr(owner, name))


def test_all_are_replaced_and_come_back() -> None:
    def now() -> list[object]:
        return [vars(owner).get(name) for owner, name in map(owner_of, SEAMS)]

    before = now()
    uninstall = install(Wraps(NoOpTracer()))
    during = now()
    uninstall()
    assert not any(old is new for old, new in zip(before, during, strict=True))
    assert now() == before
