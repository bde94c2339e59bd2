#!/usr/bin/env python3
"""bounds.py FOLDER [--margin 0.75]: the engine's and the service's figures against what they owe; exit 1 if one is missed.

Runs bench_decide and bench_store of FOLDER. Ratios and bytes are judged as they are; rates, which depend on the machine and
on who else is busy, by `margin` of their floor.
"""
import argparse
import json
import subprocess
import sys


def measured(program, *flags):
    out = subprocess.run([program, "--benchmark_format=json", *flags], check=True, capture_output=True, text=True).stdout
    return {row["name"]: row for row in json.loads(out)["benchmarks"]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--margin", type=float, default=0.75)
    args = parser.parse_args()
    engine = measured(args.folder + "/bench_decide", "--benchmark_min_time=0.5",
                      "--benchmark_filter=decide_and_apply/100000|bytes|room")
    durable = measured(args.folder + "/bench_store", "--benchmark_min_time=1", "--benchmark_filter=service_durable/(1|64)/")
    rate = {name: row.get("items_per_second", 0) for name, row in {**engine, **durable}.items()}
    time = {name: row["real_time"] for name, row in engine.items()}
    join = {people: time[f"join_room/{people}/iterations:5000/manual_time"] for people in (10, 1000)}
    alone, grouped = (rate[f"service_durable/{n}/real_time"] for n in (1, 64))
    rows = [  # what, how much, the bound, whether it is kept
        ("commands decided and applied a second, 100,000 calls", rate["decide_and_apply/100000"], 1e6 * args.margin, 1),
        ("bytes of a live one-to-one call", engine["bytes_per_call/iterations:3"]["bytes"], 4096, -1),
        ("the 1,000th join of a room against the 10th", join[1000] / join[10], 3, -1),
        ("a command to one person, 1,000 in the room against 10", time["in_room/1000"] / time["in_room/10"], 2, -1),
        ("durable commands a second, 64 calls at once", grouped, 8000 * args.margin, 1),
        ("grouped against one by one", grouped / alone, 3, 1),
    ]
    missed = 0
    for what, value, bound, least in rows:
        kept = value >= bound if least > 0 else value <= bound
        missed += not kept
        print(f"{what:58} {value:12,.1f}  at {'least' if least > 0 else 'most '} {bound:11,.1f}  {'' if kept else 'MISSED'}")
    return 1 if missed else 0


sys.exit(main())
