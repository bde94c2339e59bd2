// What the protocol tests share: bare requests and WebSockets, so that every byte on the wire is looked at.
import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { start, until } from './support.mjs';

export const pingInterval = 300, pingTimeout = 200;

export const startEcho = (...more) => start('echo_server', ['--ping-interval-ms', `${pingInterval}`, '--ping-timeout-ms', `${pingTimeout}`,
  '--max-payload', '1000000', '--connect-timeout-ms', '1000', ...more]);

// Lets the server's time pass where nothing can be waited for: that something does NOT live longer.
export const pass = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A WebSocket of which messages are taken one at a time, in the order in which they came.
export class Socket {
  #kept = []; #wanted = [];
  constructor(url) {
    this.ws = new WebSocket(url.replace(/^http/, 'ws'));
    this.ws.binaryType = 'arraybuffer';
    this.opened = new Promise((resolve) => this.ws.once('open', resolve));
    this.closed = new Promise((resolve) => this.ws.once('close', resolve));
    this.ws.on('error', () => {});
    this.ws.on('message', (data, binary) => {
      const message = binary ? new Uint8Array(data) : Buffer.from(data).toString();
      if (this.#wanted.length > 0) this.#wanted.shift()(message); else this.#kept.push(message);
    });
  }
  next() {
    if (this.#kept.length > 0) return Promise.resolve(this.#kept.shift());
    return new Promise((resolve, reject) => {
      this.#wanted.push(resolve);
      this.closed.then(() => reject(new Error('closed while a message was waited for')));
    });
  }
  // The next message that is no ping.
  async said() {
    for (;;) {
      const message = await this.next();
      if (message !== '2') return message;
      this.send('3');
    }
  }
  send(...messages) { for (const message of messages) this.ws.send(message); }
  close() { this.ws.close(); }
}

// A message that came while nobody looked is lost, as for a client that takes only what comes while it waits.
export const listenOnce = (ws, event) => new Promise((resolve) => ws.once(event, (data) => resolve(event === 'message' ? `${data}` : data)));

export async function ask(url, method = 'GET', body = undefined, headers = {}, more = {}) {
  const response = await fetch(url, { method, body, headers, ...more });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, type: response.headers.get('content-type'), bytes, text: Buffer.from(bytes).toString() };
}

export async function metric(server, name) {
  const { text } = await ask(`${server.url}/metrics`);
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)[1]);
}

// Sends a GET and waits until the server has it: what is sent from then on comes behind it. Each look is a request, too. The
// answer is in an object, because a promise of a promise is waited for.
export async function pendingGet(server, url, options = {}) {
  const requests = () => metric(server, 'zegocall_net_requests_total');
  const before = await requests();
  const answer = ask(url, 'GET', undefined, {}, options);
  let looks = 0;
  await until('the server has the GET', async () => await requests() - before > ++looks);
  return { answer };
}

export function checkHandshake(packet, upgrades) {
  assert.equal(packet[0], '0');
  const open = JSON.parse(packet.slice(1));
  assert.deepEqual(Object.keys(open), ['sid', 'upgrades', 'pingInterval', 'pingTimeout', 'maxPayload']);
  assert.equal(typeof open.sid, 'string');
  assert.deepEqual({ ...open, sid: '' }, { sid: '', upgrades, pingInterval, pingTimeout, maxPayload: 1000000 });
  return open.sid;
}
