"""The tokens of to-device messages."""

import pytest

from extensions.to_device import (
    DEFAULT_LIMIT,
    MOST,
    TAKEN_OVER,
    ToDevice,
    ToDeviceConfig,
    ToDeviceToken,
    read_token,
)


@pytest.mark.rules("TD-9a")
def test_a_token_names_an_epoch_and_a_position() -> None:
    assert read_token("t1700000000000000_42") == ToDeviceToken(1_700_000_000_000_000, 42)


@pytest.mark.rules("TD-9a")
def test_a_bare_decimal_is_of_the_database_that_was_taken_over() -> None:
    assert read_token("42") == ToDeviceToken(TAKEN_OVER, 42)


@pytest.mark.rules("TD-5")
@pytest.mark.parametrize(
    "text", ["", "t", "t1", "t_", "t1_", "t_1", "x1_2", "-1", "1.5", "²", "t1_2_3", "9" * 19 + "9"]
)
def test_anything_else_is_no_token(text: str) -> None:
    assert read_token(text) is None


@pytest.mark.rules("TD-1")
def test_the_limit_has_a_default_and_a_bound() -> None:
    extension = ToDevice()
    assert extension.configure({}) == ToDeviceConfig(DEFAULT_LIMIT, None)
    assert extension.configure({"limit": 0}) == ToDeviceConfig(DEFAULT_LIMIT, None)
    assert extension.configure({"limit": 10**9, "since": "7"}) == ToDeviceConfig(
        MOST, ToDeviceToken(0, 7)
    )
