import type { OwnRecord, RunRecorder } from '../record/index.ts';
import type { Connection, ConnectionClosed, Exchange } from '../trace/index.ts';

/** Takes the records of one lane. A promise means: the trace is behind, bring no more for now. */
export type Bearer = (record: OwnRecord) => Promise<void> | undefined;

/** Makes the records of one run of those of all its lanes: each lane has numbers and a clock of its own. */
export class LaneRecords {
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

  /** For the records of lanes that run at once; each lane counts from 0, on a clock of its own. */
  lanes(count: number): (lane: number, startedUs: number) => Bearer {
    const exchange = this.#exchanges.shared(count);
    const request = this.#requests.shared(count);
    const connection = this.#connections.shared(count);
    return (lane, startedUs) => {
      const later = startedUs - this.#startedUs;
      return (record) => {
        const moved = shifted(record, later);
        if (moved.kind !== 'exchange')
          return this.recorder.take({ ...moved, id: connection(lane, moved.id) });
        return this.recorder.take({
          ...moved,
          id: exchange(lane, moved.id),
          ...(moved.request !== undefined && { request: request(lane, moved.request) }),
          ...(typeof moved.connection === 'number' && { connection: connection(lane, moved.connection) }),
        });
      };
    };
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
