"""A real Synapse on loopback: SQLite, open registration, no rate limits, no federation.

It lives in a virtual environment of its own, whose Python ``SYNAPSE_PYTHON`` names;
otherwise ``.venv-synapse`` at the root of the tree. Starting takes about 5 seconds.
"""

import os
import secrets
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from string import Template

from tests.support.folders import new_folder
from tests.support.ports import free_port
from tests.support.real_homeserver import Program, RealHomeserver

ROOT = Path(__file__).resolve().parents[2]
TOKEN_LIFE_S = 300  # Synapse's own
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
refreshable_access_token_lifetime: ${token_life_s}s
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


def start_synapse(
    *,
    features: Sequence[str] = (),
    token_life_s: int = TOKEN_LIFE_S,
    folder: Path | None = None,
) -> RealHomeserver:
    """A Synapse with these experimental features: ``msc4306_enabled`` and the like.
    ``token_life_s`` is that of access tokens with a refresh token; others live for ever. It
    keeps its files in ``folder``, an empty one, if that is given; ``close`` deletes it.

    Raises ``FileNotFoundError`` without a Synapse, ``RuntimeError`` if it does not start.
    """
    python = synapse_python()
    if python is None:
        raise FileNotFoundError("no Synapse: make .venv-synapse/done, or set SYNAPSE_PYTHON")
    folder, port = folder or new_folder("synapse"), free_port()
    _write_config(folder, port, features, token_life_s)
    program = Program(
        "Synapse",
        [python, "-m", "synapse.app.homeserver", "-c", folder / "homeserver.yaml"],
        {"SYNAPSE_CACHE_FACTOR": "1"},
        ready="/health",
        logs=["log"],
    )
    return RealHomeserver.run(program, folder, port)


def _write_config(folder: Path, port: int, features: Sequence[str], token_life_s: int) -> None:
    limits = "\n".join(f"{name}: {OPEN}" for name in LIMITS)
    config = CONFIG.substitute(
        folder=folder, port=port, secret=secrets.token_hex(16), open=OPEN, limits=limits,
        features=", ".join(f"{feature}: true" for feature in features),
        token_life_s=token_life_s,
    )  # fmt: skip
    seed = b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    (folder / "homeserver.yaml").write_text(config)
    (folder / "log.yaml").write_text(LOG_CONFIG.substitute(folder=folder))
    (folder / "signing.key").write_text(f"ed25519 a_test {seed}\n")
