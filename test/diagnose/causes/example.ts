import type { Cause } from '../../../src/diagnose/index.ts';
import { add, collect, finish, noEvidence, start, type Verdict } from '../../../src/diagnose/index.ts';
import { settle } from '../../../src/diagnose/settled.ts';
import type {
  Block,
  Connection,
  Environment,
  Exchange,
  Frame,
  Limit,
  Stack,
  TraceRecord,
  Wait,
} from '../../../src/trace/index.ts';
import { waitKindOf } from '../../../src/trace/index.ts';
import { exchange, type Ms, many, us } from '../example.ts';

const PID = 7;

/** What is said of a trace of these records. */
export function verdictOf(...records: readonly (TraceRecord | readonly TraceRecord[])[]): Verdict {
  const state = start();
  const evidence = { ...noEvidence(), host: { os: 'linux', cpus: 4 } };
  for (const record of records.flat() as TraceRecord[]) collect(evidence, record);
  const { isChained, earlierUs } = settle(evidence);
  for (const record of evidence.exchange) add(state, record, isChained(record), earlierUs(record));
  const end = (records.flat() as TraceRecord[]).find((record) => record.kind === 'end');
  return finish(state, { evidence, ...(end !== undefined && { endedUs: end.endedUs }) });
}

/** The causes that are found in a trace of these records. */
export function causesIn(...records: readonly (TraceRecord | readonly TraceRecord[])[]): readonly Cause[] {
  return verdictOf(...records).causes;
}

/** Their ids, the one that took most time first. */
export function idsIn(...records: readonly (TraceRecord | readonly TraceRecord[])[]): string[] {
  return causesIn(...records).map(({ id }) => id);
}

/** All that is said of a cause. */
export function told(cause: Cause | undefined): string {
  return cause === undefined ? 'nothing' : [cause.text, ...cause.because].join(' ');
}

/** An exchange of the program's first thread; `id` is that of its connection too. */
export function request(id: number, ms: Ms, given: Partial<Exchange> = {}): Exchange {
  return exchange(ms, {
    id,
    pid: PID,
    thread: PID,
    unit: id,
    connection: id,
    ordinal: 0,
    calledUs: us(ms.dispatched ?? ms.wanted),
    ...given,
  });
}

/** `count` requests wanted together, let go so many at a time; each takes 200 ms. */
export function portions(
  count: number,
  atOnce: number,
  given: (id: number) => Partial<Exchange> = () => ({}),
) {
  return many(count, (index) => {
    const turn = Math.floor(index / atOnce);
    return request(
      index + 1,
      { wanted: 0, dispatched: 200 * turn, read: 200 * (turn + 1) },
      { connection: (index % atOnce) + 1, ordinal: turn, ...given(index + 1) },
    );
  });
}

/** `count` requests, each wanted when the one before was read. */
export function inTurn(count: number, given: (id: number) => Partial<Exchange> = () => ({})): Exchange[] {
  return many(count, (index) =>
    request(
      index + 1,
      { wanted: 201 * index, read: 201 * index + 200 },
      { connection: 1, ordinal: index, ...given(index + 1) },
    ),
  );
}

/** A wait of the program's first thread in a call. What it waits for may be given among the fields of the record. */
export function block(
  call: string,
  fromMs: number,
  toMs: number,
  {
    connections,
    descriptors,
    ...given
  }: Partial<Block> & Pick<Partial<Wait>, 'connections' | 'descriptors'> = {},
): Block {
  const wait = {
    kind: waitKindOf(call),
    call,
    ...(connections && { connections }),
    ...(descriptors && { descriptors }),
  };
  return { kind: 'block', pid: PID, thread: PID, fromUs: us(fromMs), toUs: us(toMs), wait, ...given };
}

/** A unit of work waits to be begun, by a worker of an executor or by its turn in a queue. */
export function queued(
  kind: 'executor' | 'queue',
  fromMs: number,
  toMs: number,
  given: Partial<Block>,
): Block {
  return block('', fromMs, toMs, { ...given, wait: { kind, call: 'task' } });
}

/** A wait of a piece of work, which is of no thread. */
export function awaiting(unit: number, fromMs: number, toMs: number, stackId: number): Block {
  const { thread: _, ...rest } = block('await', fromMs, toMs, { unit, stack: stackId });
  return rest;
}

/** A stack of frames written as 'file:line class.function', leaf first. */
export function stack(id: number, ...frames: readonly string[]): Stack {
  return { kind: 'stack', id, frames: frames.map(frameOf) };
}

function frameOf(text: string): Frame {
  const [, file, line, self, name] = /^(.*):(\d+) (?:(.*)\.)?([^.]*)$/.exec(text)!;
  return { file: file!, line: Number(line), function: name!, ...(self === undefined ? {} : { self }) };
}

export function environment(limits: readonly Limit[], given: Partial<Environment> = {}): Environment {
  return { kind: 'environment', pid: PID, language: 'python', version: '3.12.1', limits, ...given };
}

export function connection(id: number, given: Partial<Connection> = {}): Connection {
  return { kind: 'connection', id, pid: PID, origin: 'https://example.com', protocol: 'http/1.1', ...given };
}

/** Where installed modules are. */
export const SITE = '/env/lib/python3.12/site-packages';
export const STANDARD = '/usr/lib/python3.12';
