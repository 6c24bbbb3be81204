"""The configs of one connection: each once, with a number, and not too many."""

import pytest
from msgspec.structs import replace

from syncv3.dialects.msc3575.dialect import MSC3575
from syncv3.dialects.msc3575.required_state import RequiredState
from syncv3.engine.configs import MOST, MOST_BYTES, NOTHING, Configs
from syncv3.engine.view import Sent
from syncv3.protocol.request import RoomConfig
from tests.support.keeping import Keeping

TOPIC, NAME = ("m.room.topic", ""), ("m.room.name", "")


def config(limit: int, *state: tuple[str, str]) -> RoomConfig:
    return RoomConfig(limit, (RequiredState(state),) if state else ())


def sent(limit: int, *state: tuple[str, str], kept: tuple[tuple[str, str], ...] = ()) -> Sent:
    asked = config(limit, *state)
    return Sent(asked.number, 1, asked, kept=frozenset(kept), kept_upto=7 if kept else 0)


def of(*rooms: Sent) -> Configs:
    configs = Configs(Keeping())
    for room in rooms:
        configs.add(room)
    return configs


@pytest.mark.rules("S-57")
@pytest.mark.parametrize(
    "room",
    [
        pytest.param(sent(0), id="nothing at all"),
        pytest.param(sent(20, TOPIC, NAME), id="state"),
        pytest.param(sent(20, NAME, kept=(TOPIC,)), id="state that was kept"),
        pytest.param(replace(sent(20, NAME), inside=True), id="the user was in it"),
        pytest.param(sent(5, ('m."\\\x00type', "\U0001f600")), id="odd names"),
    ],
)
def test_what_a_room_was_sent_with_comes_back_as_it_was(room: Sent) -> None:
    configs = of(sent(1), room, sent(2))
    number = configs.number(room)
    again = Configs(Keeping(), configs.write())
    bare = Sent(room.config_id, room.generation, kept_upto=room.kept_upto)
    assert again.sent(number, bare) == room
    assert again.write() == configs.write()


def test_equal_configs_have_one_number_and_no_number_means_two() -> None:
    configs = of(sent(1, TOPIC), sent(1, TOPIC), sent(1, TOPIC, kept=(NAME,)))
    assert len(configs) == 2
    again = Configs(Keeping(), configs.write())
    again.add(sent(9))
    numbers = {
        again.number(room) for room in (sent(1, TOPIC), sent(1, TOPIC, kept=(NAME,)), sent(9))
    }
    assert len(numbers) == 3


@pytest.mark.rules("L-53")
def test_a_dialect_that_stores_no_configs_has_only_their_numbers() -> None:
    configs = Configs(MSC3575(), needed=False)
    configs.add(sent(1, TOPIC))
    assert (configs.number(sent(1, TOPIC)), configs.write()) == (None, b"")
    assert configs.sent(None, Sent(5, 1)) == Sent(5, 1)


@pytest.mark.rules("R-7")
def test_it_stores_them_for_a_client_that_may_come_back_with_its_rooms() -> None:
    configs = Configs(MSC3575(), needed=False)
    configs.wanted = True
    configs.add(sent(1, TOPIC))
    again = Configs(MSC3575(), configs.write(), needed=False)
    before = sent(1, TOPIC)
    assert again.sent(configs.number(before), Sent(before.config_id, 1)) == before
    assert configs.number(sent(2)) is None  # its number says enough for this connection


@pytest.mark.rules("S-57")
def test_of_too_many_configs_those_that_few_rooms_have_are_forgotten() -> None:
    """Of their rooms nothing counts as sent any more, unless they are shown just now."""
    many, few = sent(1, TOPIC), [sent(limit, kept=(NAME,)) for limit in range(MOST)]
    rooms = {key: many for key in range(100)} | dict(enumerate(few, start=100))
    configs = of(many, *few)
    assert configs.too_many()
    left = configs.forget_surplus(rooms, {100})
    assert len(configs) == MOST // 2 and not configs.too_many()
    assert left.keys() == rooms.keys() and all(left[key] is many for key in range(100))
    assert left[100] == sent(0)  # without what it had kept
    forgotten = left[101]
    assert (forgotten.config, forgotten.config_id) == (NOTHING, NOTHING.number)
    assert (forgotten.kept, forgotten.kept_upto) == (frozenset(), 0)
    assert left[max(left)] is few[-1]


@pytest.mark.rules("S-57")
def test_a_row_whose_config_was_forgotten_reads_as_the_room_in_memory() -> None:
    few = [sent(limit) for limit in range(1, MOST + 2)]
    configs = of(*few)
    number = configs.number(few[0])
    [left, *_] = configs.forget_surplus(dict(enumerate(few)), ()).values()
    again = Configs(Keeping(), configs.write())
    bare = Sent(few[0].config_id, few[0].generation)
    assert again.sent(number, bare) == left == again.sent(configs.number(few[0]), bare)


def test_the_number_of_a_forgotten_config_is_not_given_to_another() -> None:
    few = [sent(limit) for limit in range(1, MOST + 2)]
    configs = of(*few)
    numbers = {configs.number(room) for room in few}
    configs.forget_surplus({}, ())
    again = Configs(Keeping(), configs.write())
    again.add(sent(1000))
    assert again.number(sent(1000)) not in numbers


def test_configs_that_are_too_large_are_forgotten() -> None:
    large = [sent(1, ("m.x", f"{n}" * 60_000)) for n in range(5)]
    configs = of(*large)
    assert configs.too_many()
    configs.forget_surplus(dict(enumerate(large)), ())
    assert 0 < len(configs.write()) <= MOST_BYTES // 2 + 100
