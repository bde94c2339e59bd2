# The peers of the bench, each in a process of its own on the first core, and the load client on the second.
import json
import os
import selectors
import shutil
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PINNED = (os.cpu_count() or 1) >= 2 and shutil.which("taskset") is not None


class LoadFailed(Exception):
    """The load client could not do its work; the text says why."""


def pinned(core, command):
    return ["taskset", "-c", str(core), *command] if PINNED else command


class Peer:
    """A server while a `with` lasts: `port` and `pid` are of the process that listens."""

    def __init__(self, command):
        self.command = command

    def __enter__(self):
        self.process = subprocess.Popen(pinned(0, self.command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        try:
            self.port = self.wait_for_port(20)
        except BaseException:
            self.end()
            raise
        self.pid = self.process.pid
        return self

    def wait_for_port(self, seconds):
        end = time.monotonic() + seconds
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            while ready.select(max(0, end - time.monotonic())):
                line = self.process.stdout.readline()
                if line.startswith("listening on "):
                    return int(line.rsplit(":", 1)[1])
                if not line:
                    break
        raise LoadFailed(f"{' '.join(self.command)} does not listen (exit {self.process.poll()})")

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def __exit__(self, *_):
        self.end()


def load(client, peer, arguments):
    """One run of the load client; its figures."""
    command = [client, "--port", str(peer.port), "--pid", str(peer.pid), *map(str, arguments)]
    done = subprocess.run(pinned(1, command), capture_output=True, text=True, timeout=900)
    if done.returncode != 0:
        raise LoadFailed(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def certificate(folder):
    """A certificate for localhost that lives as long as the folder; the paths of it and of its key."""
    cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-out", cert, "-keyout", key],
                   check=True, capture_output=True)
    return cert, key
