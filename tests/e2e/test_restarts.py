"""Restarts, with a real homeserver. What depends on the service alone is not repeated."""

from tests.integration.service.test_restarts import (
    own,
    pair,
    pytestmark,
    test_a_connection_survives_a_restart,
    test_the_pollers_of_a_killed_process_are_taken_over,
    test_what_happens_while_the_service_is_away_arrives_afterwards,
)

__all__ = [
    "own",
    "pair",
    "pytestmark",
    "test_a_connection_survives_a_restart",
    "test_the_pollers_of_a_killed_process_are_taken_over",
    "test_what_happens_while_the_service_is_away_arrives_afterwards",
]
