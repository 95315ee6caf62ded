import { mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { durationMs } from '../../fetch/index.ts';
import { version } from '../../package/index.ts';
import { type Report, type ReportOutcome, runReport, stopText, summaryJson } from '../../report/index.ts';
import { openStorage, type Storage } from '../../storage/index.ts';
import type { Answer, Context, RunResult, Token, ToQueue } from '../contract.ts';
import { LambdaError } from '../error.ts';
import { Budget } from './budget.ts';
import { InvocationDistribution } from './distribution.ts';
import { type Asked, askedOf } from './event.ts';
import { type Lease, takeLease } from './lease.ts';
import { Queue } from './queue.ts';
import { reportOf } from './report.ts';
import { type Settings, settingsOf } from './settings.ts';
import { fetchFiles, putFiles, RunState } from './state.ts';
import { timed } from './timed.ts';

/** Invocations one after the other that leave no chunk file: then the function is set up so that it never will. */
const MOST_IDLE = 3;

/** Carries out an event: an invocation of the function. @throws what Lambda is to try again, or to tell */
export async function invocation(event: unknown, context: Context): Promise<Answer & Partial<ToQueue>> {
  const asked = askedOf(event, context);
  const answer = await answerTo(asked, context);
  return asked.messageId === null ? answer : { batchItemFailures: [], ...answer };
}

async function answerTo(asked: Asked, context: Context): Promise<Answer> {
  const budget = new Budget(() => context.getRemainingTimeInMillis());
  const untilMs = Date.now() + context.getRemainingTimeInMillis();
  const settings = settingsOf(process.env);
  const queue = settings.queueUrl === null ? null : new Queue(settings.queueUrl);
  const { run } = asked;
  const storage = timed(await openStorage(settings.storage), (ms) => budget.wrote(ms));
  // A server that lets a second writer replace what was written once can't have leases.
  if (asked.turn === 1) await storage.probe();
  const taken = await takeLease(storage, asked, { requestId: context.awsRequestId, untilMs });
  if (taken.kind === 'over') return { done: true, run, storage: `${storage.url}/${run}`, ...taken.result };
  // A state machine has no queue: it would ask again at once, as long as the run is held.
  if (taken.kind === 'stale' && queue !== null) return { done: false, ...tokenOf(asked, asked.turn) };
  if (taken.kind !== 'taken') return comeAgain(asked, taken.forMs, queue);
  const { lease } = taken;
  try {
    const carried = await carryOn(run, { settings, storage, budget, context });
    if ('exitCode' in carried) {
      await lease.end(carried);
      return { done: true, run, storage: `${storage.url}/${run}`, ...carried };
    }
    return await handOn(asked, carried, { lease, queue });
  } catch (error) {
    await lease.end(null).catch(() => {}); // else it ends by its time
    throw error;
  }
}

/** What an invocation works with. */
interface Invoked {
  readonly settings: Settings;
  readonly storage: Storage;
  readonly budget: Budget;
  readonly context: Context;
}

/** Something is left to be done. */
interface Left {
  /** Chunk files that the invocation has written. */
  readonly written: number;
  readonly chunkRows: number | null;
}

/** Fetches what there is time for; or all that is left, and then makes the tables and writes them. */
async function carryOn(
  run: string,
  { settings, storage, budget, context }: Invoked,
): Promise<RunResult | Left> {
  const scratch = join(tmpdir(), 'abreast-lambda');
  const folder = join(scratch, 'run');
  const output = join(scratch, 'files');
  // A process may have had another invocation before.
  await rm(scratch, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  const state = new RunState(storage, run, folder);
  const isBegun = await state.restore();
  // What an earlier attempt has dumped is not dumped again, and another table may go into the same file.
  if (isBegun) await fetchFiles(storage, filesOf(run), output);
  const report = await reportOf(settings.report, { scratch, output });
  const distribution = new InvocationDistribution({
    storage,
    budget,
    chunkRows: settings.chunkRows,
    scratch,
    requestId: context.awsRequestId,
    savePlan: () => state.save(),
  });
  const outcome = await runReport(await withRestOfDeadline(report, folder, isBegun), {
    mode: isBegun ? 'resume' : 'new',
    out: folder,
    id: run,
    workers: 1,
    version: version(),
    command: ['abreast', 'lambda', run],
    warnings: [],
    distribution,
  }).finished;
  tell(run, outcome, distribution);
  const { isLeft, written, chunkRows } = distribution;
  if (isLeft) return { written, chunkRows };
  // Before the plan says which dumps are written.
  await putFiles(storage, filesOf(run), output);
  await state.save();
  // A destination that does not answer may do so later.
  if (outcome.stopped?.why === 'fault' && outcome.stopped.exitCode === 3)
    throw new LambdaError(`run ${run}: ${stopText(outcome.stopped)}`);
  await storage.write(`${run}/trace.jsonl.zst`, { path: outcome.trace });
  const summary = JSON.stringify(summaryJson(inStorage(outcome, output, `${storage.url}/${run}`)), null, 2);
  await storage.write(`${run}/summary.json`, Buffer.from(`${summary}\n`));
  return resultOf(outcome);
}

/** An outcome with the places where its files stay: the disk of the function is gone soon. */
function inStorage(outcome: ReportOutcome, output: string, folder: string): ReportOutcome {
  const trace = `${folder}/trace.jsonl.zst`;
  const placed = (to: string) => (to.startsWith(`${output}/`) ? to.replace(output, `${folder}/files`) : to);
  return {
    ...outcome,
    folder,
    trace,
    verdict: { ...outcome.verdict, trace },
    dumps: outcome.dumps.map((dump) => ({ ...dump, to: placed(dump.to) })),
  };
}

/** Where the files are that a report dumps. */
function filesOf(run: string): string {
  return `${run}/files/`;
}

/** The deadline of a report is the run's, not the invocation's. */
async function withRestOfDeadline(report: Report, folder: string, isBegun: boolean): Promise<Report> {
  const { deadline } = report.limits;
  if (deadline === null || !isBegun) return report;
  const { begunAt } = JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8')) as { begunAt: number };
  const restMs = Math.max(1, begunAt + durationMs(deadline, 'deadline') - Date.now());
  return { ...report, limits: { ...report.limits, deadline: `${restMs}ms` } };
}

/** Gives the run back, and only then asks for the next invocation, which would find it held otherwise. */
async function handOn(
  { run, idle }: Asked,
  { written, chunkRows }: Left,
  { lease, queue }: { readonly lease: Lease; readonly queue: Queue | null },
): Promise<Answer> {
  const token: Token = { abreast: 'lambda', run, turn: lease.turn + 1, idle: written > 0 ? 0 : idle + 1 };
  if (token.idle >= MOST_IDLE) {
    await lease.end({ exitCode: 3, rows: 0, failed: 0 });
    throw new LambdaError(
      `run ${run} is given up: ${MOST_IDLE} invocations in a row finished no chunk of ${chunkRows} rows. A row that takes longer than an ` +
        'invocation keeps its chunk from being finished: set limits.timeout of the report lower, or the time-out of the ' +
        `function higher, and send {"run": "${run}"}; or set ABREAST_CHUNK_ROWS lower, and begin a new run.`,
    );
  }
  await lease.end(null);
  await queue?.send(token);
  return { done: false, ...token };
}

/** While another invocation holds the run: it may be killed, and then this event is what carries it on. */
async function comeAgain(asked: Asked, forMs: number, queue: Queue | null): Promise<Answer> {
  if (asked.messageId !== null) return { batchItemFailures: [{ itemIdentifier: asked.messageId }] };
  if (queue === null)
    throw new LambdaError(
      `run ${asked.run} is being carried on by another invocation, for at most ${Math.ceil(forMs / 1000)} s.`,
    );
  const token = tokenOf(asked, asked.turn);
  await queue.send(token, forMs);
  return { done: false, ...token };
}

function tokenOf({ run, idle }: Asked, turn: number): Token {
  return { abreast: 'lambda', run, turn, idle };
}

function resultOf({ exitCode, requests }: ReportOutcome): RunResult {
  const sum = (of: (request: (typeof requests)[number]) => number) =>
    requests.reduce((all, request) => all + of(request), 0);
  return { exitCode, rows: sum(({ done }) => done), failed: sum(({ failed }) => failed) };
}

/** For the log: a line of JSON for the invocation, and one for each table that the report shows. */
function tell(run: string, outcome: ReportOutcome, { isLeft, written }: InvocationDistribution): void {
  for (const { table, shown } of outcome.dumps)
    if (shown !== null)
      console.log(
        JSON.stringify({ run, table, columns: shown.columns.map(({ name }) => name), rows: shown.rows }),
      );
  const { stopped, exitCode, checks } = outcome;
  const failedChecks = checks.filter(({ good }) => !good).map(({ name }) => name);
  console.log(
    JSON.stringify({
      run,
      chunks: written,
      ...(isLeft
        ? { left: true }
        : { exitCode, failedChecks, ...(stopped !== null && { stopped: stopText(stopped) }) }),
    }),
  );
}
