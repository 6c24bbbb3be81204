import pytest

from syncv3.metrics import Metrics

NAMES = {
    "sliding_sync_api_num_active_conns": "gauge",
    "sliding_sync_api_expiry_conn_timed_out": "counter",
    "sliding_sync_api_expiry_conn_buffer_full": "counter",
    "sliding_sync_api_destroyed_conns": "counter",
    "sliding_sync_api_setup_duration_secs": "histogram",
    "sliding_sync_api_process_duration_secs": "histogram",
    "sliding_sync_api_slow_requests": "counter",
    "sliding_sync_api_num_devices_pending_ensure_polling": "gauge",
    "sliding_sync_api_num_payloads": "counter",
    "sliding_sync_poller_num_pollers": "gauge",
    "sliding_sync_poller_num_outstanding_sync_v2_reqs": "gauge",
    "sliding_sync_poller_total_num_polls": "counter",
    "sliding_sync_poller_process_duration_secs": "histogram",
    "sliding_sync_poller_timeline_size": "histogram",
    "sliding_sync_poller_gappy_state_size": "histogram",
    "sliding_sync_poller_num_payloads": "counter",
}


@pytest.mark.rules(
    "O-70", "O-71", "O-72", "O-73", "O-74", "O-75", "O-76", "O-77", "O-78", "O-79", "O-7A",
    "O-7B", "O-7C", "O-7D", "O-7E", "O-7F",
)  # fmt: skip
def test_names_and_types_are_those_of_the_dashboard() -> None:
    page = Metrics().exposition().decode()
    types = dict(line.split()[2:4] for line in page.splitlines() if line.startswith("# TYPE"))
    assert {name: types.get(name) for name in NAMES} == NAMES


@pytest.mark.rules("O-B8", "O-CC", "O-78")
def test_counters_keep_their_bare_names() -> None:
    metrics = Metrics()
    metrics.polls.inc(3)
    metrics.api_payloads.labels("V3EnsurePolling").inc()
    page = metrics.exposition().decode()
    assert "\nsliding_sync_poller_total_num_polls 3.0\n" in page
    assert '\nsliding_sync_api_num_payloads{payload_type="V3EnsurePolling"} 1.0\n' in page
    ours = [line for line in page.splitlines() if line.startswith("sliding_sync")]
    assert not [line for line in ours if "_total{" in line or "_total " in line]
    assert not [line for line in ours if "_created" in line]


@pytest.mark.rules("O-7G", "O-7H", "O-7I")
def test_buckets_are_those_of_the_dashboard() -> None:
    metrics = Metrics()
    metrics.setup_duration.labels("1").observe(0.1)
    metrics.timeline_size.labels("limited").observe(3)
    page = metrics.exposition().decode()
    assert '\nsliding_sync_api_setup_duration_secs_bucket{initial="1",le="0.005"} 0.0\n' in page
    assert '\nsliding_sync_poller_timeline_size_bucket{le="50.0",limited="limited"} 1.0\n' in page
    assert '\nsliding_sync_poller_gappy_state_size_bucket{le="10000.0"} 0.0\n' in page


@pytest.mark.rules("O-71", "O-72", "O-73", "O-C5")
@pytest.mark.parametrize(
    ("reason", "older"),
    [
        ("idle", "api_expiry_conn_timed_out"),
        ("stale", "api_expiry_conn_buffer_full"),
        ("lost", "api_destroyed_conns"),
        ("surplus", "api_expiry_conn_surplus"),
        ("unknown", None),
    ],
)
def test_ends_of_connections_are_counted_by_reason_and_under_the_older_names(
    reason: str, older: str | None
) -> None:
    metrics = Metrics()
    metrics.expired(reason, 2)
    page = metrics.exposition().decode()
    assert f'\nsliding_sync_api_num_expiries{{reason="{reason}"}} 2.0\n' in page
    names = ("expiry_conn_timed_out", "expiry_conn_buffer_full", "destroyed_conns")
    counted = {name for name in names if f"\nsliding_sync_api_{name} 2.0\n" in page}
    assert counted == ({older.removeprefix("api_")} & set(names) if older else set())
    assert older is None or f"\nsliding_sync_{older} 2.0\n" in page
