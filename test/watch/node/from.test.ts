import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeOf, RECORDED } from './nodes.ts';
import { of, run } from './run.ts';

/** Pages that lead to one another, a list with its items, and URLs that the program makes itself. */
const PROGRAM = `
const http = require('http');
const http2 = require('http2');
const zlib = require('zlib');
const cursors = Array.from({ length: 4 }, (_, i) => 'c' + (i * 7919 + 12345).toString(36));
const answer = (url) => {
  const { pathname, searchParams } = new URL(url, 'http://x');
  if (pathname === '/pages') return { next: cursors[cursors.indexOf(searchParams.get('cursor')) + 1] };
  if (pathname === '/list') return { things: [{ id: 1, slug: 'first-thing' }, { id: 2, slug: 'second-thing' }] };
  return { url, count: 3, all: [1, 2, 3, 4, 5, 6] };
};
const server = (process.env.WAY.startsWith('http2') ? http2 : http).createServer((request, response) => {
  const body = JSON.stringify(answer(request.url));
  response.setHeader('content-type', 'application/json');
  if (process.env.GZIP !== '') response.setHeader('content-encoding', 'gzip');
  response.end(process.env.GZIP === '' ? body : zlib.gzipSync(body));
});
server.listen(0, '127.0.0.1', async () => {
  const at = 'http://127.0.0.1:' + server.address().port;
  const fetched = async (path) => Buffer.from(await (await fetch(at + path)).arrayBuffer());
  const got = (path) => new Promise((resolve) => http.get(at + path, (answer) => {
    const chunks = [];
    answer.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
      const body = Buffer.concat(chunks);
      resolve(process.env.GZIP === '' ? body : zlib.gunzipSync(body));
    });
  }));
  const stream = (path) => session.request({ ':path': path });
  const read = (answer) => new Promise((resolve) => {
    let body = '';
    answer.setEncoding('latin1').on('data', (text) => { body += text; }).on('end', () => {
      resolve(process.env.GZIP === '' ? body : zlib.gunzipSync(Buffer.from(body, 'latin1')));
    });
  });
  const iterated = async (answer) => {
    const chunks = [];
    for await (const chunk of answer) chunks.push(chunk);
    return process.env.GZIP === '' ? Buffer.concat(chunks) : zlib.gunzipSync(Buffer.concat(chunks));
  };
  const session = process.env.WAY.startsWith('http2') ? http2.connect(at) : undefined;
  const ways = {
    fetch: fetched,
    http: got,
    http2: (path) => read(stream(path)),
    'http2, iterated': (path) => iterated(stream(path)),
  };
  const get = async (path) => JSON.parse(await ways[process.env.WAY](path));
  for (let next = cursors[0]; next; ) next = (await get('/pages?cursor=' + next)).next;
  const { things } = await get('/list');
  for (const { id } of things) await get('/number/' + id);
  for (const { slug } of things) await get('/thing/' + slug);
  for (let i = 3; i < 6; i++) await get('/own?k=' + i);
  process.exit(0);
});`;

for (const version of RECORDED) {
  const { path, skip } = nodeOf(version);
  for (const way of ['fetch', 'http', 'http2', 'http2, iterated'])
    for (const gzip of ['', '1'])
      test(`Node ${version}, ${way}${gzip && ', compressed'}: an exchange names the answers that held a part of its URL, or none`, {
        skip,
      }, async () => {
        const { records } = await run(path, PROGRAM, { environment: { WAY: way, GZIP: gzip } });
        assert.deepEqual(of('end', records)[0]?.lost, { dropped: 0, notUnderstood: 0 });
        const from = of('exchange', records)
          .toSorted((one, other) => one.id - other.id)
          .map((each) => each.from);
        assert.deepEqual(from, [[], [1], [2], [3], [], [5], [5], [5], [5], [], [], []]);
        assert.ok(!JSON.stringify(records.filter(({ kind }) => kind !== 'exchange')).includes('first-thing'));
      });
}
