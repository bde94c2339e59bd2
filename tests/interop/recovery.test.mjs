// Connection state recovery, as the stock client 4.8 does it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';
import { start, until } from './support.mjs';

const next = (socket, word) => new Promise((resolve) => socket.once(word, (...args) => resolve(args)));
const open = (server, options) => io(server.url, { forceNew: true, reconnectionDelay: 100, reconnectionDelayMax: 100, randomizationFactor: 0, ...options });
const heardBy = (socket, word) => {
  const heard = [];
  socket.on(word, (...args) => heard.push(args));
  return heard;
};

for (const [title, transports] of [['default transports', undefined], ['websocket only', ['websocket']], ['polling only', ['polling']]])
  describe(`a client that comes back: ${title}`, () => {
    let server, other, socket;
    before(async () => {
      server = await start('echo_server', ['--recovery-ms', '20000']);
      [socket, other] = [open(server, { ...(transports ? { transports } : {}) }), open(server)];
      await Promise.all([next(socket, 'auth'), next(other, 'auth')]);
      await socket.emitWithAck('join', { room: 'r', id: 'me' });
      await other.emitWithAck('join', { room: 'r', id: 'other' });
    });
    after(async () => {
      socket.close();
      other.close();
      assert.equal(await server.stop(), 0, server.errors());
    });

    test('is the same, and has missed nothing, neither text nor bytes, in order', async () => {
      assert.equal(socket.recovered, false);
      const id = socket.id;
      const heard = heardBy(socket, 'publish'), signals = heardBy(socket, 'signal');
      other.emit('publish', { room: 'r', n: 0 });
      await until('the first', () => heard.length === 1);
      const lost = next(socket, 'disconnect');
      socket.io.engine.close();
      await lost;
      for (let n = 1; n <= 20; n++) other.emit('publish', { room: 'r', n, b: Buffer.from([n]) });
      other.emit('signal', { to: 'me', last: true });
      await other.emitWithAck('echo', 'fence');
      let heardBeforeConnect;
      socket.once('connect', () => (heardBeforeConnect = heard.length));
      await next(socket, 'connect');
      assert.equal(heardBeforeConnect, 21, 'what was missed comes before "connect", as from the original');
      assert.equal(socket.recovered, true);
      assert.equal(socket.id, id);
      await until('the last', () => signals.length === 1);
      assert.deepEqual(heard.map(([message]) => message.n), [...Array(21).keys()]);
      assert.deepEqual(heard.slice(1).map(([message]) => message.b[0]), [...Array(20).keys()].map((n) => n + 1));
    });
    test('is still in its groups, and can be lost again', async () => {
      for (let round = 0; round < 3; round++) {
        const heard = heardBy(socket, 'publish');
        const lost = next(socket, 'disconnect');
        socket.io.engine.close();
        await lost;
        other.emit('publish', { room: 'r', round });
        await next(socket, 'connect');
        assert.equal(socket.recovered, true);
        other.emit('publish', { room: 'r', after: round });
        await until('both', () => heard.length === 2);
        assert.deepEqual(heard.map(([m]) => [m.round, m.after]), [[round, undefined], [undefined, round]]);
        socket.off('publish');
      }
    });
    test('who disconnects by itself is a new one', async () => {
      const id = socket.id;
      socket.disconnect();
      socket.connect();
      await next(socket, 'connect');
      assert.equal(socket.recovered, false);
      assert.notEqual(socket.id, id);
    });
  });

test('after --recovery-ms it is a new one', async () => {
  const server = await start('echo_server', ['--recovery-ms', '50']);
  const socket = open(server, { reconnectionDelay: 400, reconnectionDelayMax: 400 });
  await next(socket, 'auth');
  const id = socket.id;
  socket.io.engine.close();
  await next(socket, 'connect');
  assert.equal(socket.recovered, false);
  assert.notEqual(socket.id, id);
  socket.close();
  assert.equal(await server.stop(), 0, server.errors());
});

test('another server does not know it', async () => {
  const first = await start('echo_server', ['--recovery-ms', '20000']);
  const port = new URL(first.url).port;
  const socket = open(first);
  await next(socket, 'auth');
  const id = socket.id;
  const lost = next(socket, 'disconnect');
  await first.kill();
  await lost;
  const second = await start('echo_server', ['--recovery-ms', '20000', '--port', port]);
  await next(socket, 'connect');
  assert.equal(socket.recovered, false);
  assert.notEqual(socket.id, id);
  socket.close();
  assert.equal(await second.stop(), 0, second.errors());
});
