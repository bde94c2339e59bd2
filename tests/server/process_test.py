#!/usr/bin/env python3
"""echo_server as a process: ready line, operations, signals, exit codes. `process_test.py PROGRAM WITH_TEST_CLOCK`"""
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

program, with_test_clock = sys.argv[1], sys.argv[2] == "ON"
clean = {key: value for key, value in os.environ.items() if key not in ("PORT", "HOST", "ALLOWED_ORIGINS", "TRUSTED_PROXIES", "PROXY_HEADER", "ACCESS_LOG")}
failed = 0


def check(what, fine):
    global failed
    if not fine:
        failed += 1
        print("not so:", what)


def start(*arguments, scheme="http", **environment):
    process = subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**clean, **environment})
    line = process.stdout.readline()
    check("ready line", line.startswith(f"listening on {scheme}://127.0.0.1:"))
    return process, line.removeprefix("listening on ").strip()


def end(process):
    process.terminate()
    check("exit 0", process.wait(timeout=20) == 0)
    return process.communicate()[1]


def until(what, so):
    over = time.monotonic() + 20
    while not so():
        if time.monotonic() > over:
            return check(what, False)
        time.sleep(0.01)


def fetch(url, body=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=headers), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def metric(url, name):
    lines = fetch(url + "/metrics")[1].splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(name + " "))


def refused(expected, *arguments, **environment):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, env={**clean, **environment}, timeout=20)
    lines = done.stderr.splitlines()
    check(f"{arguments} {environment}: exit 2 and one line with {expected!r}, not {done.returncode} {done.stderr!r}",
          done.returncode == 2 and len(lines) == 1 and expected in lines[0] and lines[0].startswith("echo_server: ") and not done.stdout)


for ending in (signal.SIGTERM, signal.SIGINT):
    process, url = start()
    check("healthz", fetch(url + "/healthz") == (200, '{"status":"ok"}'))
    check("readyz", fetch(url + "/readyz")[0] == 200)
    check("version", "zegocall" in json.loads(fetch(url + "/version")[1]))
    check("metrics", "zegocall_net_accepted_total" in fetch(url + "/metrics")[1])
    check("Engine.IO", fetch(url + "/engine.io/?EIO=4&transport=polling")[1].startswith('0{"sid"'))
    check("no clock to push", fetch(url + "/test/advance", b'{"ms":1}')[0] == 404)
    process.send_signal(ending)
    check(f"exit 0 after {ending.name}", process.wait(timeout=20) == 0)
    process.communicate()

process, url = start("--port", "0", PORT="not a number")
refused("must be a number", PORT="not a number")
refused("--port: cannot bind 127.0.0.1:", "--port", url.rsplit(":", 1)[1])
process.terminate()
process.communicate()
refused("--nothing", "--nothing")
refused("--port: must be a number from 0 to 65535", "--port", "65536")
refused("--ping-interval-ms", "--ping-interval-ms", "0")
refused("--log-level: must be debug, info, warning or error", "--log-level", "loud")
refused("--drain-seconds: must be a number from 0 to 600", "--drain-seconds", "601")
for flag in ("--db", "--redis"):  # it stores nothing
    refused(f"{flag}: is not a flag of this program", flag, "x")
refused("--host: must be a numeric address", "--host", "no.such.address")
refused("HOST: must be a numeric address", HOST="no.such.address")
refused("--host: the path of a socket must begin with /", "--host", "unix:here.sock")
refused("--loops: must be a number from 1 to 64", "--loops", "0")
refused("--tls-cert: no certificate in /no/such/file: No such file or directory", "--tls-cert", "/no/such/file", "--tls-key", "/no/such/file")
refused("ECHO_SERVER_TLS_CERT: no certificate in /no/such/file: No such", "--tls-key", "/no/such/file", ECHO_SERVER_TLS_CERT="/no/such/file")
refused("--tls-cert: is needed", "--tls-key", "/no/such/file")
refused("--tls-key: is needed", "--tls-cert", "/no/such/file")
refused("--allowed-origins: entry 1: must be", "--allowed-origins", "app.example")
refused("TRUSTED_PROXIES: entry 2: ", TRUSTED_PROXIES="10.0.0.0/8, proxy.example")
refused("--connections-per-address: must be", "--connections-per-address", "-1")
refused("--allow-eio3: must be true or false", "--allow-eio3=maybe")
with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    file.write('{"ping-interval-ms": "soon"}')
    file.flush()
    refused("ping-interval-ms: must be a number", "--config", file.name)
with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    file.write('{"allowed-origins": ["https://app.example", "app.example"]}')
    file.flush()
    refused(file.name + ": allowed-origins: entry 2: must be", "--config", file.name)
usage = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=20)
check("--help", usage.returncode == 0 and "--max-payload VALUE" in usage.stdout and "--drain-seconds VALUE" in usage.stdout)

with tempfile.TemporaryDirectory() as folder:
    path = folder + "/echo.sock"
    for ending in (signal.SIGKILL, signal.SIGTERM):  # the second finds what the first left behind
        process = subprocess.Popen([program, "--host", "unix:" + path, "--loops", "2"], stdout=subprocess.PIPE, text=True, env=clean)
        check("ready line of a socket's file", process.stdout.readline() == f"listening on unix:{path}\n")
        client = socket.socket(socket.AF_UNIX)
        client.connect(path)
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        check("an answer through the file", client.makefile("rb").read().endswith(b'{"status":"ok"}'))
        client.close()
        process.send_signal(signal.SIGHUP)  # without TLS there is nothing to read again, and it is no end
        process.send_signal(ending)
        check("its end", process.wait(timeout=20) == (0 if ending == signal.SIGTERM else -signal.SIGKILL))
        check("the file is there after kill -9 only", os.path.exists(path) == (ending == signal.SIGKILL))
        process.communicate()

for flag, status in (("--allow-eio3", 200), ("--allow-eio3=yes", 200), ("--allow-eio3=false", 400)):
    process, url = start(flag)
    check(f"EIO=3 with {flag}", fetch(url + "/socket.io/?EIO=3&transport=polling")[0] == status)
    end(process)

# The limits by address bite.
process, url = start("--sessions-per-address", "1", "--packets-per-second-per-address", "5")
status, body = fetch(url + "/socket.io/?EIO=4&transport=polling")
polling = url + "/socket.io/?EIO=4&transport=polling&sid=" + json.loads(body[1:])["sid"]
check("a second session from one address", fetch(url + "/socket.io/?EIO=4&transport=polling")[0] == 429)
say = lambda count: fetch(polling, "\x1e".join(['42["nothing"]'] * count).encode())[0]
check("connect", fetch(polling, b"40")[0] == 200)
check("ten seconds' worth may come at once", say(40) == 200 and metric(url, "zegocall_hub_flood_address_total") == 0)
say(1000)
check("and no more", metric(url, "zegocall_hub_flood_address_total") == 1 and metric(url, "zegocall_hub_closed_rate_limited_total") == 1)
end(process)

process, url = start("--connections-per-address", "3")
port = int(url.rsplit(":", 1)[1])
held = []
for _ in range(3):
    held.append(socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0), timeout=20))
    held[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
    check("a connection within --connections-per-address", held[-1].recv(100).startswith(b"HTTP/1.1 200"))
over = socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0), timeout=20)
check("one more is closed", over.recv(100) == b"")
check("and counted", metric(url, "zegocall_net_connections_over_address_total") == 1)
for each in (over, *held):
    each.close()
end(process)

with tempfile.TemporaryDirectory() as folder:
    log = pathlib.Path(folder, "access.log")
    process, url = start("--access-log", str(log), "--trusted-proxies", "127.0.0.1", "--proxy-header", "forwarded")
    fetch(url + "/version", Forwarded="for=203.0.113.7", X_Forwarded_For="203.0.113.8")
    until("a line with the address of Forwarded", lambda: "path=/version" in log.read_text())
    check("Forwarded is believed, X-Forwarded-For is not", "203.0.113.7" in log.read_text() and "203.0.113.8" not in log.read_text())
    log.rename(folder + "/moved")
    process.send_signal(signal.SIGHUP)
    until("SIGHUP opens the access log again", log.exists)
    until("lines go to the new file", lambda: fetch(url + "/healthz")[0] == 200 and "path=/healthz" in log.read_text())
    check("the old one stays as it was", "path=/version" in pathlib.Path(folder, "moved").read_text() and "path=/version" not in log.read_text())
    end(process)

with tempfile.TemporaryDirectory() as folder:
    def issue(name):
        paths = f"{folder}/{name}.pem", f"{folder}/{name}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
        return paths

    own, known, stranger = issue("own"), issue("known"), issue("stranger")
    process, url = start("--tls-cert", own[0], "--tls-key", own[1], "--tls-client-ca", known[0], scheme="https")

    def as_client(shown):
        context = ssl.create_default_context(cafile=own[0])
        if shown:
            context.load_cert_chain(*shown)
        try:
            with urllib.request.urlopen(url + "/healthz", timeout=20, context=context) as answer:
                return answer.status
        except OSError:  # which TLS error, and where, depends on when the alert comes
            return "refused"

    check("a client of --tls-client-ca", as_client(known) == 200)
    check("strangers and clients without a certificate", as_client(stranger) == as_client(None) == "refused")
    os.remove(own[1])
    process.send_signal(signal.SIGHUP)
    until("the old certificate stays when SIGHUP finds none", lambda: as_client(known) == 200)
    check("and the log says why", f"the old certificate stays: io_error: --tls-key: no key for this certificate in {own[1]}: No such file" in end(process))

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
