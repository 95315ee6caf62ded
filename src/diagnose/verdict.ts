import type { Protocol, Recorder } from '../trace/index.ts';
import { delayed } from './delays/delayed.ts';
import { type Evidence, noEvidence } from './evidence.ts';
import { type Cause, explain } from './explain.ts';
import { commandFacts } from './facts/commands.ts';
import { cellsOf, endOf, type State } from './fold.ts';
import { type JudgedGroup, lossUs } from './groups.ts';
import { judgeParts } from './judge-parts.ts';
import type { Facts, Judgement } from './judgement.ts';
import type { Levels } from './levels.ts';
import { duration, shortMs } from './numbers.ts';
import type { Overlap } from './overlap.ts';
import type { Part } from './part.ts';
import { type Headline, headlineOf } from './phases/headline.ts';
import type { JudgedPhase } from './phases/phases.ts';
import { type Lifted, UNSENT } from './replay.ts';
import { explainServed, type ServedExplanation } from './served/explain-served.ts';
import type { RouteJson } from './served/within.ts';
import type { Step } from './steps.ts';
import { LEAST_FACTOR, LEAST_LOST_US } from './thresholds.ts';
import { longestWork, type WholeTime, wholeTime } from './time/whole-time.ts';
import { factsOf, sentenceOf } from './words.ts';

/** Groups that get a line; the rest are counted. */
const GROUPS_SHOWN = 20;

/** A judgement as it is written in JSON: numbers rounded, times in milliseconds. */
export interface JudgementJson {
  readonly overlap: Overlap;
  readonly step: Step | 'none';
  readonly wanted: number | null;
  readonly requests: number;
  readonly exchanges: number;
  readonly answered: number;
  /** Exchanges without an answer. Those that the program gave up on purpose are counted apart. */
  readonly failed: number;
  /** Given up when another one had its answer. */
  readonly cancelled: number;
  /** Without an answer when the program ended. */
  readonly underWay: number;
  readonly inFlight: { readonly mean: number; readonly max: number };
  readonly funnel: Levels;
  readonly wallMs: number;
  readonly possibleWallMs: number | null;
  readonly factor: number | null;
}

/** A stretch of time in which a line, or an origin, asked in one manner: one after another, or several at once. */
export interface PhaseJson extends GroupJson {
  /** From the first wanted to the last read, in milliseconds of the trace. */
  readonly fromMs: number;
  readonly toMs: number;
  /** How much shorter the run could be without what this phase lost: nothing while others are under way. */
  readonly savesMs: number;
  /** It went on in the background of the others, one request after another: no headline, and no blame. */
  readonly background: boolean;
}

export interface GroupJson extends JudgementJson {
  readonly origin: string | null;
  /** 'file:line' of the program that wanted. */
  readonly at: string | null;
}

/** What abreast says of a run: `watch --json`, `judge --json`, `get --json` about itself. */
export interface Verdict extends JudgementJson {
  readonly version: 2;
  readonly verdict: string;
  readonly facts: readonly string[];
  readonly phases: readonly PhaseJson[];
  readonly groups: readonly GroupJson[];
  readonly causes: readonly Cause[];
  readonly recorders: readonly Pick<Recorder, 'name' | 'sees' | 'missed'>[];
  /** Of a server: what it makes for each request that it takes, by route. */
  readonly served: readonly RouteJson[];
  /** Where the time without requests went; null where nobody saw when the program began. */
  readonly time: WholeTime | null;
  readonly trace: string | null;
  /** What `possibleWallMs` supposes; null where it is not the time of a replay. */
  readonly replay: ReplayJson | null;
}

/** The question that a replay answered, and of which exchanges. */
export interface ReplayJson {
  readonly lifted: readonly Lifted[];
  readonly atOnce: number | null;
  readonly betweenMs: number;
  /** What the headline is of; null: of all that is judged. Times are microseconds of the trace, null is its end. */
  readonly of: PartJson | null;
}

export interface PartJson {
  readonly origin: string | null;
  readonly at: string | null;
  readonly fromUs: number | null;
  readonly untilUs: number | null;
  /** What does not belong to it: work in the background. */
  readonly except: readonly PartJson[];
}

/** What `finish` knows beside the exchanges. */
export interface Context extends Facts {
  readonly evidence?: Evidence;
  readonly recorders?: readonly Recorder[];
  /** Where the trace is. */
  readonly trace?: string;
}

/** Ends the fold: judges the whole, each origin and each asking line, and says what it all amounts to. */
export function finish(state: State, context: Context = {}): Verdict {
  const cells = cellsOf(state);
  const endedUs = endOf(state, context.endedUs);
  const evidence = context.evidence ?? noEvidence();
  const { whole, main, origins, lines, phases } = judgeParts(state, cells, evidence, context);
  const judged = headlineOf(main, phases, origins, endedUs);
  const delay = delayed(judged.judgement, whole.judgement, evidence);
  const { said, served, ...why } = explainServed(
    delay.judgement,
    evidence,
    explain(delay.judgement, evidence, judged),
  );
  const excused = why.isClientsLimit
    ? limitedByClient(delay.judgement)
    : withoutTrifle({ causes: why.causes, judgement: withStepOf(why) }, evidence);
  const headline = { ...judged, judgement: excused };
  const groups = [...lines, ...origins]
    .map((group) => (group.judgement === judged.judgement ? { ...group, judgement: excused } : group))
    .sort(byCost);
  const time = wholeTime(cells, evidence, endedUs);
  const isGood = headline.judgement.overlap === 'concurrent';
  const besides = isGood ? longestWork(time, shortMs(headline.judgement.wallUs)) : '';
  return {
    version: 2,
    verdict: sentenceOf(headline.judgement, said) + delay.said + besides,
    ...jsonOf(headline.judgement),
    facts: [
      ...(judged === whole ? [] : [partOf(headline, whole.judgement)]),
      ...factsOf(headline.judgement, isThrottled(why)),
      ...delay.facts.filter((fact) => !why.causes.some(({ text }) => text === fact)),
      ...why.facts,
      ...commandFacts(evidence),
      ...hiddenFacts(state, evidence),
      ...unopenedFacts(state, evidence),
      ...(state.untimed === 0 ? [] : [`${state.untimed} exchanges had no time and were not judged.`]),
      ...(groups.length <= GROUPS_SHOWN
        ? []
        : [`${groups.length - GROUPS_SHOWN} more origins and lines are not shown.`]),
    ],
    phases: mostTelling(phases).map(phaseJson),
    groups: groups
      .slice(0, GROUPS_SHOWN)
      .map(({ origin, at, judgement }) => ({ origin, at, ...jsonOf(judgement) })),
    causes: why.causes,
    served,
    time,
    recorders: (context.recorders ?? []).map(({ version: _, ...recorder }) => recorder),
    trace: context.trace ?? null,
    replay: replayJson(headline),
  };
}

/** Whether the server said itself why answers came late. */
function isThrottled({ causes: [first] }: Pick<ServedExplanation, 'causes'>): boolean {
  return first?.id === 'throttled';
}

/** The step follows from what takes the time: the levels decide only where no cause is certain. */
function withStepOf({
  judgement,
  causes: [first],
}: Pick<ServedExplanation, 'judgement' | 'causes'>): Judgement {
  const isKnown = first?.confidence === 'certain' && first.step !== 'none' && first.step !== 'wanted';
  return isKnown && UNSENT.some((step) => step === judgement.step)
    ? { ...judgement, step: first.step }
    : judgement;
}

/** So much of the time the threads of a starved program wait for a CPU, in all. */
const STARVED = 0.5;

/** Where little could be saved, nothing was found that holds requests up, and CPUs were short, those made the start slow. */
function withoutTrifle(
  { judgement, causes }: { readonly judgement: Judgement; readonly causes: readonly Cause[] },
  { process }: Evidence,
): Judgement {
  const { overlap, wallUs, possibleWallUs, factor } = judgement;
  const isTrifle =
    overlap === 'partly' &&
    causes.length === 0 &&
    process.reduce((sum, { runQueueUs = 0 }) => sum + runQueueUs, 0) >= STARVED * wallUs &&
    possibleWallUs !== null &&
    (factor ?? 1) < LEAST_FACTOR &&
    wallUs - possibleWallUs < LEAST_LOST_US;
  return isTrifle ? { ...judgement, overlap: 'concurrent', step: 'none' } : judgement;
}

/** Nothing is left to overlap where the requests take all that the client has. */
function limitedByClient(judgement: Judgement): Judgement {
  const { wallUs } = judgement;
  return {
    ...judgement,
    overlap: 'concurrent',
    step: 'none',
    because: 'client is the limit',
    question: null,
    possibleWallUs: wallUs,
    factor: 1,
  };
}

/** Connections whose requests no recorder could tell apart, as HTTP/2 within TLS from system calls alone. */
function hiddenFacts({ cells }: State, { connection }: Evidence): string[] {
  const hidden = connection.filter(({ protocol, origin }) => isMultiplexed(protocol) && !cells.has(origin));
  if (hidden.length === 0) return [];
  return [
    `${hidden.length} ${hidden.length === 1 ? 'connection' : 'connections'} (${hidden[0]!.origin}) carried HTTP/2 or something unknown: from outside such requests can't be told apart.`,
  ];
}

/** What a program that made no request may have wanted. */
function unopenedFacts({ cells }: State, { connection }: Evidence): string[] {
  const unopened = connection.filter(({ connectedUs }) => connectedUs === null);
  if (cells.size > 0 || unopened.length === 0) return [];
  return [
    `${unopened.length} of ${connection.length} connections were never open (to ${unopened[0]!.remote ?? unopened[0]!.origin}): nothing could be sent over them.`,
  ];
}

function isMultiplexed(protocol: Protocol | undefined): boolean {
  return protocol === 'h2' || protocol === 'opaque';
}

function partOf({ at, origin, within, except, judgement }: Headline, whole: Judgement): string {
  const { exchanges, fromUs, wallUs } = judgement;
  if (except !== undefined)
    return `This is of ${exchanges} of ${whole.exchanges} exchanges: the others went one after another in the background.`;
  const which = at === null ? `with ${origin}` : `asked at ${at}`;
  const when = within ? `, from ${duration(fromUs)} to ${duration(fromUs + wallUs)}` : '';
  return `This is of ${exchanges} of ${whole.exchanges} exchanges, those ${which}${when}.`;
}

function byCost(a: JudgedGroup, b: JudgedGroup): number {
  return lossUs(b.judgement) - lossUs(a.judgement) || b.judgement.exchanges - a.judgement.exchanges;
}

const PHASES_SHOWN = 20;

function mostTelling(phases: readonly JudgedPhase[]): readonly JudgedPhase[] {
  if (phases.length <= PHASES_SHOWN) return phases;
  const told = new Set([...phases].sort(byCost).slice(0, PHASES_SHOWN));
  return phases.filter((phase) => told.has(phase));
}

function phaseJson({ origin, at, judgement, savesUs, isBackground }: JudgedPhase): PhaseJson {
  const { fromUs, wallUs } = judgement;
  return {
    fromMs: shortMs(fromUs),
    toMs: shortMs(fromUs + wallUs),
    savesMs: shortMs(savesUs),
    background: isBackground,
    origin,
    at,
    ...jsonOf(judgement),
  };
}

function replayJson(headline: Headline): ReplayJson | null {
  const { question } = headline.judgement;
  if (question === null) return null;
  const { lifted, atOnce, betweenUs } = question;
  const isAll = headline.at === null && headline.origin === null && headline.except === undefined;
  return { lifted, atOnce, betweenMs: shortMs(betweenUs), of: isAll ? null : partJson(headline) };
}

function partJson({ origin, at, within = null, except = [] }: Part): PartJson {
  return {
    origin,
    at,
    fromUs: within?.fromUs ?? null,
    untilUs: within === null || within.untilUs === Infinity ? null : within.untilUs,
    except: except.map(partJson),
  };
}

function jsonOf(judgement: Judgement): JudgementJson {
  const { overlap, step, wanted, requests, exchanges, answered, endings, inFlight, funnel } = judgement;
  const { failed, cancelled, underWay } = endings;
  const { wallUs, possibleWallUs, factor } = judgement;
  return {
    overlap,
    step,
    wanted,
    requests,
    exchanges,
    answered,
    failed,
    cancelled,
    underWay,
    inFlight: { mean: rounded(inFlight.mean), max: inFlight.max },
    funnel: {
      wanted: roundedOrNull(funnel.wanted),
      dispatched: roundedOrNull(funnel.dispatched),
      connected: roundedOrNull(funnel.connected),
      sent: rounded(funnel.sent),
    },
    wallMs: shortMs(wallUs),
    possibleWallMs: possibleWallUs === null ? null : shortMs(possibleWallUs),
    factor: roundedOrNull(factor),
  };
}

function roundedOrNull(value: number | null): number | null {
  return value === null ? null : rounded(value);
}

/** To a hundredth. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
