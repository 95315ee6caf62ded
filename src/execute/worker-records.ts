import type { OwnRecord, RunRecorder } from '../record/index.ts';
import type { Connection, ConnectionClosed, Exchange } from '../trace/index.ts';

/** Takes the records of one worker. A promise means: the trace is behind, bring no more for now. */
export type RecordSink = (record: OwnRecord) => Promise<void> | undefined;

/** Makes the records of one run of those of all its workers: each worker has numbers and a clock of its own. */
export class WorkerRecords {
  readonly recorder: RunRecorder;
  readonly #startedUs: number;
  readonly #exchanges = new Numbers();
  readonly #requests = new Numbers();
  readonly #connections = new Numbers();

  /** `startedUs`: the zero of the run's times. */
  constructor(recorder: RunRecorder, startedUs: number) {
    this.recorder = recorder;
    this.#startedUs = startedUs;
  }

  /** For the records of workers that run at once; each worker counts from 0, on a clock of its own. */
  workers(count: number): (worker: number, startedUs: number) => RecordSink {
    const exchange = this.#exchanges.shared(count);
    const request = this.#requests.shared(count);
    const connection = this.#connections.shared(count);
    return (worker, startedUs) => {
      const later = startedUs - this.#startedUs;
      return (record) => {
        const moved = shifted(record, later);
        if (moved.kind !== 'exchange')
          return this.recorder.take({ ...moved, id: connection(worker, moved.id) });
        return this.recorder.take({
          ...moved,
          id: exchange(worker, moved.id),
          ...(moved.request !== undefined && { request: request(worker, moved.request) }),
          ...(typeof moved.connection === 'number' && { connection: connection(worker, moved.connection) }),
        });
      };
    };
  }

  /**
   * For the records of a worker that come in pieces, at any time. A connection may be in several pieces, and is one; a
   * request is in one piece only.
   */
  inPieces(): (startedUs: number) => RecordSink {
    const connections = new Renumbered(this.#connections.fresh);
    const closed = new Set<number>();
    return (startedUs) => {
      const later = startedUs - this.#startedUs;
      const requests = new Renumbered(this.#requests.fresh);
      return (record) => {
        const moved = shifted(record, later);
        if (moved.kind === 'exchange')
          return this.recorder.take({
            ...moved,
            id: this.#exchanges.fresh(),
            ...(moved.request !== undefined && { request: requests.of(moved.request) }),
            ...(typeof moved.connection === 'number' && { connection: connections.of(moved.connection) }),
          });
        const seen = moved.kind === 'connection' ? connections.has(moved.id) : closed.has(moved.id);
        if (seen) return undefined;
        if (moved.kind === 'connectionClosed') closed.add(moved.id);
        return this.recorder.take({ ...moved, id: connections.of(moved.id) });
      };
    };
  }
}

/** Gives each number of one worker a new number when it comes first. */
class Renumbered {
  readonly #given = new Map<number, number>();
  readonly #next: () => number;

  constructor(next: () => number) {
    this.#next = next;
  }

  has(number: number): boolean {
    return this.#given.has(number);
  }

  of(number: number): number {
    const given = this.#given.get(number) ?? this.#next();
    this.#given.set(number, given);
    return given;
  }
}

/** Numbers for records of workers that each count from 0: no number is given twice. */
class Numbers {
  #next = 0;

  /** One that was not given before. */
  readonly fresh = (): number => this.#next++;

  /** Of `count` workers that run at once, worker i has every count-th number, from i on. */
  shared(count: number): (worker: number, number: number) => number {
    const first = this.#next;
    return (worker, number) => {
      const given = first + number * count + worker;
      if (given >= this.#next) this.#next = given + 1;
      return given;
    };
  }
}

/** The record on another clock: every time in it is `later` microseconds later, and none before the run. */
function shifted<Record_ extends Connection | ConnectionClosed | Exchange>(
  record: Record_,
  later: number,
): Record_ {
  const copy: Record<string, unknown> = { ...record };
  for (const key in copy)
    if (key.endsWith('Us') && typeof copy[key] === 'number') copy[key] = Math.max(0, copy[key] + later);
  return copy as unknown as Record_;
}
