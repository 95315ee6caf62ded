import {
  duration,
  type Evidence,
  programsOf,
  type Replacer,
  replacersOf,
  type Verdict,
} from '../diagnose/index.ts';
import type { Exchange, Limit, Module, RunHeader } from '../trace/index.ts';
import { funnelLines } from './funnel.ts';
import { count } from './numbers.ts';
import { paint } from './paint.ts';
import { phaseText } from './phases.ts';
import { printableIn } from './printable.ts';
import { causeLines, headline, section } from './verdict.ts';
import { waterfallLines } from './waterfall.ts';
import { WIDTH } from './wrap.ts';

/** What a page of text shows. */
export interface TextPage {
  /** Where the recording is. */
  readonly name: string;
  readonly verdict: Verdict;
  readonly run: RunHeader;
  /** The first exchanges, in the order they were wanted. */
  readonly exchanges: readonly Exchange[];
  readonly evidence: Pick<Evidence, 'environment' | 'process'>;
}

/** Wider bars say no more. */
const WIDEST = 160;

/** All that is known of a run, as lines for `stream`: the verdict, the funnel, the waterfall, its parts, its environment. */
export function textPageLines(given: TextPage, stream: NodeJS.WriteStream): readonly string[] {
  const page = printableIn(given);
  const { verdict, exchanges } = page;
  const columns = Math.min(WIDEST, Math.max(60, stream.columns ?? WIDTH));
  const titled = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', paint('strong', title, stream), ...lines];
  return [
    ...headline(verdict, stream),
    ...verdict.causes.flatMap((cause) => ['', ...causeLines(cause)]),
    ...apart(verdict.facts.flatMap((fact) => section('Note', [fact]))),
    ...(verdict.time?.text == null ? [] : apart(section('Time', [verdict.time.text]))),
    ...titled('Funnel', funnelLines(verdict, stream)),
    ...titled('Waterfall', waterfallLines(exchanges, verdict.exchanges, verdict.wallMs, { stream, columns })),
    ...titled('Phases', verdict.phases.length < 2 ? [] : verdict.phases.map(phaseText)),
    ...titled('Origins and lines', groupLines(verdict)),
    ...titled('Served', servedLines(verdict)),
    ...titled('Environment', environmentLines(page)),
  ];
}

function apart(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}

const MOST_GROUPS = 10;
const HEADINGS = ['requests', 'in flight', 'took', 'possible', 'overlap', 'where'] as const;

function groupLines({ groups }: Verdict): readonly string[] {
  if (groups.length < 2) return [];
  const rows = groups
    .slice(0, MOST_GROUPS)
    .map(({ requests, inFlight, wallMs, possibleWallMs, overlap, at, origin }) => [
      count(requests),
      inFlight.mean.toFixed(1),
      duration(wallMs * 1e3),
      possibleWallMs === null ? '' : duration(possibleWallMs * 1e3),
      overlap,
      [at, origin].filter((part) => part !== null).join(' '),
    ]);
  const widths = HEADINGS.map((heading, at) =>
    Math.max(heading.length, ...rows.map((row) => row[at]!.length)),
  );
  const lines = [HEADINGS, ...rows].map((row) =>
    row
      .map((cell, at) => (at < 4 ? cell.padStart(widths[at]!) : cell.padEnd(at < 5 ? widths[at]! : 0)))
      .join('  '),
  );
  const more = groups.length - MOST_GROUPS;
  return more <= 0 ? lines : [...lines, `… and ${count(more)} more`];
}

function servedLines({ served }: Verdict): readonly string[] {
  return served.map(
    ({ route, requests, calls, serial, wallMs, possibleWallMs }) =>
      `${route ?? 'the server'}: ${count(requests)} requests, ${calls} calls each${serial ? ' one after another' : ''}; ${duration(wallMs * 1e3)} each, ${duration(possibleWallMs * 1e3)} possible`,
  );
}

function environmentLines({ name, run, evidence }: TextPage): readonly string[] {
  const { command, host, recorders, startedUs } = run;
  return [
    ...section('Trace', [name]),
    ...section('Command', command.length === 0 ? [] : [command.join(' ')]),
    ...section('Recorded', [
      `${new Date(startedUs / 1e3).toISOString().replace('T', ' ').slice(0, 19)} UTC`,
      ...(host === undefined ? [] : [`on ${host.os} ${host.kernel ?? ''}, ${host.cpus} CPUs`]),
      `by ${recorders.map((recorder) => `${recorder.name} ${recorder.version}`).join(', ')}`,
    ]),
    ...recorders.flatMap(({ name: recorder, missed }) =>
      missed === undefined ? [] : section('Unseen', [`${recorder}: ${missed}`]),
    ),
    ...programsOf(evidence.environment, evidence.process).flatMap(({ environment, processes }) => {
      const { language, version, patches = [], limits = [], modules = [] } = environment;
      return [
        '',
        ...section('Program', [
          `${language} ${version}, ${processes.map(({ pid }) => `process ${pid}`).join(', ')}`,
        ]),
        ...section('Replaced', replacersOf(patches).flatMap(replacedTexts)),
        ...section('Limits', [...new Set(limits.map(limitText))]),
        ...section('Modules', modules.length === 0 ? [] : [modules.map(moduleText).join(', ')]),
      ];
    }),
  ];
}

function replacedTexts({ by, replaced, others, left }: Replacer): readonly string[] {
  return [
    ...[...replaced].map(
      ([at, targets]) => `${by} replaced ${targets.join(', ')}${at === '' ? '' : `, at ${at}`}`,
    ),
    ...others.map(
      ({ target, replacement, at }) =>
        `${by} put ${replacement} in the place of ${target}${at === undefined ? '' : `, at ${at}`}`,
    ),
    ...(left.length === 0 ? [] : [`${by} left as they were: ${left.join(', ')}`]),
  ];
}

function limitText({ of, size, setAt }: Limit): string {
  return `${of} ${size}${setAt === undefined ? '' : `, ${setAt}`}`;
}

function moduleText({ name, version }: Module): string {
  return version === undefined ? name : `${name} ${version}`;
}
