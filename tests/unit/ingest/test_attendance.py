"""What a client is told, in place of an empty answer, of a poll that goes on but fails."""

import pytest

from syncv3.errors import BadGateway, HomeserverError, Refused, Unavailable
from syncv3.ingest.attendance import refusal, told_of, trouble_of
from syncv3.ingest.poller import LONG_POLL_MS
from syncv3.ingest.progress import PollerProgress, Stage

FAILING_S = 60.0
LONG_POLL_S = LONG_POLL_MS / 1000


def answered(status: int | None, errcode: str = "") -> HomeserverError:
    return HomeserverError("no", status=status, errcode=errcode)


@pytest.mark.rules("U-43", "UZ-6")
@pytest.mark.parametrize(
    ("failure", "told", "status"),
    [
        pytest.param(answered(None), BadGateway, 502, id="no-answer"),
        pytest.param(answered(500, "M_UNKNOWN"), BadGateway, 502, id="it-is-broken"),
        pytest.param(answered(403, "M_CONSENT_NOT_GIVEN"), Refused, 403, id="its-own-reason"),
        pytest.param(answered(401, "M_USER_LOCKED"), Refused, 401, id="locked"),
        pytest.param(answered(403), BadGateway, 502, id="a-reverse-proxy-refuses"),
        pytest.param(answered(403, "M_UNKNOWN_TOKEN"), BadGateway, 502, id="would-log-clients-out"),
        pytest.param(answered(404, "M_NOT_FOUND"), BadGateway, 502, id="another-status"),
        pytest.param(OSError("disk full"), Unavailable, 503, id="it-cannot-be-stored"),
    ],
)
def test_told_of(failure: BaseException, told: type, status: int) -> None:
    error = told_of(failure)
    assert (type(error), error.status) == (told, status)
    assert (refusal(failure) is not None) is (told is Refused)


def test_without_a_failure_nothing_is_refused() -> None:
    assert refusal(None) is None


def progress(
    stage: Stage, *, failing: float | None = None, asking: float | None = None
) -> PollerProgress:
    made = PollerProgress()
    made.stage, made.failing_since, made.asking_since = stage, failing, asking
    made.failure = None if failing is None else answered(None)
    return made


@pytest.mark.parametrize(
    ("poll", "now", "trouble"),
    [
        pytest.param(progress(Stage.CURRENT), 1000, False, id="all-is-well"),
        pytest.param(progress(Stage.CURRENT, failing=0), FAILING_S, False, id="fails-for-a-while"),
        pytest.param(progress(Stage.CURRENT, failing=0), FAILING_S + 1, True, id="for-too-long"),
        pytest.param(progress(Stage.STARTED, failing=0), FAILING_S + 1, True, id="at-the-start"),
        pytest.param(
            progress(Stage.CURRENT, asking=0), LONG_POLL_S + FAILING_S, False, id="a-long-poll"
        ),
        pytest.param(
            progress(Stage.CURRENT, asking=0), LONG_POLL_S + FAILING_S + 1, True, id="unanswered"
        ),
        pytest.param(progress(Stage.STARTED, asking=0), 10_000, False, id="a-first-answer-is-slow"),
    ],
)
def test_trouble_of(poll: PollerProgress, now: float, trouble: bool) -> None:
    assert isinstance(trouble_of(poll, now, FAILING_S), BadGateway) is trouble
