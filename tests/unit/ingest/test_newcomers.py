"""What a client is told that waits for a poll which does not come about."""

import asyncio

import pytest

from syncv3.errors import BadGateway, HomeserverError, LeaseLost, Refused, Stopping, UnknownToken
from syncv3.ingest import progress as module
from syncv3.ingest.newcomers import UNREACHABLE_AFTER, why_ended, why_hopeless
from syncv3.ingest.progress import PollerProgress, Stage

NO_ANSWER = HomeserverError("no route")
BROKEN = HomeserverError("oops", status=502)
LOCKED = HomeserverError("locked", status=401, errcode="M_USER_LOCKED")
OFTEN = UNREACHABLE_AFTER


async def after(*failures: Exception) -> PollerProgress:
    progress = PollerProgress()
    for failure in failures:
        progress.failed(failure)
    return progress


@pytest.mark.rules("U-25")
@pytest.mark.parametrize(
    ("failures", "told"),
    [
        pytest.param([], None, id="no-failure"),
        pytest.param([NO_ANSWER] * (OFTEN - 1), None, id="not-yet"),
        pytest.param([NO_ANSWER] * OFTEN, BadGateway, id="cannot-be-reached"),
        pytest.param([NO_ANSWER, NO_ANSWER, BROKEN, NO_ANSWER], None, id="not-in-a-row"),
        pytest.param([BROKEN] * 2 * OFTEN, None, id="it-answers-and-may-recover"),
        pytest.param([LOCKED] * (OFTEN - 1), None, id="refused-not-yet"),
        pytest.param([LOCKED] * OFTEN, Refused, id="refused"),
        pytest.param([LOCKED] * OFTEN + [BROKEN], None, id="refused-no-longer"),
        pytest.param([ValueError()] * 2 * OFTEN, None, id="it-is-ours"),
    ],
)
async def test_a_first_sync_that_fails(failures: list[Exception], told: type | None) -> None:
    assert type(why_hopeless(await after(*failures))) is (told or type(None))


@pytest.mark.rules("U-25", "U-17G")
@pytest.mark.parametrize(
    ("error", "stopping", "told"),
    [
        pytest.param(UnknownToken("dead"), False, UnknownToken, id="its-tokens-are-rejected"),
        pytest.param(UnknownToken("dead"), True, UnknownToken, id="rejected-while-stopping"),
        pytest.param(None, True, Stopping, id="stopping"),
        pytest.param(None, False, None, id="it-was-stopped"),
        pytest.param(LeaseLost(), False, None, id="another-worker-has-it"),
        pytest.param(ValueError(), False, None, id="it-has-crashed"),
        pytest.param(asyncio.CancelledError(), False, None, id="cancelled"),
    ],
)
def test_a_poll_that_has_ended(
    error: BaseException | None, stopping: bool, told: type | None
) -> None:
    progress = PollerProgress()
    progress.end(error)
    assert type(why_ended(progress, stopping=stopping)) is (told or type(None))


def test_a_soft_logout_is_passed_on() -> None:
    progress = PollerProgress()
    progress.end(UnknownToken("dead", soft_logout=True))
    told = why_ended(progress, stopping=False)
    assert isinstance(told, UnknownToken)
    assert told.soft_logout
    assert told is not progress.error  # each request raises one of its own


@pytest.mark.rules("S-327")
async def test_what_a_first_sync_ends_with_counts_as_a_part_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its last rooms are stored a moment before; clients hear of them a moment later."""
    progress = PollerProgress()
    for stage in (Stage.STARTED, Stage.SERVING, Stage.CURRENT):
        progress.reach(stage)
        assert progress.importing
    monkeypatch.setattr(module, "TOLD_S", 0.0)  # that time is over
    assert not progress.importing


@pytest.mark.rules("S-327")
async def test_a_first_sync_that_failed_is_over() -> None:
    progress = PollerProgress()
    progress.end(LOCKED)
    assert not progress.importing
