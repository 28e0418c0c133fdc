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

# One kernel besides this host's: the oldest, which has BPF programs of its own and permits masking in place. All of it is
# bounded. Where QEMU or the kernel cannot be had, this says so and is no failure; once a kernel has been downloaded, all that
# goes wrong is one, and so is running out of time.
readonly KERNEL=5.10 SETUP_SECONDS=150 FETCH_SECONDS=60 BOOT_SECONDS=225 ALL_SECONDS=300
if [[ $# -eq 0 ]]; then
  step "another kernel: $KERNEL"
  if [[ $(uname -sm) != 'Linux x86_64' ]]; then
    echo 'NOT TESTED: other kernels are emulated on Linux on x86-64 only'
  elif ! timeout "$SETUP_SECONDS" bash scripts/setup.sh --kernel; then
    echo 'NOT TESTED: what emulates another kernel is not installed'
  else
    timeout --kill-after=10 "$ALL_SECONDS" node --import ./scripts/typescript.mjs test/kernel/main.ts "$KERNEL" \
      --checks verifier,redact,kill --if-available --fetch-seconds "$FETCH_SECONDS" --seconds "$BOOT_SECONDS" || status=$?
  fi
fi

step 'result'
node -e '
  const r = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
  const skipped = r.numPendingTests + r.numTodoTests;
  console.log(`tests: ${r.numPassedTests} passed, ${r.numFailedTests} failed, ${skipped} skipped`);
' "$report" || status=1
exit $status
