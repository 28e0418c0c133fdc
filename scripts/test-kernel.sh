#!/usr/bin/env bash
# npm run test:kernel -- [KERNEL…]: sets the checkout up, then tests capturing on each kernel. See test/kernel/main.ts.
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ "$*" == host ]]; then
  bash scripts/setup.sh --test
else
  bash scripts/setup.sh --test --kernel
fi
exec node --import ./scripts/typescript.mjs test/kernel/main.ts "$@"
