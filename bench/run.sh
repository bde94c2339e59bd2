#!/usr/bin/env bash
# bench/run.sh [BUILD]: runs every benchmark shortly, then echo_server under the load client. Prints; has no floors.
# Figures of one run on one machine can be compared with each other, and with nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:-build/dev}/bin
for bench in "$bin"/bench_*; do
  case $bench in
    *_ratio) "$bench" ;;
    *) "$bench" --benchmark_min_time=0.05 ;;
  esac
done

ready=$(mktemp)
"$bin/echo_server" --port 0 >"$ready" 2>/dev/null &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -f "$ready"' EXIT
for _ in $(seq 200); do grep -q '^listening on ' "$ready" && break; sleep 0.05; done
port=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$ready")
[ -n "$port" ] || { echo "echo_server did not come up" >&2; exit 1; }
for in_flight in 1 8; do "$bin/load_client" --port "$port" --pid "$server" --connections 200 --in-flight "$in_flight" --seconds 2; done
bench/run_client.sh "${1:-build/dev}" 2 1
