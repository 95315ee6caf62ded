import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkerRecords } from '../../execute/index.ts';
import { callAfter, durationMs } from '../../fetch/index.ts';
import { nowUs, RunRecorder } from '../../record/index.ts';
import { refused, StoreError } from '../../store/index.ts';
import { ReportError } from '../error.ts';
import type { Checked, Dump, Dumped, Report, Tables } from '../report.ts';
import { Fetching } from './fetching.ts';
import {
  keepNewest,
  lockFolder,
  newFolder,
  openFolder,
  type RunFolder,
  runAt,
  runsFolder,
  SUMMARY,
} from './folder.ts';
import type {
  Crunch,
  Phase,
  ReportOutcome,
  ReportProgress,
  ReportRun,
  RunOptions,
  Stopped,
} from './options.ts';
import { outcomeOf } from './outcome.ts';
import { newPlan, type Plan, reopened, writePlan, writeWhole } from './plan.ts';
import { NotResumable, refuseOthers } from './sources.ts';
import { summaryJson } from './summary.ts';

/**
 * Runs a report: rows, GETs, SQL, checks, dumps. `finished` fails with what keeps it from beginning: a ReportError,
 * a StoreError where another run is in the folder, a TraceError.
 */
export function startReport(report: Report, options: RunOptions, crunch: () => Promise<Crunch>): ReportRun {
  return new Session(report, options, crunch);
}

/** An invocation, from its folder to its summary. */
class Session implements ReportRun {
  readonly begun: ReportRun['begun'];
  readonly finished: Promise<ReportOutcome>;
  readonly #report: Report;
  readonly #options: RunOptions;
  readonly #crunch: () => Promise<Crunch>;
  readonly #begun = Promise.withResolvers<Awaited<ReportRun['begun']>>();
  readonly #notes: string[] = [];
  #notResumed: string | null = null;
  #fetching: Fetching | null = null;
  #phase: Phase = 'beginning';
  #stopped: Stopped | null = null;
  #partial = false;
  #checks: Checked[] = [];
  #dumps: Dumped[] = [];

  constructor(report: Report, options: RunOptions, crunch: () => Promise<Crunch>) {
    this.#report = report;
    this.#options = options;
    this.#crunch = crunch;
    this.begun = this.#begun.promise;
    this.begun.catch(() => {}); // callers that wait for it get the error; `finished` fails too
    this.finished = this.#run();
    this.finished.catch(this.#begun.reject);
  }

  progress(): ReportProgress {
    return { phase: this.#phase, ...(this.#fetching?.progress() ?? NOTHING_YET) };
  }

  stop(by: string): void {
    this.#stopped ??= { why: 'interrupt', by, twice: false };
    this.#fetching?.stop();
  }

  abort(): void {
    this.#stopped = { why: 'interrupt', by: 'SIGINT', ...this.#stopped, twice: true } as Stopped;
    this.#fetching?.abort();
  }

  async #run(): Promise<ReportOutcome> {
    const { mode, out } = this.#options;
    const folder = await openFolder(this.#report, mode, out);
    try {
      return await this.#runIn(folder);
    } catch (error) {
      // A scheduled report resumes the last run if it can, and otherwise starts a new one.
      if (!(error instanceof NotResumable) || mode !== 'resume-or-start' || out !== null) throw error;
      this.#notResumed = error.why;
      return this.#runIn({ path: await newFolder(runsFolder(this.#report)), isNew: true });
    }
  }

  async #runIn({ path, isNew }: RunFolder): Promise<ReportOutcome> {
    const unlock = await lockFolder(path);
    let finished = false;
    try {
      const plan = isNew ? newPlan(this.#report, this.#options.id) : await this.#goOnWith(path);
      if (isNew) await writePlan(path, plan);
      const startedAt = new Date(plan.begunAt);
      const crunch = await this.#crunch();
      await using tables = disposable(await crunch.openTables(this.#report, { folder: path, startedAt }));
      const trace = freeTrace(path);
      const { version, command } = this.#options;
      const wanted = this.#report.limits.concurrency;
      const recorder = new RunRecorder({
        recorder: { name: 'abreast report', version },
        command,
        wanted,
        tracePath: trace,
      });
      const startedUs = (await this.#distribute(plan, path)) ?? nowUs();
      await recorder.open(startedUs);
      if (!isNew) {
        await writePlan(path, plan);
        // It has not ended any more.
        await rm(join(path, SUMMARY), { force: true });
      }
      const records = new WorkerRecords(recorder, startedUs);
      const fetching = new Fetching(this.#report, this.#options, path, plan, tables, records);
      await fetching.planRows().catch(async (error) => {
        await recorder.close();
        throw error;
      });
      this.#fetching = fetching;
      this.#begun.resolve({ folder: path, resumed: !isNew });
      const work = { ...crunch, tables, startedAt, folder: path };
      finished = await this.#work(fetching, work);
      return await this.#end(fetching, recorder, { folder: path, resumed: !isNew, finished, trace });
    } catch (error) {
      // What could not even begin leaves nothing behind.
      if (isNew && this.#fetching === null) await rm(path, { recursive: true, force: true });
      throw isOfSystem(error) ? refused(error.path ?? path, error) : error;
    } finally {
      try {
        await this.#options.distribution?.end(finished);
      } finally {
        await unlock();
      }
    }
  }

  /** Tells those who fetch for it of the run. Returns the zero of its times; null where it fetches itself. */
  async #distribute(plan: Plan, folder: string): Promise<number | null> {
    const { distribution } = this.#options;
    if (distribution === undefined) return null;
    const { run: id, requests, round } = plan;
    const { startedUs } = await distribution.begin({
      id,
      report: this.#report,
      folder,
      round: round.number,
      begunAt: round.begunAt,
      requests,
    });
    return startedUs;
  }

  /** The plan of the run in a folder that is locked. Writes nothing. @throws NotResumable */
  async #goOnWith(path: string): Promise<Plan> {
    const { mode } = this.#options;
    // The previous owner of the lock may have changed it.
    const [found] = await runAt(path);
    if (found === undefined || (found.finished && mode !== 'retry-failed'))
      throw new NotResumable(`another process has ended the run in ${path} meanwhile.`);
    await refuseOthers(this.#report, path, found.plan, this.#crunch);
    return mode === 'retry-failed' ? reopened(found.plan, this.#report) : found.plan;
  }

  /** All there is to do. Returns whether all of it was done. */
  async #work(fetching: Fetching, work: Work): Promise<boolean> {
    const { tables } = work;
    const isShard = this.#options.distribution?.shard !== undefined;
    try {
      this.#phase = 'fetching';
      if (!(await this.#inTime(fetching))) {
        if (fetching.missing !== null) this.#stopped ??= { why: 'missing', text: fetching.missing };
        if (!isShard && this.#stopped !== null && IS_SHOWN[this.#stopped.why])
          await this.#showPartial(fetching, work);
        return false;
      }
      if (isShard) return true;
      this.#phase = 'crunching';
      for (const query of this.#report.crunch) {
        if (this.#stopped !== null) return false;
        await tables.query(query);
      }
      for (const query of this.#report.checks) {
        if (this.#stopped !== null) return false;
        this.#checks.push(await tables.check(query));
      }
      this.#phase = 'dumping';
      return await this.#dump(fetching, work);
    } catch (error) {
      if (!isForReader(error)) throw error;
      // What is wrong in the file is bad usage; what was fetched stays, and --resume goes on with it.
      const exitCode = error instanceof ReportError && this.#phase !== 'dumping' ? 2 : 3;
      this.#stopped = { why: 'fault', phase: this.#phase, text: error.message, exitCode };
      return false;
    }
  }

  /** At the deadline, or where rows are missing: tables of what there is, on the terminal and in files. A resumed run writes whole ones. */
  async #showPartial(fetching: Fetching, { tables, startedAt, dump: write }: Work): Promise<void> {
    const report = this.#report;
    try {
      this.#phase = 'crunching';
      await fetching.addPartial();
      for (const query of report.crunch) await tables.query(query);
      this.#phase = 'dumping';
      this.#partial = true;
      for (const dump of report.dumps.filter(canBePartial))
        this.#dumps.push(await write(dump, tables, { report, startedAt }));
    } catch (error) {
      if (!isForReader(error)) throw error;
      this.#notes.push(`not all tables of what was fetched could be made: ${error.message}`);
    }
  }

  /** Fetches until the deadline. */
  async #inTime(fetching: Fetching): Promise<boolean> {
    if (this.#stopped !== null) return false;
    const { deadline } = this.#report.limits;
    if (deadline === null) return fetching.run();
    const giveUp = callAfter(durationMs(deadline, 'deadline'), () => {
      this.#stopped ??= { why: 'deadline', text: `the deadline of ${deadline} came before the end.` };
      fetching.abort();
    });
    try {
      return await fetching.run();
    } finally {
      giveUp();
    }
  }

  /** Writes the dumps that an earlier invocation has not: going on must not append twice. */
  async #dump(fetching: Fetching, { tables, startedAt, folder, dump: write }: Work): Promise<boolean> {
    const report = this.#report;
    for (const [place, dump] of report.dumps.entries()) {
      if (this.#stopped !== null) return false;
      const isShown = dump.to.kind === 'terminal';
      if (!isShown && fetching.plan.dumped.includes(place)) continue;
      this.#dumps.push(await write(dump, tables, { report, startedAt }));
      if (isShown) continue;
      fetching.plan = { ...fetching.plan, dumped: [...fetching.plan.dumped, place] };
      await writePlan(folder, fetching.plan);
    }
    return true;
  }

  async #end(
    fetching: Fetching,
    recorder: RunRecorder,
    run: { folder: string; resumed: boolean; finished: boolean; trace: string },
  ): Promise<ReportOutcome> {
    const outcome = outcomeOf(this.#report, this.#options, fetching, await recorder.close(), {
      ...run,
      stopped: this.#stopped,
      partial: this.#partial,
      checks: this.#checks,
      dumps: this.#dumps,
      notResumed: this.#notResumed,
      notes: this.#notes,
    });
    const fault = await writeSummary(outcome);
    if (run.finished && this.#options.out === null) await keepNewest(this.#report);
    return fault === null ? outcome : { ...outcome, notes: [...outcome.notes, fault] };
  }
}

/** Whether tables are made of what there is when a run ends before its end. */
const IS_SHOWN: Readonly<Record<Stopped['why'], boolean>> = {
  interrupt: false,
  fault: false,
  deadline: true,
  missing: true,
};

/** What the work of an invocation is done with. */
interface Work extends Crunch {
  readonly tables: Tables;
  readonly startedAt: Date;
  readonly folder: string;
}

const NOTHING_YET: Omit<ReportProgress, 'phase'> = {
  request: null,
  done: 0,
  failed: 0,
  inFlight: 0,
  total: null,
  isEstimate: true,
};

/** What is written elsewhere can't be taken back when the rest has come. */
function canBePartial({ to }: Dump): boolean {
  return to.kind !== 'duckdb' && to.kind !== 'webhook';
}

/** What those who let others fetch throw. */
const OF_DISTRIBUTIONS = ['StorageError', 'ChunkError', 'DocumentError', 'QueueError'];

/** What a disk, a destination or a query has against going on; all else is a fault of ours. */
function isForReader(error: unknown): error is Error {
  if (error instanceof ReportError || error instanceof StoreError) return true;
  return error instanceof Error && (isOfSystem(error) || OF_DISTRIBUTIONS.includes(error.name));
}

/** What the system refused: a full disk, a folder without rights. */
function isOfSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** Returns why there is none: the run ends well without it. */
async function writeSummary(outcome: ReportOutcome): Promise<string | null> {
  try {
    await writeWhole(join(outcome.folder, SUMMARY), `${JSON.stringify(summaryJson(outcome), null, 2)}\n`);
    return null;
  } catch (error) {
    return `there is no ${SUMMARY}: ${(error as Error).message}`;
  }
}

/** One trace for each invocation: overlap is never computed over the gap between them. */
function freeTrace(folder: string): string {
  for (let invocation = 1; ; invocation++) {
    const path = join(folder, `trace${invocation === 1 ? '' : `-${invocation}`}.jsonl.zst`);
    if (!existsSync(path)) return path;
  }
}

function disposable<Closable extends { close(): Promise<void> }>(it: Closable): Closable & AsyncDisposable {
  return Object.assign(it, { [Symbol.asyncDispose]: () => it.close() });
}
