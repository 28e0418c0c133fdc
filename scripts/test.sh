#!/usr/bin/env bash
# npm test: sets the checkout up, then runs every check. Where CI=true, a BPF test that cannot run is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n=== %s (%d s)\n' "$1" "$SECONDS"; }

step 'set-up'
bash scripts/setup.sh --test

step 'format and lint'
node_modules/.bin/biome check --error-on-warnings .

step 'types'
node_modules/.bin/tsc -p tsconfig.json --noEmit
node_modules/.bin/tsc -p docs/playground/tsconfig.json

step 'documentation of what the packages export'
node scripts/docs-api.mjs --check

step 'tests'
report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
node_modules/.bin/vitest run --reporter=default --reporter=json --outputFile.json="$report" "$@" || status=$?

step 'result'
node -e '
  const r = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
  const skipped = r.numPendingTests + r.numTodoTests;
  console.log(`tests: ${r.numPassedTests} passed, ${r.numFailedTests} failed, ${skipped} skipped`);
' "$report" || status=1
exit $status
