import {
  type Evidence,
  earlierOf,
  type Lifted,
  membersOf,
  type Part,
  type PartJson,
  type Question,
  replay,
  type Verdict,
} from '../../diagnose/browser.ts';
import type { Exchange } from '../../trace/browser.ts';
import { SEGMENT_KINDS, type Segments, waitedFor } from './segments.ts';
import type { TimeColumns } from './times.ts';

/** What a replay of a run says: its wall time, and each exchange as it would have been. */
export interface WhatIf {
  readonly wallUs: number;
  readonly times: TimeColumns;
  readonly segments: Segments;
}

/** What a question is about: the exchanges of the headline. */
export interface Asked {
  readonly exchange: readonly Exchange[];
  readonly evidence: Evidence;
  /** By exchange of the evidence. */
  readonly places: ReadonlyMap<Exchange, number>;
  readonly endedUs: number;
  /** Each wait in the order of the steps: the time in which its thread was held belongs to `sent`, whenever it was. */
  readonly times: TimeColumns;
  /** Their places. */
  readonly members: Int32Array;
  /** From the first wanted to the last read, as it was. */
  readonly wallUs: number;
  /** Of that, how long none was wanted. */
  readonly betweenUs: number;
}

/** Prepares a run for questions. */
export function askedOf(
  recording: {
    readonly exchange: readonly Exchange[];
    readonly evidence: Evidence;
    readonly endedUs: number;
  },
  passed: TimeColumns,
  segments: Segments,
  part: PartJson | null,
): Asked {
  const { exchange, evidence, endedUs } = recording;
  const times = inOrderOfSteps(passed, segments);
  const isMember = membersOf(partOf(part), evidence.stack);
  const members = Int32Array.from(exchange.keys()).filter((at) => isMember(exchange[at]!));
  const inOrder = members.toSorted((a, b) => times.wanted[a]! - times.wanted[b]!);
  let until = times.wanted[inOrder[0] ?? 0] ?? 0;
  const from = until;
  let betweenUs = 0;
  for (const at of inOrder) {
    betweenUs += Math.max(0, times.wanted[at]! - until);
    until = Math.max(until, times.end[at]!);
  }
  // The evidence has the first exchanges of the trace.
  const places = new Map(evidence.exchange.map((one, at) => [one, at]));
  return { exchange, evidence, places, times, endedUs, members, wallUs: until - from, betweenUs };
}

function inOrderOfSteps(passed: TimeColumns, segments: Segments): TimeColumns {
  const times = copyOf(passed);
  for (let at = 0; at < times.wanted.length; at++) {
    const [queued, name, connect, handshake] = waitedFor(segments, at) as [number, number, number, number];
    times.dispatched[at] = times.wanted[at]! + queued;
    times.connected[at] = times.dispatched[at]! + name + connect + handshake;
  }
  return times;
}

function partOf(json: PartJson | null): Part {
  if (json === null) return { origin: null, at: null };
  const { origin, at, fromUs, untilUs, except } = json;
  return {
    origin,
    at,
    within: fromUs === null ? null : { fromUs, untilUs: untilUs ?? Infinity },
    except: except.map(partOf),
  };
}

/** The question that the verdict answers with its possible time; where it answers none, all waits before sending are lifted. */
export function verdictsQuestion({ replay: asked }: Verdict): Question {
  if (asked === null) return { lifted: ['dispatched', 'connected', 'sent'], atOnce: null, betweenUs: 0 };
  return { lifted: asked.lifted, atOnce: asked.atOnce, betweenUs: asked.betweenMs * 1_000 };
}

/** The same question with one wait lifted, or not. Where all are wanted at once, the rest of the program's work stays. */
export function withLimit(asked: Asked, question: Question, step: Lifted, isLifted: boolean): Question {
  const lifted = question.lifted.filter((one) => one !== step);
  return {
    atOnce: question.atOnce,
    lifted: isLifted ? [...lifted, step] : lifted,
    betweenUs: step === 'wanted' ? (isLifted ? asked.betweenUs : 0) : question.betweenUs,
  };
}

/** Answers a question about a run. Exchanges that it is not about stay as they were. */
export function whatIf(asked: Asked, question: Question): WhatIf {
  const { exchange, members, times, endedUs } = asked;
  const earlierUs = earlierBy(asked, question);
  const quickestUs = quickestAnswers(asked);
  const columns = copyOf(times);
  const isLifted = (step: Lifted): boolean => question.lifted.includes(step);
  const wallUs = replay(
    (visitor) => {
      for (const at of members)
        visitor(
          times.wanted[at]!,
          times.dispatched[at]!,
          times.connected[at]!,
          times.sent[at]!,
          isAnswered(exchange[at]!) ? times.answered[at]! : Infinity,
          times.end[at]!,
          earlierUs(exchange[at]!),
          quickestUs(exchange[at]!),
        );
    },
    endedUs,
    question,
    (place, piece, begins) => {
      const at = members[place]!;
      const sentWaitUs = isLifted('sent') ? 0 : times.sent[at]! - times.connected[at]!;
      const openUs = isLifted('connected') ? 0 : times.connected[at]! - times.dispatched[at]!;
      const readUs = times.end[at]! - times.answered[at]!;
      columns.wanted[at] = piece.wanted;
      columns.dispatched[at] = begins - sentWaitUs;
      columns.connected[at] = begins - sentWaitUs + openUs;
      columns.sent[at] = begins + openUs;
      columns.answered[at] = begins + piece.own - readUs;
      columns.end[at] = begins + piece.own;
    },
  );
  // The verdict says of no run that it could take longer.
  const isFaster = question.atOnce === null || question.atOnce >= (members.length || 1);
  const range = rangeOf(columns);
  const replayed: TimeColumns = { ...columns, ...range };
  return {
    wallUs: isFaster ? Math.min(wallUs, asked.wallUs) : wallUs,
    times: replayed,
    segments: plainSegments(replayed),
  };
}

/** How much earlier exchanges are wanted that follow others of their unit of work. */
function earlierBy({ evidence, places, times }: Asked, { lifted }: Question): (one: Exchange) => number {
  const { wanted, dispatched, connected, sent } = times;
  return earlierOf(evidence, (_, one) => {
    const at = places.get(one)!;
    return (
      (lifted.includes('dispatched') ? dispatched[at]! - wanted[at]! : 0) +
      (lifted.includes('connected') ? connected[at]! - dispatched[at]! : 0) +
      (lifted.includes('sent') ? sent[at]! - connected[at]! : 0)
    );
  });
}

function isAnswered({ answeredUs, readUs }: Exchange): boolean {
  return typeof (answeredUs === undefined ? readUs : answeredUs) === 'number';
}

/** From sent to answered, of the quickest with the same origin and line: as the verdict compares them. */
function quickestAnswers({ exchange, members, times }: Asked): (exchange: Exchange) => number {
  const keyOf = ({ origin, stack }: Exchange): string => `${origin} ${stack}`;
  const quickest = new Map<string, number>();
  for (const at of members) {
    const one = exchange[at]!;
    if (!isAnswered(one)) continue;
    const key = keyOf(one);
    quickest.set(key, Math.min(quickest.get(key) ?? Infinity, times.answered[at]! - times.sent[at]!));
  }
  return (one) => quickest.get(keyOf(one)) ?? Infinity;
}

function copyOf(times: TimeColumns): TimeColumns {
  const { wanted, dispatched, connected, sent, answered, end } = times;
  return {
    ...times,
    wanted: wanted.slice(),
    dispatched: dispatched.slice(),
    connected: connected.slice(),
    sent: sent.slice(),
    answered: answered.slice(),
    end: end.slice(),
  };
}

function rangeOf({ wanted, end, isTimed }: TimeColumns): Pick<TimeColumns, 'fromUs' | 'toUs'> {
  let fromUs = Infinity;
  let toUs = -Infinity;
  for (let at = 0; at < wanted.length; at++) {
    if (isTimed[at] === 0) continue;
    fromUs = Math.min(fromUs, wanted[at]!);
    toUs = Math.max(toUs, end[at]!);
  }
  return fromUs > toUs ? { fromUs: 0, toUs: 0 } : { fromUs, toUs };
}

/** Segments of exchanges of which nothing but their steps is known. */
export function plainSegments(times: TimeColumns): Segments {
  const { wanted, dispatched, connected, sent, answered, end, isTimed } = times;
  const { length } = wanted;
  const steps = [wanted, dispatched, connected, sent, answered, end];
  const kindOf = (['queued', 'connect', 'blocked', 'answer', 'read'] as const).map((kind) =>
    SEGMENT_KINDS.indexOf(kind),
  );
  const offsets = new Int32Array(length + 1);
  const fromUs = new Float64Array(5 * length);
  const kinds = new Uint8Array(5 * length);
  let count = 0;
  for (let at = 0; at < length; at++) {
    offsets[at] = count;
    if (isTimed[at] === 0) continue;
    for (let step = 0; step < 5; step++) {
      if (steps[step + 1]![at]! <= steps[step]![at]!) continue;
      fromUs[count] = steps[step]![at]!;
      kinds[count++] = kindOf[step]!;
    }
  }
  offsets[length] = count;
  return { offsets, fromUs: fromUs.subarray(0, count), kinds: kinds.subarray(0, count), endUs: end };
}

/** The stops of a slider from 1 to `most` at once: each number up to 20, then ever fewer, and the most. */
export function stopsUpTo(most: number): readonly number[] {
  const stops: number[] = [];
  for (let stop = 1; stop < most; stop = stop < 20 ? stop + 1 : Math.ceil(stop * 1.15)) stops.push(stop);
  return [...stops, most];
}
