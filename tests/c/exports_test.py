#!/usr/bin/env python3
"""exports_test.py LIBRARY HEADER: the library exports what the header declares, and nothing else."""
import pathlib
import re
import subprocess
import sys

names = subprocess.run(["nm", "-D", "--defined-only", sys.argv[1]], capture_output=True, text=True, check=True).stdout
exported = {line.split()[-1].split("@")[0] for line in names.splitlines()}
declared = set(re.findall(r"^ZC_API .*?\b(zc_\w+)\(", pathlib.Path(sys.argv[2]).read_text(), re.M))
print(f"{len(exported)} exported; not declared: {sorted(exported - declared)}; not exported: {sorted(declared - exported)}")
sys.exit(not declared or exported != declared)
