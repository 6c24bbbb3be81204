"""What is reported to Sentry: an error and where it happened, and nothing that is private."""

import logging
from collections.abc import Iterator
from contextvars import copy_context

import pytest
import sentry_sdk

from syncv3 import logs
from syncv3.web import reports
from tests.support.sink import Sink, sink

log = logging.getLogger(__name__)


@pytest.fixture
def sentry() -> Iterator[Sink]:
    with sink() as taking:
        yield taking
        sentry_sdk.init()


PRIVATE = "-".join(("syt", "hidden"))  # in parts, as a report has the lines of the source


def fails_with(text: str) -> None:
    raise LookupError(f"nothing of {len(text)} characters")


@pytest.mark.filterwarnings("ignore:The send_default_pii option")
@pytest.mark.rules("O-83")
def test_a_report_has_the_error_and_no_local_variables(sentry: Sink) -> None:
    flush = reports.start(sentry.dsn)
    log.info("something that only happened")
    try:
        fails_with(PRIVATE)
    except LookupError:
        log.exception("it has failed")
    flush()
    (report,) = sentry.bodies
    assert all(said in report for said in ("LookupError", "of 10 characters", "fails_with"))
    assert '"release"' in report and '"dist"' in report
    assert PRIVATE not in report


def fail_for_alice(text: str) -> None:
    logs.begin_request()
    logs.note(u="@alice:hs", dev="PHONE", c="room", p=7)
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("it has failed", extra={"reason": text})


@pytest.mark.filterwarnings("ignore:The send_default_pii option")
@pytest.mark.rules("O-83", "O-6H")
@pytest.mark.parametrize(
    "text",
    [
        f"the header was Bearer {PRIVATE}",
        f"GET /sync?access_token={PRIVATE}&x=1",
        f"invalid input for query argument $3: {{'body': '{PRIVATE}'}} (expected str)",
        f"duplicate key\nDETAIL:  Key (room_id)=({PRIVATE}) already exists.",
        f"invalid literal for int() with base 10: '{PRIVATE}'",
    ],
    ids=["header", "query", "argument", "detail", "number"],
)
def test_texts_of_errors_are_told_without_what_may_be_private(sentry: Sink, text: str) -> None:
    flush = reports.start(sentry.dsn)
    copy_context().run(fail_for_alice, text)
    flush()
    (report,) = sentry.bodies
    assert PRIVATE not in report
    assert all(said in report for said in ("ValueError", "@alice:hs", "PHONE", "it has failed"))
