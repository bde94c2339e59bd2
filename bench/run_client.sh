#!/usr/bin/env bash
# bench/run_client.sh [BUILD] [SECONDS] [ROUNDS]: our client and the stock client of Node.js in turn against one echo_server,
# in round trips per CPU-second of the client. Prints the ratio of the medians; exit 1 under 5 (with one round only: under 3.75, for a
# busy machine), or if an idle client of ours holds 64 KiB or more.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:-build/dev}/bin seconds=${2:-3} rounds=${3:-3}
ready=$(mktemp)
"$bin/echo_server" --port 0 >"$ready" 2>/dev/null &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -f "$ready" "$ready.lines"' EXIT
for _ in $(seq 200); do grep -q '^listening on ' "$ready" && break; sleep 0.05; done
url=$(sed -n 's/^listening on //p' "$ready")
[ -n "$url" ] || { echo "echo_server did not come up" >&2; exit 1; }
for _ in $(seq "$rounds"); do
  "$bin/client_bench" "$url" "$seconds"
  node bench/client_node.mjs "$url" "$seconds"
done | tee "$ready.lines"
python3 - "$ready.lines" <<'P'
import statistics, sys
rates, idle = {}, []
for line in open(sys.argv[1]):
    words = line.split()
    rates.setdefault(words[0], []).append(float(words[words.index("per") - 1]))
    if "idle" in words:
        idle.append(float(words[-2]))
ratio = statistics.median(rates["zegocall"]) / statistics.median(rates["node"])
floor = 5 if len(rates["node"]) > 1 else 3.75
fine = ratio >= floor and statistics.median(idle) < 64
print(f"client    ratio {ratio:.1f} (goal 5), idle client {statistics.median(idle):.1f} KiB (goal 64): {'fine' if fine else 'UNDER'}")
sys.exit(0 if fine else 1)
P
