"""Profiles are what ``profile.proto`` says, read by another library than wrote them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from syncv3.profiling.pprof import CodeLine, Profile, Unit
from syncv3.profiling.sampling import place_of
from tests.support.pprof import read

UNITS = (Unit("samples", "count"), Unit("cpu", "nanoseconds"))
MAIN = CodeLine("main", "/app.py", 9, 1)
WORK = CodeLine("work", "/app.py", 20, 18)


def test_stacks_units_and_period_come_back() -> None:
    samples = {(MAIN, WORK): (3, 30_000_000), (MAIN,): (1, 2**40)}
    profile = read(Profile(UNITS, samples, 1, 2, 10_000_000).packed())
    assert profile.units == [("samples", "count"), ("cpu", "nanoseconds")]
    assert profile.stacks == {("work", "main"): [3, 30_000_000], ("main",): [1, 2**40]}
    assert profile.lines == {("/app.py", 9), ("/app.py", 20)}
    assert (profile.default, profile.period) == ("cpu", 10_000_000)


places = st.builds(CodeLine, st.text(), st.text(), st.integers(0, 2**31), st.integers(0, 2**31))
stacks = st.lists(places, max_size=5).map(tuple)


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(stacks, st.tuples(st.integers(0, 2**62), st.integers(0, 2**62))))
def test_no_name_and_no_number_breaks_it(
    samples: dict[tuple[CodeLine, ...], tuple[int, int]],
) -> None:
    profile = read(Profile(UNITS, samples, 0).packed())
    total = sum(numbers[1] for numbers in profile.stacks.values())
    merged = {tuple(p.function for p in reversed(stack)) for stack in samples}
    assert set(profile.stacks) == merged
    assert total <= sum(numbers[1] for numbers in samples.values())


def test_a_frame_has_its_class_and_its_line() -> None:
    assert place_of("run\x00/a.py\x007\x01cLoop\x01l12") == CodeLine("Loop.run", "/a.py", 12, 7)
    assert place_of("sleep\x00<built-in>\x000") == CodeLine("sleep", "<built-in>", 0, 0)
