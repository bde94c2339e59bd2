// A pair that plays in rooms until the server is gone, and what must be there of it afterwards.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

const word = () => `word-${randomBytes(4).toString('hex')}`;

// Whether this server has rooms at all: one that has them knows that there is no such template.
export async function hasRooms(person) {
  return (await person.rest('POST', '/rooms', { title: 'probe', template: 'nowhere' })).status === 400;
}

async function enter(who, id, body) {
  await who.rest('POST', `/rooms/${id}/join`, body);
  return (await who.rest('POST', `/rooms/${id}/join`, body)).status === 200;
}

// One room: what was acknowledged goes into `record`; what was asked and not answered may be so or not.
async function play(host, guest, record) {
  const passcode = word();
  const made = await host.rest('POST', '/rooms', { title: 'standup', template: 'drop_in', passcode });
  if (made.status !== 201) return;
  Object.assign(record, { id: made.data.room.id, passcode, messages: [] });
  await enter(host, record.id, {});
  if (await enter(guest, record.id, { passcode })) record.guestIn = true;
  const code = await host.rest('POST', `/rooms/${record.id}/codes`, { role: 'guest', uses: 5, seconds: 600 });
  if (code.status === 201) record.code = code.data.code;
  const say = async (who) => {
    const sent = await who.rest('POST', `/rooms/${record.id}/messages`, { text: word() });
    if (sent.status === 201) record.messages.push(sent.data);
  };
  for (let n = 0; n < 1 + Math.floor(Math.random() * 6); n++) await say(n % 2 === 0 ? host : guest);
  if (Math.random() < 0.4) {
    record.maybePasscode = word();
    if ((await host.rest('POST', `/rooms/${record.id}/passcode`, { passcode: record.maybePasscode })).status === 200) {
      record.passcode = record.maybePasscode;
      record.maybePasscode = undefined;
    }
  }
  if (Math.random() < 0.3 && (await host.rest('POST', `/rooms/${record.id}/kick`, { user: guest.id, banSeconds: 600 })).status === 200)
    record.banned = true;
  if (Math.random() < 0.2) return; // goes on; the next one takes the host out of it
  record.ending = true;
  if ((await host.rest('POST', `/rooms/${record.id}/end_call`, {})).status === 200) record.ended = true;
}

export async function loadRooms(host, guest, alive) {
  const told = [];
  while (alive()) {
    const record = {};
    try {
      await play(host, guest, record);
    } catch { /* the server is gone in the middle of a request: nothing was told */ }
    if (record.id) told.push(record);
    for (const who of alive() && record.id ? [guest, host] : [])
      await who.rest('POST', `/rooms/${record.id}/leave`, {}).catch(() => {});
  }
  return told;
}

async function checkMessages(host, room, record) {
  const found = await host.rest('GET', `/rooms/${record.id}/messages?after=0`);
  const isIn = room.people.some((leg) => leg.user === host.id && ['joined', 'reconnecting'].includes(leg.state));
  if (!isIn) return; // who is not in a room does not read it
  assert.equal(found.status, 200, found.text);
  const kept = found.data.messages;
  assert.deepEqual(kept.map((each) => each.number), kept.map((_, index) => index + 1), 'every message once, in order, without a hole');
  for (const one of record.messages) assert.equal(kept[one.number - 1]?.text, one.text, 'a message that was told is there');
}

// A live room: its passcode, its code and its ban hold for who comes now.
async function checkDoor(guest, stranger, record) {
  const rest = (who, body) => who.rest('POST', `/rooms/${record.id}/join`, body);
  assert.equal((await rest(stranger, { passcode: 'not the one' })).status, 403, 'the passcode is asked for');
  const right = [record.passcode, record.maybePasscode].filter(Boolean);
  const code = record.code;
  let came;
  for (const passcode of right) came = came?.status === 200 ? came : await rest(stranger, { passcode, code });
  assert.equal(came.status, 200, `passcode${code ? ' and join code' : ''} that were told are good: ${came.text}`);
  if (code) assert.equal(came.data.you.role, 'guest', 'the code carries its role');
  assert.equal((await stranger.rest('POST', `/rooms/${record.id}/leave`, {})).status, 200);
  if (record.banned) assert.equal((await rest(guest, { passcode: record.passcode })).status, 403, 'a ban that was told holds');
}

// After the restart. Gives how many rooms it looked at.
export async function checkRooms(host, guest, stranger, told) {
  for (const record of told) {
    const found = await host.rest('GET', `/rooms/${record.id}`);
    assert.equal(found.status, 200, `room ${record.id} was told and is gone: ${found.text}`);
    const state = found.data.room.state;
    if (record.ended) assert.ok(['ending', 'ended'].includes(state), `${record.id} was told to be ended, and is ${state}`);
    await checkMessages(host, found.data.room, record);
    if (state === 'active') assert.ok(found.data.room.passcode, 'a passcode that was told is there');
    if (state === 'active' && record.banned)
      assert.deepEqual(found.data.room.bans?.map((ban) => ban.user), [guest.id], 'a ban that was told is there');
    if (state === 'active' && !record.ending) await checkDoor(guest, stranger, record);
    for (const who of [guest, host]) await who.rest('POST', `/rooms/${record.id}/leave`, {});
  }
  return told.length;
}
