"""What clients are told of an error."""

import pytest

from syncv3.errors import LimitExceeded, Refused


def test_a_limit_says_when_to_come_again() -> None:
    error = LimitExceeded("too many", retry_after_s=1.2)
    assert error.status == 429
    assert error.body()["errcode"] == "M_LIMIT_EXCEEDED"
    assert error.body()["retry_after_ms"] == 1200
    assert error.headers() == {"Retry-After": "2"}


@pytest.mark.rules("U-43")
def test_a_refused_account_keeps_its_session() -> None:
    consent = Refused("no", status=403, errcode="M_CONSENT_NOT_GIVEN")
    assert (consent.status, consent.body()["errcode"]) == (403, "M_CONSENT_NOT_GIVEN")
    locked = Refused("no", status=401, errcode="M_USER_LOCKED")
    assert (locked.status, locked.body()["soft_logout"]) == (401, True)
