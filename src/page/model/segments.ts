import { blocksForOne, type Evidence, HANDOVER_US, holdingBlocks, threadOf } from '../../diagnose/browser.ts';
import type { Connection, Exchange } from '../../trace/browser.ts';
import { HeldTime, type Stretches } from './held.ts';
import type { TimeColumns } from './times.ts';

/** What an exchange waits for, in the order in which it usually does. */
export const SEGMENT_KINDS = ['queued', 'name', 'connect', 'handshake', 'blocked', 'answer', 'read'] as const;
export type SegmentKind = (typeof SEGMENT_KINDS)[number];

/** What each is, for people. */
export const SEGMENT_WORDS: Readonly<Record<SegmentKind, string>> = {
  queued: 'wanted, not dispatched',
  name: 'name lookup',
  connect: 'connecting',
  handshake: 'TLS handshake',
  blocked: 'blocked: could not be sent',
  answer: 'waiting for the server',
  read: 'reading the answer',
};

/**
 * What all exchanges waited for, one segment directly after the other: those of exchange `at` are from `offsets[at]` to
 * before `offsets[at + 1]`, and each ends where the next one begins, the last one with its exchange.
 */
export interface Segments {
  readonly offsets: Int32Array;
  readonly fromUs: Float64Array;
  /** Places in SEGMENT_KINDS. */
  readonly kinds: Uint8Array;
  /** By exchange. */
  readonly endUs: Float64Array;
}

/** One segment of an exchange. */
export interface Segment {
  readonly kind: SegmentKind;
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * Cuts exchanges into segments. `blocked` is what the verdict counts as the step `sent`: from connected to sent, and the
 * time before the call or within the opening of the connection in which the thread was held by something else.
 */
export function segmentsOf(evidence: Evidence, times: TimeColumns): Segments {
  const piecesOf = cutter(evidence, times);
  const { length } = evidence.exchange;
  const offsets = new Int32Array(length + 1);
  const fromUs: number[] = [];
  const kinds: number[] = [];
  for (let at = 0; at < length; at++) {
    offsets[at] = kinds.length;
    if (times.isTimed[at] === 0) continue;
    for (const piece of piecesOf(at)) {
      if (piece.toUs <= piece.fromUs) continue;
      fromUs.push(piece.fromUs);
      kinds.push(SEGMENT_KINDS.indexOf(piece.kind));
    }
  }
  offsets[length] = kinds.length;
  return { offsets, fromUs: Float64Array.from(fromUs), kinds: Uint8Array.from(kinds), endUs: times.end };
}

function cutter(evidence: Evidence, times: TimeColumns): (exchange: number) => readonly Segment[] {
  const connections = new Map(evidence.connection.map((connection) => [connection.id, connection]));
  const beforeCall = new HeldTime(holdingBlocks(evidence));
  const whileOpening = new HeldTime(blocksForOne(evidence));

  function queued(exchange: Exchange, fromUs: number, toUs: number): readonly Segment[] {
    const whole: Segment = { kind: 'queued', fromUs, toUs };
    const called = Math.min(exchange.calledUs ?? toUs, toUs);
    if (exchange.thread === undefined || called - fromUs < HANDOVER_US) return [whole];
    return overlaid([whole], 'blocked', beforeCall.within(threadOf(exchange), fromUs, called));
  }

  function opening(exchange: Exchange, fromUs: number, toUs: number): readonly Segment[] {
    const whole: Segment = { kind: 'connect', fromUs, toUs };
    if (toUs <= fromUs) return [];
    const connection = connections.get(exchange.connection ?? NONE);
    const opened = connection === undefined ? [whole] : withOpening(whole, connection);
    const isOpened = typeof exchange.dispatchedUs === 'number' && typeof exchange.connectedUs === 'number';
    if (!isOpened || exchange.thread === undefined || toUs - fromUs < HANDOVER_US) return opened;
    const thread = threadOf(exchange);
    return overlaid(opened, 'blocked', whileOpening.within(thread, fromUs, toUs, exchange.connection));
  }

  return (at) => {
    const exchange = evidence.exchange[at]!;
    const [dispatched, connected] = [times.dispatched[at]!, times.connected[at]!];
    const [sent, answered] = [times.sent[at]!, times.answered[at]!];
    return [
      ...queued(exchange, times.wanted[at]!, dispatched),
      ...opening(exchange, dispatched, connected),
      { kind: 'blocked', fromUs: connected, toUs: sent },
      { kind: 'answer', fromUs: sent, toUs: answered },
      { kind: 'read', fromUs: answered, toUs: times.end[at]! },
    ];
  };
}

const NONE = -1;

/** Name and TLS of a connection, as far as it was opened in this time. */
function withOpening(whole: Segment, connection: Connection): readonly Segment[] {
  const { dnsFromUs, dnsToUs, tlsStartUs, tlsDoneUs } = connection;
  let segments: readonly Segment[] = [whole];
  if (typeof dnsFromUs === 'number' && typeof dnsToUs === 'number')
    segments = overlaid(segments, 'name', [dnsFromUs, dnsToUs]);
  if (typeof tlsStartUs === 'number')
    segments = overlaid(segments, 'handshake', [tlsStartUs, tlsDoneUs ?? whole.toUs]);
  return segments;
}

/** Puts stretches of one kind in the place of what is there. */
function overlaid(segments: readonly Segment[], kind: SegmentKind, stretches: Stretches): readonly Segment[] {
  let result = segments;
  for (let at = 0; at < stretches.length; at += 2) {
    const [fromUs, toUs] = [stretches[at]!, stretches[at + 1]!];
    result = result.flatMap((segment) => {
      const from = Math.max(fromUs, segment.fromUs);
      const to = Math.min(toUs, segment.toUs);
      if (to <= from) return segment;
      const before = { ...segment, toUs: from };
      const after = { ...segment, fromUs: to };
      return [before, { kind, fromUs: from, toUs: to }, after].filter((one) => one.toUs > one.fromUs);
    });
  }
  return joined(result);
}

/** Neighbours of one kind as one. */
function joined(segments: readonly Segment[]): readonly Segment[] {
  const result: Segment[] = [];
  for (const segment of segments) {
    const last = result.at(-1);
    if (last?.kind === segment.kind) result[result.length - 1] = { ...last, toUs: segment.toUs };
    else result.push(segment);
  }
  return result;
}

/** The segments of one exchange. */
export function segmentsAt(
  { offsets, fromUs, kinds, endUs }: Segments,
  exchange: number,
): readonly Segment[] {
  const segments: Segment[] = [];
  const last = offsets[exchange + 1]!;
  for (let at = offsets[exchange]!; at < last; at++)
    segments.push({
      kind: SEGMENT_KINDS[kinds[at]!]!,
      fromUs: fromUs[at]!,
      toUs: at + 1 < last ? fromUs[at + 1]! : endUs[exchange]!,
    });
  return segments;
}

/** How long an exchange waited for each, in microseconds, in the order of SEGMENT_KINDS. */
export function waitedFor(segments: Segments, exchange: number): readonly number[] {
  const sums = SEGMENT_KINDS.map(() => 0);
  for (const { kind, fromUs, toUs } of segmentsAt(segments, exchange))
    sums[SEGMENT_KINDS.indexOf(kind)]! += toUs - fromUs;
  return sums;
}
