#!/usr/bin/env bash
# npm run demo: sets the checkout up and shows the sensor at work. Exit code 0 means that every expected alert was seen.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
exec node scripts/demo.mjs "$@"
