"""How far a position of another epoch counts."""

import pytest

from syncv3.engine.paging import end_of_epoch
from syncv3.store.stream import Epoch

EPOCHS = {10: Epoch(10, 1, 90), 20: Epoch(20, 1000, None)}


@pytest.mark.rules("S-605")
@pytest.mark.parametrize(
    ("epoch", "last"),
    [
        pytest.param(20, None, id="the present one"),
        pytest.param(10, 90, id="one that has ended"),
        pytest.param(15, 90, id="lost as a whole: it followed the one before"),
        pytest.param(5, 0, id="from before all that is known"),
        pytest.param(25, 0, id="one to come"),
    ],
)
def test_a_position_counts_up_to_the_end_of_its_epoch(epoch: int, last: int | None) -> None:
    assert end_of_epoch(epoch, EPOCHS) == last
