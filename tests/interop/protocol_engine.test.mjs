// Engine.IO v4, rule by rule, on both paths: the raw one, where messages come back, and that of Socket.IO, which stands on it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { start, until } from './support.mjs';
import { ask, checkHandshake, metric, pass, pendingGet, pingInterval, pingTimeout, Socket, startEcho } from './wire.mjs';

// `calm` does not ping while a GET waits that something else is to answer.
let server, calm;
before(async () => { [server, calm] = await Promise.all([startEcho(), start('echo_server')]); });
after(async () => { for (const each of [server, calm]) assert.equal(await each.stop(), 0, each.errors()); });

for (const path of ['/engine.io/', '/socket.io/']) {
  const doors = (host) => {
    const at = (query) => `${host().url}${path}?${query}`;
    const polling = (sid) => at(`EIO=4&transport=polling${sid ? `&sid=${sid}` : ''}`);
    const socket = (sid) => new Socket(at(`EIO=4&transport=websocket${sid ? `&sid=${sid}` : ''}`));
    const open = async () => JSON.parse((await ask(polling())).text.slice(1)).sid;
    const gone = async (sid) => assert.equal((await ask(polling(sid))).status, 400);
    // Frame and request are on two connections: a GET that overtakes the frame is let go with 6.
    const upgraded = async (sid) => {
      for (;;) {
        const { status, text } = await ask(polling(sid));
        if (status === 400) return;
        assert.deepEqual([status, text], [200, '6']);
      }
    };
    const probe = async (sid) => {
      const web = socket(sid);
      await web.opened;
      web.send('2probe');
      assert.equal(await web.next(), '3probe');
      return web;
    };
    return { at, polling, socket, open, gone, upgraded, probe };
  };
  const { at, polling, socket, open, gone, upgraded, probe } = doors(() => server);

  describe(`${path}: handshake`, () => {
    test('over polling', async () => {
      const { status, text } = await ask(polling());
      assert.equal(status, 200);
      checkHandshake(text, ['websocket']);
    });
    test('over a WebSocket', async () => {
      const web = socket();
      checkHandshake(await web.next(), []);
      web.close();
    });
    for (const query of ['transport=polling', 'EIO=abc&transport=polling', 'EIO=3&transport=polling', 'EIO=4', 'EIO=4&transport=abc'])
      test(`"${query}" is refused`, async () => assert.equal((await ask(at(query))).status, 400));
    for (const query of ['transport=websocket', 'EIO=abc&transport=websocket', 'EIO=3&transport=websocket', 'EIO=4', 'EIO=4&transport=abc'])
      test(`a WebSocket of "${query}" is closed`, async () => { await new Socket(at(query)).closed; });
    for (const method of ['POST', 'PUT'])
      test(`${method} without a session is refused`, async () => assert.equal((await ask(polling(), method)).status, 400));
    test('a session that does not exist', async () => gone('nobody'));
  });

  describe(`${path}: heartbeat`, () => {
    test('polling', async () => {
      const sid = await open();
      for (let n = 0; n < 3; n++) {
        assert.equal((await ask(polling(sid))).text, '2');
        assert.deepEqual({ ...await ask(polling(sid), 'POST', '3'), bytes: 0, type: 0 }, { status: 200, text: 'ok', bytes: 0, type: 0 });
      }
    });
    test('WebSocket', async () => {
      const web = socket();
      await web.next();
      if (path === '/socket.io/') { web.send('40'); await web.next(); await web.next(); }
      for (let n = 0; n < 3; n++) { assert.equal(await web.next(), '2'); web.send('3'); }
      web.close();
    });
    test('a polling client that says nothing is gone after interval and timeout', async () => {
      const sid = await open();
      await pass(pingInterval + pingTimeout);
      await gone(sid);
    });
    test('so is one on a WebSocket', async () => { await socket().closed; });
    test('a ping from the client is no part of version 4', async () => {
      const web = socket();
      await web.next();
      web.send('2');
      await web.closed;
    });
  });

  describe(`${path}: close`, () => {
    const { polling, socket, open, gone } = doors(() => calm);
    test('a POST of 1 answers the pending GET with 6', async () => {
      const sid = await open();
      const poll = await pendingGet(calm, polling(sid));
      assert.equal((await ask(polling(sid), 'POST', '1')).text, 'ok');
      const { status, text } = await poll.answer;
      assert.deepEqual([status, text], [200, '6']);
      await gone(sid);
    });
    test('1 on a WebSocket', async () => {
      const web = socket();
      await web.next();
      web.send('1');
      await web.closed;
    });
    test('a second GET gets 400 and ends the session, the first gets 1', async () => {
      const sid = await open();
      const first = await pendingGet(calm, polling(sid));
      assert.equal((await ask(polling(sid))).status, 400);
      const { status, text } = await first.answer;
      assert.deepEqual([status, text], [200, '1']);
      await gone(sid);
    });
    test('an aborted GET ends the session', async () => {
      const sid = await open();
      const abort = new AbortController();
      const ended = () => metric(calm, 'zegocall_hub_closed_transport_error_total');
      const before = await ended();
      const poll = await pendingGet(calm, polling(sid), { signal: abort.signal });
      abort.abort();
      await assert.rejects(poll.answer, { name: 'AbortError' });
      // A GET before that would end it, too, as a second one.
      await until('the session has ended', async () => await ended() > before);
      await gone(sid);
    });
    for (const body of ['abc', '', '4a\x1e', 'b!', '4a\x1e9'])
      test(`a POST of ${JSON.stringify(body)} ends the session`, async () => {
        const sid = await open();
        const { status } = await ask(polling(sid), 'POST', body);
        // On the path of Socket.IO `4a` is wrong already; that ends the session behind an answer that says ok.
        assert.ok(status === 400 || (path === '/socket.io/' && body.startsWith('4a')), `${status}`);
        await gone(sid);
      });
    test('a POST that is not UTF-8 ends the session', async () => {
      const sid = await open();
      assert.equal((await ask(polling(sid), 'POST', new Uint8Array([0x34, 0xff]), { 'Content-Type': 'text/plain' })).status, 400);
      await gone(sid);
    });
    test('a packet that is none closes the WebSocket', async () => {
      const web = socket();
      await web.next();
      web.send('abc');
      await web.closed;
    });
  });

  describe(`${path}: upgrade`, () => {
    test('the pending GET gets 6 after the probe', async () => {
      const { polling, open, probe } = doors(() => calm);
      const sid = await open();
      const poll = await pendingGet(calm, polling(sid));
      const web = await probe(sid);
      assert.equal((await poll.answer).text, '6');
      web.send('5');
      web.close();
    });
    test('the next GET gets 6 after the probe', async () => {
      const sid = await open();
      const web = await probe(sid);
      assert.equal((await ask(polling(sid))).text, '6');
      web.send('5');
      web.close();
    });
    test('requests with an upgraded sid are refused, and the session lives on', async () => {
      const sid = await open();
      const web = await probe(sid);
      web.send('5');
      await upgraded(sid);
      assert.equal((await ask(polling(sid), 'POST', '3')).status, 400);
      await socket(sid).closed;
      assert.equal(await web.next(), '2');
      web.send('3');
      assert.equal(await web.next(), '2');
      web.close();
    });
    test('probe and upgrade in one breath', async () => {
      const sid = await open();
      const web = socket(sid);
      await web.opened;
      web.send('2probe', '5');
      assert.equal(await web.next(), '3probe');
      await upgraded(sid);
      web.close();
    });
  });
}

describe('messages', () => {
  const polling = (sid) => `${server.url}/engine.io/?EIO=4&transport=polling${sid ? `&sid=${sid}` : ''}`;
  const open = async () => JSON.parse((await ask(polling())).text.slice(1)).sid;
  for (const body of ['4hello', '4test1\x1e4test2\x1e4test3', '4hello\x1ebAQIDBA==', '4\u20ac\u{1F600}'])
    test(`${JSON.stringify(body)} comes back over polling`, async () => {
      const sid = await open();
      assert.equal((await ask(polling(sid), 'POST', body)).text, 'ok');
      const { status, text } = await ask(polling(sid));
      assert.deepEqual([status, text], [200, body]);
    });
  test('text and bytes come back over a WebSocket', async () => {
    const web = new Socket(`${server.url}/engine.io/?EIO=4&transport=websocket`);
    await web.next();
    web.send('4hello', Uint8Array.of(1, 2, 3, 4), '4');
    assert.equal(await web.said(), '4hello');
    assert.deepEqual(await web.said(), Uint8Array.of(1, 2, 3, 4));
    assert.equal(await web.said(), '4');
    web.close();
  });
  test('bytes of a polling session come over its WebSocket after the upgrade', async () => {
    const sid = await open();
    assert.equal((await ask(polling(sid), 'POST', 'bAQIDBA==\x1e4after')).text, 'ok');
    const web = new Socket(`${server.url}/engine.io/?EIO=4&transport=websocket&sid=${sid}`);
    await web.opened;
    web.send('2probe', '5');
    assert.equal(await web.next(), '3probe');
    assert.deepEqual(await web.next(), Uint8Array.of(1, 2, 3, 4));
    assert.equal(await web.next(), '4after');
    web.close();
  });
  test('a message over maxPayload closes its own connection only', async () => {
    const [bad, good] = [0, 1].map(() => new Socket(`${server.url}/engine.io/?EIO=4&transport=websocket`));
    await Promise.all([bad.next(), good.next()]);
    bad.send(`4${'x'.repeat(1000000)}`);
    await bad.closed;
    good.send('4alive');
    assert.equal(await good.said(), '4alive');
    good.close();
    const sid = await open();
    assert.equal((await ask(polling(sid), 'POST', `4${'x'.repeat(1000000)}`)).status, 413);
  });
});
