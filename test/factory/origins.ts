import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Conduct } from './mechanisms.ts';

/** What the servers of one program counted of the requests that it is about; logins and log posts are not counted. */
export interface Counted {
  readonly requests: number;
  readonly refused: number;
  /** From the first one's head to the last one's end, in milliseconds. */
  readonly spanMs: number;
  /** In flight, over the time in which at least one was. */
  readonly mean: number;
  readonly max: number;
}

/** The servers of one program. */
export interface Origins {
  /** 'http://127.0.0.1:PORT', one for each. */
  readonly urls: readonly string[];
  counted(): Counted;
  close(): Promise<void>;
}

interface Span {
  readonly fromMs: number;
  toMs: number;
}

/**
 * Starts so many servers, which count together. `/item/ID?ms=DELAY` answers after that time; `/page/ID?ms=DELAY&n=PAGES`
 * names the next page, which cannot be guessed; `/login` and `/log` are answered alike and not counted.
 */
export async function startOrigins(count: number, conduct: Conduct = {}): Promise<Origins> {
  const spans: Span[] = [];
  const pages = new Map<string, number>([['first', 0]]);
  const waiting: (() => void)[] = [];
  let refused = 0;
  let working = 0;
  let windowFromMs = Number.NEGATIVE_INFINITY;
  let inWindow = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, 'http://localhost');
    const [, kind, id] = url.pathname.split('/');
    if (kind !== 'item' && kind !== 'page') return answer(url, response, { ok: true });
    const span: Span = { fromMs: performance.now(), toMs: Number.POSITIVE_INFINITY };
    spans.push(span);
    response.once('close', () => {
      span.toMs = performance.now();
    });
    if (isTooMany()) {
      refused++;
      response.writeHead(429, { 'Retry-After': '1' }).end('too many requests');
      return;
    }
    await turn();
    await answer(url, response, kind === 'page' ? pageOf(id!, url) : itemOf(id!));
    done();
  }

  function isTooMany(): boolean {
    if (conduct.most === undefined) return false;
    const nowMs = performance.now();
    if (nowMs - windowFromMs > conduct.windowMs!) {
      windowFromMs = nowMs;
      inWindow = 0;
    }
    return ++inWindow > conduct.most;
  }

  function turn(): Promise<void> | void {
    if (conduct.atATime === undefined || working < conduct.atATime) working++;
    else return new Promise((resolve) => waiting.push(resolve));
  }

  function done(): void {
    const next = waiting.shift();
    if (next === undefined) working--;
    else next();
  }

  function pageOf(id: string, url: URL): object {
    const index = pages.get(id) ?? 0;
    const next = createHash('sha256').update(`${id} follows`).digest('hex').slice(0, 12);
    pages.set(next, index + 1);
    const isLast = index + 1 >= Number(url.searchParams.get('n'));
    return { ...itemOf(id), next: isLast ? null : `/page/${next}${url.search}` };
  }

  const servers = await Promise.all(
    Array.from({ length: count }, () => listen(createServer({ keepAliveTimeout: 60_000 }, serve))),
  );
  return {
    urls: servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    counted: () => ({ ...countOf(spans), refused }),
    close: async () => {
      await Promise.all(servers.map(closed));
    },
  };
}

/** Nothing in it is a part of another item's URL. */
function itemOf(id: string): object {
  const text = createHash('sha256').update(`text of ${id}`).digest('base64');
  return { text: text.repeat(20) };
}

function answer(url: URL, response: ServerResponse, body: object): Promise<void> {
  const text = JSON.stringify(body);
  // A client that is no more than a socket reads no chunks.
  const head = { 'Content-Type': 'application/json', 'Content-Length': text.length };
  return new Promise((resolve) => {
    const timer = setTimeout(
      () => {
        response.writeHead(200, head).end(text, resolve);
      },
      Number(url.searchParams.get('ms') ?? 0),
    );
    response.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function countOf(spans: readonly Span[]): Omit<Counted, 'refused'> {
  const nowMs = performance.now();
  const steps = spans
    .flatMap(({ fromMs, toMs }) => [
      { atMs: fromMs, change: 1 },
      { atMs: Math.min(toMs, nowMs), change: -1 },
    ])
    .sort((a, b) => a.atMs - b.atMs || a.change - b.change);
  let inFlight = 0;
  let max = 0;
  let areaMs = 0;
  let busyMs = 0;
  steps.forEach(({ atMs, change }, index) => {
    inFlight += change;
    max = Math.max(max, inFlight);
    const forMs = (steps[index + 1]?.atMs ?? atMs) - atMs;
    areaMs += inFlight * forMs;
    if (inFlight > 0) busyMs += forMs;
  });
  const spanMs = steps.length === 0 ? 0 : steps.at(-1)!.atMs - steps[0]!.atMs;
  return { requests: spans.length, spanMs, mean: busyMs === 0 ? 0 : areaMs / busyMs, max };
}

function listen(server: Server): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen({ host: '127.0.0.1', port: 0, backlog: 512 }, () => resolve(server));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
