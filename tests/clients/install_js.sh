#!/usr/bin/env bash
# The packages of tests/clients/js, from the npm registry. The SDK needs Node 22: where the
# machine's is older, a newer one comes as a package too, for these tests alone.
set -euo pipefail
cd "$(dirname "$0")/js"

node_version=22.23.3
wanted=()
if [ "$(node -p 'parseInt(process.versions.node)')" -lt 22 ]; then
    wanted+=("node-$(node -p 'process.platform + "-" + process.arch')@$node_version")
fi
npm install --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel error \
    "${wanted[@]}"
touch node_modules/.installed
