// Stock socket.io-client against echo_server, over each way of transport.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';
import { start, until } from './support.mjs';

let server;
before(async () => { server = await start('echo_server', ['--ping-interval-ms', '300', '--ping-timeout-ms', '200']); });
after(async () => assert.equal(await server.stop(), 0, server.errors()));

const open = (options, path = '/') => io(`${server.url}${path}`, { forceNew: true, reconnection: false, ...options });
const next = (socket, word) => new Promise((resolve) => socket.once(word, (...args) => resolve(args)));

for (const [title, options, transport] of [
  ['default transports', {}, 'websocket'],
  ['websocket only', { transports: ['websocket'] }, 'websocket'],
  ['polling only', { transports: ['polling'] }, 'polling'],
]) {
  describe(title, () => {
    let socket;
    before(async () => {
      socket = open({ ...options, auth: { token: 'x', n: 1 } });
      const auth = next(socket, 'auth');
      await next(socket, 'connect');
      assert.deepEqual(await auth, [{ token: 'x', n: 1 }]);
    });
    after(() => socket.close());

    test('reaches its transport', async () => {
      await until(`transport ${transport}`, () => socket.io.engine.transport.name === transport);
    });
    test('echoes arguments of every kind', async () => {
      const args = [1, -1.5, 'two\u0000\u2028\u{1F600}"\\', true, null, [1, [2]], { a: { b: [] }, __proto__2: {} }];
      socket.emit('message', ...args);
      assert.deepEqual(await next(socket, 'message-back'), args);
    });
    test('acknowledges with the arguments', async () => {
      const answer = await new Promise((resolve) => socket.emit('message-with-ack', 1, '2', { 3: [false] }, (...args) => resolve(args)));
      assert.deepEqual(answer, [1, '2', { 3: [false] }]);
    });
    test('strings that were cut inside a character', async () => {
      const args = ['\ud800', 'x\udc00y', { '\ud83d': ['\ude00\ud83d'] }, '\ufffd'];
      socket.emit('message', ...args);
      assert.deepEqual(await next(socket, 'message-back'), args);
      assert.deepEqual(await new Promise((resolve) => socket.emit('message-with-ack', ...args, (...answer) => resolve(answer))), args);
      const [refusal] = await new Promise((resolve) => socket.emit('join', { room: '\ud800', id: 'me' }, (...answer) => resolve(answer)));
      assert.deepEqual([refusal.error.code, refusal.error.field], ['bad_utf8', '0.room']);
      assert.ok(socket.connected);
    });
    test('bytes of every size, among everything else, in messages and acknowledgements', async () => {
      const args = [Buffer.alloc(0), { a: Buffer.from([0, 255]), b: [Buffer.alloc(70000, 7), 'text'], c: 1 }];
      socket.emit('message', ...args);
      assert.deepEqual(await next(socket, 'message-back'), args);
      assert.deepEqual(await new Promise((resolve) => socket.emit('message-with-ack', ...args, (...answer) => resolve(answer))), args);
    });
    test('a refused auth is told with its reason, and another one is let in', async () => {
      const refused = open({ ...options, auth: { refuse: 'not you' } });
      const [error] = await next(refused, 'connect_error');
      assert.deepEqual([error.message, error.data], ['not you', { code: 'forbidden' }]);
      refused.auth = { token: 'y' };
      const auth = next(refused, 'auth');
      refused.connect();
      assert.deepEqual(await auth, [{ token: 'y' }]);
      refused.close();
    });
    test('a lost link is built up again by itself', async () => {
      const lost = open({ ...options, reconnection: true, reconnectionDelay: 10 });
      await next(lost, 'connect');
      const id = lost.id;
      const gone = next(lost, 'disconnect');
      lost.io.engine.close();
      await gone;
      await next(lost, 'connect');
      assert.notEqual(lost.id, id);
      assert.equal(await lost.timeout(5000).emitWithAck('echo', 1), 1);
      lost.close();
    });
    test('emitWithAck of echo', async () => assert.deepEqual(await socket.timeout(5000).emitWithAck('echo', { t: 1 }), { t: 1 }));
    test('a large message comes back whole', async () => {
      const large = 'x'.repeat(300000);
      assert.equal(await socket.timeout(10000).emitWithAck('echo', large), large);
    });
    test('order is kept', async () => {
      const seen = [];
      socket.on('message-back', (n) => seen.push(n));
      for (let n = 0; n < 200; n++) socket.emit('message', n);
      await until('200 echoes', () => seen.length === 200);
      socket.off('message-back');
      assert.deepEqual(seen, [...Array(200).keys()]);
    });
    test('lives through many pings', async () => {
      let pings = 0;
      socket.io.on('ping', () => pings++);
      await until('four pings', () => pings >= 4);
      assert.ok(socket.connected);
    });
    test('groups: signal to one, publish to the others', async () => {
      const others = [open(options), open(options)];
      await Promise.all(others.map((other) => next(other, 'connect')));
      const room = `room-${title}`;
      assert.equal(await socket.emitWithAck('join', { room, id: `a-${title}` }), 'ok');
      for (const [n, other] of others.entries()) assert.equal(await other.emitWithAck('join', { room, id: `b${n}-${title}` }), 'ok');
      const signalled = next(others[0], 'signal');
      socket.emit('signal', { to: `b0-${title}`, sdp: 'v=0\r\n' });
      assert.deepEqual(await signalled, [{ to: `b0-${title}`, sdp: 'v=0\r\n' }]);
      let echoed = false;
      socket.once('publish', () => { echoed = true; });
      const heard = others.map((other) => next(other, 'publish'));
      socket.emit('publish', { room, n: 7 });
      for (const each of await Promise.all(heard)) assert.deepEqual(each, [{ room, n: 7 }]);
      await socket.emitWithAck('echo', 'fence');
      assert.equal(echoed, false, 'the sender hears nothing of its own publish');
      others.forEach((other) => other.close());
    });
    test('a namespace of its own over the same connection', async () => {
      const custom = socket.io.socket('/custom');
      custom.connect();
      assert.deepEqual(await next(custom, 'auth'), [{}], 'no auth was given for this namespace');
      assert.equal(await custom.timeout(5000).emitWithAck('echo', 'here'), 'here');
      custom.disconnect();
      assert.ok(socket.connected);
    });
    test('an unknown namespace is refused in the original words', async () => {
      const unknown = socket.io.socket('/nowhere');
      unknown.connect();
      const [error] = await next(unknown, 'connect_error');
      assert.equal(error.message, 'Invalid namespace');
      assert.ok(socket.connected);
    });
    test('disconnect and connect again', async () => {
      const gone = next(socket, 'disconnect');
      socket.disconnect();
      assert.deepEqual((await gone)[0], 'io client disconnect');
      const back = next(socket, 'connect');
      socket.connect();
      await back;
      assert.equal(await socket.timeout(5000).emitWithAck('echo', 1), 1);
    });
  });
}

test('a malformed packet ends its own connection only', async () => {
  const [bad, good] = [open({ transports: ['websocket'] }), open({ transports: ['websocket'] })];
  await Promise.all([next(bad, 'connect'), next(good, 'connect')]);
  const gone = next(bad, 'disconnect');
  bad.io.engine.write('42{"not":"an array"}');
  const [reason, details] = await gone;
  assert.deepEqual([reason, details.context.code, details.context.reason], ['transport close', 1005, ''], 'as from the original');
  assert.equal(await good.timeout(5000).emitWithAck('echo', 'alive'), 'alive');
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /zegocall_/);
  good.close();
});

test('a silent peer is dropped after ping interval and timeout', async () => {
  const dropped = async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^zegocall_hub_closed_ping_timeout_total (\d+)$/m.exec(metrics)[1]);
  };
  const before = await dropped();
  const socket = open({ transports: ['websocket'] });
  await next(socket, 'connect');
  const { engine } = socket.io;
  const gone = next(socket, 'disconnect');
  // Hears nothing from here on, so that it answers no ping; its own timer, which would end it without the server, is off.
  engine.transport.onPacket = () => {};
  engine._pingTimeoutTime = Infinity;
  engine.clearTimeoutFn(engine._pingTimeoutTimer);
  const started = Date.now();
  assert.equal((await gone)[0], 'transport close');
  assert.ok(Date.now() - started < 5000);
  assert.equal(await dropped(), before + 1);
});
