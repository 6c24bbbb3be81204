"""A real Dendrite on loopback: SQLite, open registration, no rate limits, no federation.

Its programs lie in the folder that ``DENDRITE_BIN`` names; otherwise in ``.dendrite`` at the
root of the tree, where ``make dendrite`` builds them. Starting takes less than a second.
"""

import os
import subprocess
from pathlib import Path
from string import Template

from tests.support.folders import new_folder
from tests.support.ports import free_port
from tests.support.real_homeserver import Program, RealHomeserver

ROOT = Path(__file__).resolve().parents[2]

# Each part of Dendrite wants a database of its own. What is not named keeps its default.
CONFIG = Template("""
version: 2
global:
  server_name: localhost
  private_key: $folder/signing.pem
  disable_federation: true
  presence: {enable_inbound: false, enable_outbound: false}
  server_notices: {enabled: false}
  report_stats: {enabled: false}
  jetstream: {storage_path: $folder/jetstream, in_memory: true}
  cache: {max_size_estimated: 64mb, max_age: 1h}
client_api:
  registration_disabled: false
  rate_limiting: {enabled: false}
federation_api: {key_perspectives: [], database: {connection_string: "file:$folder/federation.db"}}
key_server: {database: {connection_string: "file:$folder/keys.db"}}
media_api:
  base_path: $folder/media
  max_file_size_bytes: 100000000
  database: {connection_string: "file:$folder/media.db"}
mscs: {database: {connection_string: "file:$folder/mscs.db"}}
relay_api: {database: {connection_string: "file:$folder/relay.db"}}
room_server: {database: {connection_string: "file:$folder/rooms.db"}}
sync_api: {search: {enabled: false}, database: {connection_string: "file:$folder/sync.db"}}
user_api: {bcrypt_cost: 4, account_database: {connection_string: "file:$folder/users.db"}}
logging: [{type: file, level: warn, params: {path: $folder/log}}]
""")


def dendrite_programs() -> Path:
    """The folder with ``dendrite`` and ``generate-keys``, whether they are there or not."""
    return Path(os.environ.get("DENDRITE_BIN") or ROOT / ".dendrite")


def start_dendrite() -> RealHomeserver:
    """Raises ``FileNotFoundError`` without a Dendrite, ``RuntimeError`` if it does not start."""
    programs = dendrite_programs()
    if not (programs / "dendrite").exists():
        raise FileNotFoundError("no Dendrite: run make dendrite, or set DENDRITE_BIN")
    folder, port = new_folder("dendrite"), free_port()
    (folder / "dendrite.yaml").write_text(CONFIG.substitute(folder=folder))
    subprocess.run(
        [programs / "generate-keys", "-private-key", folder / "signing.pem"],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    program = Program(
        "Dendrite",
        [
            programs / "dendrite", "-config", folder / "dendrite.yaml",
            "-http-bind-address", f"127.0.0.1:{port}", "-really-enable-open-registration",
        ],
        {},
        logs=["log/dendrite.log"],
    )  # fmt: skip
    return RealHomeserver.run(program, folder, port)
