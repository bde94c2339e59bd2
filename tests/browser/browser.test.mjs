// Two pages in Chromium with fake media call each other over real WebRTC. Runs in a network namespace with loopback alone.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, beforeEach, test } from 'node:test';
import { chromium } from 'playwright-core';
import { start, temporaryFolder, until } from '../interop/support.mjs';

const clock = process.env.ZEGOCALL_TEST_CLOCK === 'ON';
const pictures = process.env.ZEGOCALL_PICTURES;
let server, folder, browser;

before(async () => {
  folder = temporaryFolder();
  server = await start('ring_server', ['--db', `${folder.path}/ring.db`, ...(clock ? ['--test-clock'] : [])]);
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--allow-loopback-in-peer-connection'],
  });
  if (pictures) mkdirSync(pictures, { recursive: true });
});
after(async () => {
  await browser?.close();
  const code = await server.stop();
  folder.remove();
  assert.equal(code, 0, server.errors());
});

let serial = 0;
const contexts = [];
beforeEach(async () => { for (const context of contexts.splice(0)) await context.close(); });

class Tab {
  static async open(options = {}) {
    const context = await browser.newContext({ permissions: ['camera', 'microphone'], viewport: { width: 1280, height: 800 }, ...options });
    contexts.push(context);
    const tab = new Tab();
    tab.page = await context.newPage();
    tab.errors = [];
    tab.page.on('pageerror', (error) => tab.errors.push(String(error)));
    await tab.page.goto(server.url);
    return tab;
  }
  async register(name = `user${++serial}`) {
    this.name = name;
    await this.page.getByRole('button', { name: 'I am new here' }).click();
    await this.page.getByLabel('Full name').fill(`Person ${name}`);
    await this.page.getByLabel('User name').fill(name);
    await this.page.getByLabel('E-mail').fill(`${name}@example.test`);
    await this.page.getByLabel('Password').fill('correct horse battery');
    await this.page.getByRole('button', { name: 'Register' }).click();
    await this.page.locator('#link.on').waitFor();
    return this;
  }
  async login(name) {
    this.name = name;
    await this.page.getByLabel('User name').fill(name);
    await this.page.getByLabel('Password').fill('correct horse battery');
    await this.page.keyboard.press('Enter');
    await this.page.locator('#link.on').waitFor();
    return this;
  }
  call(other, kind = 'Video') { return this.page.getByRole('button', { name: `${kind} call to Person ${other.name}` }).click(); }
  state(wanted, timeout = 20000) { return this.page.locator(`#call[data-state="${wanted}"]`).waitFor({ timeout }); }
  closed() { return this.page.locator('#call:not([open])').waitFor({ state: 'attached', timeout: 20000 }); }
  press(name) { return this.page.getByRole('button', { name, exact: true }).click(); }
  decoded() {
    return this.page.evaluate(async () => {
      for (const report of (await window.ring.call.stats())?.values() ?? []) if (report.type === 'inbound-rtp' && report.kind === 'video') return report.framesDecoded;
      return 0;
    });
  }
  notice() { return this.page.locator('#notice').innerText(); }
  async newest() {
    await this.page.locator('#history li').first().waitFor();
    return this.page.locator('#history li').first().evaluate((row) => ({ ...row.dataset, text: row.innerText }));
  }
  async picture(name) { if (pictures) await this.page.screenshot({ path: `${pictures}/${name}.png` }); }
}

const pair = async () => {
  const [a, b] = [await Tab.open(), await Tab.open()];
  await a.register();
  await b.register();
  await a.page.locator(`#people li[data-user="${b.name}"]`).waitFor({ timeout: 20000 });
  await b.page.locator(`#people li[data-user="${a.name}"]`).waitFor({ timeout: 20000 });
  return [a, b];
};
const quiet = (...tabs) => tabs.forEach((tab) => assert.deepEqual(tab.errors, [], `${tab.name}: no script error`));

test('two pages call, see each other, hang up', async () => {
  const [a, b] = await pair();
  await a.picture('home-wide');
  await a.call(b);
  await b.state('ringing');
  await b.picture('ringing-wide');
  await b.press('Accept');
  await Promise.all([a.state('active'), b.state('active')]);
  for (const tab of [a, b]) await until(`${tab.name} decodes 30 frames`, async () => (await tab.decoded()) >= 30, 30000);
  await a.press('Mute');
  assert.equal(await a.page.getByRole('button', { name: 'Unmute' }).getAttribute('aria-pressed'), 'true');
  await a.press('Camera off');
  await a.press('Camera on');
  await a.picture('active-wide');
  await b.page.setViewportSize({ width: 390, height: 800 });
  await b.picture('active-narrow');
  await a.press('Hang up');
  await Promise.all([a.closed(), b.closed()]);
  for (const tab of [a, b]) {
    const left = await tab.page.evaluate(() => window.ring.call.closed);
    assert.equal(left.connection, 'closed');
    assert.ok(left.tracks.length === 2 && left.tracks.every((state) => state === 'ended'), JSON.stringify(left));
  }
  await until('both histories are there', async () => (await a.page.locator('#history li').count()) && (await b.page.locator('#history li').count()));
  const [mine, theirs] = [await a.newest(), await b.newest()];
  for (const field of ['call', 'status', 'reason', 'duration']) assert.equal(mine[field], theirs[field], field);
  assert.deepEqual([mine.status, mine.reason], ['ended', 'normal']);
  await b.picture('home-narrow');
  quiet(a, b);
});

test('declined, with the keyboard', async () => {
  const [a, b] = await pair();
  await a.call(b, 'Voice');
  await b.state('ringing');
  assert.equal(await b.page.evaluate(() => document.activeElement.id), 'accept', 'the first key press answers');
  await b.page.keyboard.press('Tab');
  await b.page.keyboard.press('Enter');
  await Promise.all([a.closed(), b.closed()]);
  assert.match(await a.notice(), /declined/);
  await until('the history says so', async () => (await a.newest()).status === 'declined');
  quiet(a, b);
});

test('no answer', { skip: clock ? false : 'this build has no test clock' }, async () => {
  const [a, b] = await pair();
  await a.call(b);
  await b.state('ringing');
  const answer = await a.page.evaluate(async () => (await fetch('/test/advance', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"ms":60001}' })).status);
  assert.equal(answer, 200);
  await Promise.all([a.closed(), b.closed()]);
  assert.match(await a.notice(), /no answer/);
  await until('the callee has a missed call', async () => (await b.newest()).missed === 'true');
  quiet(a, b);
});

test('the caller closes the tab while it rings', { skip: clock ? false : 'this build has no test clock' }, async () => {
  const [a, b] = await pair();
  await a.call(b);
  await b.state('ringing');
  await a.page.close();
  await until('the server has seen it', async () => (await b.page.evaluate(async (name) => {
    const api = await import('/api.js');
    return (await api.online()).every((card) => card.username !== name);
  }, a.name)));
  await b.page.evaluate(async () => { await fetch('/test/advance', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"ms":31000}' }); });
  await b.closed();
  await until('a missed call', async () => (await b.newest()).missed === 'true');
  quiet(b);
});

test('both call each other at once and end up talking', async () => {
  const [a, b] = await pair();
  await Promise.all([a.call(b), b.call(a)]);
  await Promise.all([a.state('active', 30000), b.state('active', 30000)]);
  for (const tab of [a, b]) await until(`${tab.name} decodes`, async () => (await tab.decoded()) >= 5, 30000);
  await b.press('Hang up');
  await Promise.all([a.closed(), b.closed()]);
  quiet(a, b);
});

test('two tabs of the callee: one answers, the other stops ringing', async () => {
  const [a, b] = await pair();
  const second = await (await Tab.open({ viewport: { width: 390, height: 800 } })).login(b.name);
  await a.call(b);
  await Promise.all([b.state('ringing'), second.state('ringing')]);
  await second.picture('ringing-narrow');
  await b.press('Accept');
  await second.closed();
  assert.match(await second.notice(), /another device/);
  await Promise.all([a.state('active'), b.state('active')]);
  await a.press('Hang up');
  await Promise.all([a.closed(), b.closed()]);
  quiet(a, b, second);
});

test('every refusal is shown in words', async () => {
  const tab = await Tab.open({ viewport: { width: 390, height: 800 } });
  await tab.picture('sign-in-narrow');
  await tab.page.getByLabel('User name').fill('nobody');
  await tab.page.getByLabel('Password').fill('wrong password');
  await tab.press('Sign in');
  const error = tab.page.locator('#sign-in-error');
  await error.waitFor();
  assert.ok((await error.innerText()).length > 5);
  const width = await tab.page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `no sideways scrolling at a phone's width (${width})`);
  quiet(tab);
});
