import { replyJson, TEXT_TYPE, typed } from '../answers.ts';
import { BadRequest, type RouteEntry, type ServerExchange } from '../exchange.ts';
import { MAX_ANSWER_BODY, MAX_WAIT_MS } from '../limits.ts';
import { pause, written } from '../writing.ts';
import { durationMs, queryOf, wholeNumber } from './parameters.ts';
import { echoWithBody } from './posted.ts';

/** Answers that take their time. */
export const WAITING: readonly RouteEntry[] = [
  { pattern: '/delay/:time', about: 'the request, after 0.1 (seconds) or 100ms', route: delay },
  {
    pattern: '/drip',
    about: '?numbytes=10&duration=2s&delay=2s&code=200: a body byte by byte',
    route: drip,
  },
];

async function delay(exchange: ServerExchange, wanted: string): Promise<void> {
  const waitMs = durationMs('duration', wanted, MAX_WAIT_MS);
  await pause(waitMs);
  const timing = serverTiming([['initial_delay', waitMs, 'initial delay']]);
  replyJson(exchange, await echoWithBody(exchange), 200, 'Server-Timing', timing);
}

/** Bytes written at once, at most: a fast drip of many bytes must not fill the memory. */
const CHUNK = 64 * 1024;

async function drip(exchange: ServerExchange): Promise<void> {
  const query = queryOf(exchange);
  const durationOfMs = durationMs('duration', query.get('duration') || '2s', MAX_WAIT_MS);
  const delayOfMs = durationMs('delay', query.get('delay') || '2s', MAX_WAIT_MS);
  const count = wholeNumber('numbytes', query.get('numbytes') || '10', 1, MAX_ANSWER_BODY);
  const code = wholeNumber('status code', query.get('code') || '200', 200, 599);
  if (durationOfMs + delayOfMs > MAX_WAIT_MS) {
    throw new BadRequest(`too much time: ${durationOfMs} ms + ${delayOfMs} ms > ${MAX_WAIT_MS} ms`);
  }
  await pause(delayOfMs);
  const timing = serverTiming([
    ['total_duration', delayOfMs + durationOfMs, 'total request duration'],
    ['initial_delay', delayOfMs, 'initial delay'],
    ['write_duration', durationOfMs, 'duration of writes after initial delay'],
    ['pause_per_write', durationOfMs / Math.max(1, count - 1), 'computed pause between writes'],
  ]);
  const fields = typed(TEXT_TYPE, 'Content-Length', String(count), 'Server-Timing', timing);
  const body = exchange.open(code, fields);
  // The k-th byte is due at k/(count-1) of the duration: no error adds up, however short the steps.
  const stepMs = durationOfMs / Math.max(1, count - 1);
  const startedMs = performance.now();
  for (let sent = 0; sent < count; ) {
    const sinceMs = performance.now() - startedMs;
    const due = sinceMs >= durationOfMs ? count : Math.floor(sinceMs / stepMs) + 1;
    const now = Math.min(due - sent, CHUNK);
    if (now === 0) await pause(Math.max(1, sent * stepMs - sinceMs));
    else if (!(await written(body, Buffer.alloc(now, '*')))) return;
    sent += now;
  }
  body.end();
}

/** The Server-Timing field (W3C Server Timing): name, milliseconds, description. */
function serverTiming(metrics: readonly (readonly [string, number, string])[]): string {
  return metrics.map(([name, ms, text]) => `${name};dur=${ms.toFixed(2)};desc="${text}"`).join(', ');
}
