#!/usr/bin/env python3
"""measure.py BUILD [--full] [--rounds N] [--only ROW,...]: echo_server beside the Node.js original and beside the ceiling, row by row.

What counts is messages (answers, deliveries, connections) per CPU-second of the server, as a multiple of Node.js in the same
run: absolute figures are the machine's. A fresh server for every figure; peers take turns within a round; medians of the rounds.
The fast run (default, for CI) has one round and judges floors with a margin; --full is what docs/performance.md holds.
Exit 1 if a row is under its floor or could not be measured."""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile

import peers

FAST_MARGIN = 0.75  # of a floor: what one short run on a busy machine may miss it by
LIMITS = ["--sessions-per-address", "20000", "--packets-per-second-per-address", "20000000"]


class Row:
    def __init__(self, name, arguments, floor, goal, judge="ratio", websocket=True, heavy=False):
        self.name, self.arguments, self.floor, self.goal = name, arguments, floor, goal
        self.judge, self.websocket, self.heavy = judge, websocket, heavy


ROWS = [
    Row("echo", "--scenario echo --connections 200 --bytes 90", 2.8, 3.4),
    Row("echo, 8 in flight", "--scenario echo --connections 200 --in-flight 8 --bytes 90", 8, 14),
    Row("relay 1.5 KB", "--scenario relay --connections 200 --bytes 1400", 3.0, 3.8),
    Row("relay at 10,000/s", "--scenario relay --connections 200 --bytes 1400 --rate 10000", (0.45, 0.5), (0.36, 0.36), "share"),
    Row("room of 10", "--scenario room --connections 200 --members 10 --bytes 200", 1.8, 2.1),
    Row("room of 100", "--scenario room --connections 1000 --members 100 --bytes 200", 1.8, 2.1),
    Row("churn", "--scenario churn --connections 64 --sources 24", 4, 5.5),
    Row("idle, 10,000 connections", "--scenario idle --connections 10000 --sources 4", 4500, 3600, "memory", heavy=True),
    Row("10,000 connections, 5,000 relays/s", "--scenario relay --connections 10000 --sources 4 --bytes 1400 --rate 5000",
        (0.35, 1000), (0.23, 400), "share, us", heavy=True),
    Row("long-polling: relay", "--transport polling --scenario relay --connections 200 --bytes 1400", 3, 3, websocket=False),
    Row("long-polling: room of 10", "--transport polling --scenario room --connections 200 --members 10 --bytes 200", 3, 3,
        websocket=False),
]


class Run:
    def __init__(self, options):
        self.options = options
        self.bin = os.path.join(options.build, "bin")
        self.client = os.path.join(self.bin, "load_client")
        self.failed = []
        self.times = ["--warm-up", "3", "--seconds", "2"] if options.full else ["--warm-up", "1", "--seconds", "1"]

    def command(self, peer):
        echo = [os.path.join(self.bin, "echo_server"), "--port", "0", *LIMITS]
        return {"zegocall": echo, "recovery": [*echo, "--recovery-ms", "120000"],
                "node": ["node", os.path.join(peers.HERE, "load", "node_server.mjs")],
                "ceiling": [os.path.join(self.bin, "ceiling")]}[peer]

    def figures(self, command, arguments):
        with peers.Peer(command) as server:
            return peers.load(self.client, server, [*arguments, *self.times])

    def measure(self, row):
        """Medians of every figure of every peer."""
        names = ["zegocall", "node"]
        if self.options.full:
            names = ["zegocall", "recovery", "node"] + (["ceiling"] if row.websocket else [])
        seen = {name: [] for name in names}
        for _ in range(1 if row.heavy and not self.options.full else self.options.rounds):
            for name in names:
                seen[name].append(self.figures(self.command(name), row.arguments.split()))
        return {name: {key: statistics.median(each[key] for each in all_of) for key in all_of[0]} for name, all_of in seen.items()}

    def verdict(self, name, value, floor, goal, smaller=False, judged=True):
        met = value <= goal if smaller else value >= goal
        margin = 1.0 if self.options.full else FAST_MARGIN
        held = value <= floor / margin if smaller else value >= floor * margin
        if not held and judged:
            self.failed.append(f"{name}: {value:,.2f}, the floor is {floor:,.2f}")
        return "goal" if met else "floor" if (value <= floor if smaller else value >= floor) else "under" if judged else "not judged"


def per_cpu(figures):
    return f"{figures['per_cpu_s']:,.0f}" if figures else "-"


def report(run, row, seen):
    """The line or lines of a row. What is judged is the worse of without and with recovery."""
    ours, node = [seen[n] for n in ("zegocall", "recovery") if n in seen], seen["node"]
    rates = [per_cpu(seen.get(name)) for name in ("zegocall", "recovery", "node", "ceiling")]
    line = lambda what, cells, value, floor, goal, verdict: print(
        f"| {what} | {' | '.join(cells)} | {value} | {floor} | {goal} | {verdict} |", flush=True)
    if row.judge == "memory":
        memory = [f"{seen[n]['bytes_per_connection']:,.0f} B" if n in seen else "-" for n in ("zegocall", "recovery", "node", "ceiling")]
        value = max(each["bytes_per_connection"] for each in ours)
        return line(row.name, memory, f"{value:,.0f} B", f"{row.floor:,} B", f"{row.goal:,} B",
                    run.verdict(row.name, value, row.floor, row.goal, smaller=True))
    if row.judge.startswith("share"):
        cpu = [f"{seen[n]['server_cpu']:.3f} at {seen[n]['rate']:,.0f}/s" if n in seen else "-" for n in ("zegocall", "recovery", "node", "ceiling")]
        value = node["per_cpu_s"] / min(each["per_cpu_s"] for each in ours)  # CPU for each message: a busy machine may not keep the pace
        line(f"{row.name}: CPU", cpu, f"{value:.2f} of node's", row.floor[0], row.goal[0],
             run.verdict(f"{row.name}: CPU", value, row.floor[0], row.goal[0], smaller=True))
        p99 = [f"{seen[n]['p99_us']:,.0f} us" if n in seen else "-" for n in ("zegocall", "recovery", "node", "ceiling")]
        absolute = row.judge.endswith("us")
        value = max(each["p99_us"] for each in ours) / (1 if absolute else node["p99_us"])
        unit = " us" if absolute else ""
        return line(f"{row.name}: p99", p99, f"{value:,.0f} us" if absolute else f"{value:.2f} of node's",
                    f"{row.floor[1]}{unit}", f"{row.goal[1]}{unit}",
                    run.verdict(f"{row.name}: p99", value, row.floor[1], row.goal[1], smaller=True, judged=run.options.full))
    ratios = [each["per_cpu_s"] / node["per_cpu_s"] for each in ours]
    return line(row.name, rates, " / ".join(f"{each:.2f} x" for each in ratios), f"{row.floor} x", f"{row.goal} x",
                run.verdict(row.name, min(ratios), row.floor, row.goal))


def tls(run):
    """What TLS costs a relay: CPU per message, as a multiple of plain. Flat out, the load client becomes the slower end with TLS, and
    the server's turns have less to share: one short round of that says too little to be judged. At a fixed pace the work is the same
    on both sides."""
    echo = run.command("zegocall")
    if "--tls-cert" not in subprocess.run([echo[0], "--help"], capture_output=True, text=True, check=True).stdout:
        return print("| TLS: relay | | | | | not in this build | 1.6 x the CPU | | |")
    for name, pace in (("TLS: relay 1.5 KB", ""), ("TLS: relay at 10,000/s", "--rate 10000")):
        arguments = f"--scenario relay --connections 200 --bytes 1400 {pace}".split()
        with tempfile.TemporaryDirectory() as folder:
            cert, key = peers.certificate(folder)
            seen = {"plain": [], "tls": [], "node": []}
            for _ in range(run.options.rounds):
                seen["plain"].append(run.figures(echo, arguments)["per_cpu_s"])
                seen["tls"].append(run.figures([*echo, "--tls-cert", cert, "--tls-key", key], [*arguments, "--tls", cert])["per_cpu_s"])
                if run.options.full:
                    seen["node"].append(run.figures([*run.command("node"), cert, key], [*arguments, "--tls", cert])["per_cpu_s"])
        rates = {peer: statistics.median(all_of) for peer, all_of in seen.items() if all_of}
        value = rates["plain"] / rates["tls"]
        node = f"{rates['node']:,.0f}" if "node" in rates else "-"
        print(f"| {name} | {rates['tls']:,.0f} | - | {node} | - | {value:.2f} x the CPU of plain | 1.6 | 1.6 | "
              f"{run.verdict(name, value, 1.6, 1.6, smaller=True, judged=bool(pace) or run.options.full)} |", flush=True)


def two_loops(run):
    """Only where each loop and the load have cores of their own."""
    cores = os.cpu_count() or 1
    if cores < 4:
        return print(f"| two loops on one port | | | | | not measured: {cores} cores, needs 4 | - | - | - |")
    arguments = "--scenario relay --connections 200 --bytes 1400".split()
    echo = run.command("zegocall")
    if "--loops" not in subprocess.run([echo[0], "--help"], capture_output=True, text=True, check=True).stdout:
        return print("| two loops on one port | | | | | not in this build | - | - | - |")
    peers.PINNED = False
    one, two = (run.figures([*echo, "--loops", n], arguments)["rate"] for n in ("1", "2"))
    return print(f"| two loops on one port | {two:,.0f} deliveries/s | | | | {two / one:.2f} x one loop | - | - | - |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--full", action="store_true", help="three rounds of every peer, three seconds of warm-up")
    parser.add_argument("--rounds", type=int, help="default: 3 with --full, else 1")
    parser.add_argument("--only", default="", help="rows by the beginning of their names, separated by semicolons")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.full else 1)
    run = Run(options)
    wanted = [each.strip() for each in options.only.split(";") if each.strip()]
    chosen = lambda name: not wanted or any(name.startswith(each) for each in wanted)
    print("| row | zegocall | with recovery | node | ceiling | ratio | floor | goal | |\n|---|--:|--:|--:|--:|--:|--:|--:|---|", flush=True)
    steps = [(row.name, lambda row=row: report(run, row, run.measure(row))) for row in ROWS]
    for name, step in [*steps, ("TLS", lambda: tls(run)), ("two loops", lambda: two_loops(run))]:
        if not chosen(name):
            continue
        try:
            step()
        except peers.LoadFailed as why:
            run.failed.append(f"{name}: not measured: {why}")
    for each in run.failed:
        print(f"under its floor or not measured: {each}", file=sys.stderr)
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
