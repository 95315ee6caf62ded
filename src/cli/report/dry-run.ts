import { durationMs } from '../../fetch/index.ts';
import { type DryRun, type Report, type RequestDryRun, TEST_SERVER_TO_BE } from '../../report/index.ts';
import { count, duration, paint } from '../../view/index.ts';

/** What an answer may well take: it makes a time that people can picture of a number of rounds. */
const ANSWER_MS = 100;
const MOST_ORIGINS = 5;

/** What a report would do, for programs. */
export function dryRunJson(report: Report, dryRun: DryRun, warnings: readonly string[]): object {
  return {
    report: report.name,
    requests: dryRun.requests.map(({ origins, ...request }) => ({
      ...request,
      origins: Object.fromEntries(origins),
    })),
    atBest: { byRateMs: dryRun.byRateMs, rounds: dryRun.rounds },
    tables: tablesOf(report),
    checks: report.checks.map(({ name }) => name),
    dumps: report.dumps.map((dump) => ({ table: dump.table, to: targetOf(dump) })),
    warnings,
  };
}

/** What a report would do, for people. */
export function dryRunLines(report: Report, dryRun: DryRun): readonly string[] {
  return [
    paint('good', `${report.file} is right; nothing was sent`, process.stdout),
    '',
    ...labelled('GETs', dryRun.requests.flatMap(requestLines)),
    ...labelled('time', timeLines(report, dryRun)),
    ...labelled('tables', [tablesOf(report).join(', ')]),
    ...labelled(
      'checks',
      report.checks.map(({ name }) => name),
    ),
    ...labelled(
      'dumps',
      report.dumps.map((dump) => `${dump.table} to ${targetOf(dump)}`),
    ),
  ];
}

function requestLines({ name, rows, origins, unaskable, pages }: RequestDryRun): readonly string[] {
  const paged = pages > 1 ? `, each up to ${count(pages)} pages` : '';
  if (rows === null) return [`${name}: over rows that come out of earlier answers${paged}`];
  const gets = rows - (unaskable?.rows ?? 0);
  const where =
    origins.length === 1 ? `to ${shownOrigin(origins[0]![0])}` : `to ${count(origins.length)} origins`;
  const shown = origins.length === 1 ? [] : origins.slice(0, MOST_ORIGINS);
  const hidden = origins.length - shown.length;
  return [
    `${name}: ${count(gets)} ${gets === 1 ? 'GET' : 'GETs'} ${where}${paged}`,
    ...shown.map(([origin, number]) => `  ${count(number)} to ${shownOrigin(origin)}`),
    ...(shown.length > 0 && hidden > 0 ? [`  and ${count(hidden)} more`] : []),
    ...(unaskable === null
      ? []
      : [
          paint(
            'warn',
            `  ${count(unaskable.rows)} of ${count(rows)} rows can't be asked for: ${unaskable.first}`,
            process.stdout,
          ),
        ]),
  ];
}

function shownOrigin(origin: string): string {
  return origin === TEST_SERVER_TO_BE ? 'the test server' : origin;
}

function timeLines({ limits }: Report, { requests, byRateMs, rounds }: DryRun): readonly string[] {
  const bestMs = Math.max(byRateMs, rounds * ANSWER_MS);
  const lines = [
    `at best ${duration(rounds * ANSWER_MS)} if an answer takes ${duration(ANSWER_MS)}, with ${count(limits.concurrency)} in flight`,
  ];
  if (byRateMs > 0) lines.push(`not under ${duration(byRateMs)} at the rates that are allowed`);
  if (requests.some(({ rows, pages }) => rows === null || pages > 1))
    lines.push('rows and pages that are not known yet come on top');
  if (limits.deadline !== null) {
    const late = bestMs > durationMs(limits.deadline, 'deadline') ? ': it will not be done by then' : '';
    lines.push(`ends at the deadline of ${limits.deadline}${late}`);
  }
  return lines;
}

function tablesOf({ rows, requests, crunch }: Report): readonly string[] {
  return [...(rows === null ? [] : ['rows']), ...[...requests, ...crunch].map(({ name }) => name)];
}

function targetOf({ to }: Report['dumps'][number]): string {
  if (to.kind === 'terminal') return 'the terminal';
  return to.kind === 'webhook' ? `a POST to ${to.url.text}` : to.path;
}

function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, at) => `${(at === 0 ? label : '').padEnd(8)}${line}`);
}
