"""Children and parents of spaces, and that looking them up costs what is found."""

from functools import partial

from syncv3.cache.spaces import Spaces
from tests.support.costs import calls


def test_a_room_has_the_spaces_that_name_it_as_parents() -> None:
    spaces = Spaces()
    spaces.put(1, ["!a", "!b"])
    spaces.put(2, ["!b"])
    assert spaces.parents("!b") == {1, 2}
    assert spaces.change(1, "!b", valid=False)
    assert spaces.parents("!b") == {2}
    spaces.drop(2)
    assert not spaces.parents("!b") and not spaces.holds(2)


def test_what_is_no_change_is_none() -> None:
    spaces = Spaces()
    assert not spaces.change(1, "!a", valid=True)  # the space is not held: nobody has asked
    spaces.put(1, ["!a"])
    assert not spaces.change(1, "!a", valid=True)
    assert not spaces.change(1, "!b", valid=False)
    assert spaces.change(1, "!b", valid=True)


def test_children_loaded_again_replace_the_former_ones() -> None:
    spaces = Spaces()
    spaces.put(1, ["!a"])
    spaces.put(1, ["!b"])
    assert not spaces.parents("!a") and spaces.parents("!b") == {1}


def test_who_is_in_few_rooms_does_not_pay_for_many_children() -> None:
    spaces = Spaces()
    spaces.put(1, map(str, range(10_000)))
    spaces.put(2, ["5"])
    rooms = {"5": 0, "x": 0}.keys()
    assert spaces.children_among(1, rooms) == ["5"]
    many, few = (calls(partial(spaces.children_among, n, rooms)) for n in (1, 2))
    assert many == few
