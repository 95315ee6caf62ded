/** Why exchanges were delayed: what the rules of causes/ find, in order, and the facts beside it. */
import { type CauseId, RULES } from './causes/index.ts';
import { nagle } from './causes/nagle.ts';
import { settingOf } from './commands/settings.ts';
import { failuresMadeAgain, isHeeded, isMeant, throttlingOf } from './delays/refusals.ts';
import type { Evidence } from './evidence.ts';
import { isClientsCpu } from './facts/clients-cpu.ts';
import { toldToWaitFact } from './facts/commands.ts';
import { fewFact } from './facts/few-at-a-time.ts';
import { gilFact, isOfCpu } from './facts/gil.ts';
import { lookUpsFact } from './facts/look-ups.ts';
import { paceFact } from './facts/pace.ts';
import { pagesFact } from './facts/pages.ts';
import { pausesFact } from './facts/pauses.ts';
import { pipelinedFact } from './facts/pipelined.ts';
import { reopenedFact } from './facts/reopened.ts';
import { workersFact } from './facts/workers.ts';
import type { CauseFound, Reference } from './found.ts';
import type { Judgement } from './judgement.ts';
import { askingLine, type CodeLine, placesOf } from './languages/frames.ts';
import { toolFrame } from './languages/tools.ts';
import { duration } from './numbers.ts';
import type { Part } from './part.ts';
import type { Rule } from './rule.ts';
import { isServersTime } from './scene/plateau.ts';
import { processesOf, starvedUs } from './scene/processes.ts';
import { fixFor, referenceFor } from './scene/program.ts';
import { type Scene, sceneOf } from './scene/scene.ts';
import type { Step } from './steps.ts';
import { LEAST_BLAMED, MOSTLY } from './thresholds.ts';

/** Why exchanges were delayed, as `--json` gives it. */
export interface Cause extends Omit<CauseFound, 'fix' | 'reference' | 'because'> {
  readonly id: CauseId;
  /** The step that it delays; `none` where it may be any. */
  readonly step: Step | 'none';
  readonly because: readonly string[];
  /** Something to do, in the program's language; null where nobody can know. */
  readonly fix: string | null;
  /** Where it was met in public; null where that would help no writer of this program. */
  readonly reference: Reference | null;
}

/** Beside a cause that took much, one that took less of the wall time than this is not worth a word. */
const LEAST_SHARE = 0.05;
const SURE = { certain: 0, likely: 1, possible: 2 } as const;

/** What is to be said of a judgement. */
export interface Explanation {
  readonly causes: readonly Cause[];
  /** What the evidence says beside them, a sentence each. */
  readonly facts: readonly string[];
  /** Nothing held them up: the time that was lost is what the requests cost the client. */
  readonly isClientsLimit: boolean;
}

/** The causes that there is evidence for, the surest first; `unexplained` where time was lost without any. */
export function explain(judgement: Judgement, evidence: Evidence, part: Part): Explanation {
  const nothing: Explanation = { causes: [], facts: [], isClientsLimit: false };
  if (judgement.overlap === 'concurrent' && evidence.environment.length === 0) return nothing;
  const scene = sceneOf(judgement, evidence, part);
  if (judgement.overlap === 'concurrent')
    return { ...nothing, facts: [workersFact, paceFact, heldWrites].flatMap((fact) => told(fact(scene))) };
  const throttling = judgement.because === 'throttled' ? throttlingOf(evidence) : undefined;
  if (throttling !== undefined && isHeeded(throttling)) return nothing;
  const failures = judgement.because === 'made again' ? failuresMadeAgain(evidence) : undefined;
  if (failures !== undefined && isMeant(failures)) return nothing;
  const meant = pagesFact(scene) ?? toldToWaitFact(scene) ?? pausesFact(scene);
  if (meant !== undefined) return { ...nothing, facts: told(meant) };
  const [last] = RULES.slice(-1) as [Rule<CauseId>];
  const found = causesOf(scene, RULES.slice(0, -1));
  // A program without CPUs keeps its locks and slots for longer: a larger limit would not help.
  const starved = isServersTime(scene) ? undefined : starvedUs(scene);
  const busy = gilFact(scene);
  const isBlamed = (cause: Cause): boolean =>
    busy === undefined ? starved === undefined || cause.step !== 'dispatched' : isOfCpu(cause);
  const blamed = found.filter(isBlamed);
  const causes = ranked(withoutExplained(scene, blamed));
  if (starved !== undefined && causes.length === 0 && found.length > 0)
    return { ...nothing, facts: [starvedText(starved)] };
  if (busy !== undefined && causes.length === 0) return { ...nothing, facts: [busy] };
  // What explains most of the loss, or is certain, needs no fact beside it.
  const isEnough = causes.some(
    ({ confidence, share }) => confidence === 'certain' || share >= MOSTLY * scene.lostShare,
  );
  if (causes.length > 0) return { ...nothing, causes, facts: isEnough ? [] : told(reopenedFact(scene)) };
  const isLost = judgement.overlap === 'serial' || judgement.overlap === 'partly';
  if (isLost && isClientsCpu(scene)) return { ...nothing, isClientsLimit: true };
  const names = lookUpsFact(scene);
  if (isLost && names !== undefined) return { ...nothing, facts: told(names) };
  const facts = [fewFact, paceFact, pipelinedFact, reopenedFact].flatMap((fact) => told(fact(scene)));
  return { ...nothing, causes: ranked(causesOf(scene, [last])), facts };
}

function starvedText(us: number): string {
  return `Its threads waited for a CPU for ${duration(us)}, most of the time, and other requests waited for the locks and slots that they held meanwhile. Run it again with more CPUs, or with fewer programs beside it.`;
}

/** A delay of each request makes no request wait for another: a fact beside good overlap. */
function heldWrites(scene: Scene): string | undefined {
  const found = nagle.find(scene);
  if (found === undefined) return undefined;
  return [found.text, ...(found.because ?? []), nagle.fix?.any].join(' ');
}

function told(fact: string | undefined): readonly string[] {
  return fact === undefined ? [] : [fact];
}

/** What the rules find, without what one of the others explains better. */
function causesOf(scene: Scene, rules: readonly Rule<CauseId>[]): readonly Cause[] {
  const found = new Map<string, readonly [Rule<CauseId>, CauseFound]>();
  for (const rule of rules) {
    const one = rule.find(scene);
    if (one !== undefined) found.set(rule.id, [rule, one]);
  }
  return [...found.values()]
    .filter(([rule]) => !rule.yieldsTo.some((id) => found.has(id)))
    .map(([rule, one]) => causeOf(scene, rule, one));
}

/** A guess is not said where what is certain took most of the lost time. */
function withoutExplained({ lostShare }: Scene, causes: readonly Cause[]): readonly Cause[] {
  const proven = causes
    .filter(({ confidence }) => confidence === 'certain')
    .reduce((most, { share }) => Math.max(most, share), 0);
  if (proven === 0 || proven < MOSTLY * lostShare) return causes;
  return causes.filter(({ confidence }) => confidence === 'certain');
}

/** What a rule found, as the verdict has it. */
export function causeOf(scene: Scene, rule: Rule<CauseId>, found: CauseFound): Cause {
  const { id, step } = rule;
  const own = found.fix === undefined ? rule.fix && fixFor(scene, rule.fix) : found.fix;
  // The user of a tool changes its settings, not its code.
  const fix = (step === 'wanted' || step === 'dispatched' ? toolSetting(scene) : undefined) ?? own;
  const reference = found.reference === undefined ? referenceFor(scene, rule.references) : found.reference;
  const share = Math.round(100 * Math.min(1, Math.max(0, found.share))) / 100;
  const places = withAsking(scene, found.places);
  return { id, step, ...found, share, because: found.because ?? [], places, fix, reference };
}

/** Where all requests are of an installed tool that is known: its setting. */
function toolSetting(scene: Scene): string | undefined {
  const { exchange } = scene.exchanges[0] ?? {};
  if (exchange?.stack === undefined || toolFrame(scene.framesOf(exchange.stack)) === undefined)
    return undefined;
  return settingOf(processesOf(scene).get(exchange.pid ?? -1)?.argv ?? []);
}

/** Where no line of the program is among the places, the line that made most requests comes first. */
function withAsking(scene: Scene, places: readonly CodeLine[]): readonly CodeLine[] {
  const once = [...new Map(places.map((place) => [`${place.file}:${place.line}`, place])).values()];
  const own = once.filter((place) => place.own);
  const others = once.filter((place) => !place.own);
  return [...(own.length > 0 ? own : askedAt(scene)), ...others];
}

function askedAt(scene: Scene): readonly CodeLine[] {
  const stacks = Map.groupBy(
    scene.exchanges.flatMap(({ exchange: { stack } }) => stack ?? []),
    (stack) => stack,
  );
  const [most] = [...stacks.values()].sort((a, b) => b.length - a.length);
  const frames = scene.framesOf(most?.[0]);
  const line = askingLine({ kind: 'stack', id: 0, frames });
  return placesOf(frames.find((frame) => `${frame.file}:${frame.line}` === line)).filter(({ own }) => own);
}

/** A certain cause that took its part first; then by what they took. */
function ranked(causes: readonly Cause[]): readonly Cause[] {
  const isFirst = ({ confidence, share }: Cause): number =>
    confidence === 'certain' && share >= LEAST_BLAMED ? 0 : 1;
  return [...causes]
    .sort((a, b) => isFirst(a) - isFirst(b) || b.share - a.share || SURE[a.confidence] - SURE[b.confidence])
    .filter(({ share }, rank) => rank === 0 || share >= LEAST_SHARE);
}
