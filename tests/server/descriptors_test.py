#!/usr/bin/env python3
"""A server whose table of descriptors is full: accepting pauses, whoever is connected is served, and accepting goes on when
there is room again. `descriptors_test.py PROGRAM`"""
import http.client
import json
import resource
import socket
import subprocess
import sys
import tempfile
import time

program = sys.argv[1]
LIMIT, LOOPS, PATIENCE = 80, 2, 20
failed = 0


def check(what, fine):
    global failed
    if not fine:
        failed += 1
        print("not so:", what)


def connection():
    return http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)


def ask(kept, method, path, body=None):
    kept.request(method, path, body=body)
    answer = kept.getresponse()
    return answer.status, answer.read().decode()


def metric(kept, name):
    lines = ask(kept, "GET", "/metrics")[1].splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + " "))


def until(what, fulfilled):
    end = time.monotonic() + PATIENCE
    while not fulfilled():
        if time.monotonic() > end:
            return check(what, False)
    return None


log = tempfile.TemporaryFile("w+")
server = subprocess.Popen([program, "--loops", str(LOOPS)], stdout=subprocess.PIPE, stderr=log, text=True,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, LIMIT)))
port = int(server.stdout.readline().rsplit(":", 1)[1])

# Kept connections, which are served whatever happens, and one session on each loop.
asker, posters = connection(), [connection() for _ in range(8)]
for kept in [asker, *posters]:
    check("healthz", ask(kept, "GET", "/healthz")[0] == 200)
sessions = {}
while len(sessions) < LOOPS:
    fresh = connection()
    opened = json.loads(ask(fresh, "GET", "/socket.io/?EIO=4&transport=polling")[1][1:])
    sessions[opened["sid"][0]] = opened["sid"]
    fresh.close()

crowd = [socket.create_connection(("127.0.0.1", port)) for _ in range(2 * LIMIT)]
until("accepting pauses", lambda: metric(asker, "zegocall_net_accepts_paused_total") > 0)
before, began = metric(asker, "zegocall_net_accepts_paused_total"), time.monotonic()
check("health while the table is full", ask(asker, "GET", "/healthz") == (200, '{"status":"ok"}'))
# Their requests move them to the sessions' loops and back, without a descriptor to spare.
for round_ in range(3):
    for kept in posters:
        for sid in sessions.values():
            check("a session while the table is full", ask(kept, "POST", f"/socket.io/?EIO=4&transport=polling&sid={sid}", "3") == (200, "ok"))
check("connections moved", metric(asker, "zegocall_net_connections_moved_total") > 0)
check("none was lost on the way", metric(asker, "zegocall_net_moves_failed_total") == 0)
until("accepting is tried again", lambda: metric(asker, "zegocall_net_accepts_paused_total") > before + 2)
paused, seconds = metric(asker, "zegocall_net_accepts_paused_total") - before, time.monotonic() - began
check(f"no spin: {paused} pauses of 100 ms on {LOOPS} loops in {seconds:.2f} s", paused <= LOOPS * (seconds / 0.1 + 2))

for one in crowd:
    one.close()
late = connection()
check("accepting goes on", ask(late, "GET", "/healthz")[0] == 200)
until("everybody was let go", lambda: metric(asker, "zegocall_net_connections") == 2 + len(posters))
server.terminate()
check("exit 0", server.wait(timeout=PATIENCE) == 0)
log.seek(0)
lines = [line for line in log if "no new connections for a moment" in line]
check(f"one line of the log says so: {lines}", len(lines) == 1 and "warning" in lines[0] and "Too many open files" in lines[0])
print("all is so" if not failed else f"{failed} checks failed")
sys.exit(1 if failed else 0)
