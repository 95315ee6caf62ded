// undici's lowest door: a handler per request, no stream, no promise but the one we wait for.
import { Agent } from 'undici';
import { concurrency, inSlots, keep, protocol } from './job.js';

const agent = new Agent({
  connections: concurrency,
  allowH2: protocol === 'h2',
  connect: { rejectUnauthorized: false },
});

await inSlots(
  (url, index) =>
    new Promise((resolve, reject) => {
      const { origin, pathname, search } = new URL(url);
      let status = 0;
      const chunks = [];
      agent.dispatch(
        { origin, path: pathname + search, method: 'GET' },
        {
          onRequestStart() {},
          onResponseStart(_controller, statusCode) {
            status = statusCode;
          },
          onResponseData(_controller, chunk) {
            chunks.push(chunk);
          },
          onResponseEnd() {
            keep(index, status, (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).toString());
            resolve();
          },
          onResponseError(_controller, error) {
            reject(error);
          },
        },
      );
    }),
);
