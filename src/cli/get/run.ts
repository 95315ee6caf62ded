import { statSync } from 'node:fs';
import {
  keepHeapSmall,
  type Options,
  type Progress,
  type Result,
  type Run,
  type RunSummary,
  startRun,
} from '../../fetch/index.ts';
import { type Judgement, type OwnRecord, type Recorded, RunRecorder } from '../../record/index.ts';
import { type InputError, openRows, type Row, type RowPlace, type Rows } from '../../rows/index.ts';
import { Bits, openStore, type Store, StoreError, type StoreOptions } from '../../store/index.ts';
import { Tally } from '../../tally/index.ts';
import { type ProgressStyle, showProgress } from '../../view/index.ts';
import { type Interruptible, onInterrupts } from '../interrupts.ts';
import { UsageError } from '../usage.ts';
import { openSource, type Source } from './source.ts';

/** All that a run of get needs to know. */
export interface GetOrder {
  readonly places: readonly RowPlace[];
  readonly count: number | undefined;
  readonly options: Options;
  readonly allOrigins: boolean;
  /** null: results are not stored. */
  readonly output: { readonly path: string; readonly how: StoreOptions } | null;
  readonly recorded: Recorded;
  readonly progress: ProgressStyle;
}

/** The result. */
export interface GetOutcome extends Judgement {
  readonly summary: RunSummary;
  readonly tally: Tally;
  /** Requests that were sent and given up: their URLs have no result. */
  readonly abandoned: number;
  /** Results from before that were not fetched again. */
  readonly doneBefore: number;
  /** Whether the same command with --resume can go on. */
  readonly resumable: boolean;
  /** The signal that stopped it, and whether a second one came. */
  readonly interrupted: { readonly by: string; readonly twice: boolean } | null;
  /** Why the input was not read to its end: it is malformed, or it does not go with the command line. */
  readonly inputFailure: InputError | UsageError | null;
  /** Why results could not be stored to the end. */
  readonly storeFault: StoreError | null;
}

/** From so many URLs on, less memory is worth some speed. */
const MANY_URLS = 100_000;
/** A file of this size or more holds that many. */
const LARGE_BYTES = 8 * 1024 * 1024;

function mayBeMany({ places, count = 0 }: GetOrder): boolean {
  return count >= MANY_URLS || places.some((place) => 'stream' in place || sizeOf(place) > LARGE_BYTES);
}

function sizeOf(place: RowPlace): number {
  return 'file' in place ? (statSync(place.file, { throwIfNoEntry: false })?.size ?? 0) : 0;
}

/** Does what was ordered. @throws UsageError, InputError, StoreError or TraceError where it can't even begin. */
export async function runGet(order: GetOrder): Promise<GetOutcome> {
  if (mayBeMany(order)) keepHeapSmall();
  const rows = await openRows(order.places, order.count);
  const store = order.output === null ? null : await openStore(order.output.path, order.output.how);
  const session = new Session(order, rows, store);
  const release = onInterrupts(session);
  const hide = showProgress(order.progress, session.figures);
  try {
    return await session.outcome();
  } finally {
    hide();
    release();
    if (order.places.some((place) => 'stream' in place)) process.stdin.destroy();
  }
}

/** A run from its rows to its store. */
class Session implements Interruptible {
  readonly #rows: Rows;
  readonly #store: Store | null;
  readonly #source: Source;
  readonly #recorder: RunRecorder;
  readonly #tally = new Tally();
  readonly #abort = new AbortController();
  readonly #run: Run;
  readonly #traceOpen: Promise<void>;
  #traceBehind: Promise<void> | undefined;
  #abandoned = 0;
  #interrupted: GetOutcome['interrupted'] = null;
  #storeFault: StoreError | null = null;

  constructor(order: GetOrder, rows: Rows, store: Store | null) {
    this.#rows = rows;
    this.#store = store;
    this.#source = openSource(rows, {
      done: store?.done ?? new Bits(),
      inputs: store?.inputs ?? new Map(),
      headers: order.options.headers ?? {},
      allOrigins: order.allOrigins,
    });
    this.#recorder = new RunRecorder(order.recorded);
    const traceOpen = Promise.withResolvers<void>();
    this.#traceOpen = traceOpen.promise;
    const source =
      order.recorded.tracePath === undefined ? this.#source.rows : after(this.#traceOpen, this.#source.rows);
    this.#run = this.#start(source, { ...order.options, signal: this.#abort.signal });
    this.#recorder.open(this.#run.startedUs).then(traceOpen.resolve, traceOpen.reject);
  }

  readonly figures = () => {
    const progress: Progress = this.#run.progress();
    const { total, estimate } = this.#rows;
    const doneBefore = this.#store?.done.count ?? 0;
    const all = total ?? estimate;
    return { ...progress, total: all === null ? null : all - doneBefore, isEstimate: total === null };
  };

  underWay(): number {
    return this.#run.progress().busy;
  }

  stop(by: string): void {
    this.#interrupted = { by, twice: false };
    this.#run.stop();
  }

  abort(): void {
    this.#interrupted = { by: this.#interrupted?.by ?? 'SIGINT', twice: true };
    this.#abort.abort();
  }

  async outcome(): Promise<GetOutcome> {
    try {
      await this.#traceOpen;
    } catch (error) {
      this.#abort.abort();
      await this.#run.finished;
      await this.#store?.close();
      throw error;
    }
    const summary = await this.#run.finished;
    try {
      await this.#store?.close();
    } catch (error) {
      this.#broken(error);
    }
    return {
      ...(await this.#recorder.close(Math.round(summary.wallMs * 1000))),
      summary,
      tally: this.#tally,
      abandoned: this.#abandoned,
      doneBefore: this.#store?.done.count ?? 0,
      resumable: this.#store?.resumable ?? false,
      interrupted: this.#interrupted,
      inputFailure: this.#source.failure(),
      storeFault: this.#storeFault,
    };
  }

  #start(source: AsyncIterable<Row>, options: Options): Run {
    const sink = {
      result: (result: Result) => this.#take(result),
      borrows: true,
      reader: 'get' as const,
      record: (record: OwnRecord) => {
        this.#traceBehind = this.#recorder.take(record);
      },
    };
    try {
      return startRun(source, sink, options);
    } catch (error) {
      if (error instanceof TypeError) throw new UsageError(error.message);
      throw error;
    }
  }

  /** What was given up on stopping is no result: --resume fetches it. */
  #take(result: Result): void | Promise<void> {
    const place = this.#source.placeOf(result.index);
    if (result.error?.code === 'stopped' || this.#storeFault !== null) {
      this.#abandoned++;
      return;
    }
    this.#tally.add(result);
    const stored = this.#put(result, place);
    if (stored === undefined) return this.#traceBehind;
    return stored.catch((error) => this.#broken(error)).then(() => this.#traceBehind);
  }

  #put(result: Result, place: number): Promise<void> | undefined {
    try {
      return this.#store?.add(result, place) ?? undefined;
    } catch (error) {
      this.#broken(error);
      return undefined;
    }
  }

  #broken(error: unknown): void {
    if (!(error instanceof StoreError)) throw error;
    this.#storeFault ??= error;
    this.#abort.abort();
  }
}

/** The rows once `ready`; none when it fails. */
async function* after(ready: Promise<void>, rows: AsyncIterable<Row>): AsyncGenerator<Row> {
  const isReady = await ready.then(
    () => true,
    () => false,
  );
  if (isReady) yield* rows;
}
