"""Warnings about an answer are told once."""

import logging

import pytest

from syncv3.batch import JoinedRoom
from syncv3.ingest import remarks as module
from syncv3.ingest.remarks import Remarks
from tests.unit.ingest.build import GARDEN, KITCHEN, part

PIECE = part(joined={KITCHEN: JoinedRoom()}, next_since=None)


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    lines = [f"{line.__dict__['room']} {line.getMessage()}" for line in caplog.records]
    caplog.clear()
    return lines


@pytest.fixture(autouse=True)
def _warnings(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, module.__name__)


def test_an_answer_that_is_fetched_again_is_not_warned_of_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    remarks = Remarks()
    for what in ("odd", "odd", "odder"):
        remarks.warn(PIECE, KITCHEN, what)
    assert len(warned(caplog)) == 2
    remarks.over(PIECE)  # its answer has more parts, and may be fetched again
    remarks.warn(PIECE, KITCHEN, "odd")
    assert warned(caplog) == []
    remarks.over(part())
    remarks.warn(PIECE, KITCHEN, "odd")
    assert warned(caplog) == [f"{KITCHEN} In @alice:hs's sync: odd"]


def test_rooms_and_devices_are_told_apart(caplog: pytest.LogCaptureFixture) -> None:
    remarks = Remarks()
    for device, room_id in ((1, KITCHEN), (1, GARDEN), (1, None), (2, KITCHEN)):
        remarks.warn(part(device), room_id, "odd")
    assert len(warned(caplog)) == 4


def test_what_planning_remarks_is_told_of_the_part_with_the_room(
    caplog: pytest.LogCaptureFixture,
) -> None:
    remarks = Remarks()
    garden = part(2, joined={GARDEN: JoinedRoom()}, user_id="@bob:hs")
    remarks.pass_on([PIECE, garden], [(GARDEN, "odd")])
    assert warned(caplog) == [f"{GARDEN} In @bob:hs's sync: odd"]
