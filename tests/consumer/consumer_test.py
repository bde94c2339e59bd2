#!/usr/bin/env python3
"""Installs the build into an empty folder and builds a stranger's project against it.

usage: consumer_test.py BUILD PROJECT COMPONENTS COMPILER FLAGS README
COMPONENTS as in find_package, separated by spaces, beside core. Every C++ block of README becomes a program that must exit 0; one
with a hub or client needs net, and is left out where there is none.
"""
import pathlib
import re
import subprocess
import sys
import tempfile


def run(*command):
    ran = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if ran.returncode != 0:
        print(" ".join(str(part) for part in command), ran.stdout[-4000:], ran.stderr[-4000:], sep="\n")
        sys.exit(1)
    return ran.stdout


build, project, components, compiler, flags, readme = sys.argv[1], sys.argv[2], sys.argv[3].split(), *sys.argv[4:7]
with tempfile.TemporaryDirectory() as folder:
    prefix, out = pathlib.Path(folder) / "prefix", pathlib.Path(folder) / "build"
    run("cmake", "--install", build, "--prefix", prefix)
    blocks = re.findall(r"```cpp\n(.*?)```", pathlib.Path(readme).read_text(), re.S)
    if "net" not in components:
        blocks = [block for block in blocks if not re.search(r"zegocall/(hub|client)\.hpp", block)]
    if not blocks:
        sys.exit("the README has no C++ block")
    for number, block in enumerate(blocks):
        (pathlib.Path(folder) / f"readme_{number}.cpp").write_text(block)
    run("cmake", "-S", project, "-B", out, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={compiler}",
        "-DCMAKE_CXX_STANDARD=20", f"-DCMAKE_CXX_FLAGS={flags}", f"-DCONSUMER_COMPONENTS={';'.join(components)}",
        f"-DREADME_BLOCKS={folder}", f"-DREADME_COUNT={len(blocks)}")
    run("cmake", "--build", out)
    programs = ["tokens_only", *(f"readme_{number}" for number in range(len(blocks)))] + (["whole_server"] if "net" in components else []) + (["plain_c"] if "c" in components else [])
    for program in programs:
        print(run(out / program).strip())

    # Each component stands alone, and the C library in a project that knows no C++.
    for component in ["core", *components]:
        alone = pathlib.Path(folder) / f"alone_{component}"
        alone.mkdir()
        language, source = ("C", "main.c") if component == "c" else ("CXX", "main.cpp")
        (alone / source).write_text("int main(void) { return 0; }\n")
        (alone / "CMakeLists.txt").write_text(
            f"cmake_minimum_required(VERSION 3.25)\nproject(alone LANGUAGES {language})\n"
            f"find_package(zegocall REQUIRED COMPONENTS {component})\nadd_executable(alone {source})\n"
            f"target_link_libraries(alone PRIVATE zegocall::{component})\n")
        run("cmake", "-S", alone, "-B", alone / "b", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={compiler}",
            f"-DCMAKE_{language}_FLAGS={flags}")
        run("cmake", "--build", alone / "b")
        run(alone / "b" / "alone")

    # A component that is not there is named, not a puzzle.
    bad = pathlib.Path(folder) / "bad"
    bad.mkdir()
    (bad / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(bad LANGUAGES CXX)\nfind_package(zegocall REQUIRED COMPONENTS postgres)\n")
    ran = subprocess.run(["cmake", "-S", bad, "-B", bad / "b", f"-DCMAKE_PREFIX_PATH={prefix}"], capture_output=True, text=True)
    if ran.returncode == 0 or "postgres" not in ran.stderr:
        print("a missing component is not named:", ran.stderr)
        sys.exit(1)
print("installed, found, built and run")
