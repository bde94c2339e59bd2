#!/bin/sh
# Runs the browser test in a network namespace of its own with loopback alone: server and browser meet only each other.
if ! unshare -n true 2>/dev/null; then
  echo "SKIPPED: no right to make a network namespace (run as root)"
  exit 77
fi
exec unshare -n sh -c 'ip link set lo up && exec "$@"' sh "$@"
