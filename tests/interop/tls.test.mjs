// The stock client over TLS, over each way of transport, and certificates that change while it is connected.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { copyFileSync, readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { io } from 'socket.io-client';
import { start, temporaryFolder, until } from './support.mjs';

const next = (socket, word) => new Promise((resolve) => socket.once(word, (...args) => resolve(args)));
const folder = temporaryFolder();
after(() => folder.remove());

// A pair that is its own authority.
function pair(name) {
  const [key, cert] = [`${folder.path}/${name}.key`, `${folder.path}/${name}.pem`];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
    '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key, cert, ca: readFileSync(cert) };
}
const first = pair('first'), second = pair('second');
const shown = { key: `${folder.path}/shown.key`, cert: `${folder.path}/shown.pem` };
const show = ({ key, cert }) => { copyFileSync(key, shown.key); copyFileSync(cert, shown.cert); };
const flags = ['--tls-cert', shown.cert, '--tls-key', shown.key];
const at = (server) => server.url.replace('127.0.0.1', 'localhost');
const open = (server, ca, options) => io(at(server), { forceNew: true, reconnection: false, ca, ...options });

for (const loops of ['1', '4'])
  describe(`${loops} loops`, () => {
    let server;
    before(async () => {
      show(first);
      server = await start('echo_server', [...flags, '--loops', loops]);
      assert.match(server.url, /^https:/);
    });
    after(async () => assert.equal(await server.stop(), 0, server.errors()));

    for (const [title, transports, last] of [['default transports', undefined, 'websocket'], ['websocket only', ['websocket'], 'websocket'], ['polling only', ['polling'], 'polling']])
      test(title, async () => {
        const socket = open(server, first.ca, transports ? { transports } : {});
        await next(socket, 'connect');
        await until(`transport ${last}`, () => socket.io.engine.transport.name === last);
        const bytes = Buffer.alloc(100000, 7);
        assert.deepEqual(await socket.timeout(10000).emitWithAck('echo', { bytes }), { bytes });
        socket.close();
      });
    test('who does not trust it does not connect', async () => {
      const socket = open(server, second.ca);
      await next(socket, 'connect_error');
      assert.equal(socket.connected, false);
      socket.close();
    });
    test('SIGHUP: a bad pair is refused with the reason, a good one is shown, and nobody is dropped', async () => {
      const stays = open(server, first.ca);
      await next(stays, 'connect');
      const shows = () => new Promise((resolve, reject) => {
        const port = new URL(server.url).port;
        const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false }, () => {
          resolve(socket.getPeerCertificate().subject.CN);
          socket.destroy();
        });
        socket.on('error', reject);
      });
      assert.equal(await shows(), 'first');
      copyFileSync(second.cert, shown.cert);  // the key is still the first one's
      process.kill(server.pid, 'SIGHUP');
      await until('the refusal', () => /the old certificate stays: .*--tls-key: no key for this certificate in .*: key values mismatch/.test(server.errors()));
      assert.equal(await shows(), 'first');
      show(second);
      process.kill(server.pid, 'SIGHUP');
      await until('the new certificate', async () => (await shows()) === 'second');
      const comes = open(server, second.ca);
      await next(comes, 'connect');
      assert.equal(await comes.timeout(10000).emitWithAck('echo', 1), 1);
      assert.equal(await stays.timeout(10000).emitWithAck('echo', 2), 2);
      stays.close();
      comes.close();
    });
  });
