#!/usr/bin/env bash
# bench/run.sh [--full] [--only ROW;...] [BUILD]: echo_server beside the Node.js original, row by row against floors and goals
# (bench/measure.py), and our client beside theirs. Exit 1 under a floor. BUILD: build/release, made by
#   cmake --preset release -DZEGOCALL_BENCH=ON && cmake --build build/release
# Without --full: at most three minutes, one round, floors with a margin for a busy machine; what CI runs. --full: three rounds, every
# peer, and the Google Benchmark programs; what docs/performance.md holds. Figures of one run can be compared with each other, and
# with nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
full=() build=build/release only=
while [ $# -gt 0 ]; do
  case $1 in
    --full) full=(--full) ;;
    --only) shift; only=${1:?--only needs the name of a row} ;;
    *) build=$1 ;;
  esac
  shift
done
[ -x "$build/bin/load_client" ] || { echo "bench: no load_client in $build; configure it with -DZEGOCALL_BENCH=ON" >&2; exit 2; }
echo "$(date -u +'%Y-%m-%d %H:%M UTC'), $(nproc) x $(sed -n 's/^model name\t: //p' /proc/cpuinfo | head -n 1), node $(node --version), load $(cut -d' ' -f1 /proc/loadavg) before"
failed=0
python3 bench/measure.py "$build" ${full[@]+"${full[@]}"} --only "$only" || failed=1
[ -z "$only" ] || exit "$failed"
if [ ${#full[@]} -gt 0 ]; then
  for bench in "$build"/bin/bench_*; do
    case $bench in
      *_ratio) "$bench" ;;
      *) "$bench" --benchmark_min_time=0.5 ;;
    esac
  done
  bench/run_client.sh "$build" 3 3 || failed=1
else
  bench/run_client.sh "$build" 2 1 || failed=1
fi
exit "$failed"
