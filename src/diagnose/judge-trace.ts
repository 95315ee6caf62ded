import { type End, type Lost, readTrace, type TraceSource } from '../trace/index.ts';
import { collect, type Evidence, noEvidence } from './evidence.ts';
import { type Expectation, expectation } from './expect.ts';
import { add, type State, start } from './fold.ts';
import { computingOf } from './own-work.ts';
import { settle } from './settled.ts';
import { overlapUs } from './spans.ts';
import { type Context, finish, type Verdict } from './verdict.ts';

export interface JudgeOptions {
  /** How many the program wanted at once, where no recorder saw it. */
  readonly wanted?: number;
  /** How many must have been in flight. */
  readonly expect?: number;
  /** Which origins are judged: all, where it is not given. */
  readonly counts?: (origin: string) => boolean;
}

export interface Judged {
  readonly verdict: Verdict;
  /** Where `expect` was given. */
  readonly expectation: Expectation | null;
}

/** Judges a stored trace. @throws TraceError when it can't be read. */
export async function judgeTrace(path: string, options: JudgeOptions = {}): Promise<Judged> {
  return judgeSource(await readTrace(path), options);
}

/** Judges what is read from a file of any format. */
export async function judgeSource(trace: TraceSource, options: JudgeOptions = {}): Promise<Judged> {
  const state = start();
  const evidence = noEvidence();
  if (trace.run.host !== undefined) evidence.host = trace.run.host;
  evidence.recorders = trace.run.recorders;
  let end: End | undefined;
  const leftOut = new Set<string>();
  for await (const batch of trace) {
    for (const record of batch) {
      if (record.kind === 'exchange' && options.counts?.(record.origin) === false) {
        if (leftOut.size < ORIGINS_TOLD) leftOut.add(record.origin);
        continue;
      }
      if (record.kind === 'end') end = record;
      else if (!collect(evidence, record) && record.kind === 'exchange') add(state, record);
    }
  }
  evidence.isCutShort = trace.cutShort;
  const { isChained, earlierUs } = settle(evidence);
  for (const exchange of evidence.exchange) add(state, exchange, isChained(exchange), earlierUs(exchange));
  const context = contextOf(trace, state, evidence, end, options.wanted);
  const verdict = finish(state, context);
  return {
    verdict: {
      ...verdict,
      facts: [...verdict.facts, ...allLeftOut(evidence, leftOut), ...troubleOf(trace, evidence, end)],
    },
    expectation: options.expect === undefined ? null : expectation(state, options.expect, context),
  };
}

function contextOf(
  trace: TraceSource,
  state: State,
  evidence: Evidence,
  end: End | undefined,
  wanted: number | undefined,
): Context {
  const clientCpuUs = cpuOf(evidence, state);
  const declared = wanted ?? trace.run.wanted;
  return {
    evidence,
    recorders: trace.run.recorders,
    trace: trace.path,
    ...(end !== undefined && { endedUs: end.endedUs }),
    ...(declared !== undefined && { wanted: declared }),
    ...(clientCpuUs > 0 && { clientCpuUs }),
  };
}

/** CPU time that requests cost, as far as it was seen, between the first wanted and the last read. */
function cpuOf(evidence: Evidence, { firstUs, lastUs }: State): number {
  return computingOf(evidence).requests.reduce(
    (sum, { fromUs, toUs }) => sum + overlapUs(fromUs, toUs, firstUs, lastUs),
    0,
  );
}

const ORIGINS_TOLD = 3;

/** Where an origin was chosen that the trace does not have. */
function allLeftOut({ exchange }: Evidence, origins: ReadonlySet<string>): string[] {
  if (exchange.length > 0 || origins.size === 0) return [];
  return [
    `All requests of this trace went to ${[...origins].join(', ')}, which --only or --ignore leaves out.`,
  ];
}

const NOTES_TOLD = 5;

/** What is to be known of the trace itself. */
function troubleOf(trace: TraceSource, evidence: Evidence, end: End | undefined): string[] {
  const trouble: string[] = [];
  if (trace.cutShort) trouble.push('The trace was cut short: what was open at its end was not seen to end.');
  if (trace.problemCount > 0) trouble.push(problemsOf(trace));
  for (const [what, count] of Object.entries(end?.lost ?? {})) {
    if (what !== 'endsUnseen' && count > 0)
      trouble.push(`The recorders lost something: ${count} ${LOST[what as keyof typeof LOST]}.`);
  }
  const unseen = end?.lost.endsUnseen ?? 0;
  if (unseen > 0)
    trouble.push(`The probe in the program did not see ${unseen} exchanges end: the system calls did.`);
  for (const text of new Set(evidence.note.slice(0, NOTES_TOLD).map((note) => note.text)))
    trouble.push(`A recorder says: ${text}.`);
  if (evidence.dropped > 0)
    trouble.push(`${evidence.dropped} records beside exchanges were too many to be kept.`);
  return trouble;
}

const LOST: Readonly<Record<Exclude<keyof Lost, 'endsUnseen'>, string>> = {
  dropped: 'events dropped',
  truncated: 'events cut',
  notUnderstood: 'events not understood',
  clamped: 'times moved by up to 2 ms, to be in order',
};

function problemsOf({ problemCount, problems }: TraceSource): string {
  const [first] = problems;
  const others = problemCount === 1 ? '' : ` (and ${problemCount - 1} more like it)`;
  return `A line of the trace could not be used: ${first!.where}: ${first!.text}${others}.`;
}
