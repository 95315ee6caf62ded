import { Agent } from 'node:https';
import got from 'got';
import { concurrency } from './job.js';
import { limited } from './limited.js';

const client = got.extend({
  agent: { https: new Agent({ keepAlive: true, maxSockets: concurrency, maxFreeSockets: concurrency }) },
  https: { rejectUnauthorized: false },
  retry: { limit: 0 },
  throwHttpErrors: false,
});

await limited(async (url) => {
  const response = await client(url);
  return { status: response.statusCode, body: response.body };
});
