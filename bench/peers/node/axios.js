import { Agent } from 'node:https';
import axios from 'axios';
import { concurrency } from './job.js';
import { limited } from './limited.js';

const client = axios.create({
  httpsAgent: new Agent({
    keepAlive: true,
    maxSockets: concurrency,
    maxFreeSockets: concurrency,
    rejectUnauthorized: false,
  }),
  responseType: 'text',
  validateStatus: () => true,
});

await limited(async (url) => {
  const response = await client.get(url);
  return { status: response.status, body: response.data };
});
