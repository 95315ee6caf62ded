import {
  add,
  type Expectation,
  expectation,
  finish,
  type State,
  start,
  type Verdict,
} from '../../diagnose/index.ts';
import { RECORDED, type RunSummary, type Sink } from '../../fetch/index.ts';
import {
  openTrace,
  type Recorder,
  redactArgv,
  TRACE_VERSION,
  TraceError,
  type TraceWriter,
  thisHost,
} from '../../trace/index.ts';
import { version } from '../version.ts';

type ExchangeRecord = Parameters<NonNullable<Sink['record']>>[0];

export interface Watched {
  /** How many are wanted at once. */
  readonly wanted: number;
  readonly expect: number | undefined;
  readonly tracePath: string | undefined;
  readonly keepUrls: boolean;
}

/** What the engine sees of its own exchanges. */
const SELF: Recorder = {
  name: 'abreast get',
  version: version(),
  sees: RECORDED,
};

/** Judges a run by its exchanges as they happen, and writes them to a trace where one is wanted. */
export class Observer {
  readonly #watched: Watched;
  readonly #state: State = start();
  readonly #cpuBefore = process.cpuUsage();
  #trace: TraceWriter | null = null;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Opens the trace. To be done before the first exchange. @throws TraceError */
  async open(startedUs: number): Promise<void> {
    const { tracePath, wanted, keepUrls } = this.#watched;
    if (tracePath === undefined) return;
    const command = ['abreast', ...redactArgv(process.argv.slice(2))];
    const run = {
      kind: 'run',
      version: TRACE_VERSION,
      startedUs,
      command,
      recorders: [SELF],
      host: thisHost(),
      wanted,
    } as const;
    this.#trace = await openTrace(tracePath, run, { keepUrls });
  }

  /** A promise means: the trace is behind, bring no more for now. */
  record(record: ExchangeRecord): Promise<void> | undefined {
    if (record.kind === 'exchange') add(this.#state, record);
    return this.#trace?.write(record);
  }

  /** Ends the trace and judges. */
  async close(summary: RunSummary): Promise<Judgement> {
    const { wanted, expect, tracePath } = this.#watched;
    const endedUs = Math.round(summary.wallMs * 1000);
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    const traceFault = await this.#endTrace(endedUs);
    return {
      traceFault,
      verdict: finish(this.#state, {
        endedUs,
        wanted,
        clientCpuUs: user + system,
        recorders: [SELF],
        ...(tracePath !== undefined && { trace: tracePath }),
      }),
      expectation: expect === undefined ? null : expectation(this.#state, expect, { endedUs }),
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

export interface Judgement {
  readonly verdict: Verdict;
  readonly expectation: Expectation | null;
  /** Why the trace is not whole. */
  readonly traceFault: TraceError | null;
}
