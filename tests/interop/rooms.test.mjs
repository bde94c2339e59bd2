// Rooms, settings, tokens and what leaves the house (webhooks, the provider), with stock clients against ring_server.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { Person, bin, start, temporaryFolder, until } from './support.mjs';

const clock = process.env.ZEGOCALL_TEST_CLOCK === 'ON';
const withClock = { skip: clock ? false : 'this build has no test clock' };
const webhookSecret = 'zegocall-webhook-secret-for-tests';
const callbackSecret = 'zegocall-callback-secret-for-tests';

// A server of the test: keeps what it was asked, and answers as it is told.
async function listener(answer) {
  const asked = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      const one = { url: new URL(request.url, 'http://localhost'), headers: request.headers, body };
      asked.push(one);
      const { status = 200, text = '' } = answer(one) ?? {};
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(text);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { asked, url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

let server, folder, provider, host, there = {}, refuse = () => false, hostStatus = 200;
before(async () => {
  folder = temporaryFolder();
  provider = await listener(({ url }) => {
    const query = url.searchParams;
    if (refuse(query)) return { status: 503 };
    const users = (there[query.get('RoomId')] ?? []).map((id) => ({ UserId: id, UserName: '', UserRole: 0 }));
    const data = query.get('Action') === 'DescribeUserList' ? { Marker: '', UserList: users } : {};
    return { text: JSON.stringify({ Code: 0, Message: 'success', RequestId: '1', Data: data }) };
  });
  host = await listener(() => ({ status: hostStatus }));
  server = await start('ring_server', ['--db', `${folder.path}/ring.db`, '--token-minutes', '5', '--reconcile-seconds', '5', ...(clock ? ['--test-clock'] : [])],
    { ZEGO_API_URL: provider.url, WEBHOOK_URL: `${host.url}/hooks`, WEBHOOK_SECRET: webhookSecret, WEBHOOK_TOPICS: '*', ZEGO_CALLBACK_SECRET: callbackSecret, ZEGO_CALLBACK_PATH: '/hooks/9b1e4c' });
});
after(async () => {
  const code = await server.stop();
  provider.close();
  host.close();
  folder.remove();
  assert.equal(code, 0, server.errors());
});

const person = async () => (await new Person(server.url).register()).connect();
const people = (count) => Promise.all(Array.from({ length: count }, person));
const advance = async (ms) => {
  const answer = await fetch(`${server.url}/test/advance`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ ms }) });
  assert.equal(answer.status, 200, await answer.text());
};
const must = async (who, method, path, body, status = 200) => {
  const answer = await who.rest(method, path, body);
  assert.equal(answer.status, status, answer.text);
  return answer.data;
};
const roomOf = async (who, settings) => (await must(who, 'POST', '/rooms', { title: 'standup', template: 'drop_in', ...settings }, 201)).room.id;
const enter = async (who, room, body) => {
  await must(who, 'POST', `/rooms/${room}/join`, body);
  await must(who, 'POST', `/rooms/${room}/join`, body);
};
const topics = (who, room) => who.said('room_event', room).map((event) => event.topic);
const told = (action, has) => provider.asked.filter(({ url }) => url.searchParams.get('Action') === action && (!has || url.search.includes(has)));
const hooks = (call) => host.asked.map(({ body }) => JSON.parse(body)).filter((body) => body.call === call);

describe('the door', () => {
  test('a passcode is asked for, wrong, right; the throttle comes after five', async () => {
    const [ann, bea, cid] = await people(3);
    const room = await roomOf(ann, { passcode: 'sesame' });
    assert.equal((await must(ann, 'GET', `/rooms/${room}`)).room.passcode, true);
    assert.match((await bea.rest('POST', `/rooms/${room}/join`, {})).text, /passcode/);
    assert.equal((await bea.rest('POST', `/rooms/${room}/join`, { passcode: 'sesam' })).status, 403);
    await enter(bea, room, { passcode: 'sesame' });
    for (let i = 0; i < 5; i++) assert.equal((await cid.rest('POST', `/rooms/${room}/join`, { passcode: `wrong${i}` })).status, 403);
    const throttled = await cid.rest('POST', `/rooms/${room}/join`, { passcode: 'sesame' });
    assert.equal(throttled.status, 429, throttled.text);
    await must(ann, 'POST', `/rooms/${room}/passcode`, { passcode: null });
    await must(cid, 'POST', `/rooms/${room}/join`, {});
    assert.ok(!JSON.stringify(ann.heard.concat(bea.heard)).includes('sesame'));
    assert.equal((await ann.rest('POST', `/rooms/${room}/passcode`, { passcode: 'abc' })).status, 400);
    [ann, bea, cid].forEach((each) => each.close());
  });

  test('a join code carries a role and is used up', async () => {
    const [ann, bea, cid] = await people(3);
    const room = await roomOf(ann, { type: 'invited_only' });
    assert.equal((await bea.rest('POST', `/rooms/${room}/join`, {})).status, 403);
    const { code } = await must(ann, 'POST', `/rooms/${room}/codes`, { role: 'speaker', uses: 1, seconds: 60 }, 201);
    assert.equal((await bea.rest('POST', `/rooms/${room}/codes`, {})).status, 403);
    const typed = `${code.slice(0, 4)}-${code.slice(4)}`.toLowerCase();
    assert.equal((await must(bea, 'POST', `/rooms/${room}/join`, { code: typed })).you.role, 'speaker');
    assert.equal((await cid.rest('POST', `/rooms/${room}/join`, { code })).status, 403);
    assert.equal((await ann.rest('POST', `/rooms/${room}/codes`, { seconds: 0 })).status, 400);
    assert.ok(!JSON.stringify([ann.heard, bea.heard, host.asked]).includes(code));
    [ann, bea, cid].forEach((each) => each.close());
  });

  test('the lobby: knock, admit, deny; who waits is told, and nobody is let in by waiting', async () => {
    const [ann, bea, cid] = await people(3);
    const room = await roomOf(ann, { lobby: 'on' });
    await enter(ann, room);
    assert.equal((await bea.rest('POST', `/rooms/${room}/knock`, { note: 'it is me' })).status, 202);
    assert.equal((await cid.rest('POST', `/rooms/${room}/join`, {})).status, 202);
    await until('ann sees both wait', () => topics(ann, room).filter((topic) => topic === 'leg.waiting').length === 2);
    assert.equal((await bea.rest('POST', `/calls/${room}/zego-token`, {})).status, 400);  // no token in the lobby (I8)
    await must(ann, 'POST', `/rooms/${room}/admit`, { user: bea.id });
    await must(ann, 'POST', `/rooms/${room}/deny`, { user: cid.id });
    await until('bea hears it', () => topics(bea, room).includes('leg.admitted'));
    await must(bea, 'POST', `/rooms/${room}/join`, {});
    assert.ok((await must(bea, 'POST', `/calls/${room}/zego-token`, {})).token.startsWith('04'));
    assert.equal((await must(cid, 'GET', `/rooms/${room}`)).you.state, 'final');
    assert.equal((await bea.rest('POST', `/rooms/${room}/admit`, { user: cid.id })).status, 403);
    [ann, bea, cid].forEach((each) => each.close());
  });
});

describe('in charge', () => {
  test('roles, mute, lock, kick with a ban: everybody hears it, the provider is told, the ban holds', async () => {
    const [ann, bea, cid] = await people(3);
    const room = await roomOf(ann);
    for (const each of [ann, bea, cid]) await enter(each, room);
    await must(ann, 'POST', `/rooms/${room}/set_role`, { user: bea.id, role: 'moderator' });
    assert.equal((await must(bea, 'GET', `/rooms/${room}`)).you.role, 'moderator');
    assert.equal((await cid.rest('POST', `/rooms/${room}/mute`, { user: bea.id })).status, 403);
    await must(bea, 'POST', `/rooms/${room}/mute`, { user: cid.id, track: 'audio', mode: 'force' });
    await until('cid hears the mute', () => topics(cid, room).includes('mute.forced'));
    const answer = await bea.socket.timeout(5000).emitWithAck('room_command', { callId: room, word: 'lock' });
    assert.equal(answer.success, true);
    const before = (await must(ann, 'GET', `/rooms/${room}`)).room.version;
    const no = await cid.socket.timeout(5000).emitWithAck('room_command', { callId: room, word: 'unlock' });
    assert.equal(no.success, false);
    assert.equal((await must(ann, 'GET', `/rooms/${room}`)).room.version, before, 'a refusal moves nothing');
    await must(bea, 'POST', `/rooms/${room}/kick`, { user: cid.id, banSeconds: 600 });
    await until('cid hears that they are out', () => topics(cid, room).includes('leg.final'));
    await until('the provider put them out', () => told('KickoutUser', cid.id).length === 1);
    assert.equal(told('KickoutUser', cid.id)[0].url.searchParams.get('RoomId'), `call_${room}`);
    assert.match((await cid.rest('POST', `/rooms/${room}/join`, {})).text, /until|ban/);
    assert.equal((await cid.rest('POST', `/calls/${room}/zego-token`, {})).status, 403);
    const seen = await must(ann, 'GET', `/rooms/${room}`);
    assert.equal(seen.room.bans[0].user, cid.id);
    assert.equal((await must(bea, 'GET', `/rooms/${room}?since=${before}`)).events.at(-1).topic, 'leg.final');
    assert.equal((await ann.rest('POST', `/rooms/${room}/make_coffee`, {})).status, 404);
    assert.match((await ann.rest('POST', `/rooms/${room}/kick`, {})).text, /user is required/);
    assert.equal((await ann.rest('POST', `/rooms/${room}/kick`, { user: bea.id, banSeconds: -1 })).status, 400);
    assert.equal((await ann.rest('POST', '/rooms', { lobby: 'sometimes' })).status, 400);
    [ann, bea, cid].forEach((each) => each.close());
  });

  test('chat: in order, to who is in, once to who comes later; typing', async () => {
    const [ann, bea, cid] = await people(3);
    const room = await roomOf(ann);
    await enter(ann, room);
    await enter(bea, room);
    for (const text of ['one', 'two']) await must(ann, 'POST', `/rooms/${room}/messages`, { text }, 201);
    await until('bea reads both', () => bea.said('room_message', room).length === 2);
    assert.deepEqual(bea.said('room_message', room).map(({ message }) => [message.number, message.text]), [[1, 'one'], [2, 'two']]);
    await must(bea, 'POST', `/rooms/${room}/typing`, { on: true });
    assert.equal((await ann.hears('room_typing', room)).user, bea.id);
    assert.equal((await cid.rest('POST', `/rooms/${room}/messages`, { text: 'hello?' })).status, 403);
    await enter(cid, room);
    assert.equal((await must(cid, 'GET', `/rooms/${room}/messages`)).messages.length, 2);
    assert.equal((await must(cid, 'GET', `/rooms/${room}/messages`)).messages.length, 0, 'once');
    assert.equal((await must(cid, 'GET', `/rooms/${room}/messages?after=1`)).messages.length, 1);
    assert.equal((await ann.rest('POST', `/rooms/${room}/messages`, { text: '' })).status, 400);
    [ann, bea, cid].forEach((each) => each.close());
  });
});

describe('people', () => {
  for (const [title, quiet] of [
    ['do not disturb', (who) => must(who, 'PUT', '/users/me/do-not-disturb', { on: true, seconds: 3600 })],
    ['a block', (who, other) => must(who, 'POST', '/users/me/blocks', { userId: other.id })],
  ])
    test(`${title}: the phone stays silent, and the caller cannot tell`, withClock, async () => {
      const [ann, bea] = await people(2);
      await quiet(bea, ann);
      const call = (await ann.ring(bea)).data;
      assert.equal(call.status, 'initiated');
      assert.equal((await must(bea, 'GET', '/calls/active')), null);
      assert.equal((await bea.rest('PATCH', `/calls/${call._id}/accept`)).status, 403);
      await advance(61000);
      await ann.hears('call_timeout', call._id);
      await until('the end is told', () => hooks(call._id).some(({ topic }) => topic === 'call.ended'));
      assert.deepEqual(hooks(call._id).filter(({ topic }) => topic === 'device.ring'), []);
      assert.ok(!/"(hidden|blocked)":true|"dnd"|"blocked"/.test(JSON.stringify(hooks(call._id))));
      assert.deepEqual(bea.said('incoming_call', call._id).concat(bea.said('call_timeout', call._id)), []);
      ann.close(), bea.close();
    });

  test('blocks are listed and lifted; a missed call is listed until it was seen', withClock, async () => {
    const [ann, bea] = await people(2);
    await must(bea, 'POST', '/users/me/blocks', { userId: ann.id });
    assert.equal((await must(bea, 'GET', '/users/me/blocks')).blocked[0].user._id, ann.id);
    await must(bea, 'DELETE', `/users/me/blocks/${ann.id}`);
    assert.equal((await must(bea, 'GET', '/users/me/blocks')).pagination.totalBlocked, 0);
    assert.equal((await bea.rest('POST', '/users/me/blocks', { userId: bea.id })).status, 400);
    assert.equal((await bea.rest('POST', '/users/me/blocks', { userId: 'f'.repeat(24) })).status, 404);
    const call = (await ann.ring(bea)).data;
    await bea.hears('incoming_call', call._id);
    await advance(61000);
    await ann.hears('call_timeout', call._id);
    const missed = await must(bea, 'GET', '/calls/missed');
    assert.deepEqual([missed.unseen, missed.missed[0].callId, missed.missed[0].outcome, missed.missed[0].seen], [1, call._id, 'no_answer', false]);
    assert.equal((await must(bea, 'POST', '/calls/missed/seen')).marked, 1);
    assert.equal((await must(bea, 'GET', '/calls/missed')).unseen, 0);
    ann.close(), bea.close();
  });

  test('who is erased is gone from calls and is disconnected', async () => {
    const [ann, bea] = await people(2);
    const call = (await ann.ring(bea)).data;
    await bea.hears('incoming_call', call._id);
    assert.equal((await bea.rest('DELETE', '/users/me')).status, 400, 'not out of a call');
    await must(ann, 'PATCH', `/calls/${call._id}/end`, {});
    await must(bea, 'DELETE', '/users/me');
    await until('the socket closes', () => !bea.socket.connected);
    const history = JSON.stringify(await ann.history());
    assert.ok(!history.includes(bea.id) && history.includes(call._id));
    ann.close();
  });
});

describe('what leaves the house', () => {
  test('a token is announced to end 90 s before it does', withClock, async () => {
    const [ann, bea] = await people(2);
    const call = (await ann.ring(bea)).data;
    await bea.hears('incoming_call', call._id);
    await must(bea, 'PATCH', `/calls/${call._id}/accept`);
    await must(bea, 'PATCH', `/calls/${call._id}/status`, { status: 'active' });
    const first = await must(bea, 'POST', `/calls/${call._id}/zego-token`, {});
    await advance(5 * 60000 - 100000);  // the clock runs on meanwhile
    assert.deepEqual(bea.said('zego_token_expiring', call._id), []);
    await advance(10001);
    await bea.hears('zego_token_expiring', call._id);
    await ann.hears('zego_token_expiring', call._id);
    const second = await must(bea, 'POST', `/calls/${call._id}/zego-token`, {});
    assert.ok(second.expiresAt > first.expiresAt);
    await must(ann, 'PATCH', `/calls/${call._id}/end`, {});
    await until('who did not hang up is put out', () => told('KickoutUser', bea.id).length === 1);
    ann.close(), bea.close();
  });

  test('the provider is asked who is there, and who left it has left the call', withClock, async () => {
    const [ann, bea] = await people(2);
    const call = (await ann.ring(bea)).data;
    await bea.hears('incoming_call', call._id);
    await must(bea, 'PATCH', `/calls/${call._id}/accept`);
    await must(bea, 'PATCH', `/calls/${call._id}/status`, { status: 'active' });
    const room = `call_${call._id}`;
    const asked = () => told('DescribeUserList', room).length;
    const ask = async () => { const before = asked(); await until('a question', async () => { await advance(2000); return asked() > before; }, 20000); };
    await advance(20000);
    await ask();  // neither was ever there: a call without the provider goes on
    await ask();
    assert.equal((await must(ann, 'GET', '/calls/active')).status, 'active');
    there[room] = [ann.id, bea.id];
    await ask();
    await ask();
    there[room] = [ann.id];
    await ask();
    await until('the call is corrected', async () => { await advance(1000); return (await must(ann, 'GET', '/calls/history')).calls.some(({ _id }) => _id === call._id) || told('DescribeUserList', room).length > 12; }, 20000);
    const hooked = await until('the host hears of it', () => hooks(call._id).find(({ topic, event }) => topic === 'reconcile.corrected' || (topic === 'leg.reconnecting' && event.user === bea.id) || (topic === 'leg.final' && event.user === bea.id)));
    assert.ok(hooked);
    ann.close(), bea.close();
  });

  test('the provider calls back: two logins are a talk, a logout is a lost link; a forged body is refused', async () => {
    const [ann, bea] = await people(2);
    const call = (await ann.ring(bea)).data;
    const { timestamp: rung } = await bea.hears('incoming_call', call._id);
    await must(bea, 'PATCH', `/calls/${call._id}/accept`);
    const at = Date.parse(rung) + 1000;
    let nonce = 0;
    const callback = async (event, members, secret = callbackSecret) => {
      const signed = { timestamp: String(Math.floor(at / 1000)), nonce: `${call._id}${++nonce}` };
      const signature = createHash('sha1').update([secret, signed.timestamp, signed.nonce].sort().join('')).digest('hex');
      const body = { event, appid: 1234567890, ...signed, signature, room_id: `call_${call._id}`, ...members };
      const answer = await fetch(`${server.url}/hooks/9b1e4c`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
      return answer.status;
    };
    const login = (who, secret) => callback('room_login', { room_seq: '8', user_account: who.id, session_id: `s-${who.id}`, login_time: at }, secret);
    const state = async () => (await must(ann, 'GET', '/calls/active'))?.status;
    assert.equal(await login(ann, 'a-secret-of-somebody-else-entirely'), 401);
    assert.equal(await state(), 'connecting');
    assert.equal(await callback('room_create', { room_session_id: '8', room_create_time: String(at), id_name: ann.id }), 200);
    assert.equal(await login(ann), 200);
    assert.equal(await login(bea), 200);
    assert.equal(await state(), 'active');
    assert.equal(await callback('room_logout', { room_seq: '8', user_account: bea.id, session_id: `s-${bea.id}`, login_time: at, logout_time: at + 1000, reason: 2 }), 200);
    await until('the host hears of the lost link', () => hooks(call._id).some(({ topic, event }) => topic === 'leg.reconnecting' && event.user === bea.id));
    await until('the refusal is counted', async () => (await (await fetch(`${server.url}/metrics`)).text()).includes('zegocall_provider_callbacks_total{what="refused"} 1\n'));
    await must(ann, 'PATCH', `/calls/${call._id}/end`, {});
    ann.close(), bea.close();
  });

  test('a provider that is away holds up nobody and hears of it later', withClock, async () => {
    const [ann, bea] = await people(2);
    refuse = () => true;
    const call = (await ann.ring(bea)).data;
    await bea.hears('incoming_call', call._id);
    await must(bea, 'PATCH', `/calls/${call._id}/accept`);
    await must(bea, 'PATCH', `/calls/${call._id}/status`, { status: 'active' });
    await must(ann, 'PATCH', `/calls/${call._id}/end`, {});
    await until('it was tried', () => told('KickoutUser', bea.id).length > 0);
    refuse = () => false;
    const before = told('KickoutUser', bea.id).length;
    await until('it is tried again', async () => { await advance(2000); return told('KickoutUser', bea.id).length > before; }, 20000);
    ann.close(), bea.close();
  });

  test('webhooks are signed and in order; what dies is listed, replayed, and counted on /metrics', withClock, async () => {
    const [ann, bea] = await people(2);
    const call = (await ann.ring(bea)).data;
    await must(ann, 'PATCH', `/calls/${call._id}/end`, {});
    await until('the end is told', () => hooks(call._id).some(({ topic }) => topic === 'call.ended'));
    assert.deepEqual(hooks(call._id).map(({ version }) => version), hooks(call._id).map((_, i) => i + 1));
    const { headers, body } = host.asked.at(-1);
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers['zegocall-signature']);
    assert.equal(createHmac('sha256', webhookSecret).update(`${t}.${body}`).digest('hex'), v1);
    hostStatus = 500;
    const lost = (await ann.ring(bea)).data;
    await until('it was refused', () => hooks(lost._id).length > 0);
    await advance(25 * 3600 * 1000);
    const cli = (...args) => JSON.parse(execFileSync(bin('zegocall'), ['outbox', ...args, '--json', '--db', `${folder.path}/ring.db`], { encoding: 'utf8' }));
    const letter = await until('it is dead', async () => { await advance(1000); return cli('dead').dead.find(({ order }) => order === lost._id); }, 20000);
    assert.deepEqual([letter.lane, letter.reason], ['host', 'age']);
    hostStatus = 200;
    const heard = hooks(lost._id).length;
    assert.ok(cli('replay', '--all').replayed >= 1);
    await until('the host hears it again', async () => { await advance(1000); return hooks(lost._id).length > heard; });
    await until('metrics tell', async () => {
      await advance(1000);
      const text = await (await fetch(`${server.url}/metrics`)).text();
      const value = (name) => Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\d+)$`, 'm').exec(text)?.[1]);
      return value('zegocall_webhook_delivered_total') > 0 && value('zegocall_webhook_failed_attempts_total') > 0 && value('zegocall_webhook_dead_total{reason="age"}') > 0
        && value('zegocall_webhook_pending') >= 0 && value('zegocall_calls_started_total') > 1 && value('zegocall_calls_ended_total{outcome="cancelled"}') > 0
        && value('zegocall_provider_delivered_total') > 0;
    });
    ann.close(), bea.close();
  });
});
