import type { Exchange, TraceRecord } from '../../trace/index.ts';
import type { Listener } from '../recorders/recorder.ts';
import { ProbeFiles } from './probe-files.ts';
import { type Seen, seenIn } from './seen.ts';

/** How a program stands that is being watched. */
export interface LiveFigures {
  readonly elapsedMs: number;
  readonly done: number;
  readonly failed: number;
  readonly inFlight: number;
  readonly mostInFlight: number;
  /** The last ones that began, in order; their times are relative to the run, and one under way has no end. */
  readonly exchanges: readonly Exchange[];
}

/** A program while it runs. What it did is known for certain only when it has ended: then its trace is judged. */
export class Live implements Listener {
  #startedUs = 0;
  #files: ProbeFiles | undefined;
  readonly #outside = new Map<number, Seen>();
  /** Requests that the system calls show under way, by their place on their connection. */
  readonly #open = new Map<string, Exchange>();
  #mostInFlight = 0;

  /** @param folder where the probes write @param startedUs the Unix time that all times are relative to, in microseconds */
  begin(folder: string, startedUs: number): void {
    this.#startedUs = startedUs;
    this.#files = new ProbeFiles(folder, startedUs);
  }

  /** System calls have sent a request. */
  sent(exchange: Exchange): void {
    this.#open.set(placeOf(exchange), exchange);
    this.#mostInFlight = Math.max(this.#mostInFlight, this.#open.size);
  }

  forgotten(connection: number): void {
    for (const [place, open] of this.#open) if (open.connection === connection) this.#open.delete(place);
  }

  /** System calls have shown what a record says. */
  record(record: TraceRecord): void {
    if (record.kind === 'connectionClosed') {
      this.forgotten(record.id);
    } else if (record.kind === 'exchange') {
      this.#open.delete(placeOf(record));
      seenIn(this.#outside, record.pid ?? 0).add(record);
    }
  }

  /** The program has ended: what its probes wrote is read for the last time. */
  end(): void {
    this.#files?.read();
    this.#open.clear();
  }

  figures(most: number): LiveFigures {
    const inside = this.#files?.read() ?? new Map<number, Seen>();
    // A probe knows the requests of its process better than its system calls do.
    const seen = new Map([...this.#outside, ...inside]);
    const all = [...seen.values()];
    const open = this.#open.size > 0 ? [...this.#open.values()] : all.flatMap(({ underWay }) => underWay);
    this.#mostInFlight = Math.max(this.#mostInFlight, open.length);
    return {
      elapsedMs: Date.now() - this.#startedUs / 1e3,
      done: sumOf(all, ({ done }) => done),
      failed: sumOf(all, ({ failed }) => failed),
      inFlight: open.length,
      mostInFlight: this.#mostInFlight,
      exchanges: [...all.flatMap(({ last }) => last), ...open]
        .sort((a, b) => beginningOf(a) - beginningOf(b))
        .slice(-most),
    };
  }
}

function placeOf({ connection, ordinal }: Exchange): string {
  return `${connection} ${ordinal}`;
}

function beginningOf({ wantedUs, calledUs, sentUs }: Exchange): number {
  return wantedUs ?? calledUs ?? sentUs ?? 0;
}

function sumOf(all: readonly Seen[], of: (seen: Seen) => number): number {
  return all.reduce((sum, seen) => sum + of(seen), 0);
}
