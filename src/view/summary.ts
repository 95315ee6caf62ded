import type { Expectation, Verdict } from '../diagnose/index.ts';
import type { ConcurrencySummary, GivenUpTo } from '../fetch/index.ts';
import type { FailureCount, OriginTime } from '../tally/index.ts';
import { count, duration, share, shortNumber } from './numbers.ts';
import { paint } from './paint.ts';

/** What the summary of a run is made of. */
export interface SummaryFigures {
  readonly results: number;
  readonly failed: number;
  /** Requests that were sent and given up: their URLs have no result. */
  readonly abandoned: number;
  readonly wallMs: number;
  /** Done by an earlier run, with --resume. */
  readonly doneBefore: number;
  readonly proof: ConcurrencySummary;
  /** 'concurrent', or what kept it from being so; null when there is nothing to say. */
  readonly verdict: string | null;
  readonly statuses: ReadonlyMap<number, number>;
  readonly failures: readonly FailureCount[];
  readonly slowest: readonly OriginTime[];
  readonly expectation: Expectation | null;
  readonly notes: readonly string[];
  /** What was written: 'results: out.jsonl'. */
  readonly files: readonly string[];
}

/** Above this share of time the event loop had no time to look after the wire. */
const BUSY = 0.9;
/** Slots that are a smaller share than this of all are not worth a word. */
const WORTH_SAYING = 0.02;
/** A run that is shorter is mostly its own start. */
const SHORT_MS = 1000;
/** Of fewer requests one slow answer, and of a shorter run the first look-ups and handshakes, make all of the mean. */
const TOO_FEW = 10;
const TOO_SHORT_MS = 100;

/** Below this share of what was wanted the verdict's sentence says more than 'concurrent'. */
const CONCURRENT_SHARE = 0.7;
/** Of one at a time there is nothing to say. */
const LEAST_WANTED = 1.5;

/** What a slot did that had no request in flight, as people say it. */
const IDLE: Readonly<Record<GivenUpTo, string>> = {
  'per-origin': 'limit per origin',
  rate: 'rate limit',
  'per-origin-rate': 'rate limit per origin',
  adapting: 'slowed down for an origin',
  'back-off': 'back-off',
  decoding: 'decoding answers',
  'slow input': 'waiting for input',
  'no worker': 'without a worker',
  'lost worker': 'waiting for chunks of workers that are gone',
  planning: 'before chunks were handed out',
  sharing: 'waiting for shares of the limits',
};

/** 'concurrent', or what kept a run from being so; null when there is nothing to say. */
export function concurrencyWord(
  { wantedMean, overlap }: ConcurrencySummary,
  { verdict }: Verdict,
): string | null {
  if (wantedMean < LEAST_WANTED) return null;
  return overlap >= CONCURRENT_SHARE ? 'concurrent' : verdict;
}

/** The summary, to be read in three seconds. */
export function summaryLines(figures: SummaryFigures): readonly string[] {
  return [
    ...headline(figures),
    ...concurrency(figures),
    ...labelled('statuses', statuses(figures.statuses)),
    ...labelled('failed', failures(figures.failures)),
    ...labelled('slowest', figures.slowest.map(slowOrigin)),
    ...expected(figures.expectation),
    ...figures.notes.map((note) => paint('warn', `note: ${note}`)),
    ...figures.files,
  ];
}

function headline({ results, failed, abandoned, wallMs, doneBefore }: SummaryFigures): readonly string[] {
  const rate = wallMs === 0 ? '' : ` (${count((results / wallMs) * 1000)}/s)`;
  const outcome = failed === 0 ? 'none failed' : paint('bad', `${count(failed)} failed`);
  const given = abandoned === 0 ? '' : paint('bad', `, ${count(abandoned)} abandoned`);
  const before = doneBefore === 0 ? '' : `, ${count(doneBefore)} were done before`;
  return [
    `${paint('strong', `${count(results)} ${results === 1 ? 'GET' : 'GETs'}`)} in ${duration(wallMs)}${rate}, ${outcome}${given}${before}`,
  ];
}

function concurrency({ proof, verdict, wallMs, results }: SummaryFigures): readonly string[] {
  if (results === 0) return [];
  if (results < TOO_FEW || wallMs < TOO_SHORT_MS)
    return [`in flight: max ${count(proof.inFlightMax)}; the run is too short to judge its concurrency`];
  const of = `in flight: mean ${shortNumber(proof.inFlightMean)} of ${shortNumber(proof.wantedMean)} wanted (${share(proof.overlap)}), max ${count(proof.inFlightMax)}`;
  const lines = [verdict === null ? of : `${of}: ${verdict}`];
  const idle = (Object.entries(proof.givenUpMs) as [GivenUpTo, number][]).map(([reason, ms]) => ({
    reason,
    slots: ms / wallMs,
  }));
  const all = idle.reduce((sum, { slots }) => sum + slots, proof.wantedMean);
  const said = idle
    .filter(({ slots }) => slots >= WORTH_SAYING * all)
    .sort((one, other) => other.slots - one.slots)
    .map(({ reason, slots }) => `${shortNumber(slots)} ${IDLE[reason]}`);
  if (said.length > 0) lines.push(`  idle slots on average: ${said.join(', ')}`);
  if (proof.loopBusy > BUSY && wallMs > SHORT_MS)
    lines.push(
      `  this client was the bottleneck (busy ${share(proof.loopBusy)} of the time): in flight is an upper bound`,
    );
  return lines;
}

function statuses(byStatus: ReadonlyMap<number, number>): readonly string[] {
  const counted = [...byStatus].sort(([one], [other]) => one - other);
  return counted.length === 0 ? [] : [counted.map(([status, n]) => `${status}: ${count(n)}`).join(' · ')];
}

function failures(byCode: readonly FailureCount[]): readonly string[] {
  return byCode.flatMap(({ code, count: n, example, origins }) => [
    `${paint('bad', code)}: ${count(n)}${example.url === '' ? '' : `, first ${printable(example.url)}`}`,
    `  ${printable(example.text)}`,
    ...(origins.length > 1 ? [`  ${worstOrigins(origins, n)}`] : []),
  ]);
}

function worstOrigins(origins: FailureCount['origins'], all: number): string {
  const others = origins.reduce((left, { count }) => left - count, all);
  const named = origins.map(({ origin, count: n }) => `${count(n)} at ${printable(origin)}`);
  return [...named, ...(others > 0 ? [`${count(others)} elsewhere`] : [])].join(', ');
}

function slowOrigin({ origin, answers, meanMs, maxMs }: OriginTime): string {
  return `${origin}: mean ${duration(meanMs)}, max ${duration(maxMs)} of ${count(answers)}`;
}

function expected(expectation: Expectation | null): readonly string[] {
  if (expectation === null) return [];
  return [paint(expectation.met ? 'good' : expectation.met === null ? 'warn' : 'bad', expectation.line)];
}

/** Servers and inputs have no say in what a terminal does: control characters are shown as JSON has them. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) =>
    JSON.stringify(control)
      .slice(1, -1)
      .replace(/^[^\\].*$/, '\ufffd'),
  );
}

/** The label before the first line, the others under it, each cut where the terminal would wrap it. */
function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, place) => `${(place === 0 ? `${label}:` : '').padEnd(10)}${line}`);
}
