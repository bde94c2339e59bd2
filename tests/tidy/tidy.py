#!/usr/bin/env python3
"""The house rules that a machine can check. `tidy.py ROOT` prints each breach with its place and exits 1 if there is one.

 - a module includes itself and what its line in MODULES names, nothing else
 - a public header includes the standard library and public headers only
 - no `default:` in a switch over one of our enums
 - every source file is named by a CMakeLists.txt
 - no source file is longer than 600 lines, no machine path or registry host is tracked
"""
import pathlib
import re
import subprocess
import sys

# Module -> (folder under src/, modules that it may include). A public header belongs to the module that implements it.
MODULES = {
    "base": set(),
    "token": {"base"},
    "call": {"base"},
    "zego": {"base"},
    "wire": {"base"},
    "hub": {"wire", "base"},
    "client": {"wire", "base"},
    "store": {"call", "base"},
    "sqlite": {"store", "call", "base"},
    "service": {"token", "call", "zego", "store", "base"},
    "net": {"base"},
    "server": {"net", "hub", "client", "wire", "base"},
    "gateway": {"server", "service", "hub", "token", "call", "zego", "store", "base"},
}
FOLDERS = {"signaling/wire": "wire", "signaling/hub": "hub", "signaling/client": "client", "store/sqlite": "sqlite"}
PUBLIC = {
    "token.hpp": "token", "hub.hpp": "server", "client.hpp": "server", "service.hpp": "service", "gateway.hpp": "gateway",
    "testing.hpp": "base", "store/sqlite.hpp": "sqlite", "net/http.hpp": "server",
}
THIRD_PARTY = re.compile(r"^(openssl/|nlohmann/|libwebsockets|uv\.h|sqlite3|fmt/|CLI/|doctest/|rapidcheck|benchmark/|crypt\.h|pybind11/|hiredis|libpq)")
CODE = {".cpp", ".hpp", ".c", ".h"}


def tracked(root):
    names = subprocess.run(["git", "-C", str(root), "ls-files"], capture_output=True, text=True)
    if names.returncode == 0 and names.stdout:
        return [root / name for name in names.stdout.splitlines() if (root / name).is_file()]
    return [path for path in root.rglob("*") if path.is_file() and "build" not in path.relative_to(root).parts]


def module_of_include(name):
    """The module that `#include "name"` reaches into, or None for a neighbour in the same folder."""
    if name.startswith("zegocall/"):
        name = name.removeprefix("zegocall/")
        if name in PUBLIC:
            return PUBLIC[name]
        first = name.split("/")[0]
        return first.removesuffix(".hpp")
    for folder, module in FOLDERS.items():
        if name.startswith(folder + "/"):
            return module
    first = name.split("/")[0]
    return first if "/" in name and first in MODULES else None


def module_of_file(relative):
    for folder, module in FOLDERS.items():
        if relative.startswith(f"src/{folder}/"):
            return module
    parts = relative.split("/")
    return parts[1] if parts[0] == "src" else None


def includes(text):
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
        if found:
            yield number, found[1] == "<", found[2]


def check_includes(relative, text, say):
    public = relative.startswith("include/")
    mine = module_of_include(relative.removeprefix("include/")) if public else module_of_file(relative)
    for number, system, name in includes(text):
        if public and THIRD_PARTY.match(name):
            say(relative, number, f"a public header includes {name}, a third party's")
        if system:
            continue
        if public and not name.startswith("zegocall/"):
            say(relative, number, f"a public header includes {name}, which is not installed")
        theirs = module_of_include(name)
        if mine and theirs and theirs != mine and theirs not in MODULES.get(mine, set()):
            say(relative, number, f"module {mine} may not include {name} (module {theirs})")


def enum_words(files):
    """Every enumerator of ours, as it stands behind `case`: Enum::word."""
    names = set()
    for path in files:
        for found in re.finditer(r"enum class (\w+)", path.read_text(errors="replace")):
            names.add(found[1])
    return names


def check_defaults(relative, text, enums, say):
    """A `default:` whose switch has a case over one of our enums."""
    depth, stack = 0, []
    for number, line in enumerate(text.splitlines(), 1):
        code = re.sub(r'"(\\.|[^"\\])*"|//.*', "", line)
        if re.search(r"\bswitch\s*\(", code):
            stack.append({"depth": depth, "ours": False, "default": None})
        if stack:
            for found in re.finditer(r"\bcase\s+(?:\w+::)*(\w+)::\w+\s*:", code):
                stack[-1]["ours"] |= found[1] in enums
            if re.search(r"\bdefault\s*:", code):
                stack[-1]["default"] = number
        depth += code.count("{") - code.count("}")
        while stack and depth <= stack[-1]["depth"] and "}" in code:
            switch = stack.pop()
            if switch["ours"] and switch["default"]:
                say(relative, switch["default"], "default: in a switch over one of our enums")


def check_listed(root, sources, say):
    listed = {}
    for relative in sources:
        folder = root / relative
        while folder != root:
            folder = folder.parent
            lists = folder / "CMakeLists.txt"
            if lists.is_file():
                text = listed.setdefault(lists, lists.read_text())
                if re.search(rf"(?<![\w/]){re.escape(str((root / relative).relative_to(folder)))}\b", text) or pathlib.Path(relative).name in text:
                    break
        else:
            say(relative, 1, "no CMakeLists.txt names this source")


def breaches(root):
    found = []
    say = lambda where, line, what: found.append(f"{where}:{line}: {what}")
    files = tracked(root)
    code = [path for path in files if path.suffix in CODE]
    enums = enum_words(code)
    sources = []
    for path in code:
        relative, text = str(path.relative_to(root)), path.read_text(errors="replace")
        if relative.startswith(("include/", "src/")):
            check_includes(relative, text, say)
        check_defaults(relative, text, enums, say)
        if path.suffix == ".cpp":
            sources.append(relative)
        if text.count("\n") > 600:
            say(relative, 601, "longer than 600 lines: is there a second room in it?")
    check_listed(root, sources, say)
    machine = re.compile(r"/work/|/root/|\"resolved\": *\"http")
    for path in files:
        relative = str(path.relative_to(root))
        if relative.startswith("tests/tidy/") or path.suffix in {".png", ".bin"}:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if machine.search(line):
                say(relative, number, "a machine's path or a download address")
    return found


if __name__ == "__main__":
    result = breaches(pathlib.Path(sys.argv[1]).resolve())
    print("\n".join(result) if result else "tidy")
    sys.exit(1 if result else 0)
