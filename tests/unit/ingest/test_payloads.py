"""What of an answer is counted under the names of the Go proxy's messages; how lag is told."""

from collections import Counter
from typing import Any

import pytest

from syncv3.batch import AccountData, DeviceData, JoinedRoom, LeftRoom, StrippedRoom
from syncv3.errors import HomeserverError
from syncv3.ingest.measures import PollerMeasures
from syncv3.ingest.payloads import KINDS
from syncv3.ingest.progress import WAITS_S, PollerProgress
from syncv3.metrics import Metrics
from syncv3.types import Event, EventID, RoomID, UserID
from tests.unit.ingest.build import GARDEN, KITCHEN, part

NAME = "sliding_sync_poller_num_payloads_total"


def event(name: str, **fields: Any) -> Event:
    given = {"type": "m.room.message"} | fields
    return Event(event_id=EventID(name), sender=UserID("@a:hs"), timestamp=0, json=b"{}", **given)


def counted(metrics: Metrics) -> dict[str, int]:
    values = {kind: metrics.registry.get_sample_value(NAME, {"payload_type": kind})
              for kind in KINDS}  # fmt: skip
    return {kind: int(value) for kind, value in values.items() if value}


@pytest.mark.rules("O-7F")
def test_each_kind_of_news_is_counted() -> None:
    metrics = Metrics()
    measures = PollerMeasures(metrics)
    redaction = event("$3", type="m.room.redaction", redacts="$1")
    kitchen = JoinedRoom(
        state=(event("$0", state_key=""),),
        timeline=(event("$1", transaction_id="t"), event("$2"), redaction),
        limited=True,
        notification_count=0,
        account_data=(AccountData("m.tag", b"{}"),),
        ephemeral=(b'{"type":"m.typing"}', b'{"type":"m.receipt"}', b'{"type":"m.other"}'),
    )
    measures.part(
        part(
            joined={KITCHEN: kitchen, GARDEN: JoinedRoom()},
            left={RoomID("!l"): LeftRoom()},
            invited={RoomID("!i"): StrippedRoom()},
            account_data=(AccountData("m.direct", b"{}"),),
            device=DeviceData(to_device=(b"{}",), changed=(UserID("@b:hs"),)),
        )
    )
    measures.expired()
    once = Counter(KINDS) + Counter({"V2AccountData": 1})
    once.pop("V2InitialSyncComplete")
    assert counted(metrics) == once
    measures.part(part(since=None, joined={KITCHEN: JoinedRoom(limited=True)}))
    assert counted(metrics) == once | Counter({"V2InitialSyncComplete": 1})


def test_a_poll_that_waits_for_news_is_not_behind() -> None:
    progress = PollerProgress()
    assert progress.lag_s(100.0) == 0.0
    progress.asking_since = 100.0
    assert progress.lag_s(100.0 + WAITS_S) == 0.0
    assert progress.lag_s(110.0 + WAITS_S) == 10.0


async def test_a_poll_that_fails_is_behind_since_it_failed_first() -> None:
    progress = PollerProgress()
    progress.failed(HomeserverError("away"))
    since = progress.failing_since
    progress.failed(HomeserverError("away"))
    assert since is not None
    assert progress.lag_s(since + 7.0) == 7.0
    progress.succeeded()
    assert progress.lag_s(since + 7.0) == 0.0
