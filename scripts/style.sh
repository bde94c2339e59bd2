#!/usr/bin/env bash
# style.sh: clang-format over everything tracked, clang-tidy over the library's sources.
# clang-tidy wants clang's flags: it reads the fuzz preset, which is configured if it is not there yet.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files '*.cpp' '*.hpp' '*.c' '*.h' | xargs clang-format-14 --dry-run -Werror
[ -f build/fuzz/compile_commands.json ] || cmake --preset fuzz >/dev/null
git ls-files 'src/*.cpp' | xargs -P 2 -n 4 clang-tidy-14 -p build/fuzz --quiet 2>/dev/null
