"""The metrics of several workers on one page: real files, as real processes leave them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from syncv3.web.gathered import VARIABLE, Gathered

WORKER = """
import sys
from syncv3.metrics import Metrics
metrics = Metrics()
metrics.polls.inc(int(sys.argv[1]))
metrics.http_responses.labels("200").inc(int(sys.argv[1]))
metrics.setup_duration.labels("0").observe(0.02)
metrics.pollers.set(int(sys.argv[1]))
print(__import__("os").getpid())
"""


def work(folder: Path, number: int) -> int:
    """A worker that counts this number and ends; its process number."""
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(number)],
        env=os.environ | {VARIABLE: str(folder)},
        capture_output=True,
        check=True,
    )
    return int(done.stdout)


def values(gathered: Gathered) -> dict[str, float]:
    lines = gathered.exposition().decode().splitlines()
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in lines
        if not line.startswith("#")
    }


@pytest.mark.rules("O-70", "O-7B", "O-B8", "O-CC")
def test_workers_are_added_up_and_a_dead_one_takes_nothing_away(tmp_path: Path) -> None:
    gathered = Gathered(tmp_path)
    first, second = work(tmp_path, 2), work(tmp_path, 3)
    counted = {
        "sliding_sync_poller_total_num_polls": 5.0,
        'sliding_sync_api_num_responses{status="200"}': 5.0,
        'sliding_sync_api_setup_duration_secs_bucket{initial="0",le="0.01"}': 0.0,
        'sliding_sync_api_setup_duration_secs_bucket{initial="0",le="0.025"}': 2.0,
        'sliding_sync_api_setup_duration_secs_count{initial="0"}': 2.0,
    }
    found = values(gathered)
    assert {name: found[name] for name in counted} == counted
    assert found["sliding_sync_poller_num_pollers"] == 5.0
    for dead in (first, second):
        gathered.died(dead)
        found = values(gathered)
        assert {name: found[name] for name in counted} == counted
    assert "sliding_sync_poller_num_pollers" not in found
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "counter_dead.db",
        "histogram_dead.db",
    ]
    work(tmp_path, 1)
    assert values(gathered)["sliding_sync_poller_total_num_polls"] == 6.0


def test_each_process_has_its_memory(tmp_path: Path) -> None:
    found = values(Gathered(tmp_path))
    assert found[f'process_resident_memory_bytes{{pid="{os.getpid()}"}}'] > 1e6
