import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { type Plan, plansFor, type Run, type Tried, tryFix } from '../../compare/index.ts';
import { duration } from '../../diagnose/index.ts';
import { paint, section } from '../../view/index.ts';

/** How often the command runs again, at most. */
const MOST_RUNS = 3;

/** A run of the command in this environment. */
export type RunAgain = (environment: NodeJS.ProcessEnv) => Promise<Run>;

export interface TryFlags {
  /** What loads servers more is not asked for. */
  readonly yes?: boolean;
}

/** Tries what may help, one change after the other, until one helps. Says each before it begins, and what came of it. */
export async function tryFixes(first: Run, again: RunAgain, flags: TryFlags): Promise<readonly Tried[]> {
  const plans = plansFor(first.verdict).slice(0, MOST_RUNS);
  if (plans.length === 0) tell('Try', nothingFor(first));
  const all: Tried[] = [];
  for (const [at, plan] of plans.entries()) {
    tell('Try', ...announcement(plan, first, at + 1, plans.length));
    if (plan.load !== null && !flags.yes && !(await isAllowed())) continue;
    const tried = await tryFix(plan, first, again);
    all.push(tried);
    for (const line of triedLines(tried)) console.error(line);
    if (tried.outcome === 'helped' || tried.after.exitCode === null) break;
  }
  return all;
}

function nothingFor({ verdict: { causes } }: Run): string {
  const [cause] = causes;
  return cause === undefined
    ? 'Nothing: no cause was found.'
    : `Nothing: no change from outside would mend \`${cause.id}\`.`;
}

function announcement({ text, load }: Plan, first: Run, number: number, most: number): readonly string[] {
  return [
    `${text}: for one run, by the probe; nothing is changed on disk.`,
    ...(load === null ? [] : [load]),
    `The command runs again (${number} of at most ${most}; the first run took ${duration(first.tookMs * 1000)}).`,
  ];
}

/** Asks on a terminal. Elsewhere nobody can answer. */
async function isAllowed(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    tell('', 'Not tried: this needs --yes, as nobody can be asked here.');
    return false;
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  lines.once('SIGINT', () => lines.close());
  const closed = once(lines, 'close').then(() => '');
  try {
    return /^y(es)?$/i.test((await Promise.race([lines.question('Run it? [y/N] '), closed])).trim());
  } finally {
    lines.close();
  }
}

const SAID = {
  helped: 'it helped',
  'no help': 'it did not help',
  'not applied': 'could not be applied',
  'no answer': 'no answer',
} as const;
const COLOURS = { helped: 'good', 'no help': 'bad', 'not applied': 'warn', 'no answer': 'warn' } as const;

/** What came of a change: both runs, and what was predicted. */
export function triedLines({ text, outcome, why, before, after, predictedMs }: Tried): readonly string[] {
  const [head = '', ...rest] = section('Tried', [
    `${text}: ${SAID[outcome]}${why === null ? '' : ` (${why})`}`,
  ]);
  const isCompared = outcome === 'helped' || outcome === 'no help';
  return [
    '',
    ...[head, ...rest].map((line) => paint(COLOURS[outcome], line)),
    ...(isCompared
      ? [
          figuresLine('without', before),
          figuresLine('with', after),
          ...(predictedMs === null ? [] : [`${''.padEnd(10)}predicted ${duration(predictedMs * 1000)}`]),
        ]
      : []),
    ...(after.trace === null ? [] : [paint('faint', `trace  ${after.trace}`)]),
    ...(isCompared ? [paint('faint', `both   abreast view ${before.trace} ${after.trace}`)] : []),
  ];
}

function figuresLine(label: string, { overlap, inFlight, wallMs, tookMs }: Tried['before']): string {
  const requests = `${overlap}, ${inFlight.toFixed(1)} in flight, requests took ${duration(wallMs * 1000)}`;
  return `${''.padEnd(10)}${label.padEnd(8)} ${requests} (all of the run ${duration(tookMs * 1000)})`;
}

function tell(label: string, ...texts: readonly string[]): void {
  for (const line of ['', ...section(label, texts)]) console.error(line);
}
