#!/usr/bin/env python3
"""Runs ctest in a build folder and ends with the line `N passed, M failed, S skipped`.

usage: ctest_totals.py BUILD [--expected N] [ctest options]
Shows the output of every failed test and the reason of every skipped one.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--expected", type=int, default=0)
    options, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.xml"
        command = ["ctest", "--test-dir", options.build, "--output-on-failure", "--no-tests=error", "-j2", "--output-junit", str(report), *rest]
        ran = subprocess.run(command).returncode
        if not report.exists():
            print("ctest wrote no report", file=sys.stderr)
            return 1
        passed = failed = skipped = 0
        for case in xml.parse(report).getroot().iter("testcase"):
            status = case.get("status")
            if status == "run":
                passed += 1
            elif status in ("notrun", "disabled") or case.find("skipped") is not None:
                skipped += 1
                reason = (case.findtext("system-out") or "no reason given").strip().splitlines()
                print(f"skipped {case.get('name')}: {reason[-1] if reason else 'no reason given'}")
            else:
                failed += 1
                print(f"FAILED {case.get('name')}")
    short = passed < options.expected
    if short:
        print(f"only {passed} tests passed; tests/expected_count asks for {options.expected}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or short or (ran and not skipped) else 0


sys.exit(main())
