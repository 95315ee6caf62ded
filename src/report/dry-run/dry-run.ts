import { mostAt, parseTarget, ratePerS } from '../../fetch/index.ts';
import type { Limits, Report, Row, Tables } from '../report.ts';
import { dryRunOfRequest, needsTheRun, type RequestDryRun, unknownDryRun } from './request.ts';

/** What a report would do, as far as that is known without an answer. */
export interface DryRun {
  readonly requests: readonly RequestDryRun[];
  /** The time that the rates alone require; 0 without a rate. Pages and retries add to it. */
  readonly byRateMs: number;
  /** GETs one after the other on the busiest slot: the time is as many times an answer's. */
  readonly rounds: number;
}

/** Looks ahead; `seen` is called for each row that it looks at. @throws ReportError for rows that can't be read or lack a column. */
export async function dryRunOf(
  report: Report,
  tables: Pick<Tables, 'rows'>,
  seen: () => void = () => {},
): Promise<DryRun> {
  const requests: RequestDryRun[] = [];
  for (const [at, request] of report.requests.entries()) {
    const from = request.rows ?? report.rows;
    if (needsTheRun(request, report.requests.slice(0, at))) requests.push(unknownDryRun(request));
    else
      requests.push(
        await dryRunOfRequest(request, from === null ? oneRow() : tables.rows(from), report, seen),
      );
  }
  return { requests, ...leastTime(requests, report.limits) };
}

/** Without rows a request is made once. */
async function* oneRow(): AsyncGenerator<Row> {
  yield {};
}

/** What the limits make of the time at least: requests run one after the other, the GETs of each side by side. */
function leastTime(
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
