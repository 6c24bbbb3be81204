"""What a reconnect costs on the wire."""

import pytest

from tests.integration.core.reconnect import measure


@pytest.mark.rules("R-7")
async def test_with_a_token_a_reconnect_brings_the_list_and_what_has_changed(
    database_url: str,
) -> None:
    sizes = await measure(database_url, 40)
    without, silent, some = (sizes[name] for name in ("without", "nothing new", "some news"))
    assert (without.rooms, silent.rooms, some.rooms) == (40, 0, 2)
    assert silent.body < without.body / 50
    assert some.body < without.body / 30
    assert sizes["anew"].body > without.body * 0.9
