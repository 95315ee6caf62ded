import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeOf, RECORDED } from './nodes.ts';
import { of, run } from './run.ts';

/** A client that writes HTTP into sockets itself: whole, in pieces, three at once, without a length, and broken off. */
const PROGRAM = `
const net = require('net');
const http = require('http');
const server = http.createServer((request, response) => {
  if (request.url === '/chunks') { response.write('abc'); response.end('def'); }
  else if (request.url === '/none') response.writeHead(204).end();
  else if (request.url === '/broken') { response.writeHead(200, { 'content-length': 10 }).write('x'); setTimeout(() => response.destroy(), 20); }
  else if (request.url === '/never') response.destroy();
  else response.setHeader('content-length', 5).end('hello');
});
server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  const request = (path, more = '') => 'GET ' + path + ' HTTP/1.1\\r\\nHost: 127.0.0.1:' + port + '\\r\\n' + more + '\\r\\n';
  const talk = (text, isDone) => new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (data) => { answer += data; if (isDone(answer)) socket.destroy(); });
    socket.on('error', () => {}).on('close', resolve);
  });
  await talk(request('/whole'), (answer) => answer.endsWith('hello'));
  await talk(request('/chunks'), (answer) => answer.endsWith('0\\r\\n\\r\\n'));
  await talk(request('/none'), (answer) => answer.endsWith('\\r\\n\\r\\n'));
  await talk(request('/piped').repeat(3), (answer) => answer.split('hello').length === 4);
  await talk(request('/closed', 'Connection: close\\r\\n'), () => false);
  await talk(request('/broken'), () => false);
  await talk(request('/never'), () => false);
  process.exit(0);
});`;

for (const version of RECORDED) {
  const { path, skip } = nodeOf(version);
  test(`Node ${version}: HTTP that a program writes into sockets itself is seen, with its answers`, {
    skip,
  }, async () => {
    const { records, output } = await run(path, PROGRAM);
    assert.equal(output, '');
    assert.deepEqual(of('end', records)[0]?.lost, { dropped: 0, notUnderstood: 0 });
    const shown = of('exchange', records).map((each) => {
      const { pathname } = new URL(each.url!);
      const steps = [each.calledUs, each.sentUs, each.answeredUs, each.readUs];
      const seen = steps.filter((step) => typeof step === 'number');
      assert.deepEqual(
        seen,
        seen.toSorted((one, other) => one - other),
        pathname,
      );
      return [pathname, each.status, each.error ?? null, seen.length, each.ordinal];
    });
    assert.deepEqual(shown, [
      ['/whole', 200, null, 4, 0],
      ['/chunks', 200, null, 4, 0],
      ['/none', 204, null, 4, 0],
      ['/piped', 200, null, 4, 0],
      ['/piped', 200, null, 4, 1],
      ['/piped', 200, null, 4, 2],
      ['/closed', 200, null, 4, 0],
      ['/broken', 200, 'closed', 3, 0],
      ['/never', null, 'closed', 2, 0],
    ]);
  });
}
