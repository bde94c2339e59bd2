// What the JavaScript tests share: start a server on a free port, talk to ring_server's REST half, wait for conditions.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { randomBytes } from 'node:crypto';
import { io } from 'socket.io-client';

export const secrets = {
  ZEGO_APP_ID: '1234567890', ZEGO_SERVER_SECRET: 'zegocall-test-secret-0123456789a', JWT_SECRET: 'zegocall-test-jwt-secret-0123456789-abcdef',
  LOGIN_PER_MINUTE: '0', // many people register from this one address
  ZEGO_API_URL: 'http://127.0.0.1:9',  // nobody: no test talks to the provider
};

export const bin = (name) => {
  const folder = process.env.ZEGOCALL_BIN;
  if (!folder) throw new Error('ZEGOCALL_BIN is not set: run these tests through ctest');
  return join(folder, name);
};

export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'zegocall-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

// Flags for every server of a run: the same tests with several loops, say.
const everyServer = (process.env.ZEGOCALL_SERVER_FLAGS ?? '').split(' ').filter(Boolean);

// Starts a program and waits for its ready line. stop() sends SIGTERM and gives the exit code; kill() is kill -9.
export async function start(name, args = [], env = {}) {
  const child = spawn(bin(name), ['--port', '0', ...everyServer, ...args], { env: { ...process.env, ...secrets, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data) => { errors = (errors + data).slice(-20000); });
  const exited = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
  const url = await new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => line.startsWith('listening on ') && resolve(line.slice('listening on '.length)));
    exited.then(({ code }) => reject(new Error(`${name} ended with ${code} before it listened: ${errors}`)));
  });
  return {
    url, pid: child.pid, errors: () => errors, exited,
    stop: async () => { child.kill('SIGTERM'); return (await exited).code; },
    kill: async () => { child.kill('SIGKILL'); await exited; },
  };
}

// Waits until `test` gives something true; fails loudly after `ms`.
export async function until(what, test, ms = 10000) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await test();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain for: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export class Person {
  static #count = 0;
  constructor(url, name = `p${++Person.#count}${randomBytes(3).toString('hex')}`, device = `d-${randomBytes(4).toString('hex')}`) {
    Object.assign(this, { url, name, device, password: 'correct horse battery', heard: [] });
  }
  async rest(method, path, body, headers = {}) {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method, headers: { ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}), 'Content-Type': 'application/json', 'X-Device-Id': this.device, ...headers },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    let answer = null;
    try { answer = JSON.parse(text); } catch { /* the caller looks at text */ }
    return { status: response.status, headers: response.headers, text, body: answer, data: answer?.data };
  }
  #keep({ status, data, text }) {
    if (status >= 300) throw new Error(`${this.name}: ${status} ${text}`);
    Object.assign(this, { id: data.user._id, card: data.user, token: data.accessToken, refreshToken: data.refreshToken });
    return this;
  }
  async register() {
    return this.#keep(await this.rest('POST', '/users/register', {
      fullName: `Full ${this.name}`, username: this.name, email: `${this.name}@example.test`, password: this.password, confirmPassword: this.password,
    }));
  }
  async login() { return this.#keep(await this.rest('POST', '/users/login', { username: this.name, password: this.password })); }
  // A second tab of the same person.
  tab(device = `d-${randomBytes(4).toString('hex')}`) {
    return Object.assign(new Person(this.url, this.name, device), { id: this.id, card: this.card, token: this.token, refreshToken: this.refreshToken });
  }
  async connect(options = {}) {
    const heard = this.heard;
    this.socket = io(this.url, { auth: { token: this.token, device: this.device }, forceNew: true, reconnection: false, ...options });
    this.socket.onAny((word, ...args) => heard.push({ word, args, at: Date.now() }));
    await new Promise((resolve, reject) => {
      this.socket.once('connect', resolve);
      this.socket.once('connect_error', reject);
    });
    return this;
  }
  said(word, callId) {
    return this.heard.filter((event) => event.word === word && (!callId || event.args[0]?.callId === callId)).map((event) => event.args[0]);
  }
  async hears(word, callId, ms) { return (await until(`${this.name} hears ${word}`, () => this.said(word, callId)[0], ms)); }
  async chatWith(other) { return (await this.rest('POST', '/chats', { participants: [this.id, other.id], chatType: 'direct' })).data._id; }
  async ring(other, callType = 'video', headers = {}) {
    return this.rest('POST', '/calls/initiate', { receiverId: other.id, chatId: await this.chatWith(other), callType }, headers);
  }
  async history() { return (await this.rest('GET', '/calls/history')).data.calls; }
  close() { this.socket?.disconnect(); }
}
