import { replyJson } from './answers.ts';
import type { RouteEntry } from './exchange.ts';
import type { Meter } from './meter.ts';
import { queryOf } from './routes/parameters.ts';

/** The routes that show what the server counted. */
export function statsRoutes(meter: Meter): readonly RouteEntry[] {
  return [
    {
      pattern: '/stats',
      about: 'what the server counted; ?full=1: each request as well',
      route: (exchange) =>
        replyJson(exchange, queryOf(exchange).get('full') === '1' ? meter.fullStats() : meter.stats()),
    },
    {
      pattern: '/stats/reset',
      about: 'the same, then resets the counts',
      route: (exchange) => {
        const before = meter.stats();
        meter.reset();
        replyJson(exchange, before);
      },
    },
  ];
}

/** Looking at the counts doesn't change them. */
export function isCounted(path: string): boolean {
  return path !== '/stats' && path !== '/stats/reset';
}
