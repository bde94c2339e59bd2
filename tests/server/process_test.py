#!/usr/bin/env python3
"""echo_server as a process: ready line, operations, signals, exit codes. `process_test.py PROGRAM WITH_TEST_CLOCK`"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

program, with_test_clock = sys.argv[1], sys.argv[2] == "ON"
clean = {key: value for key, value in os.environ.items() if key not in ("PORT", "HOST", "ALLOWED_ORIGINS", "REDIS_URL")}
failed = 0


def check(what, fine):
    global failed
    if not fine:
        failed += 1
        print("not so:", what)


def start(*arguments, **environment):
    process = subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**clean, **environment})
    line = process.stdout.readline()
    check("ready line", line.startswith("listening on http://127.0.0.1:"))
    return process, line.removeprefix("listening on ").strip()


def fetch(url, body=None):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def refused(expected, *arguments, **environment):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, env={**clean, **environment}, timeout=20)
    lines = done.stderr.splitlines()
    check(f"{arguments} {environment}: exit 2 and one line with {expected!r}, not {done.returncode} {done.stderr!r}",
          done.returncode == 2 and len(lines) == 1 and expected in lines[0] and lines[0].startswith("echo_server: ") and not done.stdout)


for end in (signal.SIGTERM, signal.SIGINT):
    process, url = start()
    check("healthz", fetch(url + "/healthz") == (200, '{"status":"ok"}'))
    check("readyz", fetch(url + "/readyz")[0] == 200)
    check("version", "zegocall" in json.loads(fetch(url + "/version")[1]))
    check("metrics", "zegocall_net_accepted_total" in fetch(url + "/metrics")[1])
    check("Engine.IO", fetch(url + "/engine.io/?EIO=4&transport=polling")[1].startswith('0{"sid"'))
    check("no clock to push", fetch(url + "/test/advance", b'{"ms":1}')[0] == 404)
    process.send_signal(end)
    check(f"exit 0 after {end.name}", process.wait(timeout=20) == 0)
    process.communicate()

process, url = start("--port", "0", PORT="not a number")
refused("must be a number", PORT="not a number")
refused("in use", "--port", url.rsplit(":", 1)[1])
process.terminate()
process.communicate()
refused("--nothing", "--nothing")
refused("--port: must be a number from 0 to 65535", "--port", "65536")
refused("--ping-interval-ms", "--ping-interval-ms", "0")
refused("--drain-seconds: must be a number from 0 to 600", "--drain-seconds", "601")
refused("not in this build", "--db", "postgresql://localhost/x")
refused("not in this build", "--redis", "redis://localhost")
refused("host", "--host", "no.such.address")
refused("host: the path of a socket must begin with /", "--host", "unix:here.sock")
refused("--loops: must be a number from 1 to 64", "--loops", "0")
refused("tls.certificate_file: no certificate", "--tls-cert", "/no/such/file", "--tls-key", "/no/such/file")
refused("tls.certificate_file: is needed", "--tls-key", "/no/such/file")
refused("allowed_origins", "--allowed-origins", "app.example")
with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    file.write('{"ping-interval-ms": "soon"}')
    file.flush()
    refused("ping-interval-ms: must be a number", "--config", file.name)
usage = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=20)
check("--help", usage.returncode == 0 and "--max-payload VALUE" in usage.stdout and "--drain-seconds VALUE" in usage.stdout)

with tempfile.TemporaryDirectory() as folder:
    path = folder + "/echo.sock"
    for end in (signal.SIGKILL, signal.SIGTERM):  # the second finds what the first left behind
        process = subprocess.Popen([program, "--host", "unix:" + path, "--loops", "2"], stdout=subprocess.PIPE, text=True, env=clean)
        check("ready line of a socket's file", process.stdout.readline() == f"listening on unix:{path}\n")
        client = socket.socket(socket.AF_UNIX)
        client.connect(path)
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        check("an answer through the file", client.makefile("rb").read().endswith(b'{"status":"ok"}'))
        client.close()
        process.send_signal(signal.SIGHUP)  # without TLS there is nothing to read again, and it is no end
        process.send_signal(end)
        check("its end", process.wait(timeout=20) == (0 if end == signal.SIGTERM else -signal.SIGKILL))
        check("the file is there after kill -9 only", os.path.exists(path) == (end == signal.SIGKILL))
        process.communicate()

if with_test_clock:
    process, url = start("--test-clock")
    before = json.loads(fetch(url + "/test/advance", b'{"ms":1}')[1])["now"]
    status, body = fetch(url + "/test/advance", b'{"ms":86400000}')
    check("a day later", status == 200 and json.loads(body)["now"][:10] > before[:10])
    check("a wrong advance", fetch(url + "/test/advance", b'{"ms":-1}')[0] == 422)
    process.terminate()
    check("exit 0", process.wait(timeout=20) == 0)
    process.communicate()
else:
    refused("not in this build", "--test-clock")
print("all is so" if not failed else f"{failed} checks failed")
sys.exit(1 if failed else 0)
