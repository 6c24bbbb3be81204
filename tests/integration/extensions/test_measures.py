"""What a running service counts of one sync."""

import pytest

from syncv3 import upkeep
from tests.integration.extensions.running import LAZY, Running, Start, built_in
from tests.support.account import Account
from tests.support.waiting import until


def value(running: Running, name: str, **labels: str) -> float:
    return running.metrics.registry.get_sample_value(f"sliding_sync_{name}", labels) or 0.0


@pytest.mark.rules("O-78", "O-7F", "O-71", "O-C5")
async def test_a_sync_is_counted_by_all_that_has_to_do_with_it(
    start: Start, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    for often in ("MEASURE_S", "CLEAN_S"):
        monkeypatch.setattr(upkeep, often, 0.05)
    await alice.create_room("Kitchen")
    running = await start(*built_in("account_data"))
    assert value(running, "database_table_bytes", table="ss_events") > 0
    answer = await running.sync(alice, {"lists": LAZY})
    assert value(running, "api_num_payloads_total", payload_type="V3EnsurePolling") == 1
    assert value(running, "poller_num_payloads_total", payload_type="V2Accumulate") == 1
    assert value(running, "poller_ingest_lag_secs_count", initial="1") == 1
    assert value(running, "poller_num_upstream_responses_total", status="200") >= 2
    assert value(running, "poller_upstream_duration_secs_count", request="sync") >= 1
    await until(lambda: value(running, "cache_size", of="rooms") == 1)
    assert value(running, "cache_size", of="users") == 1
    assert value(running, "api_num_active_conns") == 1
    assert value(running, "poller_lag_secs") == 0.0
    await running.sync(alice, pos=answer["pos"])
    await running.pool.execute("UPDATE ss_connections SET last_used = now() - interval '9 days'")
    await until(lambda: value(running, "api_expiry_conn_timed_out_total") == 1)
    assert value(running, "api_num_expiries_total", reason="idle") == 1
