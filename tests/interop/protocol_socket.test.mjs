// Socket.IO v5, rule by rule.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { ask, listenOnce, Socket, startEcho } from './wire.mjs';

let server;
before(async () => { server = await startEcho(); });
after(async () => assert.equal(await server.stop(), 0, server.errors()));

const open = async () => {
  const web = new Socket(`${server.url}/socket.io/?EIO=4&transport=websocket`);
  await web.next();
  return web;
};
const connected = async () => {
  const web = await open();
  web.send('40');
  assert.match(await web.said(), /^40\{"sid":"[^"]+"\}$/);
  assert.equal(await web.said(), '42["auth",{}]');
  return web;
};

describe('connect', () => {
  for (const [packet, prefix, auth] of [
    ['40', '40', '42["auth",{}]'],
    ['40{"token":"123"}', '40', '42["auth",{"token":"123"}]'],
    ['40/custom,', '40/custom,', '42/custom,["auth",{}]'],
    ['40/custom', '40/custom,', '42/custom,["auth",{}]'],
    ['40/custom,{"token":"abc"}', '40/custom,', '42/custom,["auth",{"token":"abc"}]'],
  ]) {
    test(`${packet}: one sid, then its auth comes back`, async () => {
      const web = await open();
      web.send(packet);
      const answer = await web.said();
      assert.ok(answer.startsWith(prefix));
      assert.deepEqual(Object.keys(JSON.parse(answer.slice(prefix.length))), ['sid']);
      assert.equal(await web.said(), auth);
      web.close();
    });
    test(`${packet}: also for a client that takes one message at a time`, async () => {
      const ws = new WebSocket(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
      await listenOnce(ws, 'message');
      ws.send(packet);
      assert.ok((await listenOnce(ws, 'message')).startsWith(prefix));
      assert.equal(await listenOnce(ws, 'message'), auth);
      ws.close();
    });
  }
  test('an unknown namespace, to the byte', async () => {
    const web = await open();
    web.send('40/random');
    assert.equal(await web.said(), '44/random,{"message":"Invalid namespace"}');
    web.send('40');
    assert.match(await web.said(), /^40/);
    web.close();
  });
  for (const bad of ['4abc', '40[]', '42["early"]'])
    test(`${bad} instead of a CONNECT closes the connection`, async () => {
      const web = await open();
      web.send(bad);
      await web.closed;
    });
  test('no CONNECT in time closes the connection', async () => {
    const web = await open();
    const started = Date.now();
    const answer = async () => { for (;;) { assert.equal(await web.next(), '2'); web.send('3'); } };
    await assert.rejects(answer(), /closed/);
    assert.ok(Date.now() - started >= 900, 'but not before');
  });
});

describe('disconnect', () => {
  test('from the main namespace: the transport stays', async () => {
    const web = await connected();
    web.send('41');
    assert.equal(await web.next(), '2');
    web.close();
  });
  test('from one namespace: the others stay', async () => {
    const web = await connected();
    web.send('40/custom');
    assert.match(await web.said(), /^40\/custom,/);
    assert.match(await web.said(), /^42\/custom,/);
    web.send('41/custom', '42["message","message to main namespace"]');
    assert.equal(await web.said(), '42["message-back","message to main namespace"]');
    web.close();
  });
});

describe('messages', () => {
  const two = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
  const bytes = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)];
  for (const [title, packet, answer] of [
    ['text', '42["message",1,"2",{"3":[true]}]', '42["message-back",1,"2",{"3":[true]}]'],
    ['an acknowledgement', '42456["message-with-ack",1,"2",{"3":[false]}]', '43456[1,"2",{"3":[false]}]'],
    ['keys in their order', '42["message",{"b":1,"a":{"z":2,"y":3}}]', '42["message-back",{"b":1,"a":{"z":2,"y":3}}]'],
  ]) test(title, async () => {
    const web = await connected();
    web.send(packet);
    assert.equal(await web.said(), answer);
    web.close();
  });
  for (const [title, packet, answer] of [
    ['attachments', `452-["message",${two}]`, `452-["message-back",${two}]`],
    ['attachments and an acknowledgement', `452-789["message-with-ack",${two}]`, `462-789[${two}]`],
    ['attachments among others', `452-["message",{"b":{"_placeholder":true,"num":1},"a":[{"_placeholder":true,"num":0}]}]`, undefined],
  ]) test(title, async () => {
    const web = await connected();
    web.send(packet, ...bytes);
    const head = await web.said();
    if (answer) assert.equal(head, answer); else assert.match(head, /^452-\["message-back",\{"b":/);
    assert.deepEqual([await web.said(), await web.said()], bytes);
    web.close();
  });
  test('attachments over polling, both ways, as base64', async () => {
    const url = `${server.url}/socket.io/?EIO=4&transport=polling`;
    const sid = JSON.parse((await ask(url)).text.slice(1)).sid;
    const read = async (until, seen = '') => {
      while (!until.test(seen)) seen += `\x1e${(await ask(`${url}&sid=${sid}`)).text}`;
      return seen;
    };
    await ask(`${url}&sid=${sid}`, 'POST', '40');
    await read(/auth/);
    await ask(`${url}&sid=${sid}`, 'POST', `452-["message",${two}]\x1ebAQID\x1ebBAUG`);
    assert.match(await read(/bBAUG/), new RegExp(`452-\\["message-back",${two.replaceAll('{', '\\{')}\\]\x1ebAQID\x1ebBAUG`));
  });
  for (const [title, ...packets] of [
    ['an unknown type', '4abc'], ['no array', '42{}'], ['a bad id', '42abc["message-with-ack",1,"2",{"3":[false]}]'],
    ['bytes that nobody announced', Uint8Array.of(1)], ['text where bytes were announced', '451-["x",{"_placeholder":true,"num":0}]', '42["y"]'],
    ['fewer attachments than placeholders', '451-["x",{"_placeholder":true,"num":1}]', Uint8Array.of(1)],
    ['a million placeholders', '451000000-["x"]'], ['a namespace that was not joined', '42/custom,["x"]'],
    ['a reserved name', '42["disconnect"]'], ['JSON of great depth', `42["x",${'['.repeat(10000)}${']'.repeat(10000)}]`],
  ]) test(`closes the connection: ${title}`, async () => {
    const [web, other] = [await connected(), await connected()];
    web.send(...packets);
    await web.closed;
    other.send('421["echo","alive"]');
    assert.equal(await other.said(), '431["alive"]');
    other.close();
  });
});
