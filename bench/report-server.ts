/** What the report's bench GETs: small answers, and large ones that were compressed once; both from memory. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync } from 'node:zlib';

/** 600 KB of JSON, of which few bytes are left: what unpacks them has a hundred times the work of what sends them. */
const rows = Array.from({ length: 6000 }, (_, id) => ({
  id,
  name: 'a service',
  state: 'up',
  tags: ['a', 'b', 'c'],
  n: id % 7,
}));
const json = Buffer.from(JSON.stringify({ rows }));
const ANSWERS: Readonly<Record<string, readonly [headers: Record<string, string>, body: Buffer]>> = {
  '/small': [{ 'content-type': 'application/json' }, Buffer.from('{"ok":true}')],
  '/large': [{ 'content-type': 'application/json', 'content-encoding': 'br' }, brotliCompressSync(json)],
};

const server = createServer((request, response) => {
  const path = request.url!.split('?', 1)[0]!;
  if (path === '/cpu') {
    const { user, system } = process.cpuUsage();
    response.end(
      JSON.stringify({
        cpuMs: (user + system) / 1000,
        bytes: json.length,
        sent: ANSWERS['/large']![1].length,
      }),
    );
    return;
  }
  const [headers, body] = ANSWERS[path] ?? [{}, Buffer.from('')];
  response.writeHead(body.length === 0 ? 404 : 200, { ...headers, 'content-length': body.length }).end(body);
});
server.listen(0, '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
process.on('disconnect', () => process.exit());
