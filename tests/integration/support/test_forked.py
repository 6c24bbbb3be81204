"""A forked process is one of its own, as a fresh one would be."""

import os
import signal
from pathlib import Path

from tests.support.forked import forker


def test_a_forked_process_has_the_environment_the_output_and_the_exit_status_of_its_own(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    environment = dict(os.environ) | {"SYNCV3_SERVER": "no URL", "SYNCV3_SECRET": "a"}
    refused = forker().fork(["sanic", "app", "serve"], environment, log)
    assert refused.wait() == 1
    assert refused.poll() == 1
    said = log.read_text()
    assert said.startswith("before\nSync v3 [")
    assert "SYNCV3_SERVER" in said
    helped = forker().fork(["sanic", "--version"], {}, log)
    assert helped.pid != refused.pid
    assert helped.wait() == 0
    assert "Sanic " in log.read_text()


def test_a_killed_one_tells_the_signal_and_leads_a_session_of_its_own(tmp_path: Path) -> None:
    sleeping = ["timeit", "-n1", "-r1", "import time; time.sleep(60)"]
    program = forker().fork(sleeping, {}, tmp_path / "log")
    assert program.poll() is None
    assert os.getsid(program.pid) == program.pid
    os.killpg(program.pid, signal.SIGKILL)
    assert program.wait() == -signal.SIGKILL
    program.send_signal(signal.SIGTERM)  # to nobody
