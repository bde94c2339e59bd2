#!/usr/bin/env python3
"""Runs one fuzz target for a bounded time and keeps what it covered; or prints what all of them did.

usage: fuzz_run.py run NAME FOLDER PROGRAM [libFuzzer options and corpus folders]   (a ctest entry; exit code of the target)
       fuzz_run.py table FOLDER [--least SECONDS]    (exit 1 if a target has not run, or not for so long)
The report of a run is FOLDER/NAME.json: runs, seconds, and the corpus and coverage when the known inputs were read and at the end.
"""
import json
import pathlib
import re
import subprocess
import sys

STATUS = re.compile(r"^#\d+\s+(INITED|DONE)\s+cov: (\d+) ft: (\d+) corp: (\d+)", re.M)
RUNS = re.compile(r"^Done (\d+) runs in (\d+) second", re.M)


def report_of(text):
    """What libFuzzer says at the two ends of a run; None if it did not come to its end."""
    lines = {kind: [int(each) for each in rest] for kind, *rest in STATUS.findall(text)}
    done = RUNS.search(text)
    if not done or "DONE" not in lines:
        return None
    before, after = lines.get("INITED", [0, 0, 0]), lines["DONE"]
    return {"runs": int(done[1]), "seconds": int(done[2]), "coverage": [before[0], after[0]], "features": [before[1], after[1]],
            "corpus": [before[2], after[2]]}


def run(name, folder, command):
    report = pathlib.Path(folder) / f"{name}.json"
    report.unlink(missing_ok=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    figures = report_of(done.stdout)
    if done.returncode == 0 and figures:
        report.write_text(json.dumps(figures))
        print(line(name, figures))
        return 0
    print(done.stdout[-20_000:])
    print(f"{name}: " + ("ended without libFuzzer's last line" if done.returncode == 0 else f"exit {done.returncode}"))
    return done.returncode or 1


def line(name, figures):
    pair = lambda key: "{:,} -> {:,}".format(*figures[key])
    new = figures["coverage"][1] - figures["coverage"][0]
    return f"{name:16} {figures['runs']:>12,} {figures['seconds']:>5} s   {pair('corpus'):>16}   {pair('coverage'):>16}   {new:+,} edges"


def table(folder, least):
    known = sorted(pathlib.Path(folder).glob("found_*"))
    print(f"{'target':16} {'runs':>12} {'time':>7}   {'corpus':>16}   {'coverage':>16}   new")
    bad = 0 if known else 1
    for found in known:
        name = found.name.removeprefix("found_")
        report = pathlib.Path(folder) / f"{name}.json"
        figures = json.loads(report.read_text()) if report.exists() else None
        short = not figures or figures["seconds"] < least
        bad += short
        print(line(name, figures) if figures else f"{name:16} did not run to its end", "   TOO SHORT" if figures and short else "")
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) > 4 and sys.argv[1] == "run":
        sys.exit(run(sys.argv[2], sys.argv[3], sys.argv[4:]))
    if len(sys.argv) in (3, 5) and sys.argv[1] == "table" and (len(sys.argv) == 3 or sys.argv[3] == "--least"):
        sys.exit(table(sys.argv[2], int(sys.argv[4]) if len(sys.argv) == 5 else 0))
    sys.exit(__doc__)
