"""A real Synapse on loopback: SQLite, open registration, no rate limits, no federation.

It lives in a virtual environment of its own, whose Python ``SYNAPSE_PYTHON`` names;
otherwise ``.venv-synapse`` at the root of the tree. Starting takes about 5 seconds.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Self

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_S = 60.0
LIMITS = ("rc_message", "rc_registration", "rc_joins_per_room", "rc_room_creation",
          "rc_admin_redaction", "rc_reports")  # fmt: skip

CONFIG = Template("""
server_name: localhost
pid_file: $folder/pid
report_stats: false
public_baseurl: http://127.0.0.1:$port/
listeners:
  - port: $port
    bind_addresses: [127.0.0.1]
    type: http
    tls: false
    resources: [{names: [client]}]
database: {name: sqlite3, args: {database: $folder/homeserver.db, cp_min: 1, cp_max: 1}}
log_config: $folder/log.yaml
media_store_path: $folder/media
signing_key_path: $folder/signing.key
registration_shared_secret: $secret
macaroon_secret_key: $secret
form_secret: $secret
enable_registration: true
enable_registration_without_verification: true
trusted_key_servers: []
suppress_key_server_warning: true
federation_domain_whitelist: []
bcrypt_rounds: 4
presence: {enabled: false}
enable_metrics: false
url_preview_enabled: false
caches: {sync_response_cache_duration: 0}
experimental_features: {$features}
$limits
rc_login: {address: $open, account: $open, failed_attempts: $open}
rc_joins: {local: $open, remote: $open}
rc_invites: {per_room: $open, per_user: $open, per_issuer: $open}
""")
LOG_CONFIG = Template("""
version: 1
disable_existing_loggers: false
formatters: {plain: {format: "%(asctime)s %(levelname)s %(name)s %(message)s"}}
handlers: {file: {class: logging.FileHandler, formatter: plain, filename: $folder/log}}
root: {level: WARNING, handlers: [file]}
""")
OPEN = "{per_second: 10000, burst_count: 10000}"


def synapse_python() -> Path | None:
    """The Python that has Synapse; None when there is none."""
    given = os.environ.get("SYNAPSE_PYTHON")
    python = Path(given) if given else ROOT / ".venv-synapse" / "bin" / "python"
    return python if python.exists() else None


class Synapse:
    """A running Synapse. Made by ``start``; ``close`` ends it and deletes its files."""

    def __init__(self, python: Path, folder: Path, port: int) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self._python = python
        self._process = self._launch()

    @classmethod
    def start(cls, python: Path, *, features: Sequence[str] = ()) -> Self:
        """With these experimental features: ``msc4306_enabled`` and the like.

        Raises ``RuntimeError`` with the log's end when it does not come up.
        """
        folder, port = Path(tempfile.mkdtemp(prefix="syncv3-synapse-")), free_port()
        _write_config(folder, port, features)
        synapse = cls(python, folder, port)
        try:
            synapse._wait_until_ready()
        except BaseException:
            synapse.close()
            raise
        return synapse

    def restart(self) -> None:
        """End it and start it again, with the same address and data."""
        self._end()
        self._process = self._launch()
        self._wait_until_ready()

    def close(self) -> None:
        self._end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _launch(self) -> subprocess.Popen[bytes]:
        with (self.folder / "output").open("ab") as output:
            config = self.folder / "homeserver.yaml"
            config = self.folder / "homeserver.yaml"
            return subprocess.Popen(
                [self._python, "-m", "synapse.app.homeserver", "-c", config],
                cwd=self.folder, stdout=output, stderr=subprocess.STDOUT,
                env={**os.environ, "SYNAPSE_CACHE_FACTOR": "1"},
            )  # fmt: skip

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                files = [self.folder / name for name in ("output", "log")]
                logs = "".join(f.read_text()[-2000:] for f in files if f.exists())
                raise RuntimeError(f"Synapse did not start:\n{logs}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False


def _write_config(folder: Path, port: int, features: Sequence[str]) -> None:
    limits = "\n".join(f"{name}: {OPEN}" for name in LIMITS)
    config = CONFIG.substitute(
        folder=folder, port=port, secret=secrets.token_hex(16), open=OPEN, limits=limits,
        features=", ".join(f"{feature}: true" for feature in features),
    )  # fmt: skip
    seed = b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    (folder / "homeserver.yaml").write_text(config)
    (folder / "log.yaml").write_text(LOG_CONFIG.substitute(folder=folder))
    (folder / "signing.key").write_text(f"ed25519 a_test {seed}\n")
