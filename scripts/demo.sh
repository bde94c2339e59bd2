#!/usr/bin/env bash
# demo.sh: builds ring_server and starts it at 127.0.0.1 (or $HOST), port 3000 (or $PORT), with a page on which two browser
# tabs call each other. HOST=0.0.0.0 lets a phone in the same network open it.
# demo.sh --once [--db FILE]: runs one whole call between two headless clients instead, leaves the database (default
# ./demo.db), prints the call's timeline and exits 0.
set -euo pipefail
here=$(pwd)
cd "$(dirname "$0")/.."
once=no db=
while [ $# -gt 0 ]; do
  case $1 in
    --once) once=yes ;;
    --db) [ $# -ge 2 ] || { echo "demo.sh: --db wants a file" >&2; exit 2; }; db=$2; shift ;;
    *) echo "usage: scripts/demo.sh [--once [--db FILE]]" >&2; exit 2 ;;
  esac
  shift
done
[ -n "$db" ] || db=$here/demo.db
case $db in /*) ;; *) db=$here/$db ;; esac

scripts/setup.sh demo
if [ ! -f build/demo/build.ninja ]; then
  cmake --preset dev -B build/demo -DZEGOCALL_TESTS=OFF -DZEGOCALL_BENCH=OFF -DZEGOCALL_TEST_CLOCK=OFF >/dev/null
fi
echo "building (the first time takes a few minutes)"
cmake --build build/demo --target ring_server ring_once zegocall_cli >build/demo/build.log 2>&1 || { tail -n 40 build/demo/build.log; exit 1; }

# Invented credentials: tokens are real Token04, but no provider knows this project.
export ZEGO_APP_ID=${ZEGO_APP_ID:-1234567890}
export ZEGO_SERVER_SECRET=${ZEGO_SERVER_SECRET:-zegocall-demo-secret-0123456789a}
export JWT_SECRET=${JWT_SECRET:-zegocall-demo-jwt-secret-for-this-machine-only}
bin=build/demo/bin

if [ "$once" = no ]; then
  host=${HOST:-127.0.0.1} port=${PORT:-3000}
  echo "two tabs can call each other at http://$host:$port  (Ctrl-C ends it)"
  exec "$bin/ring_server" --host "$host" --port "$port" --db "$db"
fi

log=$(mktemp)
"$bin/ring_server" --host 127.0.0.1 --port 0 --db "$db" >"$log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -f "$log"' EXIT
for _ in $(seq 200); do
  grep -q '^listening on ' "$log" && break
  kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.05
done
url=$(sed -n 's/^listening on //p' "$log" | head -n 1)
[ -n "$url" ] || { echo "demo.sh: the server did not come up" >&2; cat "$log" >&2; exit 1; }
call=$("$bin/ring_once" --url "$url")
kill "$server"
wait "$server" && ended=0 || ended=$?
[ "$ended" = 0 ] || { echo "demo.sh: the server did not end in order (exit $ended)" >&2; cat "$log" >&2; exit 1; }
"$bin/zegocall" call timeline "$call" --db "$db"
