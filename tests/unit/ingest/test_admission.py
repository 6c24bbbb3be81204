"""Whom the operator lets in."""

import time

import pytest

from syncv3.errors import Forbidden
from syncv3.ingest.admission import Admission


@pytest.mark.parametrize(
    ("allowed", "denied", "user_id", "admitted"),
    [
        ([], [], "@alice:hs", True),
        (["@alice:hs"], [], "@alice:hs", True),
        (["@alice:hs"], [], "@bob:hs", False),
        (["@*:hs"], [], "@bob:hs", True),
        (["@*:hs"], [], "@bob:hs.evil", False),
        (["@*:hs"], [], "@bob:xhs", False),
        (["@a.b:hs"], [], "@axb:hs", False),
        (["@bot-*"], [], "@bot-1:any", True),
        ([], ["@bob:hs"], "@bob:hs", False),
        ([], ["@bob:hs"], "@alice:hs", True),
        (["@*:hs"], ["@b*:hs"], "@bob:hs", False),
        (["@*:hs"], ["@b*:hs"], "@alice:hs", True),
        (["@*:hs"], [], "@b\nob:hs", True),
    ],
)
def test_who_is_admitted(
    allowed: list[str], denied: list[str], user_id: str, admitted: bool
) -> None:
    admission = Admission(allowed, denied)
    assert admission.admits(user_id) is admitted
    if not admitted:
        with pytest.raises(Forbidden) as refused:
            admission.check(user_id)
        assert (refused.value.status, refused.value.errcode) == (403, "M_FORBIDDEN")
        assert refused.value.limit == "user"


def test_a_pattern_of_many_stars_costs_little() -> None:
    began = time.process_time()
    assert not Admission(["@" + "*" * 60 + "x"]).admits("@" + "a" * 250)
    assert time.process_time() - began < 0.5
