"""The one bound on bodies that have not arrived whole."""

from syncv3.web.bodies import Bodies


class Body:
    def __init__(self) -> None:
        self.given_up = 0

    def give_up(self) -> None:
        self.given_up += 1


def test_the_oldest_are_given_up_when_all_hold_too_much() -> None:
    bodies, (first, second, third) = Bodies(100), (Body(), Body(), Body())
    bodies.hold(first, 40)
    bodies.hold(second, 40)
    bodies.hold(first, 50)  # it grows, and stays the oldest
    assert (bodies.bytes, first.given_up) == (90, 0)
    bodies.hold(third, 40)
    assert [body.given_up for body in (first, second, third)] == [1, 0, 0]
    assert bodies.bytes == 80


def test_a_body_that_is_whole_counts_no_longer() -> None:
    bodies, first, second = Bodies(100), Body(), Body()
    bodies.hold(first, 90)
    bodies.let_go(first)
    bodies.let_go(first)
    bodies.hold(second, 90)
    assert (first.given_up, second.given_up, bodies.bytes) == (0, 0, 90)


def test_bodies_beyond_number_are_bounded_in_few_steps() -> None:
    bodies, made = Bodies(1000), [Body() for _ in range(5000)]
    for body in made:
        bodies.hold(body, 10)
    assert bodies.bytes == 1000
    assert [body.given_up for body in made] == [1] * 4900 + [0] * 100
