/**
 * A trace as Trace Event JSON (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU), for Perfetto and
 * speedscope. Tracks are connections with their exchanges, and threads with what they waited for. Perfetto also shows
 * counters, and requests from when they were wanted. Left out: what units of work waited for that no thread works on.
 */
import { timesOf } from '../../diagnose/index.ts';
import type { Block, Connection, Exchange, Frame, TraceRecord } from '../../trace/index.ts';
import { batchesOf, endOf, type Recorded, type Surroundings, surroundingsOf } from '../recorded.ts';
import { Lanes, Level } from './lanes.ts';

/** Numbers that no process has: Linux ends at 4,194,304. */
const REQUESTS = 5_000_001;
const CONNECTIONS = 5_000_002;

const STEPS = ['wanted', 'dispatched', 'connected', 'sent'] as const;
const MOST_CHANGES = 20_000;

type Event = Readonly<Record<string, unknown>>;

/** The text of the file, in pieces. */
export async function* traceEventText(recorded: Recorded): AsyncGenerator<string> {
  const surroundings = await surroundingsOf(recorded);
  const { laneOf, lanes, levels } = await laidOut(recorded, surroundings);
  const { run } = surroundings;
  yield `{"displayTimeUnit":"ms","otherData":${JSON.stringify({ command: run.command.join(' ') })},"traceEvents":[\n`;
  yield textOf([
    ...namesOf(
      new Map([
        [REQUESTS, 'requests'],
        [CONNECTIONS, 'connections'],
      ]),
    ),
    ...lanes.map(({ process, name }, at) => metadata('thread_name', process, { name }, at + 1)),
  ]);
  let slice = 0;
  for await (const batch of batchesOf(recorded)) {
    const events: Event[] = [];
    for (const record of batch) {
      const place = sliceOf(record, surroundings);
      if (place !== undefined) {
        const tid = laneOf[slice++]! + 1;
        events.push(...place.events.map((event) => ({ ...event, pid: place.process, tid })));
      }
      if (record.kind === 'exchange') events.push(...requestEvents(record, surroundings));
      if (record.kind === 'process') events.push(...namesOf(new Map([[record.pid, nameOf(record.argv)]])));
    }
    if (events.length > 0) yield `,\n${textOf(events)}`;
  }
  for (const step of STEPS) {
    const events = [...levels[step].changes(MOST_CHANGES)].map(([ts, level]) => counter(step, ts, level));
    if (events.length > 0) yield `,\n${textOf(events)}`;
  }
  yield '\n]}\n';
}

function textOf(events: readonly Event[]): string {
  return events.map((event) => JSON.stringify(event)).join(',\n');
}

/** Reads a recording for the rows of its tracks, and for its levels. */
async function laidOut(recorded: Recorded, surroundings: Surroundings) {
  const lanes = new Lanes();
  const levels = { wanted: new Level(), dispatched: new Level(), connected: new Level(), sent: new Level() };
  for await (const batch of batchesOf(recorded))
    for (const record of batch) {
      const place = sliceOf(record, surroundings);
      if (place !== undefined) lanes.add(place.process, place.track, place.fromUs, place.toUs);
      const times = record.kind === 'exchange' ? timesOf(record) : undefined;
      if (times === undefined) continue;
      const end = endOf(times, surroundings);
      for (const step of STEPS) if (times[step] <= end) levels[step].add(times[step], end);
    }
  return { ...lanes.settled(), levels };
}

/** A slice on a track, with slices in it. */
interface Slice {
  readonly process: number;
  readonly track: string;
  readonly fromUs: number;
  readonly toUs: number;
  /** Without their process and row. */
  readonly events: readonly Event[];
}

/** undefined for what has no slice. */
function sliceOf(record: TraceRecord, surroundings: Surroundings): Slice | undefined {
  switch (record.kind) {
    case 'exchange':
      return ofExchange(record, surroundings);
    case 'connection':
      return ofOpening(record);
    case 'block':
      return ofBlock(record, surroundings);
    default:
      return undefined;
  }
}

function ofExchange(exchange: Exchange, surroundings: Surroundings): Slice | undefined {
  const times = timesOf(exchange);
  if (times === undefined || times.connected === Infinity) return undefined;
  const { connection, origin } = exchange;
  const { connected, sent, answered } = times;
  const end = endOf(times, surroundings);
  return {
    process: CONNECTIONS,
    track: connection == null ? `${origin}, connections unknown` : trackOf(connection, origin),
    fromUs: connected,
    toUs: end,
    events: [
      complete(titleOf(exchange), 'exchange', connected, end, argumentsOf(exchange, surroundings)),
      ...within('blocked before it was sent', connected, Math.min(sent, end)),
      ...within('waiting for the answer', sent, Math.min(answered, end)),
      ...within('reading', answered, end),
    ],
  };
}

function ofOpening(connection: Connection): Slice | undefined {
  const { id, origin, dnsFromUs, dnsToUs, connectingUs, connectedUs, tlsStartUs, tlsDoneUs } = connection;
  const fromUs = dnsFromUs ?? connectingUs;
  const toUs = tlsDoneUs ?? connectedUs;
  if (fromUs == null || toUs == null || toUs <= fromUs) return undefined;
  return {
    process: CONNECTIONS,
    track: trackOf(id, origin),
    fromUs,
    toUs,
    events: [
      complete('opening', 'connection', fromUs, toUs, { origin, remote: connection.remote }),
      ...within('name', dnsFromUs, dnsToUs),
      ...within('connect', connectingUs, connectedUs),
      ...within('handshake', tlsStartUs, tlsDoneUs),
    ],
  };
}

/** A wait, in a slice for each frame of its stack: viewers make a flame graph of them. */
function ofBlock(
  { pid, thread, fromUs, toUs, wait, stack }: Block,
  { stacks }: Surroundings,
): Slice | undefined {
  if (thread === undefined || toUs <= fromUs) return undefined;
  const frames =
    stacks
      .get(stack ?? -1)
      ?.frames.slice(0, DEEPEST)
      .toReversed() ?? [];
  return {
    process: pid,
    track: `thread ${thread}`,
    fromUs,
    toUs,
    events: [
      ...frames.map((frame) => complete(frameText(frame), 'stack', fromUs, toUs)),
      complete(`${wait.kind}: ${wait.call}`, 'wait', fromUs, toUs),
    ],
  };
}

const DEEPEST = 64;

function frameText({ function: name, file, line }: Frame): string {
  return name === undefined ? `${file}:${line}` : `${name} ${file}:${line}`;
}

/** A request from when it was wanted, for viewers that know asynchronous slices. */
function requestEvents(exchange: Exchange, surroundings: Surroundings): readonly Event[] {
  const times = timesOf(exchange);
  if (times === undefined) return [];
  const end = endOf(times, surroundings);
  const at = { cat: 'request', id: exchange.id, pid: REQUESTS, tid: REQUESTS };
  const begun = Math.min(times.dispatched, end);
  const waited = { ...at, name: 'waiting to be dispatched' };
  return [
    { ...at, ph: 'b', name: titleOf(exchange), ts: times.wanted, args: argumentsOf(exchange, surroundings) },
    ...(begun > times.wanted
      ? [
          { ...waited, ph: 'b', ts: times.wanted },
          { ...waited, ph: 'e', ts: begun },
        ]
      : []),
    { ...at, ph: 'e', name: titleOf(exchange), ts: end },
  ];
}

function complete(name: string, cat: string, fromUs: number, toUs: number, args?: object): Event {
  return { ph: 'X', name, cat, ts: fromUs, dur: toUs - fromUs, ...(args !== undefined && { args }) };
}

/** A part of a slice; nothing where it took no time, or did not happen. */
function within(name: string, fromUs: number | null | undefined, toUs: number | null | undefined): Event[] {
  if (fromUs == null || toUs == null || !(toUs > fromUs)) return [];
  return [complete(name, 'step', fromUs, toUs)];
}

function counter(step: (typeof STEPS)[number], ts: number, level: number): Event {
  const name = step === 'sent' ? 'in flight' : step;
  return { ph: 'C', name, pid: REQUESTS, ts, args: { requests: level } };
}

function metadata(name: string, pid: number, args: object, tid = 0): Event {
  return { ph: 'M', name, pid, tid, ts: 0, args };
}

function namesOf(processes: ReadonlyMap<number, string>): Event[] {
  return [...processes].map(([pid, name]) => metadata('process_name', pid, { name }));
}

function nameOf(argv: readonly string[] = []): string {
  return argv.join(' ').slice(0, 100) || 'process';
}

function trackOf(connection: number, origin: string): string {
  return `connection ${connection} ${origin}`;
}

function titleOf({ method = 'GET', url, origin }: Exchange): string {
  return `${method} ${url ?? origin}`;
}

function argumentsOf(exchange: Exchange, { stacks }: Surroundings): object {
  const { id, request, attempt, status, error, pid, thread, unit, stack } = exchange;
  const [frame] = stacks.get(stack ?? -1)?.frames ?? [];
  const at = frame === undefined ? undefined : `${frame.file}:${frame.line}`;
  return { id, request, attempt, status, error, pid, thread, unit, at };
}
