// Engine.IO v3 and the stock client of Socket.IO 2, where --allow-eio3 lets them in.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { until } from './support.mjs';
import { ask, checkHandshake, listenOnce, pass, pendingGet, pingInterval, pingTimeout, Socket, startEcho } from './wire.mjs';

const io2 = createRequire(import.meta.url)('socket.io-client-2');

let server;
before(async () => { server = await startEcho('--allow-eio3'); });
after(async () => assert.equal(await server.stop(), 0, server.errors()));

const at = (query) => `${server.url}/engine.io/?${query}`;
const polling = (sid) => at(`EIO=3&transport=polling${sid ? `&sid=${sid}` : ''}`);
const socket = (sid) => new Socket(at(`EIO=3&transport=websocket${sid ? `&sid=${sid}` : ''}`));
const open = async (binary = false) => JSON.parse((await ask(polling() + (binary ? '' : '&b64=1'))).text.replace(/^\d+:0/, '')).sid;
const gone = async (sid) => assert.equal((await ask(polling(sid))).status, 400);

describe('Engine.IO v3', () => {
  test('handshake over polling: its length stands before it', async () => {
    const { status, text } = await ask(polling());
    assert.equal(status, 200);
    const [, length, packet] = /^(\d+):(.*)$/s.exec(text);
    assert.equal(Number(length), packet.length);
    checkHandshake(packet, ['websocket']);
  });
  test('handshake over a WebSocket', async () => {
    const web = socket();
    checkHandshake(await web.next(), []);
    web.close();
  });
  test('also for a client that looks for it only once its socket is open', async () => {
    const ws = new WebSocket(at('EIO=3&transport=websocket').replace('http', 'ws'));
    await listenOnce(ws, 'open');
    assert.match(await listenOnce(ws, 'message'), /^0\{/);
    ws.send('4hello');
    assert.equal(await listenOnce(ws, 'message'), '4hello');
    ws.close();
  });
  for (const query of ['EIO=3', 'EIO=3&transport=abc', 'EIO=abc&transport=polling', 'EIO=5&transport=polling'])
    test(`"${query}" is refused`, async () => {
      assert.equal((await ask(at(query))).status, 400);
      await new Socket(at(query)).closed;
    });
  test('POST without a session is refused', async () => assert.equal((await ask(polling(), 'POST')).status, 400));
  for (const body of ['6:4hello', '6:4test16:4test26:4test3', '6:4hello10:b4AQIDBA==', '4:4\u20ac\u{1F600}'])
    test(`${JSON.stringify(body)} comes back`, async () => {
      const sid = await open();
      assert.equal((await ask(polling(sid), 'POST', body)).text, 'ok');
      assert.equal((await ask(polling(sid))).text, body);
    });
  test('bytes come back as bytes to a client that can take them, and are taken as bytes', async () => {
    const sid = await open(true);
    const bytes = Uint8Array.of(0, 6, 255, 52, 104, 101, 108, 108, 111, 1, 5, 255, 4, 1, 2, 3, 4);
    assert.equal((await ask(polling(sid), 'POST', '6:4hello10:b4AQIDBA==')).text, 'ok');
    const first = await ask(polling(sid));
    assert.deepEqual([first.bytes, first.type], [bytes, 'application/octet-stream']);
    assert.equal((await ask(polling(sid), 'POST', bytes, { 'Content-Type': 'application/octet-stream' })).text, 'ok');
    assert.deepEqual((await ask(polling(sid))).bytes, bytes);
  });
  test('over a WebSocket the type stands before the bytes', async () => {
    const web = socket();
    await web.next();
    web.send('4hello', Uint8Array.of(4, 1, 2, 3, 4), 'b4AQID');
    assert.equal(await web.next(), '4hello');
    assert.deepEqual(await web.next(), Uint8Array.of(4, 1, 2, 3, 4));
    assert.deepEqual(await web.next(), Uint8Array.of(4, 1, 2, 3));
    web.close();
  });
  for (const body of ['abc', '6:4hell', '1:x', '7:4hello'])
    test(`a POST of ${body} ends the session`, async () => {
      const sid = await open();
      assert.equal((await ask(polling(sid), 'POST', body)).status, 400);
      await gone(sid);
    });
  for (const bad of ['abc', Uint8Array.of(9, 1)])
    test('a packet that is none closes the WebSocket', async () => {
      const web = socket();
      await web.next();
      web.send(bad);
      await web.closed;
    });
  test('a second GET gets 400 and ends the session', async () => {
    const sid = await open();
    const first = await pendingGet(server, polling(sid));
    assert.equal((await ask(polling(sid))).status, 400);
    assert.equal((await first.answer).text, '1:1');
  });
  test('the client pings', async () => {
    const [sid, web] = [await open(), socket()];
    await web.next();
    for (let n = 0; n < 3; n++) {
      assert.equal((await ask(polling(sid), 'POST', '1:2')).status, 200);
      assert.equal((await ask(polling(sid))).text, '1:3');
      web.send('2');
      assert.equal(await web.next(), '3');
      await pass(pingInterval);
    }
    web.close();
  });
  test('who does not ping is gone after interval and timeout', async () => {
    const [sid, web] = [await open(), socket()];
    await pass(pingInterval + pingTimeout);
    assert.equal((await ask(polling(sid), 'POST', '1:2')).status, 400);
    await web.closed;
  });
  test('close', async () => {
    const [sid, web] = [await open(), socket()];
    await web.next();
    const poll = await pendingGet(server, polling(sid));
    assert.equal((await ask(polling(sid), 'POST', '1:1')).status, 200);
    assert.equal((await poll.answer).text, '1:6');
    await gone(sid);
    web.send('1');
    await web.closed;
  });
  test('upgrade; then requests with the sid are refused and the session lives on', async () => {
    const sid = await open();
    await ask(polling(sid), 'POST', '6:b4AQID');
    assert.equal((await ask(polling(sid))).text, '6:b4AQID');
    const web = socket(sid);
    await web.opened;
    web.send('2probe');
    assert.equal(await web.next(), '3probe');
    assert.equal((await ask(polling(sid))).text, '1:6');
    web.send('5', '4hello');
    assert.equal(await web.next(), '4hello');
    await gone(sid);
    await socket(sid).closed;
    web.send('4again');
    assert.equal(await web.next(), '4again');
    web.close();
  });
});

for (const transports of [['polling', 'websocket'], ['websocket'], ['polling']])
  describe(`the stock client 2.5 over ${transports}`, () => {
    let client;
    const next = (from, word) => new Promise((resolve) => from.once(word, (...args) => resolve(args)));
    const asked = (from, ...args) => new Promise((resolve) => from.emit(...args, (...answer) => resolve(answer)));
    before(async () => {
      client = io2(server.url, { transports, forceNew: true, query: { token: 'x' } });
      await next(client, 'connect');
    });
    after(() => client.close());

    test('is in the main namespace at once, under the id that it thinks of', async () => {
      assert.equal(typeof client.id, 'string');
      if (transports.includes('websocket')) await until('a WebSocket', () => client.io.engine.transport.name === 'websocket');
    });
    test('says and hears everything', async () => {
      const args = [1, 'two\u20ac\u{1F600}', null, { a: [true] }];
      client.emit('message', ...args);
      assert.deepEqual(await next(client, 'message-back'), args);
      assert.deepEqual(await asked(client, 'message-with-ack', ...args), args);
    });
    test('bytes both ways', async () => {
      const [echo] = await asked(client, 'echo', { b: Buffer.from([1, 2, 255]), c: [Buffer.alloc(70000, 7)] });
      assert.deepEqual(Buffer.from(echo.b), Buffer.from([1, 2, 255]));
      assert.deepEqual(Buffer.from(echo.c[0]), Buffer.alloc(70000, 7));
    });
    test('another namespace, whose query is its auth', async () => {
      const custom = client.io.socket('/custom', { query: 'token=a%20b&n=1' });
      assert.deepEqual((await next(custom, 'auth'))[0], { token: 'a b', n: '1' });
      assert.equal(custom.id, `/custom#${client.id}`);
      assert.deepEqual(await asked(custom, 'echo', 'here'), ['here']);
      custom.close();
      assert.deepEqual(await asked(client, 'echo', 'still here'), ['still here']);
    });
    test('an unknown namespace', async () => {
      const nowhere = client.io.socket('/nowhere');
      const [error] = await next(nowhere, 'error');
      assert.deepEqual(error?.message ?? error, 'Invalid namespace');
      nowhere.close();
    });
    test('groups', async () => {
      const other = io2(server.url, { transports, forceNew: true });
      await next(other, 'connect');
      for (const [n, each] of [client, other].entries()) assert.deepEqual(await asked(each, 'join', { room: `r${transports}`, id: `${n}` }), ['ok']);
      const heard = next(other, 'publish');
      client.emit('publish', { room: `r${transports}`, b: Buffer.from([9]) });
      assert.deepEqual(Buffer.from((await heard)[0].b), Buffer.from([9]));
      other.close();
    });
    test('lives through pings', async () => {
      await pass(4 * (pingInterval + pingTimeout));
      assert.ok(client.connected);
      assert.deepEqual(await asked(client, 'echo', 1), [1]);
    });
    test('leaves and comes back', async () => {
      client.disconnect();
      client.connect();
      await next(client, 'connect');
      assert.deepEqual(await asked(client, 'echo', 2), [2]);
    });
  });
