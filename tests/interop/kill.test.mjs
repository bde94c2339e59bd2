// kill -9 at random moments under client load: what a client was told is there afterwards, once.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { checkRooms, hasRooms, loadRooms } from './kill_rooms.mjs';
import { Person, start, temporaryFolder, until } from './support.mjs';

const rounds = Number(process.env.ZEGOCALL_KILL_ROUNDS ?? 20);
const pairs = 4; // every other one plays in rooms
const topics = ['call.created', 'call.ended'];

// The host's own server, which outlives every kill: what the outbox told it, in the order in which it came.
async function listener() {
  const heard = new Map(); // call -> its messages
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      const message = JSON.parse(body);
      heard.set(message.call, [...(heard.get(message.call) ?? []), message]);
      response.writeHead(200).end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { heard, url: `http://127.0.0.1:${server.address().port}/hooks`, close: () => server.close() };
}

// An outbox row is part of the commit: a call that was told of has its call.created delivered, and an end its call.ended,
// in this order. A message that was on its way when the server died comes again, with the same id.
async function checkWebhooks(heard, id, ended) {
  const seen = () => [...new Set((heard.get(id) ?? []).map((message) => message.id))];
  const wanted = ended ? topics : topics.slice(0, 1);
  await until(`webhooks ${wanted} of ${id}`, () => wanted.every((topic) => heard.get(id)?.some((message) => message.topic === topic)), 30000);
  const first = seen().map((each) => heard.get(id).find((message) => message.id === each));
  assert.equal(first[0].topic, 'call.created', 'the messages of a call come in order');
  for (const topic of topics) assert.ok(first.filter((message) => message.topic === topic).length <= 1, `${topic} of ${id} has one id`);
}

// One pair calls again and again until the server is gone; returns what it was told.
async function load(a, b, alive) {
  const told = [];
  while (alive()) {
    try {
      const started = await a.ring(b);
      if (started.status !== 201) {
        const existing = started.data?.existingCallId;
        if (existing) await a.rest('PATCH', `/calls/${existing}/end`);
        continue;
      }
      const record = { id: started.data._id, told: ['initiated'] };
      told.push(record);
      const choice = Math.random();
      if (choice < 0.2) {
        if ((await b.rest('PATCH', `/calls/${record.id}/decline`)).status === 200) record.told.push('declined');
        continue;
      }
      if (choice < 0.35) {
        if ((await a.rest('PATCH', `/calls/${record.id}/end`, { endReason: 'cancelled' })).status === 200) record.told.push('ended');
        continue;
      }
      if ((await b.rest('PATCH', `/calls/${record.id}/accept`)).status === 200) record.told.push('accepted');
      if ((await a.rest('PATCH', `/calls/${record.id}/status`, { status: 'active' })).status === 200) record.told.push('active');
      if (choice < 0.8 && (await b.rest('PATCH', `/calls/${record.id}/end`)).status === 200) record.told.push('ended');
    } catch { /* the server is gone in the middle of a request: nothing was told */ }
  }
  return told;
}

test(`${rounds} rounds of kill -9 under load`, { timeout: rounds * 15000 }, async () => {
  const folder = temporaryFolder();
  const db = `${folder.path}/ring.db`;
  const hooks = await listener();
  const env = { WEBHOOK_URL: hooks.url, WEBHOOK_SECRET: 'zegocall-webhook-secret-for-tests', WEBHOOK_TOPICS: topics.join(',') };
  let server = await start('ring_server', ['--db', db], env);
  const people = [];
  for (let n = 0; n < pairs * 2 + 1; n++) people.push(await new Person(server.url).register());
  const stranger = people.at(-1); // comes to the doors of rooms
  assert.ok(await hasRooms(stranger), 'this server has rooms');
  const inRooms = (n) => n % 2 === 1;
  let calls = 0, rooms = 0;
  for (let round = 0; round < rounds; round++) {
    for (const person of people) Object.assign(person, { url: server.url, heard: [] });
    for (const person of people) await person.connect({ transports: ['websocket'] });
    let alive = true;
    const loads = [];
    for (let n = 0; n < pairs; n++) loads.push((inRooms(n) ? loadRooms : load)(people[2 * n], people[2 * n + 1], () => alive));
    const wanted = 10 + Math.floor(Math.random() * 150);
    await until('some traffic', () => people.reduce((sum, person) => sum + person.heard.length, 0) >= wanted, 15000);
    await server.kill();
    alive = false;
    const told = await Promise.all(loads);
    for (const person of people) person.close();

    server = await start('ring_server', ['--db', db], env);
    for (const person of people) Object.assign(person, { url: server.url, heard: [] });
    for (const person of people) await person.connect({ transports: ['websocket'] });
    for (let n = 0; n < pairs; n++) {
      const [a, b] = [people[2 * n], people[2 * n + 1]];
      if (inRooms(n)) {
        rooms += await checkRooms(a, b, stranger, told[n]);
        for (const record of told[n]) await checkWebhooks(hooks.heard, record.id, false);
        continue;
      }
      const [mine, theirs] = [await a.rest('GET', '/calls/history?limit=100'), await b.rest('GET', '/calls/history?limit=100')].map((each) => each.data.calls);
      const live = (await a.rest('GET', '/calls/active')).data;
      const shape = (each) => [each._id, each.status, each.endReason, each.duration];
      assert.deepEqual(mine.map(shape), theirs.map(shape), 'both histories agree');
      assert.equal(new Set(mine.map((each) => each._id)).size, mine.length, 'each call is there once');
      for (const record of told[n]) {
        calls++;
        const past = mine.find((each) => each._id === record.id);
        const found = past ?? (live?._id === record.id ? live : null);
        assert.ok(found, `${record.id} was told (${record.told}) and is gone`);
        const last = record.told.at(-1);
        if (last === 'declined') assert.equal(found.status, 'declined', JSON.stringify(record));
        if (last === 'ended') assert.equal(found.status, 'ended', JSON.stringify(record));
        if (last === 'active') assert.ok(['active', 'ended'].includes(found.status), JSON.stringify([record, found.status]));
        if (record.told.includes('accepted')) assert.ok(found.startedAt, 'an accept that was told is there');
        await checkWebhooks(hooks.heard, record.id, ['declined', 'ended'].includes(last));
      }
      // Who was in a call is in it again, and can go on to end it; its end is told once.
      if (live) {
        assert.equal((await b.rest('GET', '/calls/active')).data?._id, live._id, 'both are in the same call again');
        assert.equal((await a.rest('PATCH', `/calls/${live._id}/end`)).status, 200);
        await until('the end is told', () => ['call_ended', 'call_timeout', 'call_declined'].some((word) => b.said(word, live._id).length));
        assert.equal(['call_ended', 'call_timeout', 'call_declined'].reduce((sum, word) => sum + b.said(word, live._id).length, 0), 1);
      }
    }
    for (const person of people) person.close();
  }
  assert.equal(await server.stop(), 0);
  hooks.close();
  folder.remove();
  assert.ok(rooms > 0, 'the pairs in rooms made some');
  console.log(`${rounds} rounds; ${calls} calls, ${rooms} rooms checked`);
});
