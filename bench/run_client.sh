#!/usr/bin/env bash
# bench/run_client.sh [BUILD] [SECONDS] [ROUNDS]: our client and the stock client of Node.js in turn against one echo_server,
# in round trips per CPU-second of the client. Prints the ratio of the medians; goal 5. Has no floor.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:-build/dev}/bin seconds=${2:-3} rounds=${3:-3}
ready=$(mktemp)
"$bin/echo_server" --port 0 >"$ready" 2>/dev/null &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -f "$ready"' EXIT
for _ in $(seq 200); do grep -q '^listening on ' "$ready" && break; sleep 0.05; done
url=$(sed -n 's/^listening on //p' "$ready")
[ -n "$url" ] || { echo "echo_server did not come up" >&2; exit 1; }
for _ in $(seq "$rounds"); do
  "$bin/client_bench" "$url" "$seconds"
  node bench/client_node.mjs "$url" "$seconds"
done | tee "$ready.lines"
python3 - "$ready.lines" <<'P'
import statistics, sys
rates = {}
for line in open(sys.argv[1]):
    words = line.split()
    rates.setdefault(words[0], []).append(float(words[words.index("per") - 1]))
print(f"client    ratio {statistics.median(rates['zegocall']) / statistics.median(rates['node']):.1f} (goal 5)")
P
rm -f "$ready.lines"
