"""The short form: three deployments, a fault each, under few clients.

``make crashes`` runs the whole matrix.
"""

import pytest

from tests.crashes.faults import LEASE_S, Times
from tests.crashes.life import Size
from tests.crashes.matrix import Deployment, run
from tests.crashes.report import table
from tests.support.postgres import Postgres

SMALL = Size(users=7, devices=10, rooms=4, rate=8.0)
SHORT = Times(unreplaced=LEASE_S + 1.0, past=0.5)
THREE = Deployment("three workers", 1, ("kill one of three",), workers=3)
RESTING = Deployment("two that rest", 2, ("kill worker",), rests=True)
STANDBY = Deployment("a standby", 2, ("fail over, behind",), standby=True)
SERVED_AGAIN_S = 60.0


@pytest.mark.timeout(240)
@pytest.mark.rules("Z-7", "P-0", "U-20", "U-29", "D-32", "D-33", "X-1", "X-2", "L-82", "O-86")
@pytest.mark.parametrize("deployment", [THREE, RESTING, STANDBY], ids=lambda d: d.name)
async def test_whatever_crashes_clients_end_with_what_they_may_see(
    postgres: Postgres, deployment: Deployment
) -> None:
    outcome = await run(
        postgres, repeat=1, times=SHORT, matrix=[deployment], size=SMALL, say=print
    )  # fmt: skip
    print(table(outcome))
    assert outcome.findings == []
    assert [watch.kind for watch in outcome.watches] == list(deployment.kinds)
    for watch in outcome.watches:
        assert watch.after_end.keys() == watch.present
        assert max(watch.after_end.values()) < SERVED_AGAIN_S
    assert outcome.events > outcome.sent  # most are seen by several clients
