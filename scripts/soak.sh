#!/usr/bin/env bash
# scripts/soak.sh [SECONDS] [--plant loss|double|fd|leak] [BUILD]: echo_server under a bounded load with churn on both transports.
# Default: 300 s on build/dev; docs/performance.md has the result of an hour (scripts/soak.sh 3600). Fails, with the
# reason, when an acknowledged message was lost or doubled, descriptors do not come back, or memory goes up by more than 0.5 % a
# minute over the last 60 % of the time. A run under a minute may grow by 1 MiB: it is still warming up.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=300 build=build/dev client=() server=(--recovery-ms 2000)
while [ $# -gt 0 ]; do
  case $1 in
    --plant)
      shift
      # A server that remembers for an hour who was cut off: nothing is wrong with it, but its memory goes up.
      if [ "${1:?--plant needs a fault}" = leak ]; then server=(--recovery-ms 3600000) client=(--churn 400); else client=(--plant "$1"); fi
      ;;
    [0-9]*) seconds=$1 ;;
    *) build=$1 ;;
  esac
  shift
done
if [ "$seconds" -lt 60 ]; then client+=(--growth-kib 1024); fi
ready=$(mktemp)
"$build/bin/echo_server" --port 0 "${server[@]}" >"$ready" 2>/dev/null &
server_pid=$!
trap 'kill "$server_pid" 2>/dev/null || true; wait "$server_pid" 2>/dev/null || true; rm -f "$ready"' EXIT
for _ in $(seq 200); do grep -q '^listening on ' "$ready" && break; sleep 0.05; done
port=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$ready")
[ -n "$port" ] || { echo "soak: echo_server did not come up" >&2; exit 1; }
"$build/bin/soak" --port "$port" --pid "$server_pid" --seconds "$seconds" ${client[@]+"${client[@]}"}
