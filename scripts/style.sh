#!/usr/bin/env bash
# style.sh: clang-format over everything tracked, clang-tidy over the library's sources. Needs build/dev.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files '*.cpp' '*.hpp' | xargs clang-format-14 --dry-run -Werror
[ -f build/dev/compile_commands.json ] || { echo "style.sh: build the dev preset first" >&2; exit 1; }
git ls-files 'src/*.cpp' | xargs -P 2 -n 4 clang-tidy-14 -p build/dev --quiet 2>/dev/null
