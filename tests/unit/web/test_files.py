"""The open-file limit is told of once, however long it lasts."""

import logging

import pytest

from syncv3.web.files import CALM_LOOKS, OpenFiles, can_open_a_file


def said_at(looks: list[bool], caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    """Number of the look and level of each line; ``looks`` is whether a file could be opened."""
    caplog.set_level(logging.INFO)
    files, said = OpenFiles(lambda: looks[number]), []
    for number in range(len(looks)):
        caplog.clear()
        files.look()
        said += [(number, record.levelname) for record in caplog.records]
    return said


def test_a_process_that_can_open_files_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert can_open_a_file()
    assert said_at([True] * 5, caplog) == []


def test_the_limit_is_told_once_until_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    flapping = [False, True, False, False, True] * 10 + [False]
    looks = [True, *flapping, *[True] * CALM_LOOKS, True, False]
    over = len(flapping) + CALM_LOOKS
    assert said_at(looks, caplog) == [(1, "ERROR"), (over, "INFO"), (over + 2, "ERROR")]
