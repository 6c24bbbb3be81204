"""Whether the homeserver answers, and what of that is counted."""

import pytest

from syncv3.errors import HomeserverError
from syncv3.metrics import Metrics
from syncv3.upstream.contact import Contact, kind_of


def ask(contact: Contact, status: int | None, path: str = "/_matrix/client/v3/sync?a=b") -> None:
    """A question that is answered with this status; None: with nothing."""
    with contact.asking(path) as question:
        if status is None:
            raise HomeserverError("no route")
        question.status = status


@pytest.mark.rules("S-326")
def test_a_homeserver_answers_also_when_it_refuses() -> None:
    contact = Contact()
    assert contact.state == "not asked yet"
    for status, state in ((200, "ok"), (502, "failing"), (401, "ok")):
        ask(contact, status)
        assert contact.state == state
    with pytest.raises(HomeserverError):
        ask(contact, None)
    assert contact.state == "failing"


def test_a_question_that_is_given_up_says_nothing() -> None:
    contact = Contact()
    with pytest.raises(KeyboardInterrupt), contact.asking("/x"):
        raise KeyboardInterrupt
    assert contact.state == "not asked yet"


@pytest.mark.rules("O-C5")
def test_answers_are_counted_by_status_and_timed_by_what_was_asked() -> None:
    metrics = Metrics()
    contact = Contact(metrics)
    ask(contact, 200)
    with pytest.raises(HomeserverError):
        ask(contact, None)
    page = metrics.exposition().decode()
    assert '\nsliding_sync_poller_num_upstream_responses{status="200"} 1.0\n' in page
    assert '\nsliding_sync_poller_num_upstream_responses{status="0"} 1.0\n' in page
    assert '\nsliding_sync_poller_upstream_duration_secs_count{request="sync"} 2.0\n' in page


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/_matrix/client/versions", "versions"),
        ("/_matrix/client/v3/account/whoami", "whoami"),
        ("/_matrix/client/v3/rooms/!a%2Fsync:hs/members", "members"),
        ("/_matrix/client/v3/rooms/!a:hs/context/$e", "context"),
        ("/_matrix/client/v3/rooms/!a:hs/state/m.room.member/@u:hs", "state"),
        ("/_matrix/client/v1/rooms/!a:hs/threads", "other"),
    ],
)
def test_a_path_is_one_of_a_few_words(path: str, kind: str) -> None:
    assert kind_of(path) == kind
