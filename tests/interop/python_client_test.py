"""The stock Python client (python3-socketio) against echo_server: python_client_test.py ECHO_SERVER."""
import asyncio
import itertools
import logging
import subprocess
import sys

import socketio


running = []


class Server:
    def __init__(self, program, *more):
        self.process = subprocess.Popen([program, "--port", "0", "--ping-interval-ms", "300", "--ping-timeout-ms", "300", *more],
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), line
        running.append(self.process)
        self.url = line.split()[-1]
        self.port = self.url.rsplit(":", 1)[1]

    def stop(self):
        self.process.terminate()
        assert self.process.wait(20) == 0


class Client:
    """A client whose events can be waited for."""

    numbers = itertools.count()

    def __init__(self, **options):
        # The stock client tells of pings in its log only.
        log = logging.Logger(f"client {next(Client.numbers)}", logging.INFO)
        log.addHandler(logging.NullHandler())
        log.addFilter(self.count_ping)
        self.pings = 0
        self.sio = socketio.AsyncClient(engineio_logger=log, **options)
        self.heard = asyncio.Queue()
        self.gone = asyncio.Event()
        for namespace in ("/", "/custom"):
            for event in ("auth", "message-back", "publish", "signal"):
                self.sio.on(event, self.keeper(namespace, event), namespace=namespace)
            self.sio.on("connect", self.keeper(namespace, "connect"), namespace=namespace)
        self.sio.on("disconnect", self.gone.set)

    def count_ping(self, record):
        self.pings += record.msg.startswith("Received packet") and record.args[0] == "PING"
        return True

    async def lives_through(self, pings):
        wanted = self.pings + pings
        for _ in range(2000):
            if self.pings >= wanted:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"only {self.pings} pings after 20 s, not {wanted}")

    def keeper(self, namespace, event):
        async def keep(*args):
            await self.heard.put((namespace, event, list(args)))
        return keep

    async def next(self, event, namespace="/"):
        while True:
            heard = await asyncio.wait_for(self.heard.get(), 10)
            if heard[:2] == (namespace, event):
                return heard[2]


async def talk(server, transports):
    client, other = Client(reconnection=False), Client(reconnection=False)
    await client.sio.connect(server.url, auth={"token": "x"}, transports=transports, namespaces=["/", "/custom"])
    assert await client.next("auth") == [{"token": "x"}]
    await other.sio.connect(server.url, transports=transports)
    # Everything that JSON has, bytes among it, and acknowledgements.
    args = [1, -1.5, "zwei\u20ac\U0001f600", True, None, {"a": [1, {"b": []}]}]
    await client.sio.emit("message", tuple(args))
    assert await client.next("message-back") == args
    assert list(await client.sio.call("message-with-ack", tuple(args), timeout=10)) == args
    parts = [{"b": b"\x00\xff", "list": [b"", b"x" * 70000]}, b"tail"]
    assert list(await client.sio.call("message-with-ack", tuple(parts), timeout=20)) == parts
    # Namespaces over one connection.
    await client.sio.emit("message", "there", namespace="/custom")
    assert await client.next("message-back", "/custom") == ["there"]
    # Groups.
    for n, each in enumerate((client, other)):
        assert await each.sio.call("join", {"room": "r", "id": f"{n}"}, timeout=10) == "ok"
    await client.sio.emit("publish", {"room": "r", "b": b"\x01"})
    assert await other.next("publish") == [{"room": "r", "b": b"\x01"}]
    await other.sio.emit("signal", {"to": "0", "sdp": "v=0\r\n"})
    assert await client.next("signal") == [{"to": "0", "sdp": "v=0\r\n"}]
    for each in (client, other):
        await each.lives_through(pings=3)
    assert await client.sio.call("echo", "alive", timeout=10) == "alive"
    for each in (client, other):
        await each.sio.disconnect()
        await asyncio.wait_for(each.gone.wait(), 10)


async def be_refused(server):
    client = Client(reconnection=False)
    try:
        await client.sio.connect(server.url, namespaces=["/nowhere"], wait_timeout=5)
    except socketio.exceptions.ConnectionError as error:
        assert "namespaces failed to connect" in str(error), error
    else:
        raise AssertionError("an unknown namespace let somebody in")
    await client.sio.disconnect()
    client = Client(reconnection=False)
    errors = asyncio.Queue()
    client.sio.on("connect_error", errors.put)
    try:
        await client.sio.connect(server.url, auth={"refuse": "not you"}, wait_timeout=5)
    except socketio.exceptions.ConnectionError:
        assert await asyncio.wait_for(errors.get(), 10) == {"message": "not you", "data": {"code": "forbidden"}}
    else:
        raise AssertionError("a refused auth let somebody in")
    await client.sio.disconnect()


async def come_back(program):
    server = Server(program)
    client = Client(reconnection=True, reconnection_delay=0.1, reconnection_delay_max=0.2, randomization_factor=0)
    await client.sio.connect(server.url)
    await client.next("auth")
    server.process.kill()
    server.process.wait()
    await asyncio.wait_for(client.gone.wait(), 10)
    again = Server(program, "--port", server.port)
    await client.next("auth")
    assert await client.sio.call("echo", 7, timeout=10) == 7
    await client.sio.disconnect()
    again.stop()


async def main(program):
    server = Server(program)
    for transports in (["polling", "websocket"], ["websocket"], ["polling"]):
        await talk(server, transports)
        print("ok:", "+".join(transports), flush=True)
    await be_refused(server)
    print("ok: refused", flush=True)
    server.stop()
    await come_back(program)
    print("ok: reconnection", flush=True)


try:
    asyncio.run(asyncio.wait_for(main(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 90))
finally:
    for process in running:
        process.kill()
