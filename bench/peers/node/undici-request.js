import { Agent, request } from 'undici';
import { concurrency, inSlots, keep, protocol } from './job.js';

const dispatcher = new Agent({
  connections: concurrency,
  allowH2: protocol === 'h2',
  connect: { rejectUnauthorized: false },
});

await inSlots(async (url, index) => {
  const { statusCode, body } = await request(url, { dispatcher });
  keep(index, statusCode, await body.text());
});
