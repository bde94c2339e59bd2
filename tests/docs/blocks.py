#!/usr/bin/env python3
"""Writes the C++ blocks of a page into files, in order; there must be one for each.

usage: blocks.py PAGE FILE...
"""
import pathlib
import re
import sys

blocks = re.findall(r"```cpp\n(.*?)```", pathlib.Path(sys.argv[1]).read_text(), re.S)
if len(blocks) != len(sys.argv[2:]):
    sys.exit(f"{sys.argv[1]} has {len(blocks)} C++ blocks, not {len(sys.argv[2:])}")
for block, path in zip(blocks, sys.argv[2:]):
    pathlib.Path(path).write_text(block)
