import { replyJson, replyText } from '../answers.ts';
import type { RouteEntry, ServerExchange } from '../exchange.ts';
import { MAX_WAIT_MS } from '../limits.ts';
import { pause } from '../writing.ts';
import { durationMs, queryOf, wholeNumber } from './parameters.ts';
import { echoWithBody } from './posted.ts';

const MOST_TOGETHER = 100_000;

/** An answer that shows by itself that a client is concurrent. Each server has its own, for requests wait here for each other. */
export function togetherRoute(): RouteEntry {
  const waiting = new Map<number, ((complete: boolean) => void)[]>();

  /** True once so many wait; false when they did not come in time. */
  function gathered(count: number): Promise<boolean> {
    return new Promise((resolve) => {
      const group = waiting.get(count) ?? [];
      waiting.set(count, group);
      group.push(resolve);
      if (group.length >= count) {
        waiting.delete(count);
        for (const answer of group) answer(true);
      } else
        void pause(MAX_WAIT_MS).then(() => {
          if (waiting.get(count) === group) group.splice(group.indexOf(resolve), 1);
          resolve(false);
        });
    });
  }

  async function together(exchange: ServerExchange, wanted: string): Promise<void> {
    const count = wholeNumber('count', wanted, 1, MOST_TOGETHER);
    const waitMs = durationMs('delay', queryOf(exchange).get('delay') || '0', MAX_WAIT_MS);
    if (!(await gathered(count))) return replyText(exchange, 503, `fewer than ${count} were here at once`);
    await pause(waitMs);
    replyJson(exchange, await echoWithBody(exchange));
  }

  return {
    pattern: '/together/:count',
    about:
      '?delay=0.1: the request, when so many wait here at once, and so much later; 503 when they do not come in 10 s',
    route: together,
  };
}
