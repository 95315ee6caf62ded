import type { Judgement } from './judgement.ts';
import type { Levels } from './levels.ts';
import { shortMs } from './numbers.ts';
import type { Overlap } from './overlap.ts';
import type { Part } from './part.ts';
import type { Headline } from './phases/headline.ts';
import type { JudgedPhase } from './phases/phases.ts';
import type { Lifted } from './replay.ts';
import type { Step } from './steps.ts';

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

export function phaseJson({ origin, at, judgement, savesUs, isBackground }: JudgedPhase): PhaseJson {
  const { fromUs, wallUs } = judgement;
  return {
    fromMs: shortMs(fromUs),
    toMs: shortMs(fromUs + wallUs),
    savesMs: shortMs(savesUs),
    background: isBackground,
    origin,
    at,
    ...judgementJson(judgement),
  };
}

/** What the possible time of a headline supposes; null where it is no replay's. */
export function replayJson(headline: Headline): ReplayJson | null {
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

/** Rounds a judgement. */
export function judgementJson(judgement: Judgement): JudgementJson {
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
