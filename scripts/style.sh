#!/usr/bin/env bash
# style.sh [--format]: clang-format over everything tracked, then clang-tidy over the library's sources (not with --format).
# clang-tidy wants clang's flags: it reads the fuzz preset, which is configured if it is not there yet. A source that several
# targets build is looked at once.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files '*.cpp' '*.hpp' '*.c' '*.h' | xargs clang-format-14 --dry-run -Werror
[ "${1:-}" = --format ] && exit 0
[ -f build/fuzz/compile_commands.json ] || cmake --preset fuzz >/dev/null
mkdir -p build/tidy
python3 - <<'PYTHON'
import json
once = {}
for entry in json.load(open("build/fuzz/compile_commands.json")):
    once.setdefault(entry["file"], entry)
json.dump(list(once.values()), open("build/tidy/compile_commands.json", "w"))
PYTHON
git ls-files 'src/*.cpp' | xargs -P 2 -n 4 clang-tidy-14 -p build/tidy --quiet 2>/dev/null
