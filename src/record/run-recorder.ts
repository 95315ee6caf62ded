import {
  add,
  type Expectation,
  expectation,
  finish,
  type State,
  start,
  type Verdict,
} from '../diagnose/index.ts';
import { RECORDED, type Sink } from '../fetch/index.ts';
import {
  openTrace,
  type Recorder,
  redactArgv,
  TRACE_VERSION,
  TraceError,
  type TraceWriter,
  thisHost,
} from '../trace/index.ts';

/** The events of a run's engine. */
export type OwnRecord = Parameters<NonNullable<Sink['record']>>[0];

/** What is known of a run before it begins. */
export interface Recorded {
  readonly recorder: { readonly name: string; readonly version: string };
  /** What a user typed; secrets in it are replaced. */
  readonly command: readonly string[];
  /** How many are wanted at once. */
  readonly wanted: number;
  /** How many should have been in flight at once, where it matters. */
  readonly expect?: number;
  readonly tracePath?: string;
  readonly keepUrls?: boolean;
}

/** Unix epoch, microseconds, on the clock of what begins a run. */
export function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

/** The result of a run. */
export interface Judgement {
  readonly verdict: Verdict;
  /** null where nothing was expected. */
  readonly expectation: Expectation | null;
  /** Why the trace is not whole. */
  readonly traceFault: TraceError | null;
}

/** Judges a run by its records as they come, and writes them to a trace where one is wanted. */
export class RunRecorder {
  readonly #recorded: Recorded;
  readonly #self: Recorder;
  readonly #cpuBefore = process.cpuUsage();
  #state: State = start();
  #startedUs = 0;
  #trace: TraceWriter | null = null;
  #judgement: Promise<Judgement> | null = null;

  constructor(recorded: Recorded) {
    this.#recorded = recorded;
    this.#self = { ...recorded.recorder, sees: RECORDED };
  }

  /** Opens the trace. To be done before the first record. `startedUs`: the zero of all times. @throws TraceError */
  async open(startedUs: number): Promise<void> {
    const { tracePath, command, wanted, keepUrls = false } = this.#recorded;
    this.#startedUs = startedUs;
    if (tracePath === undefined) return;
    const run = {
      kind: 'run',
      version: TRACE_VERSION,
      startedUs,
      command: redactArgv(command),
      recorders: [this.#self],
      host: thisHost(),
      wanted,
    } as const;
    this.#trace = await openTrace(tracePath, run, { keepUrls });
  }

  /** A promise means: the trace is behind, bring no more for now. */
  take(record: OwnRecord): Promise<void> | undefined {
    if (record.kind === 'exchange') add(this.#state, record);
    return this.#trace?.write(record);
  }

  /**
   * Ends the trace and judges; once, however often it is called. A trace that can't be written to its end costs the run
   * nothing. `endedUs`: since the run's start.
   */
  close(endedUs = nowUs() - this.#startedUs): Promise<Judgement> {
    this.#judgement ??= this.#close(endedUs);
    return this.#judgement;
  }

  async #close(endedUs: number): Promise<Judgement> {
    const { wanted, expect, tracePath } = this.#recorded;
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    const traceFault = await this.#endTrace(endedUs);
    const state = this.#state;
    // A million exchanges take much memory, which later steps need.
    this.#state = start();
    return {
      traceFault,
      verdict: finish(state, {
        endedUs,
        wanted,
        clientCpuUs: user + system,
        recorders: [this.#self],
        ...(tracePath !== undefined && { trace: tracePath }),
      }),
      expectation: expect === undefined ? null : expectation(state, expect, { endedUs }),
    };
  }

  async #endTrace(endedUs: number): Promise<TraceError | null> {
    try {
      await this.#trace?.close({ kind: 'end', endedUs, lost: {} });
      return null;
    } catch (error) {
      if (error instanceof TraceError) return error;
      throw error;
    }
  }
}
