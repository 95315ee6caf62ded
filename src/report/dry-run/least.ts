import { mostAt, parseTarget, ratePerS } from '../../fetch/index.ts';
import type { Limits } from '../report.ts';
import type { RequestDryRun } from './request.ts';

/** What the limits make of the time at least: requests run one after the other, the GETs of each side by side. */
export function leastTime(
  requests: readonly RequestDryRun[],
  limits: Limits,
): { readonly byRateMs: number; readonly rounds: number } {
  const most = requests.map((request) => leastOfRequest(request, limits));
  return {
    byRateMs: most.reduce((sum, { byRateMs }) => sum + byRateMs, 0),
    rounds: most.reduce((sum, { rounds }) => sum + rounds, 0),
  };
}

function leastOfRequest({ origins }: RequestDryRun, limits: Limits): { byRateMs: number; rounds: number } {
  const all = origins.reduce((sum, [, gets]) => sum + gets, 0);
  const [, busiest] = origins[0] ?? ['', 0];
  const byOrigin = origins.map(([origin, gets]) =>
    Math.ceil(gets / mostAt(parseTarget(origin), limits.perOrigin)),
  );
  return {
    rounds: Math.max(Math.ceil(all / limits.concurrency), ...byOrigin),
    byRateMs: Math.max(timeMs(all, limits.rate), timeMs(busiest, limits.perOriginRate)),
  };
}

function timeMs(gets: number, rate: Limits['rate']): number {
  return rate === null ? 0 : (gets / ratePerS(rate, 'rate')) * 1000;
}
