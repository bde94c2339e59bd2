"""Our TURN credentials against a real coturn on loopback: coturn_test.py ZEGOCALL. Exit 77 (skipped) without coturn."""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ZEGOCALL = os.path.abspath(sys.argv[1])
SECRET = "zegocall-test-turn-secret"
CONFIG = """use-auth-secret
static-auth-secret={secret}
realm=zegocall.test
listening-ip=127.0.0.1
relay-ip=127.0.0.1
listening-port={port}
no-tls
no-dtls
no-cli
allow-loopback-peers
pidfile={folder}/pid
userdb={folder}/db
log-file=stdout
simple-log
"""


def free_port():
    """Free for UDP and for TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            try:
                tcp.bind(udp.getsockname())
            except OSError:
                continue
            return udp.getsockname()[1]


def wait_until_it_listens(server, port):
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if server.poll() is not None:
            sys.exit(f"turnserver ended with {server.returncode} before it listened")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit("turnserver does not listen after 20 s")


def credentials(*args, secret=SECRET):
    done = subprocess.run([ZEGOCALL, "turn", "--user", "alice", "--json", *args], env={**os.environ, "TURN_SECRET": secret}, check=True,
                          capture_output=True, text=True)
    made = json.loads(done.stdout)
    return made["username"], made["credential"]


def accepted(port, username, credential):
    """Allocates, and sends a message through the relay and back."""
    done = subprocess.run(["turnutils_uclient", "-y", "-c", "-n", "1", "-m", "1", "-L", "127.0.0.1", "-p", str(port), "-u", username, "-w",
                           credential, "127.0.0.1"], capture_output=True, text=True, timeout=60)
    said = done.stdout + done.stderr
    if done.returncode == 0 and "Total lost packets 0 " in said:
        return True
    if "Cannot complete Allocation" in said:
        return False
    sys.exit("turnutils_uclient ended in another way than accepted or refused:\n" + said)


def main():
    for command in ("turnserver", "turnutils_uclient"):
        if not shutil.which(command):
            print(f"SKIPPED: no {command} here; the Debian package coturn has it (scripts/setup.sh test)")
            return 77
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        config = os.path.join(folder, "turnserver.conf")
        with open(config, "w") as file:
            file.write(CONFIG.format(secret=SECRET, port=port, folder=folder))
        log_path = os.path.join(folder, "log")
        with open(log_path, "w") as log:
            server = subprocess.Popen(["turnserver", "-c", config], cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_it_listens(server, port)
            username, credential = credentials()
            other = "A" if credential[0] != "A" else "B"
            for what, pair, wanted in (
                    ("right", (username, credential), True),
                    ("an hour longer than it was given", (str(int(username.split(":")[0]) + 3600) + ":alice", credential), False),
                    ("another user's", (username.replace("alice", "bob"), credential), False),
                    ("a changed credential", (username, other + credential[1:]), False),
                    ("another secret's", credentials(secret=SECRET[::-1]), False),
                    ("expired", credentials("--now", str(int(time.time()) - 3700)), False),
                    ("right again", credentials("--lifetime", "60"), True)):
                got = accepted(port, *pair)
                print(f"{what}: {'accepted' if got else 'refused'}")
                if got != wanted:
                    sys.exit(f"{what}: must be {'accepted' if wanted else 'refused'}; the server's log:\n{open(log_path).read()}")
        finally:
            server.terminate()
            server.wait(timeout=20)
    return 0


if __name__ == "__main__":
    sys.exit(main())
