"""A homeserver that can do it by itself."""

import pytest

from syncv3.upstream.client import Versions
from syncv3.upstream.native import ADVICE, FEATURE, MISSING, NativeNotice


@pytest.mark.rules("S-575")
def test_the_operator_is_told_once_each_time_that_it_becomes_native(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notice = NativeNotice()
    for said in (None, True, True, "yes", False, True):
        notice.look(Versions(unstable_features={} if said is None else {FEATURE: said}))
    assert [record.message for record in caplog.records] == [ADVICE, ADVICE]


@pytest.mark.rules("S-575")
def test_who_leaves_it_to_a_homeserver_that_cannot_do_it_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notice = NativeNotice(left=True)
    for said in (True, False, False, True, False):
        notice.look(Versions(unstable_features={FEATURE: said}))
    assert [record.message for record in caplog.records] == [MISSING, MISSING]
