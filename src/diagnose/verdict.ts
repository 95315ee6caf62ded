import type { Recorder } from '../trace/index.ts';
import { delayed } from './delays/delayed.ts';
import { type Evidence, noEvidence } from './evidence.ts';
import { type Cause, explain } from './explain.ts';
import { commandFacts } from './facts/commands.ts';
import { unseenFacts } from './facts/unseen.ts';
import { cellsOf, endOf, type State } from './fold.ts';
import { type JudgedGroup, lossUs } from './groups.ts';
import { judgeParts } from './judge-parts.ts';
import type { Facts, Judgement } from './judgement.ts';
import { duration, shortMs } from './numbers.ts';
import { type Headline, headlineOf } from './phases/headline.ts';
import type { JudgedPhase } from './phases/phases.ts';
import { UNSENT } from './replay.ts';
import { explainServed, type ServedExplanation } from './served/explain-served.ts';
import type { RouteJson } from './served/within.ts';
import { LEAST_FACTOR, LEAST_LOST_US } from './thresholds.ts';
import { longestWork, type WholeTime, wholeTime } from './time/whole-time.ts';
import {
  type GroupJson,
  type JudgementJson,
  judgementJson,
  type PhaseJson,
  phaseJson,
  type ReplayJson,
  replayJson,
} from './verdict-json.ts';
import { factsOf, sentenceOf } from './words.ts';

/** Groups that get a line; the rest are counted. */
const GROUPS_SHOWN = 20;

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
    ...judgementJson(headline.judgement),
    facts: [
      ...(judged === whole ? [] : [partOf(headline, whole.judgement)]),
      ...factsOf(headline.judgement, isThrottled(why)),
      ...delay.facts.filter((fact) => !why.causes.some(({ text }) => text === fact)),
      ...why.facts,
      ...commandFacts(evidence),
      ...unseenFacts(state.cells, evidence),
      ...(state.untimed === 0 ? [] : [`${state.untimed} exchanges had no time and were not judged.`]),
      ...(groups.length <= GROUPS_SHOWN
        ? []
        : [`${groups.length - GROUPS_SHOWN} more origins and lines are not shown.`]),
    ],
    phases: mostTelling(phases).map(phaseJson),
    groups: groups
      .slice(0, GROUPS_SHOWN)
      .map(({ origin, at, judgement }) => ({ origin, at, ...judgementJson(judgement) })),
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
