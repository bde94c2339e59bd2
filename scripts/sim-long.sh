#!/usr/bin/env bash
# sim-long.sh SECONDS | --seeds COUNT: plays the simulator as long as it is told, on every core, with the release build.
#   scripts/sim-long.sh 3600              an hour
#   scripts/sim-long.sh --seeds 1000000   so many seeds
# More goes to `zegocall sim` as it is (--from, --stats, --threads). The first seed that breaks something ends the run.
set -euo pipefail
cd "$(dirname "$0")/.."
case "${1:-}" in
  --*) how=("$@") ;;
  ''|*[!0-9]*) echo "usage: sim-long.sh SECONDS | --seeds COUNT [flags of zegocall sim]" >&2; exit 2 ;;
  *) how=(--seconds "$@") ;;
esac
cmake --preset release >build-sim.log 2>&1 && cmake --build --preset release --target zegocall_cli >>build-sim.log 2>&1 || { tail -n 60 build-sim.log; exit 1; }
exec build/release/bin/zegocall sim --threads "$(nproc)" "${how[@]}"
