/** What the server counted since it started or was last reset. Times are milliseconds. */
export interface Stats {
  /** Requests received, including those in flight; /stats itself is not counted. */
  readonly requests: number;
  readonly byProtocol: Readonly<Record<string, number>>;
  readonly inFlight: {
    readonly now: number;
    /** Mean over the time in which at least one request was in flight; null before the first. */
    readonly mean: number | null;
    readonly max: number;
  };
  /** The time in which at least one request was in flight. */
  readonly busyMs: number;
  /** Time since the start or the last reset. */
  readonly sinceMs: number;
  readonly connections: {
    readonly open: number;
    readonly opened: number;
    /** Those whose protocol is known: where TLS is spoken, not before the handshake. */
    readonly byProtocol: Readonly<Record<string, number>>;
  };
}

/** One request as the server saw it. Times are milliseconds since the start or the last reset. */
export interface Seen {
  readonly path: string;
  readonly protocol: string;
  readonly remotePort: number;
  readonly startMs: number;
  /** null while it is in flight. */
  readonly endMs: number | null;
}

/** The stats with every request of the log, in the order they came. */
export interface FullStats extends Stats {
  readonly log: readonly Seen[];
  /** Requests that came after the log was full; they are in the counts all the same. */
  readonly logLeftOut: number;
}

/** A running program of a million requests stays small: the log keeps the first of them only. */
const LOG_LIMIT = 100_000;

interface Entry {
  path: string;
  protocol: string;
  remotePort: number;
  startMs: number;
  endMs: number | null;
}

/** A request in flight: what `began` gave out and `ended` takes back. */
export interface InFlight {
  readonly entry: Entry | undefined;
  ended: boolean;
}

/**
 * Counts what is in flight. A request is in flight from its head being read until the last byte of its
 * answer is handed to the kernel, or the client is gone.
 */
export class Meter {
  #startedMs = performance.now();
  #changedMs = this.#startedMs;
  #inFlight = 0;
  #max = 0;
  #areaMs = 0;
  #busyMs = 0;
  #requests = 0;
  #requestsBy: Record<string, number> = {};
  #open = 0;
  #opened = 0;
  #speaking: Record<string, number> = {};
  #log: Entry[] = [];
  #logLeftOut = 0;

  began(path: string, protocol: string, remotePort: number): InFlight {
    const nowMs = this.#settle();
    this.#requests++;
    this.#requestsBy[protocol] = (this.#requestsBy[protocol] ?? 0) + 1;
    this.#inFlight++;
    if (this.#inFlight > this.#max) this.#max = this.#inFlight;
    if (this.#log.length >= LOG_LIMIT) {
      this.#logLeftOut++;
      return { entry: undefined, ended: false };
    }
    const entry = { path, protocol, remotePort, startMs: nowMs - this.#startedMs, endMs: null };
    this.#log.push(entry);
    return { entry, ended: false };
  }

  ended(request: InFlight): void {
    if (request.ended) return;
    request.ended = true;
    const nowMs = this.#settle();
    this.#inFlight--;
    if (request.entry) request.entry.endMs = nowMs - this.#startedMs;
  }

  opened(): void {
    this.#open++;
    this.#opened++;
  }

  /** An open connection has settled on a protocol. */
  speaks(protocol: string): void {
    this.#speaking[protocol] = (this.#speaking[protocol] ?? 0) + 1;
  }

  closed(): void {
    this.#open--;
  }

  stats(): Stats {
    const nowMs = this.#settle();
    return {
      requests: this.#requests,
      byProtocol: { ...this.#requestsBy },
      inFlight: {
        now: this.#inFlight,
        mean: this.#busyMs > 0 ? this.#areaMs / this.#busyMs : null,
        max: this.#max,
      },
      busyMs: this.#busyMs,
      sinceMs: nowMs - this.#startedMs,
      connections: { open: this.#open, opened: this.#opened, byProtocol: { ...this.#speaking } },
    };
  }

  fullStats(): FullStats {
    return { ...this.stats(), log: this.#log.map((entry) => ({ ...entry })), logLeftOut: this.#logLeftOut };
  }

  /** Resets the counts; requests in flight and open connections stay, as begun before the reset. */
  reset(): void {
    this.#settle();
    this.#startedMs = this.#changedMs;
    this.#max = this.#inFlight;
    this.#areaMs = 0;
    this.#busyMs = 0;
    this.#requests = 0;
    this.#requestsBy = {};
    this.#opened = 0;
    this.#speaking = {};
    this.#log = [];
    this.#logLeftOut = 0;
  }

  /** Adds the time since the last change to the integral, and returns now. */
  #settle(): number {
    const nowMs = performance.now();
    if (this.#inFlight > 0) {
      this.#areaMs += this.#inFlight * (nowMs - this.#changedMs);
      this.#busyMs += nowMs - this.#changedMs;
    }
    this.#changedMs = nowMs;
    return nowMs;
  }
}
