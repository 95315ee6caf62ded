// No client: the least that Node can do. node:tls, one shared context, and a reader that knows one status line,
// content-length, and nothing else. It takes the URLs origin by origin, one connection after the other.
import { connect, createSecureContext } from 'node:tls';
import { concurrency, finish, keep, keepError, urls } from './job.js';

const secureContext = createSecureContext({ ecdhCurve: 'X25519' });
const origins = Map.groupBy(
  urls.map((url, index) => ({ ...parts(url), index })),
  ({ host }) => host,
);
const queues = [...origins.values()];
const perOrigin = Math.ceil(concurrency / queues.length);
let taken = 0;

function parts(url) {
  const slash = url.indexOf('/', 8);
  return { host: url.slice(8, slash), path: url.slice(slash) };
}

function drain(queue) {
  const [{ host }] = queue;
  const [hostname, port] = host.split(':');
  const socket = connect({ host: hostname, port, secureContext, rejectUnauthorized: false });
  socket.setNoDelay(true);
  return new Promise((resolve) => {
    let current;
    let pieces = [];
    let have = 0;
    const next = () => {
      current = queue.next < queue.length ? queue[queue.next++] : undefined;
      if (current) socket.write(`GET ${current.path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
      else socket.destroy();
    };
    socket.on('secureConnect', next).on('close', resolve);
    socket.on('error', (error) => current && keepError(current.index, error));
    let total = Infinity;
    let bodyAt = 0;
    let status = 0;
    socket.on('data', (chunk) => {
      pieces.push(chunk);
      have += chunk.length;
      if (total === Infinity) {
        const all = pieces.length === 1 ? chunk : Buffer.concat(pieces);
        pieces = [all];
        const end = all.indexOf('\r\n\r\n');
        if (end < 0) return;
        const head = all.latin1Slice(0, end);
        status = Number(head.slice(9, 12));
        bodyAt = end + 4;
        total = bodyAt + Number(/content-length: *(\d+)/i.exec(head)[1]);
      }
      if (have < total) return;
      const all = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
      keep(current.index, status, all.utf8Slice(bodyAt, total));
      pieces = [];
      have = 0;
      total = Infinity;
      next();
    });
  });
}

async function slot() {
  while (taken < queues.length * perOrigin) {
    const queue = queues[Math.floor(taken++ / perOrigin)];
    queue.next ??= 0;
    if (queue.next < queue.length) await drain(queue);
  }
}

await Promise.all(Array.from({ length: Math.min(concurrency, urls.length) }, slot));
await finish();
