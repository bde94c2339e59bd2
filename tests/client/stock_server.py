"""The stock Socket.IO server of Python, for the client's tests. stock_server.mjs does the same.

usage: stock_server.py PORT; prints "listening on PORT"; ends when its standard input does.
"""
import asyncio
import os
import socket as sockets
import sys

import socketio
from aiohttp import StreamReader, web

# engineio 4.3.4 asks for Content-Length bytes of a POST by read(n), which in aiohttp means at most n: of a body that comes in
# pieces it takes the first for the whole, and loses the rest without a word.
read = StreamReader.read


async def read_all(stream, n=-1):
    pieces = [await read(stream, n)]
    while pieces[-1] and (n := n - len(pieces[-1])) > 0:
        pieces.append(await read(stream, n))
    return b"".join(pieces)


StreamReader.read = read_all

io = socketio.AsyncServer(async_mode="aiohttp", ping_interval=0.5, ping_timeout=1, max_http_buffer_size=4_000_000)
app = web.Application()
io.attach(app)


class Peer(socketio.AsyncNamespace):
    """python-socketio names handlers on_EVENT; blanks become handlers of trigger_event."""

    async def trigger_event(self, event, sid, *args):
        if event == "connect":
            if self.namespace == "/admin" and (args[1] or {}).get("token") != "good":
                raise socketio.exceptions.ConnectionRefusedError("not authorized", {"code": "forbidden"})
            await self.save_session(sid, {"environ": args[0], "auth": args[1] if len(args) > 1 else None})
            return None
        if event == "echo":
            return tuple(args)
        if event == "tell":
            await io.emit("told", args)
        if event == "how":
            session = await self.get_session(sid)
            request = session["environ"]["aiohttp.request"]
            eio_sid = io.manager.eio_sid_from_sid(sid, self.namespace)
            return {"transport": io.eio.transport(eio_sid), "header": request.headers.get("X-Test"),
                    "query": request.query.get("q"), "auth": session["auth"], "recovered": False}
        if event == "ask me":
            answer = await self.call("question", (20, bytes([1, 2, 3])), to=sid, timeout=5)
            return list(answer) if isinstance(answer, (list, tuple)) else [answer]
        if event == "nobody":  # whatever returns here is an acknowledgement
            await asyncio.sleep(3600)
        if event == "leave me":
            await self.disconnect(sid)
        if event == "cut me":
            await io.eio.disconnect(io.manager.eio_sid_from_sid(sid, self.namespace))
        return None


io.register_namespace(Peer("/"))
io.register_namespace(Peer("/admin"))


async def main():
    listening = sockets.socket(sockets.AF_INET)
    listening.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    print(f"listening on {listening.getsockname()[1]}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
