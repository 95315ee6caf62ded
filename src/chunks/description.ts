import { text } from 'node:stream/consumers';
import { CHUNK_ROWS } from '../execute/index.ts';
import {
  type EnvironmentVariables,
  hashOfRequests,
  type Report,
  ReportError,
  readAuthorities,
  readSharedReport,
  withTestServerAt,
} from '../report/index.ts';
import type { Storage } from '../storage/index.ts';
import { ChunkError } from './error.ts';
import { runName } from './names.ts';

/** A run as it is described in the storage, for all processes that fetch for it. It contains no value of a variable. */
export interface RunDescription {
  readonly abreast: 'run';
  readonly format: 1;
  /** Of the abreast that began it. */
  readonly version: string;
  readonly run: string;
  readonly report: { readonly name: string; readonly file: string; readonly text: string };
  /** Unix epoch, milliseconds. */
  readonly begunAt: number;
  /** The hash of what the requests ask for. */
  readonly requests: string;
  readonly chunkRows: number;
  /** PEM text by request: files of a report are where its run began. */
  readonly authorities: Readonly<Record<string, string>>;
  /** The run's own test server. Only processes on the same machine can reach it. */
  readonly testServer: string | null;
}

/** A run in a process that fetches for it. */
export interface SharedRun {
  readonly description: RunDescription;
  readonly report: Report;
  readonly storage: Storage;
}

/** What is not in the report itself. */
export type RunFacts = Pick<RunDescription, 'run' | 'version' | 'begunAt'> &
  Partial<Pick<RunDescription, 'chunkRows' | 'testServer'>>;

/** @throws ReportError for a file of authorities that can't be read */
export async function describeRun(report: Report, facts: RunFacts): Promise<RunDescription> {
  const authorities: Record<string, string> = {};
  for (const request of report.requests) {
    const pem = await readAuthorities(request, report);
    if (pem !== null) authorities[request.name] = pem;
  }
  return {
    abreast: 'run',
    format: 1,
    report: { name: report.name, file: report.file, text: report.text },
    requests: hashOfRequests(report),
    authorities,
    chunkRows: CHUNK_ROWS,
    testServer: null,
    ...facts,
  };
}

/**
 * Writes the description of a run into the storage, unless it has one. Returns the one that is there.
 * @throws ReportError if that is of another run
 */
export async function shareRun(storage: Storage, description: RunDescription): Promise<RunDescription> {
  const { run, report } = description;
  await storage.writeOnce(runName(run), Buffer.from(`${JSON.stringify(description, null, 2)}\n`));
  const there = await readRun(storage, run);
  if (there.testServer !== description.testServer)
    throw new ReportError(
      `${report.file}: the run in ${storage.url}/${run} had a test server of its own, which ended with the process that ` +
        'began it, so the rest can no longer be fetched. Start a new run.',
    );
  if (there.requests === description.requests) return there;
  throw new ReportError(
    `${report.file}: the run in ${storage.url}/${run} was begun with other requests. Give each run a place of its own.`,
  );
}

/**
 * A run of the storage, with the variables of this process.
 * @throws ChunkError where there is none, DocumentError for a variable that is missing, ReportError, StorageError
 */
export async function openSharedRun(
  storage: Storage,
  run: string,
  env: EnvironmentVariables,
): Promise<SharedRun> {
  const description = await readRun(storage, run);
  const { testServer } = description;
  const { file, text } = description.report;
  const report = readSharedReport(text, file, testServer === null ? env : withTestServerAt(testServer, env));
  refuseUnshareable(report);
  return { description, report, storage };
}

/**
 * Refuses a report that runs a command: workers read its text from a place that many can write to, so they never run a
 * command from it. @throws ReportError
 */
export function refuseUnshareable({ file, requests }: Report): void {
  for (const { auth } of requests)
    for (const { header, place } of auth)
      if ('command' in header)
        throw new ReportError(
          `${file}:${place.line}:${place.column}: workers run no command. Put the header's value into a variable of their ` +
            'environment, or use --shard, where each process has the file.',
        );
}

/** @throws ChunkError, StorageError */
export async function readRun(storage: Storage, run: string): Promise<RunDescription> {
  const bytes = await storage.read(runName(run));
  const where = `${storage.url}/${runName(run)}`;
  if (bytes === null)
    throw new ChunkError(
      'no-run',
      `there is no ${where}: the run was removed, or this is not the place of its parts.`,
    );
  const description = parsed(await text(bytes)) as RunDescription;
  if (description?.abreast === 'run' && description.format === 1) return description;
  throw new ChunkError('other-run', `${where} describes no run that this version of abreast can read.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
