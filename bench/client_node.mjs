// The stock client of Node.js under the load of client_bench: 10,000 echoes in flight over 100 sockets.
// usage: client_node.mjs URL [SECONDS]
import { io } from 'socket.io-client';

const [url, seconds = '3'] = process.argv.slice(2);
const sockets = Array.from({ length: 100 }, () => io(url, { transports: ['websocket'], forceNew: true }));
await Promise.all(sockets.map((socket) => new Promise((resolve, reject) => {
  socket.once('connect', resolve);
  socket.once('connect_error', reject);
})));

let answered = 0;
let stop = false;
const text = '0123456789abcdef0123456789abcdef0123456789abcdef';
function ask(socket) {
  socket.timeout(30000).emit('echo', text, 1, (error) => {
    if (error || stop) return;
    answered++;
    ask(socket);
  });
}
for (const socket of sockets) for (let i = 0; i < 100; i++) ask(socket);

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
await wait(500);
const [first, before, begun] = [answered, cpu(), performance.now()];
await wait(Number(seconds) * 1000);
const [trips, used, wall] = [answered - first, cpu() - before, (performance.now() - begun) / 1000];
stop = true;
console.log(`node      ${(trips / wall).toFixed(0).padStart(8)} round trips/s  ${(trips / used).toFixed(0).padStart(9)} per client CPU-second`);
process.exit(0);
