// docs/signaling.md: its server, its stock client and its C++ client talk to each other, and its table has every counter.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { io } from 'socket.io-client';
import { until } from '../interop/support.mjs';

const page = readFileSync(process.env.SIGNALING_PAGE, 'utf8');
const [, script] = /```js\n(.*?)```/s.exec(page);

const children = [];
// A program; what it said is in `lines`, and the end of its input ends it.
function run(program, ...args) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (data) => { said += data; });
  const exited = new Promise((resolve) => child.on('exit', resolve));
  children.push(child);
  return {
    lines: () => said.split('\n').slice(0, -1),
    say: (line) => child.stdin.write(`${line}\n`),
    end: () => { child.stdin.end(); return exited; },
  };
}

let server, url;
const sockets = [];
// The page's stock client, with the real address.
function runScript(text) {
  const lines = [];
  const keep = (...args) => { sockets.push(io(...args)); return sockets.at(-1); };
  new Function('io', 'console', text.replace(/^import .*$/m, '').replace('http://127.0.0.1:3000', url))(keep, { log: (...words) => lines.push(words) });
  return { lines, hears: (...words) => until(JSON.stringify(words), () => lines.some((line) => JSON.stringify(line) === JSON.stringify(words))) };
}

before(async () => {
  server = run(process.env.SIGNALING_SERVER, '0');
  url = await until('the address', () => server.lines()[0]);
});
after(async () => {
  for (const socket of sockets) socket.close();
  const code = await server.end();
  for (const child of children) child.kill();  // of a test that failed
  assert.equal(code, 0);
});

test('a stock client and ours, through the hub', async () => {
  const alice = runScript(script);
  await alice.hears('join:', 'ok');
  const bob = run(process.env.SIGNALING_CLIENT, url);
  await until('the echo', () => bob.lines().includes('echo: 42'));
  await alice.hears('bob', 'said', 'hello');
  server.say('the tide is in');
  await alice.hears('news:', 'the tide is in');
  await until('the news', () => bob.lines().includes('news: the tide is in'));
  assert.equal(await bob.end(), 0);
  const states = bob.lines().filter((line) => /^(connecting|connected|waiting|closed)/.test(line)).map((line) => line.split(':')[0]);
  assert.deepEqual(states, ['connecting', 'connected', 'closed']);
});

test('a token that nobody has is refused', async () => {
  await runScript(script.replace('token-of-alice', 'token-of-eve')).hears('refused:', 'nobody has this token', { code: 'unauthenticated' });
});

test('the table has the counters of /metrics with their words, no more and no less', async () => {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = (from, pattern) => [...from.matchAll(pattern)].map(([, name, words]) => `${name} ${words}`).sort();
  assert.deepEqual(found(page, /^\| `(zegocall_\w+)` \| (.*) \|$/gm), found(text, /^# HELP (\S+) (.*)$/gm));
  const [, now] = /^\| Now \|.*?\n(.*?)\n\n/ms.exec(page);
  const names = (from, pattern) => [...from.matchAll(pattern)].map(([, name]) => name).sort();
  assert.deepEqual(names(now, /`(zegocall_\w+)`/g), names(text, /^# TYPE (\S+) gauge$/gm));
});
