// The stock Socket.IO server of Node.js, for the client's tests. stock_server.py does the same.
// usage: stock_server.mjs PORT; prints "listening on PORT"; ends when its standard input does.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
const io = new Server(http, {
  pingInterval: 500, pingTimeout: 1000, maxHttpBufferSize: 4e6,
  connectionStateRecovery: { maxDisconnectionDuration: 30000 },
});

function serve(socket) {
  socket.on('echo', (...args) => args.pop()(...args));
  socket.on('tell', (...args) => io.emit('told', ...args));
  socket.on('how', (ack) => ack({
    transport: socket.conn.transport.name, header: socket.handshake.headers['x-test'] ?? null, query: socket.handshake.query.q ?? null,
    auth: socket.handshake.auth, recovered: socket.recovered === true,
  }));
  socket.on('ask me', (ack) => socket.timeout(5000).emit('question', 20, Buffer.from([1, 2, 3]), (error, ...answer) => ack(error ? 'no answer' : answer)));
  socket.on('leave me', () => socket.disconnect());
  socket.on('cut me', () => socket.conn.transport.close());
  socket.on('nobody', () => {});
}
io.on('connection', serve);
io.of('/admin').use((socket, next) => {
  if (socket.handshake.auth.token === 'good') return next();
  next(Object.assign(new Error('not authorized'), { data: { code: 'forbidden' } }));
}).on('connection', serve);

// Numbers that go on whether anybody listens or not; the client's tests look for gaps.
let number = 0;
setInterval(() => io.emit('number', number++), 20);

http.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log(`listening on ${http.address().port}`));
process.stdin.resume().on('end', () => process.exit(0));
