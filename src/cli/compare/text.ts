import { areAbsent, type ComparedRun, type Comparison, shownValue, textOf } from '../../compare/index.ts';

/** A comparison, and the runs that it made. */
export interface Told {
  readonly comparison: Comparison;
  readonly runs: readonly ComparedRun[];
  /** Where the traces are. */
  readonly folder: string;
}

/** What a person reads at the end. */
export function textLines({ comparison, runs, folder }: Told): string[] {
  const { outcome, text, set, needed } = comparison;
  return [
    '',
    ...(set.length > 0
      ? [`${outcome === 'proved' ? 'Proved' : 'Suspected'}: ${set.map(textOf).join(' and ')}`]
      : []),
    ...(outcome === 'proved'
      ? proofLines(comparison, runs)
      : [outcome === 'unknown' ? `could not tell: ${text}` : text]),
    ...(needed.length > 0 ? [`The program can't do without ${needed.join(', ')}: not tried further.`] : []),
    `${countOf(runs)}, ${seconds(runs)}; ${runs.length === 1 ? 'its trace is' : 'their traces are'} in ${folder}`,
    ...(outcome === 'proved' ? [`see both: abreast view ${pairOf(comparison, runs).join(' ')}`] : []),
  ];
}

function proofLines({ set, proofs }: Comparison, runs: readonly ComparedRun[]): string[] {
  const [fastWay, slowWay] = areAbsent(set) ? ['with', 'without'] : ['without', 'with'];
  const it = set.length > 1 ? 'them' : 'it';
  const line = (way: string, speed: string, numbers: readonly number[]) =>
    `  ${`${sideOf(numbers, runs)} ${way} ${it} is ${speed}:`.padEnd(21 + it.length)}${proofLine(numbers, runs)}`;
  return [line(fastWay!, 'fast', proofs.without), line(slowWay!, 'slow', proofs.with)];
}

/** 'B', of 'B without pyOpenSSL 19.0.0'. */
function sideOf([number]: readonly number[], runs: readonly ComparedRun[]): string {
  return runs.find((run) => run.number === number)?.what.split(' ')[0] ?? '';
}

/** '6 runs'. */
export function countOf({ length }: readonly unknown[]): string {
  return `${length} ${length === 1 ? 'run' : 'runs'}`;
}

/** '21.5 s' of all runs. */
export function seconds(runs: readonly ComparedRun[]): string {
  return `${runs.reduce((sum, run) => sum + run.seconds, 0).toFixed(1)} s`;
}

/** 'run 4: serial, 7.7 s', of the runs that prove something. */
export function proofLine(numbers: readonly number[], runs: readonly ComparedRun[]): string {
  return runs
    .filter(({ number }) => numbers.includes(number))
    .map(({ number, verdict, seconds }) => `run ${number}: ${verdict.overlap}, ${seconds.toFixed(1)} s`)
    .join('; ');
}

/** The slow run and the fast one of the same environment. */
function pairOf({ slow, proofs }: Comparison, runs: readonly ComparedRun[]): string[] {
  const before = runs.find(({ what }) => what.split(' ')[0] === slow); // as it is: the first of its side
  const after = runs.find(({ number }) => number === proofs.without[0]);
  return [before, after].flatMap((run) => run?.trace ?? []);
}

/** The same for programs. */
export function jsonOf({ comparison, runs, folder }: Told): unknown {
  const { set, ...rest } = comparison;
  return {
    version: 1,
    ...rest,
    set: set.map((each) => ({ text: textOf(each), kind: each.kind, ...partsOf(each) })),
    runs: runs.map(runJson),
    folder,
  };
}

/** A run for programs. */
export function runJson({ number, what, exitCode, timedOut, seconds, trace, verdict }: ComparedRun): object {
  return {
    number,
    what,
    exitCode,
    timedOut,
    seconds: Math.round(seconds * 1000) / 1000,
    trace,
    verdict: verdict.verdict,
    overlap: verdict.overlap,
    step: verdict.step,
    answered: verdict.answered,
    inFlight: verdict.inFlight,
    wallMs: verdict.wallMs,
  };
}

function partsOf(each: Comparison['set'][number]): object {
  if (each.kind === 'interpreter') return { name: each.name, slow: each.slow, fast: each.fast };
  if (each.kind === 'variable') {
    const { name } = each;
    const shown = (value: string | undefined) => (value === undefined ? null : shownValue(name, value));
    return { name, slow: shown(each.slow), fast: shown(each.fast) };
  }
  const { name } = each.kind === 'missing' ? each.fast : each.slow;
  return {
    name,
    slow: each.kind === 'missing' ? null : each.slow.version,
    fast: each.kind === 'added' ? null : each.fast.version,
  };
}
