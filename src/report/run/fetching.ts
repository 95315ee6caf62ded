import {
  type Executed,
  type Execution,
  execute,
  openParts,
  type Parts,
  partPaths,
  type Took,
  type Watcher,
  type WorkerRecords,
} from '../../execute/index.ts';
import { Tally } from '../../tally/index.ts';
import { asksAnswers } from '../dry-run/index.ts';
import type { GoodSqlResult, Report, Request, RowsFrom, Tables } from '../report.ts';
import { giveMemoryBack, keepMemorySmall } from './memory.ts';
import type { ReportProgress, RequestOutcome, RunOptions } from './options.ts';
import { type Plan, plannedRows, writePlan } from './plan.ts';
import { Remarks } from './remarks.ts';
import { chunksOf, jobsOf, partsFolder, prepared } from './request.ts';
import {
  growRows,
  type PlannedRow,
  type PlannedRows,
  readRows,
  rejoinRows,
  rowsFile,
  writeRows,
} from './rows.ts';
import { ROWS, sourceOf, sourceRows } from './sources.ts';

/** Of one request, as it goes on. Rows, but for results. */
interface Counts {
  readonly rows: number;
  doneBefore: number;
  failedBefore: number;
  results: number;
  done: number;
  failed: number;
  cut: number;
}

const NOT_JUDGED: GoodSqlResult = { results: 0, notGood: [], example: null };

/** Fetches the requests of a report, one after the other: rows, GETs, parts, tables. */
export class Fetching {
  readonly tally = new Tally();
  readonly executed: Executed[] = [];
  readonly outcomes: RequestOutcome[] = [];
  readonly notes: string[] = [];
  plan: Plan;
  /** What is being fetched now. */
  now: { readonly request: Request; readonly counts: Counts } | null = null;
  readonly #ended: Counts[] = [];
  readonly #report: Report;
  readonly #options: RunOptions;
  readonly #folder: string;
  readonly #tables: Tables;
  readonly #records: WorkerRecords;
  /** Names the rows that are missing, as a sentence; null: none are. */
  missing: string | null = null;
  /** Names of requests whose rows are all done. */
  readonly #complete = new Set<string>();
  #execution: Execution | null = null;
  #wish: 'go on' | 'stop' | 'abort' = 'go on';

  constructor(
    report: Report,
    options: RunOptions,
    folder: string,
    plan: Plan,
    tables: Tables,
    records: WorkerRecords,
  ) {
    this.#report = report;
    this.#options = options;
    this.#folder = folder;
    this.plan = plan;
    this.#tables = tables;
    this.#records = records;
  }

  /** Its state, in this invocation. */
  progress(): Omit<ReportProgress, 'phase'> {
    const planned = this.#report.requests.map(
      ({ name, rows }) => plannedRows(this.plan, rows === null ? ROWS : name)?.count,
    );
    const { of } = this.#options.distribution?.shard ?? { of: 1 };
    const known = planned.filter((count) => count !== undefined);
    const all = [...this.#ended, ...(this.now === null ? [] : [this.now.counts])];
    const sum = (of: (counts: Counts) => number) => all.reduce((total, counts) => total + of(counts), 0);
    return {
      request: this.now?.request.name ?? null,
      done: sum(({ done }) => done),
      failed: sum(({ failed }) => failed),
      inFlight: this.#execution?.inFlight ?? 0,
      total:
        known.length === 0
          ? null
          : Math.round(known.reduce((total, count) => total + count, 0) / of) -
            sum(({ doneBefore }) => doneBefore),
      isEstimate: of > 1 || known.length < planned.length,
    };
  }

  stop(): void {
    if (this.#wish === 'go on') this.#wish = 'stop';
    this.#execution?.stop();
  }

  abort(): void {
    this.#wish = 'abort';
    this.#execution?.abort();
  }

  /** The report's own rows. @throws ReportError */
  async planRows(): Promise<void> {
    const planned = await this.#plan(ROWS, this.#report.rows);
    this.#options.distribution?.refuse?.({ ...planned, name: ROWS });
    if (this.#report.rows === null) return;
    giveMemoryBack(planned.count);
    await this.#tables.addRows(rowsFile(this.#folder, ROWS));
  }

  /** Fetches all requests. Returns false when it ended before its end. @throws ReportError, StoreError */
  async run(): Promise<boolean> {
    for (const request of this.#report.requests) {
      if (this.#wish !== 'go on') return false;
      if (!(await this.#fetch(request)) && this.missing === null) return false;
    }
    return this.missing === null;
  }

  /** Makes the tables of what is there of the requests that are not all fetched. @throws ReportError */
  async addPartial(): Promise<void> {
    const { requests } = this.#report;
    for (const request of requests) {
      if (this.#complete.has(request.name)) continue;
      const isBegun = this.outcomes.some(({ name }) => name === request.name);
      const parts = isBegun ? await partPaths(partsFolder(this.#folder, request)) : [];
      await this.#tables.addResults(request, parts);
    }
  }

  async #fetch(request: Request): Promise<boolean> {
    const { name, from } = sourceOf(request, this.#report);
    const planned = request.rows === null ? this.plan.rows[ROWS]! : await this.#plan(name, from);
    const { count } = planned;
    keepMemorySmall(count);
    const begin = await this.#beginning(request, { ...planned, name }, () => this.#rows(name, from, planned));
    const parts = await this.#openParts(request);
    const counts = {
      rows: count,
      doneBefore: parts.done.count,
      failedBefore: parts.failed,
      results: 0,
      done: 0,
      failed: 0,
      cut: 0,
    };
    this.now = { request, counts };
    const remarks = new Remarks(request, this.#report);
    const executed = await this.#execute((watcher) => begin(parts, watcher), parts, counts, remarks);
    this.notes.push(...remarks.notes());
    // All was seen: what it takes to judge is not to stand beside what SQL takes.
    if (request === this.#report.requests.at(-1)) await this.#records.recorder.close();
    giveMemoryBack(count);
    const isShard = this.#options.distribution?.shard !== undefined;
    const isComplete = isShard ? !executed.stopped : counts.doneBefore + counts.done === count;
    const judged = isComplete && !isShard ? await this.#addResults(request) : NOT_JUDGED;
    if (isComplete) this.#complete.add(request.name);
    if (judged.example !== null) this.tally.addFound('not-good', judged.notGood.length, judged.example);
    this.outcomes.push({
      name: request.name,
      rows: count,
      done: counts.doneBefore + counts.done,
      doneBefore: counts.doneBefore,
      failed: counts.failedBefore + counts.failed + judged.notGood.length,
      results: counts.results,
      unchanged: executed.unchanged,
      cut: counts.cut,
    });
    this.#ended.push(counts);
    this.now = null;
    if (executed.storeFault !== null) throw executed.storeFault;
    return isComplete;
  }

  /** What fetches a request: this process, or others. @throws ReportError */
  async #beginning(
    request: Request,
    planned: PlannedRows & { readonly name: string },
    rows: () => AsyncIterable<PlannedRow>,
  ): Promise<(parts: Parts, watcher: Watcher) => Execution> {
    const { distribution, workers } = this.#options;
    if (distribution !== undefined) {
      const round = this.plan.round.number;
      return (parts, watcher) => {
        const chunks = (chunkRows: number) => chunksOf(rows(), parts.done, chunkRows);
        return distribution.execute({ request, round, planned, parts, chunks }, watcher);
      };
    }
    const { how, jobOf } = await prepared(request, this.#report);
    return (parts, watcher) => {
      const count = planned.count - parts.done.count;
      return execute({ jobs: jobsOf(rows(), parts.done, jobOf), count, workers, parts, how }, watcher);
    };
  }

  #rows(name: string, from: RowsFrom | null, planned: PlannedRows): AsyncIterable<PlannedRow> {
    const path = rowsFile(this.#folder, name);
    // Secret columns are nowhere but in the source.
    return planned.lacksSecrets
      ? rejoinRows(path, planned, this.#tables.rows(from!), this.#report)
      : readRows(path, planned);
  }

  /** What is done before; with --retry-failed, what failed is taken out. */
  async #openParts(request: Request): Promise<Parts> {
    const folder = partsFolder(this.#folder, request);
    const { retry } = this.plan;
    if (!retry.includes(request.name)) return openParts(folder, { dropFailed: false });
    const parts = await this.#dropFailed(request, folder);
    this.plan = { ...this.plan, retry: retry.filter((name) => name !== request.name) };
    await writePlan(this.#folder, this.plan);
    return parts;
  }

  async #dropFailed(request: Request, folder: string): Promise<Parts> {
    if (request.good.sql === null) return openParts(folder, { dropFailed: true });
    await openParts(folder, { dropFailed: false });
    const { notGood } = await this.#addResults(request);
    return openParts(folder, { dropFailed: true, dropped: new Set(notGood) });
  }

  async #addResults(request: Request): Promise<GoodSqlResult> {
    return this.#tables.addResults(request, await partPaths(partsFolder(this.#folder, request)));
  }

  async #execute(
    begin: (watcher: Watcher) => Execution,
    { done }: Parts,
    counts: Counts,
    remarks: Remarks,
  ): Promise<Executed> {
    const took = (took: Took) => {
      this.tally.add(took);
      remarks.add(took);
      counts.results++;
      if (took.cut) counts.cut++;
      if (!took.last) return;
      counts.done++;
      const failed = took.error === null ? 0 : 1;
      counts.failed += failed;
      if (!done.has(took.index)) return;
      // It is counted once more: by an invocation before this one, which was killed.
      counts.doneBefore--;
      counts.failedBefore -= failed;
    };
    this.#execution = begin({ records: this.#records, took });
    if (this.#wish === 'stop') this.#execution.stop();
    if (this.#wish === 'abort') this.#execution.abort();
    try {
      const executed = await this.#execution.finished;
      this.executed.push(executed);
      if (executed.missing !== undefined)
        this.missing = [this.missing, executed.missing].filter(Boolean).join(' ');
      return executed;
    } finally {
      this.#execution = null;
    }
  }

  /** The rows that the run goes over: read from their source once, and then those that were read. @throws ReportError */
  async #plan(name: string, from: RowsFrom | null): Promise<PlannedRows> {
    const before = plannedRows(this.plan, name);
    if (before !== undefined && !this.#mayGrow(name)) return before;
    const path = rowsFile(this.#folder, name);
    const rows = sourceRows(name, from, this.#tables, this.#report);
    const planned =
      before === undefined
        ? await writeRows(path, rows, this.#report)
        : ((await growRows(path, before, rows, this.#report)) ?? this.#asPlanned(name, before));
    this.plan = { ...this.plan, rows: { ...this.plan.rows, [name]: planned } };
    await writePlan(this.#folder, this.plan);
    return planned;
  }

  #asPlanned(name: string, before: PlannedRows): PlannedRows {
    this.notes.push(
      `${name}: its SQL returns none of the rows that it returned before, so no row is added: all stay as they were planned`,
    );
    return before;
  }

  /** Whether rows come out of answers that failed before and were fetched again. */
  #mayGrow(name: string): boolean {
    const { requests } = this.#report;
    const at = requests.findIndex((request) => request.name === name);
    return this.plan.retry.includes(name) && asksAnswers(requests[at]!, requests.slice(0, at));
  }
}
