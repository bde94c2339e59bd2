// The peer that the table of bench/run.sh is relative to: the same words as echo_server on the Node.js original.
// usage: node_server.mjs [CERTIFICATE KEY]; it prints "listening on http://127.0.0.1:PORT" and ends with its standard input.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { Server } from 'socket.io';

const [cert, key] = process.argv.slice(2);
const http = cert ? createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) }) : createServer();
const io = new Server(http, { transports: ['polling', 'websocket'] });
io.on('connection', (socket) => {
  socket.on('join', ({ room, id }, acknowledge) => {
    socket.join([room, id]);
    acknowledge?.('ok');
  });
  socket.on('echo', (what, acknowledge) => acknowledge?.(what));
  socket.on('signal', (what) => io.to(what.to).emit('signal', what));
  socket.on('publish', (what) => socket.to(what.room).emit('publish', what));
});
http.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  console.log(`listening on http${cert ? 's' : ''}://127.0.0.1:${http.address().port}`));
process.stdin.resume().on('end', () => process.exit(0));
