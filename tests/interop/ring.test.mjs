// Two people with stock clients call each other through ring_server; what the contract says of each way a call can go.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Person, start, temporaryFolder, until } from './support.mjs';

const clock = process.env.ZEGOCALL_TEST_CLOCK === 'ON';
let server, folder;
before(async () => {
  folder = temporaryFolder();
  server = await start('ring_server', ['--db', `${folder.path}/ring.db`, ...(clock ? ['--test-clock'] : [])]);
});
after(async () => {
  const code = await server.stop();
  folder.remove();
  assert.equal(code, 0, server.errors());
});

/// The bytes as they came; fetch would unpack them.
const getRaw = (url, headers) => new Promise((resolve, reject) => {
  http.get(url, { headers }, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part));
    answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
  }).on('error', reject);
});

const people = async (options) => {
  const pair = [new Person(server.url), new Person(server.url)];
  for (const person of pair) await (await person.register()).connect(options);
  return pair;
};
const advance = async (ms) => {
  const answer = await fetch(`${server.url}/test/advance`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ ms }) });
  assert.equal(answer.status, 200, await answer.text());
};
const settle = (person) => until('a quiet moment', async () => (await person.rest('GET', '/calls/active')).status === 200);
/// Waits until the server holds `who` for connected or not, asked as another person: the clock may go on only then.
const serverKnows = (by, who, online) => until(`the server knows that ${who.name} is ${online ? '' : 'not '}there`,
  async () => (await by.rest('GET', '/users/online')).data.some((card) => card._id === who.id) === online);
const connectCall = async (a, b) => {
  const call = (await a.ring(b)).data;
  await b.hears('incoming_call', call._id);
  assert.equal((await b.rest('PATCH', `/calls/${call._id}/accept`)).status, 200);
  await a.hears('call_accepted', call._id);
  assert.equal((await b.rest('PATCH', `/calls/${call._id}/status`, { status: 'active' })).status, 200);
  return call;
};

test('the stock client that the page loads is packed, and is the one from npm', async () => {
  const file = 'socket.io.esm.min.js';
  const original = readFileSync(new URL(`../../node_modules/socket.io-client/dist/${file}`, import.meta.url));
  for (const [encoding, packed] of [['gzip', true], ['identity', false]]) {
    const { status, headers, body } = await getRaw(`${server.url}/vendor/${file}`, { 'Accept-Encoding': encoding });
    assert.equal(status, 200);
    assert.equal(headers['content-encoding'], packed ? 'gzip' : undefined);
    assert.ok(packed ? body.length < original.length / 2 : body.length === original.length, `${body.length} bytes`);
    assert.deepEqual(packed ? gunzipSync(body) : body, original);
  }
});

for (const [title, options] of [['default transports', {}], ['websocket only', { transports: ['websocket'] }], ['polling only', { transports: ['polling'] }]]) {
  test(`a whole call, ${title}`, async () => {
    const [a, b] = await people(options);
    const started = await a.ring(b);
    assert.equal(started.status, 201);
    const call = started.data;
    assert.equal(call.status, 'initiated');
    assert.equal(call.zegoRoom.roomId, `call_${call._id}`);
    assert.deepEqual(call.participants.map((card) => card._id), [a.id, b.id]);
    const incoming = await b.hears('incoming_call', call._id);
    assert.equal(incoming.caller._id, a.id);
    assert.equal(incoming.callType, 'video');

    const accepted = await b.rest('PATCH', `/calls/${call._id}/accept`);
    assert.equal(accepted.status, 200);
    assert.ok(accepted.data.zegoToken.startsWith('04'));
    assert.equal((await a.hears('call_accepted', call._id)).acceptedBy._id, b.id);

    a.socket.emit('webrtc_offer', { callId: call._id, receiverId: b.id, offer: { type: 'offer', sdp: 'v=0\r\n"\u{1F600}' } });
    const offer = await b.hears('webrtc_offer', call._id);
    assert.deepEqual([offer.senderId, offer.offer], [a.id, { type: 'offer', sdp: 'v=0\r\n"\u{1F600}' }]);
    b.socket.emit('webrtc_answer', { callId: call._id, callerId: a.id, answer: { type: 'answer', sdp: 'v=0' } });
    assert.deepEqual((await a.hears('webrtc_answer', call._id)).answer, { type: 'answer', sdp: 'v=0' });
    for (const [from, to] of [[a, b], [b, a]]) {
      from.socket.emit('webrtc_ice_candidate', { callId: call._id, receiverId: to.id, candidate: { candidate: 'c', sdpMid: '0' } });
      assert.equal((await to.hears('webrtc_ice_candidate', call._id)).senderId, from.id);
    }
    await until('the call is active', async () => (await a.rest('GET', '/calls/active')).data?.status === 'active');

    for (const person of [a, b]) {
      const { status, data } = await person.rest('POST', `/calls/${call._id}/zego-token`, { role: 'publisher' });
      assert.equal(status, 200);
      assert.equal(data.token, data.zegoToken);
      assert.equal(data.userId, person.id);
      assert.equal(data.appId, 1234567890);
    }
    assert.equal((await a.rest('PATCH', `/calls/${call._id}/end`)).status, 200);
    const ended = await b.hears('call_ended', call._id);
    assert.equal(ended.endReason, 'normal');
    const again = await a.rest('PATCH', `/calls/${call._id}/end`);
    assert.equal(again.status, 200);
    const [mine, theirs] = [await a.history(), await b.history()].map((calls) => calls.find((each) => each._id === call._id));
    assert.deepEqual([mine.status, mine.endReason, mine.duration, mine.endedBy], [theirs.status, theirs.endReason, theirs.duration, theirs.endedBy]);
    assert.equal(mine.status, 'ended');
    assert.equal(b.said('call_ended', call._id).length, 1, 'a repeat is silent');
    assert.ok(!JSON.stringify([started.body, accepted.body, mine]).includes('zegoTokens'));
    a.close();
    b.close();
  });
}

describe('each way a call can end', () => {
  test('declined', async () => {
    const [a, b] = await people();
    const call = (await a.ring(b)).data;
    await b.hears('incoming_call', call._id);
    b.socket.emit('call_decline', { callId: call._id, callerId: a.id });
    assert.equal((await a.hears('call_declined', call._id)).declinedBy._id, b.id);
    const past = (await a.history())[0];
    assert.deepEqual([past.status, past.endReason], ['declined', 'declined']);
    a.close(), b.close();
  });
  test('cancelled by the caller', async () => {
    const [a, b] = await people();
    const call = (await a.ring(b)).data;
    await b.hears('incoming_call', call._id);
    assert.equal((await a.rest('PATCH', `/calls/${call._id}/end`, { endReason: 'cancelled' })).status, 200);
    await b.hears('call_ended', call._id);
    const past = (await b.history())[0];
    assert.deepEqual([past.status, past.endReason], ['ended', 'cancelled']);
    assert.equal((await b.rest('PATCH', `/calls/${call._id}/accept`)).status, 400);
    a.close(), b.close();
  });
  test('not answered', { skip: clock ? false : 'this build has no test clock' }, async () => {
    const [a, b] = await people();
    const call = (await a.ring(b)).data;
    await b.hears('incoming_call', call._id);
    await advance(50000);  // the clock runs on meanwhile
    assert.equal((await a.rest('GET', '/calls/active')).data._id, call._id);
    await advance(10001);
    await Promise.all([a.hears('call_timeout', call._id), b.hears('call_timeout', call._id)]);
    const past = (await b.history())[0];
    assert.deepEqual([past.status, past.endReason], ['missed', 'timeout']);
    a.close(), b.close();
  });
  test('the caller goes away while it rings', { skip: clock ? false : 'this build has no test clock' }, async () => {
    const [a, b] = await people();
    const call = (await a.ring(b)).data;
    await b.hears('incoming_call', call._id);
    a.close();
    await serverKnows(b, a, false);
    await advance(31000);
    await b.hears('call_ended', call._id);
    assert.deepEqual([(await b.history())[0].status, (await b.history())[0].endReason], ['ended', 'cancelled']);
    b.close();
  });
  test('a lost link: back in time, then gone for good', { skip: clock ? false : 'this build has no test clock' }, async () => {
    const [a, b] = await people();
    const call = await connectCall(a, b);
    b.close();
    await serverKnows(a, b, false);
    await advance(20000);
    await b.connect();
    await serverKnows(a, b, true);
    await advance(20000);
    assert.equal((await a.rest('GET', '/calls/active')).data?._id, call._id, 'the return ended the grace');
    a.close(), b.close();
    await serverKnows(b, a, false);
    await serverKnows(a, b, false);
    await advance(200000);
    const past = await until('the call is over', async () => (await b.history()).find((each) => each._id === call._id));
    assert.deepEqual([past.status, past.endReason], ['ended', 'network_error']);
  });
});

describe('races', () => {
  test('busy: the existing call is named, no call and no history row come to be', async () => {
    const [a, b] = await people();
    const [c] = await people();
    const call = (await a.ring(b)).data;
    const refused = await c.ring(b);
    assert.equal(refused.status, 409);
    assert.equal(refused.body.success, false);
    assert.equal(refused.data.existingCallId, call._id);
    assert.equal(refused.data.existingCall.participants.length, 2);
    assert.equal((await c.history()).length, 0);
    assert.equal((await c.rest('GET', '/calls/active')).data, null);
    await a.rest('PATCH', `/calls/${call._id}/end`);
    assert.equal((await c.ring(b)).status, 201, 'free again');
  });
  test('both call each other at once: one call, one 409', async () => {
    const [a, b] = await people();
    await Promise.all([a.chatWith(b), b.chatWith(a)]);
    const answers = await Promise.all([a.ring(b), b.ring(a)]);
    assert.deepEqual(answers.map((each) => each.status).sort(), [201, 409]);
    const made = answers.find((each) => each.status === 201).data._id;
    assert.equal(answers.find((each) => each.status === 409).data.existingCallId, made);
    a.close(), b.close();
  });
  test('two tabs of the callee: one answers, the other is dismissed, the acting one hears nothing', async () => {
    const [a, b] = await people();
    const other = await b.tab().connect();
    const call = (await a.ring(b)).data;
    await Promise.all([b.hears('incoming_call', call._id), other.hears('incoming_call', call._id)]);
    assert.equal(b.said('incoming_call', call._id).length, 1);
    b.socket.emit('call_accept', { callId: call._id, callerId: a.id });
    const dismissed = await other.hears('call_accepted', call._id);
    assert.equal(dismissed.dismiss, true);
    await a.hears('call_accepted', call._id);
    assert.equal(a.said('call_accepted', call._id)[0].dismiss, undefined);
    assert.equal(b.said('call_accepted', call._id).length, 0);
    assert.equal((await other.rest('PATCH', `/calls/${call._id}/decline`)).status, 400, 'a late decline is no hang-up');
    assert.equal((await a.rest('GET', '/calls/active')).data._id, call._id);
    await a.rest('PATCH', `/calls/${call._id}/end`);
    a.close(), b.close(), other.close();
  });
  test('ten accepts at once are one', async () => {
    const [a, b] = await people();
    const call = (await a.ring(b)).data;
    await b.hears('incoming_call', call._id);
    const answers = await Promise.all(Array.from({ length: 10 }, () => b.rest('PATCH', `/calls/${call._id}/accept`)));
    assert.ok(answers.every((each) => each.status === 200), answers.map((each) => each.text).join('\n'));
    await a.hears('call_accepted', call._id);
    await settle(a);
    assert.equal(a.said('call_accepted', call._id).length, 1);
    await a.rest('PATCH', `/calls/${call._id}/end`);
    a.close(), b.close();
  });
  test('the caller may not accept; a stranger sees nothing', async () => {
    const [a, b] = await people();
    const [c] = await people();
    const call = (await a.ring(b)).data;
    assert.equal((await a.rest('PATCH', `/calls/${call._id}/accept`)).status, 403);
    for (const [method, path] of [['PATCH', 'accept'], ['PATCH', 'decline'], ['PATCH', 'end'], ['POST', 'zego-token'], ['GET', 'zego-room']])
      assert.equal((await c.rest(method, `/calls/${call._id}/${path}`, method === 'GET' ? undefined : {})).status, 403, path);
    c.socket.emit('call_end', { callId: call._id, participants: [a.id, b.id] });
    c.socket.emit('webrtc_offer', { callId: call._id, receiverId: b.id, offer: { sdp: 'x' } });
    await settle(c);
    assert.equal((await a.rest('GET', '/calls/active')).data?._id, call._id);
    assert.equal(b.said('webrtc_offer', call._id).length, 0);
    await a.rest('PATCH', `/calls/${call._id}/end`);
  });
});

describe('bad input', () => {
  const words = ['call_accept', 'call_decline', 'call_end', 'webrtc_offer', 'webrtc_answer', 'webrtc_ice_candidate', 'call_status_update', 'join_chat', 'leave_chat',
    'typing_start', 'typing_stop', 'send_message', 'mark_read', 'delete_message', 'restore_message', 'set_online_status', 'request_unread_counts', 'no_such_event'];
  const payloads = [[], [null], [1], ['x'], [[]], [{}], [{ callId: null }], [{ callId: 7 }], [{ callId: '0'.repeat(24) }], [{ callId: { $ne: 1 } }], [JSON.parse('{"__proto__":{"callId":1}}')],
    [{ callId: 'x'.repeat(100000) }], [{ callId: '0'.repeat(24), participants: null }], [null, null, null], [{ chatId: null, message: {} }]];
  test('no payload of any event harms anybody', async () => {
    const [a, b] = await people();
    const [c] = await people();
    const call = await connectCall(a, b);
    for (const word of words) for (const payload of payloads) c.socket.emit(word, ...payload);
    await until('still answered', async () => c.socket.connected && (await c.rest('GET', '/calls/active')).status === 200);
    assert.equal((await a.rest('GET', '/calls/active')).data._id, call._id);
    a.socket.emit('webrtc_ice_candidate', { callId: call._id, receiverId: b.id, candidate: { n: 'after the flood' } });
    await until('the call goes on', () => b.said('webrtc_ice_candidate', call._id).some((each) => each.candidate.n === 'after the flood'));
    await a.rest('PATCH', `/calls/${call._id}/end`);
    for (const person of [a, b, c]) person.close();
  });
  test('HTTP bodies', async () => {
    const [a, b] = await people();
    const chatId = await a.chatWith(b);
    for (const body of ['', '{', 'null', '[]', '"x"', '{"a":1,"a":2}', '\u0000', '{}', '{"receiverId":7}', '{"__proto__":{}}', `{"receiverId":"${'x'.repeat(5000)}"}`]) {
      const answer = await a.rest('POST', '/calls/initiate', body);
      assert.equal(answer.status, 400, `${body.slice(0, 40)}: ${answer.text}`);
      assert.equal(answer.body.success, false);
      assert.ok(answer.body.message.length > 0);
    }
    const huge = await a.rest('POST', '/calls/initiate', JSON.stringify({ receiverId: b.id, chatId, callType: 'x'.repeat(11 * 1024 * 1024) })).catch((error) => ({ status: 413, closed: error }));
    assert.equal(huge.status, 413);
    assert.equal((await a.rest('POST', '/calls/initiate', { receiverId: b.id, chatId: 'zz', callType: 'video' })).status, 400);
    assert.equal((await a.rest('POST', '/calls/initiate', { receiverId: a.id, chatId, callType: 'video' })).status, 400);
    assert.equal((await a.rest('POST', '/calls/initiate', { receiverId: b.id, chatId, callType: 'hologram' })).status, 400);
    assert.equal((await a.rest('GET', '/calls/nonsense/zego-room')).status, 400);
    assert.equal((await a.rest('GET', `/calls/${'0'.repeat(24)}/zego-room`)).status, 404);
  });
  test('access tokens', async () => {
    const [a] = await people();
    const [head, body, signature] = a.token.split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
    for (const token of ['', 'x', `${head}.${body}.${signature.slice(0, -2)}`, none, `${head}.${body}.`, `${a.token}x`, 'a'.repeat(20000)]) {
      a.token = token;
      const answer = await a.rest('GET', '/calls/active').catch(() => ({ status: 431 }));
      assert.ok([401, 431].includes(answer.status), `${token.slice(0, 20)}: ${answer.status}`);
      await assert.rejects(Object.assign(a.tab(), { token }).connect(), /Authentication error/);
    }
  });
  test('unknown paths, methods and origins answer in the envelope', async () => {
    for (const [method, path, status] of [['GET', '/api/v1/nothing', 404], ['DELETE', '/api/v1/calls/active', 405], ['POST', '/api/v1/calls/active', 405]]) {
      const answer = await fetch(server.url + path, { method });
      assert.equal(answer.status, status, `${method} ${path}`);
      assert.equal((await answer.json()).success, false);
    }
    for (const path of ['/healthz', '/readyz', '/version', '/metrics']) assert.equal((await fetch(server.url + path)).status, 200, path);
  });
  test('what went wrong is counted', async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const bad = metrics.split('\n').filter((line) => /^zegocall_.*(refus|invalid|bad|unknown|error)/.test(line) && Number(line.split(' ').at(-1)) > 0);
    assert.ok(bad.length > 0, metrics);
  });
});
