#!/usr/bin/env python3
"""Shows that tidy.py can fail: plants each breach in a small tree and expects it to be named."""
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tidy  # noqa: E402

GOOD = {
    "include/zegocall/base/a.hpp": "#pragma once\n#include <string>\nenum class Color { red, green };\n",
    "src/base/a.cpp": '#include "zegocall/base/a.hpp"\n#include <openssl/evp.h>\n',
    "src/base/CMakeLists.txt": "zegocall_module(base SOURCES a.cpp)\n",
}
PLANTED = {
    "a forbidden include": ("src/base/a.cpp", '#include "zegocall/call/model.hpp"\n', "module base may not include"),
    "a private header of another module": ("src/base/a.cpp", '#include "signaling/wire/packet.hpp"\n', "module base may not include"),
    "a third party in a public header": ("include/zegocall/base/a.hpp", "#include <uv.h>\n", "a third party's"),
    "a default over our enum": ("src/base/a.cpp", "int f(Color c) {\n switch (c) {\n  case Color::red: return 1;\n  default: return 2;\n }\n}\n", "default:"),
    "a source that nobody lists": ("src/base/b.cpp", "\n", "no CMakeLists.txt names"),
    "a file past its size": ("src/base/a.cpp", "\n" * 601, "longer than 600"),
    "a machine's path": ("src/base/a.cpp", "// /ro" + "ot/x\n", "machine's path"),
}


def plant(root, tree):
    for name, text in tree.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


failed = 0
with tempfile.TemporaryDirectory() as folder:
    plant(pathlib.Path(folder), GOOD)
    if tidy.breaches(pathlib.Path(folder)):
        failed += 1
        print("a clean tree is refused:", tidy.breaches(pathlib.Path(folder)))
for title, (name, text, expected) in PLANTED.items():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        plant(root, GOOD)
        (root / name).write_text((root / name).read_text() + text if (root / name).exists() else text)
        found = tidy.breaches(root)
        if not any(expected in breach for breach in found):
            failed += 1
            print(f"not caught: {title}; found {found}")
print(f"{len(PLANTED) + 1 - failed} of {len(PLANTED) + 1} checks hold")
sys.exit(1 if failed else 0)
