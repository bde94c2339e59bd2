#!/usr/bin/env bash
# sim-long.sh SECONDS | --seeds COUNT: plays the simulator as long as it is told, on every core, with the release build.
#   scripts/sim-long.sh 3600              an hour
#   scripts/sim-long.sh --seeds 1000000   so many seeds
# With ZEGOCALL_SIM_PRESET=dev it plays that preset's build instead. More goes to `zegocall sim` as it is (--from, --stats, --threads). The first seed that breaks something ends the run.
set -euo pipefail
cd "$(dirname "$0")/.."
case "${1:-}" in
  --*) how=("$@") ;;
  ''|*[!0-9]*) echo "usage: sim-long.sh SECONDS | --seeds COUNT [flags of zegocall sim]" >&2; exit 2 ;;
  *) how=(--seconds "$@") ;;
esac
preset=${ZEGOCALL_SIM_PRESET:-release}
cmake --preset "$preset" >build-sim.log 2>&1 && cmake --build --preset "$preset" --target zegocall_cli >>build-sim.log 2>&1 || { tail -n 60 build-sim.log; exit 1; }
exec "build/$preset/bin/zegocall" sim --threads "$(nproc)" "${how[@]}"
