#!/usr/bin/env bash
# kill-long.sh [ROUNDS] [BUILD]: kill -9 of ring_server under client load (calls, and rooms with passcode, join code, ban and chat),
# so many times (500); what a client was told must be there afterwards, once, and so must be what the outbox owes the host's server.
# The 20 rounds of the tests are the same program. Two seconds a round and more.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-500} build=${2:-build/dev}
case $rounds in ''|*[!0-9]*|0) echo "usage: kill-long.sh [ROUNDS] [BUILD]" >&2; exit 2 ;; esac
[ -x "$build/bin/ring_server" ] || { echo "no $build/bin/ring_server: build it first, or name another build" >&2; exit 2; }
[ -d node_modules/socket.io-client ] || { echo "no socket.io-client: run npm ci first" >&2; exit 2; }
ZEGOCALL_BIN="$PWD/$build/bin" ZEGOCALL_KILL_ROUNDS=$rounds exec node --test tests/interop/kill.test.mjs
