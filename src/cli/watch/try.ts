import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { type Plan, plansFor, type Run, type Tried, tryFix } from '../../compare/index.ts';
import { duration } from '../../diagnose/index.ts';
import { paint, section } from '../../view/index.ts';

/** So many changes are tried at most. */
const MOST_CHANGES = 3;

/** A run of the command in this environment. */
export type RunAgain = (environment: NodeJS.ProcessEnv) => Promise<Run>;

export interface TryFlags {
  /** What loads servers more is not asked for. */
  readonly yes?: boolean;
  /** How often the command runs again, at most. */
  readonly runs: number;
}

/**
 * Tries what may help, one change after the other, and says each before it begins, and what came of it. One that
 * helped is kept, and what its run still waits for is tried on top of it.
 */
export async function tryFixes(first: Run, again: RunAgain, flags: TryFlags): Promise<readonly Tried[]> {
  const all: Tried[] = [];
  const kept: Plan[] = [];
  let before = first;
  let plans = plansFor(first.verdict);
  let left = flags.runs;
  if (plans.length === 0) tell('Try', nothingFor(first));
  while (plans.length > 0 && all.length < MOST_CHANGES && left > 0) {
    const [plan, ...others] = plans as [Plan, ...Plan[]];
    plans = others;
    tell('Try', ...announcement(plan, before, kept, left));
    if (plan.load !== null && !flags.yes && !(await isAllowed())) continue;
    const { tried, after, runs, isEnded } = await tryFix(plan, before, {
      kept: [...kept],
      run: again,
      mostRuns: left,
      repeats: tellRepeats,
    });
    left -= runs;
    all.push(tried);
    for (const line of triedLines(tried)) console.error(line);
    if (isEnded) break;
    if (tried.outcome !== 'helped') continue;
    kept.push(plan);
    before = after;
    if (after.verdict.overlap === 'concurrent') break;
    plans = plansFor(after.verdict).filter(isNew(all));
    tell('Left', after.verdict.verdict, ...after.verdict.causes.slice(0, 1).map((cause) => cause.text));
  }
  return all;
}

/** Whether a change was not tried yet. */
function isNew(tried: readonly Tried[]): (plan: Plan) => boolean {
  return ({ text }) => !tried.some((one) => one.text === text);
}

function nothingFor({ verdict: { causes } }: Run): string {
  const [cause] = causes;
  return cause === undefined
    ? 'Nothing: no cause was found.'
    : `Nothing: no change from outside removes \`${cause.id}\`.`;
}

function announcement(
  { text, load }: Plan,
  before: Run,
  kept: readonly Plan[],
  most: number,
): readonly string[] {
  const runs = most === 1 ? 'once more' : `once more, or up to ${most} times if one run does not tell`;
  return [
    `${text}: for one run, by the probe; nothing is changed on disk.`,
    ...(kept.length === 0 ? [] : [`What helped stays: ${kept.map((one) => one.text).join('; ')}.`]),
    ...(load === null ? [] : [load]),
    `The command runs ${runs}; its last run took ${duration(before.tookMs * 1000)}.`,
  ];
}

/** Before the command runs in turns. */
function tellRepeats(without: Run, changed: Run): void {
  const [slow, fast] = [without, changed].map(({ verdict }) => duration(verdict.wallMs * 1000));
  tell(
    'Again',
    `It took ${slow} and ${fast}, which may be chance: the command runs in turns without and with the change.`,
  );
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
