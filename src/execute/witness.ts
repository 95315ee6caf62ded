import { add, finish, type State, start, type Verdict } from '../diagnose/index.ts';
import { RECORDED, type Sink } from '../fetch/index.ts';
import {
  type Connection,
  type ConnectionClosed,
  type Exchange,
  openTrace,
  type Recorder,
  redactArgv,
  TRACE_VERSION,
  type TraceWriter,
  thisHost,
} from '../trace/index.ts';

type EngineRecord = Parameters<NonNullable<Sink['record']>>[0];

/** What is said of an invocation in its trace. */
export interface Witnessed {
  readonly tracePath: string;
  /** How many are wanted at once. */
  readonly wanted: number;
  readonly recorder: { readonly name: string; readonly version: string };
  readonly command: readonly string[];
}

/** Takes the records of one lane. A promise means: the trace is behind, bring no more for now. */
export type Bearer = (record: EngineRecord) => Promise<void> | undefined;

/** Opens the trace of an invocation. @throws TraceError */
export async function openWitness({ tracePath, wanted, recorder, command }: Witnessed): Promise<Witness> {
  const startedAt = performance.now();
  const startedUs = Math.round((performance.timeOrigin + startedAt) * 1000);
  const self: Recorder = { ...recorder, sees: RECORDED };
  const trace = await openTrace(tracePath, {
    kind: 'run',
    version: TRACE_VERSION,
    startedUs,
    command: redactArgv(command),
    recorders: [self],
    host: thisHost(),
    wanted,
  });
  return new Witness(trace, { startedAt, startedUs, self, wanted, tracePath });
}

interface Begun {
  readonly startedAt: number;
  readonly startedUs: number;
  readonly self: Recorder;
  readonly wanted: number;
  readonly tracePath: string;
}

/** What a witness has to say in the end. */
interface Testimony {
  readonly verdict: Verdict;
  readonly notes: readonly string[];
}

/** One trace and one verdict of an invocation, however many lanes it has, at once and one after another. */
export class Witness {
  readonly #trace: TraceWriter;
  readonly #begun: Begun;
  #state: State = start();
  #closed: Promise<Testimony> | null = null;
  readonly #cpuBefore = process.cpuUsage();
  readonly #exchanges = new Numbers();
  readonly #requests = new Numbers();
  readonly #connections = new Numbers();

  constructor(trace: TraceWriter, begun: Begun) {
    this.#trace = trace;
    this.#begun = begun;
  }

  /** For the records of lanes that run at once; each lane counts from 0, on a clock of its own. */
  lanes(count: number): (lane: number, startedUs: number) => Bearer {
    const exchange = this.#exchanges.shared(count);
    const request = this.#requests.shared(count);
    const connection = this.#connections.shared(count);
    return (lane, startedUs) => {
      const later = startedUs - this.#begun.startedUs;
      return (record) => {
        switch (record.kind) {
          case 'connection':
            return this.#trace.write({ ...shifted(record, later), id: connection(lane, record.id) });
          case 'connectionClosed':
            return this.#trace.write({ ...shifted(record, later), id: connection(lane, record.id) });
          case 'exchange':
            return this.#take({
              ...shifted(record, later),
              id: exchange(lane, record.id),
              ...(record.request !== undefined && { request: request(lane, record.request) }),
              ...(typeof record.connection === 'number' && {
                connection: connection(lane, record.connection),
              }),
            });
        }
      };
    };
  }

  /**
   * Ends the trace and judges; once, however often it is called. A trace that can't be written to its end costs a
   * note, not the run.
   */
  close(): Promise<Testimony> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<Testimony> {
    const { startedAt, self, wanted, tracePath } = this.#begun;
    const endedUs = Math.round((performance.now() - startedAt) * 1000);
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    const fault = await this.#trace.close({ kind: 'end', endedUs, lost: {} }).then(
      () => null,
      (error: Error) => error.message,
    );
    const verdict = finish(this.#state, {
      endedUs,
      wanted,
      clientCpuUs: user + system,
      recorders: [self],
      ...(fault === null && { trace: tracePath }),
    });
    // A million exchanges are much to hold beside what comes after them.
    this.#state = start();
    return { verdict, notes: fault === null ? [] : [fault] };
  }

  #take(exchange: Exchange): Promise<void> | undefined {
    add(this.#state, exchange);
    return this.#trace.write(exchange);
  }
}

/** Numbers for records of lanes that each count from 0: no number is given twice. */
class Numbers {
  #next = 0;

  /** Of `count` lanes that run at once, lane i has every count-th number, from i on. */
  shared(count: number): (lane: number, number: number) => number {
    const first = this.#next;
    return (lane, number) => {
      const given = first + number * count + lane;
      if (given >= this.#next) this.#next = given + 1;
      return given;
    };
  }
}

/** The record on another clock: every time in it begins `later` microseconds later. */
function shifted<Record_ extends Connection | ConnectionClosed | Exchange>(
  record: Record_,
  later: number,
): Record_ {
  const copy: Record<string, unknown> = { ...record };
  for (const key in copy)
    if (key.endsWith('Us') && typeof copy[key] === 'number') copy[key] = copy[key] + later;
  return copy as unknown as Record_;
}
