#!/usr/bin/env bash
# style.sh [--format]: clang-format over everything tracked, then clang-tidy over the library's sources (ten minutes on two cores; not with
# --format, which is what CI has the time for).
# clang-tidy wants clang's flags: it reads the fuzz preset, which is configured if it is not there yet.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files '*.cpp' '*.hpp' '*.c' '*.h' | xargs clang-format-14 --dry-run -Werror
[ "${1:-}" = --format ] && exit 0
[ -f build/fuzz/compile_commands.json ] || cmake --preset fuzz >/dev/null
git ls-files 'src/*.cpp' | xargs -P 2 -n 4 clang-tidy-14 -p build/fuzz --quiet 2>/dev/null
