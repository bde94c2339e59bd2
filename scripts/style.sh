#!/usr/bin/env bash
# style.sh [--format]: clang-format over everything tracked, then clang-tidy over the library's sources (not with --format).
# clang-tidy wants clang's flags, and a command for each source: the fuzz preset, not joined, in a folder of its own. A source
# that several targets build is looked at once.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files '*.cpp' '*.hpp' '*.c' '*.h' | xargs clang-format-14 --dry-run -Werror
[ "${1:-}" = --format ] && exit 0
cmake --preset fuzz -B build/tidy -DCMAKE_UNITY_BUILD=OFF >/dev/null
python3 - <<'PYTHON'
import json
path = "build/tidy/compile_commands.json"
once = {}
for entry in json.load(open(path)):
    once.setdefault(entry["file"], entry)
json.dump(list(once.values()), open(path, "w"))
PYTHON
git ls-files 'src/*.cpp' | xargs -P 2 -n 4 clang-tidy-14 -p build/tidy --quiet 2>/dev/null
