#!/usr/bin/env bash
# test.sh: installs what the tests need, builds the dev preset and runs every test.
# Ends with "N passed, M failed, S skipped"; exit 1 if M > 0 or N is below tests/expected_count.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh test
cmake --preset dev >build.log 2>&1 || { cat build.log; exit 1; }
cmake --build --preset dev >>build.log 2>&1 || { tail -n 60 build.log; exit 1; }
exec scripts/ctest_totals.py build/dev --expected "$(cat tests/expected_count)"
