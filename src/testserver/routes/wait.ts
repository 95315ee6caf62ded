import { replyJson, TEXT_TYPE, typed } from '../answers.ts';
import { BadRequest, type Exchange, type RouteEntry } from '../exchange.ts';
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

async function delay(exchange: Exchange, wanted: string): Promise<void> {
  const waitMs = durationMs('duration', wanted, MAX_WAIT_MS);
  await pause(waitMs);
  const timing = `initial_delay;dur=${waitMs.toFixed(2)};desc="initial delay"`;
  replyJson(exchange, await echoWithBody(exchange), 200, 'Server-Timing', timing);
}

async function drip(exchange: Exchange): Promise<void> {
  const query = queryOf(exchange);
  const durationOfMs = durationMs('duration', query.get('duration') || '2s', MAX_WAIT_MS);
  const delayOfMs = durationMs('delay', query.get('delay') || '2s', MAX_WAIT_MS);
  const count = wholeNumber('numbytes', query.get('numbytes') || '10', 1, MAX_ANSWER_BODY);
  const code = wholeNumber('status code', query.get('code') || '200', 200, 599);
  if (durationOfMs + delayOfMs > MAX_WAIT_MS) {
    throw new BadRequest(`too much time: ${durationOfMs} ms + ${delayOfMs} ms > ${MAX_WAIT_MS} ms`);
  }
  await pause(delayOfMs);
  const body = exchange.open(code, typed(TEXT_TYPE, 'Content-Length', String(count)));
  // The k-th byte is due at k/(count-1) of the duration: no error adds up, however short the steps.
  const startedMs = performance.now();
  for (let sent = 0; sent < count; ) {
    const share = durationOfMs === 0 ? 1 : (performance.now() - startedMs) / durationOfMs;
    const due = Math.min(count, Math.floor(share * (count - 1)) + 1);
    if (due > sent) {
      if (!(await written(body, Buffer.alloc(Math.min(due - sent, 65_536), '*')))) return;
      sent += Math.min(due - sent, 65_536);
    }
    if (sent < count && sent >= due) {
      const nextMs = (sent / (count - 1)) * durationOfMs - (performance.now() - startedMs);
      await pause(Math.max(1, nextMs));
    }
  }
  body.end();
}
