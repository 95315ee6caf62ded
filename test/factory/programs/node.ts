import type { Program } from '../program.ts';
import { type Bodies, clientOf, linesOf, openingOf, type Text, timeoutOf } from './text.ts';

const ALL_AT_ONCE = `
async function work() {
  await Promise.all(URLS.map((url) => get(url)));
}`;

const SERVER = (fetching: string) => `
function work() {
  return new Promise((resolve) => {
    const server = require('node:http').createServer(async (request, response) => {
      if (request.url === '/quit') {
        response.end('0');
        server.close(resolve);
        server.closeAllConnections();
        return;
      }
      const answers = [];
      ${fetching}
      response.end(String(answers.length));
    });
    server.listen(Number(process.env.PORT), '127.0.0.1');
  });
}`;

const BODIES: Bodies = {
  none: ALL_AT_ONCE,
  connections: ALL_AT_ONCE,
  'server-queues': ALL_AT_ONCE,
  loop: `
async function work() {
  for (const url of URLS) await get(url);
}`,
  unread: `
PEEK

async function work() {
  for (const url of URLS) await peek(url);
  process.exit(0);
}`,
  lock: `
let last = Promise.resolve();

function locked(job) {
  const mine = last.then(job);
  last = mine.catch(() => {});
  return mine;
}

async function work() {
  await Promise.all(URLS.map((url) => locked(() => get(url))));
}`,
  pool: `
async function pooled(items, size, job) {
  const running = new Set();
  for (const item of items) {
    const one = job(item).finally(() => running.delete(one));
    running.add(one);
    if (running.size >= size) await Promise.race(running);
  }
  await Promise.all(running);
}

async function work() {
  await pooled(URLS, K_AT_A_TIME, get);
}`,
  queue: `
async function work() {
  const waiting = [...URLS];
  async function worker() {
    while (waiting.length > 0) await get(waiting.shift());
  }
  await Promise.all(Array.from({ length: K_AT_A_TIME }, worker));
}`,
  batch: `
async function work() {
  for (let start = 0; start < URLS.length; start += K_AT_A_TIME) {
    await Promise.all(URLS.slice(start, start + K_AT_A_TIME).map((url) => get(url)));
  }
}`,
  'blocking-call': `
const { execFileSync } = require('node:child_process');

async function viaCurl(url) {
  return execFileSync('curl', ['-s', url]).toString();
}

async function work() {
  await Promise.all(URLS.map((url) => viaCurl(url)));
}`,
  sleep: `
function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

async function gently(url) {
  await null;
  pause(100);
  return get(url);
}

async function work() {
  await Promise.all(URLS.map((url) => gently(url)));
}`,
  compute: `
function parse(text) {
  const until = process.cpuUsage().user + 150_000;
  let total = 0;
  while (process.cpuUsage().user < until) for (const one of text) total += one.charCodeAt(0);
  return total;
}

async function work() {
  const waiting = [...URLS];
  async function visitor() {
    while (waiting.length > 0) {
      const [, text] = await get(waiting.shift());
      parse(text);
    }
  }
  await Promise.all([visitor(), visitor(), visitor()]);
}`,
  throttle: `
async function patient(url) {
  for (;;) {
    const [status, text] = await get(url);
    if (status !== 429) return text;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function work() {
  await Promise.all(URLS.map(patient));
}`,
  pages: `
async function work() {
  let page = \`\${BASE}/page/first?ms=\${FIRST_MS}&n=\${URLS.length}\`;
  while (page) {
    const [, text] = await get(page);
    const { next } = JSON.parse(text);
    page = next && BASE + next;
  }
}`,
  beside: `
async function postLogs() {
  for (let i = 0; i < 5; i++) await get(\`\${BASE}/log?ms=50\`);
}

async function work() {
  const logger = postLogs();
  await Promise.all(URLS.map((url) => get(url)));
  await logger;
}`,
  'burst-after': `
async function work() {
  for (const url of URLS) await get(url);
  await Promise.all(URLS.map((url) => get(url)));
}`,
  'own-limiter': `
class Turnstile {
  constructor(places) {
    this.free = places;
    this.line = [];
  }

  async enter() {
    if (this.free > 0) this.free--;
    else await new Promise((resolve) => this.line.push(resolve));
  }

  leave() {
    const next = this.line.shift();
    if (next) next();
    else this.free++;
  }
}

const turnstile = new Turnstile(K_AT_A_TIME);

async function passing(url) {
  await turnstile.enter();
  try {
    return await get(url);
  } finally {
    turnstile.leave();
  }
}

async function work() {
  await Promise.all(URLS.map(passing));
}`,
  'own-lock': `
const { EventEmitter, once } = require('node:events');

const bell = new EventEmitter().setMaxListeners(100);
let turn = 0;

async function passing(url, number) {
  while (turn !== number) await once(bell, 'ring');
  try {
    return await get(url);
  } finally {
    turn++;
    bell.emit('ring');
  }
}

async function work() {
  await Promise.all(URLS.map(passing));
}`,
  paced: `
async function work() {
  const going = [];
  for (const url of URLS) {
    going.push(get(url));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await Promise.all(going);
}`,
  timeouts: `
async function work() {
  await Promise.allSettled(URLS.map((url) => get(url)));
}`,
  'serves-in-turn': SERVER('for (const url of URLS) answers.push(await get(url));'),
  'serves-at-once': SERVER('answers.push(...(await Promise.all(URLS.map((url) => get(url)))));'),
};

/** A Node program. */
export function node(program: Program): Text {
  const { head, get, close } = clientOf(program);
  const source = `
const { readFileSync } = require('node:fs');
${head}

const BASE = process.env.BASE;
const URLS = readFileSync('urls.txt', 'utf8').split('\\n').filter(Boolean);
const TIMEOUT = ${1000 * timeoutOf(program)};
const FIRST_MS = ${program.delaysMs[0]};
const client = ${openingOf(program) ?? 'null'};
${get}

${linesOf(BODIES, program)}

async function main() {
  ${program.login ? 'await get(`${BASE}/login?ms=80`);' : ''}
  await work();
  ${close ?? ''}
}

main();
`;
  return { file: 'program.cjs', language: 'node', source };
}
