import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeOf, RECORDED } from './nodes.ts';
import { of, run } from './run.ts';

/** As many listeners as Node bears without a warning, and what else a program could see of another one. */
const LISTENERS = `
const http = require('http');
const http2 = require('http2');
const ten = (emitter, event, own = 0) => {
  for (let i = emitter.listenerCount(event); i < 10 - own; i++) emitter.on(event, () => {});
  console.log(event, emitter.listenerCount(event), Object.keys(emitter).includes('emit'));
};
ten(process, 'exit');
const server = http.createServer((request, response) => { ten(response, 'close'); response.end('x'); });
const h2 = http2.createServer((request, response) => response.end('x'));
server.listen(0, '127.0.0.1', () => h2.listen(0, '127.0.0.1', async () => {
  await new Promise((resolve) => {
    const request = http.get({ host: '127.0.0.1', port: server.address().port }, (answer) => answer.resume().on('end', resolve));
    request.on('socket', (socket) => { ten(socket, 'connect', 2); ten(socket, 'close', 2); });
  });
  const session = http2.connect('http://127.0.0.1:' + h2.address().port);
  const stream = () => new Promise((resolve) => session.request({ ':path': '/' }).resume().on('close', resolve));
  await stream();
  ten(session, 'remoteSettings');
  await Promise.all(Array.from({ length: 40 }, stream));
  session.close();
  h2.close();
  server.close();
}));`;

const SOCKET = `
const http = require('http');
const server = http.createServer((request, response) => response.end('x'));
server.listen('own.socket', () => http.get({ socketPath: 'own.socket', path: '/x' }, (answer) => answer.resume().on('end', () => server.close())));`;

for (const version of RECORDED) {
  const { path, skip } = nodeOf(version);
  test(`Node ${version}: recording adds no listener that the program could count or Node would warn of`, {
    skip,
  }, async () => {
    const environment = { NODE_NO_WARNINGS: '0' };
    const plain = await run(path, LISTENERS, { environment, recorded: false });
    const recorded = await run(path, LISTENERS, { environment });
    const withoutPids = (text: string) => text.replaceAll(/\(node:\d+\)/g, '');
    assert.equal(withoutPids(recorded.output), withoutPids(plain.output));
    assert.equal(of('exchange', recorded.records).length, 42);
  });

  test(`Node ${version}: a connection through a Unix socket is known by its path`, { skip }, async () => {
    const { records } = await run(path, SOCKET);
    assert.equal(of('connection', records)[0]?.remote, 'unix:own.socket');
  });
}
