import { join } from 'node:path';
import type { FetchOptions, How, Job, Parts } from '../../execute/index.ts';
import type { Ask, Limits, Report, Request } from '../report.ts';
import { prepareRequest } from '../template/index.ts';
import type { Chunk, ChunkRow } from './options.ts';
import type { PlannedRow } from './rows.ts';

/** Where the results of a request are, in the folder of a run. */
export function partsFolder(folder: string, request: Request): string {
  return join(folder, 'parts', request.name);
}

/** A request made ready: how its GETs are made, and the work of each row. */
export interface Prepared {
  readonly how: How;
  jobOf(row: ChunkRow): Job;
}

/** Makes a request ready. `authorities`: PEM text in place of its file. @throws ReportError */
export async function prepared(
  request: Request,
  report: Report,
  authorities?: string | null,
): Promise<Prepared> {
  const ask = await prepareRequest(request, report, authorities);
  return { how: howOf(request, report, ask), jobOf: (row) => jobOf(row, ask) };
}

/** How the GETs of a request are made. */
export function howOf(request: Request, report: Report, ask: Pick<Ask, 'ca'>): How {
  const { good, pages, insecure, curves, cache } = request;
  const tls = { insecure, ...(ask.ca !== null && { ca: ask.ca }), ...(curves !== null && { curves }) };
  return {
    options: { ...fetchOptions(report.limits), tls },
    good: { status: good.status, contentType: good.contentType },
    pages,
    cache,
  };
}

function fetchOptions(limits: Limits): FetchOptions {
  const { rate, perOriginRate, deadline, maxBodyBytes, maxMemoryBytes, ...rest } = limits;
  return {
    ...rest,
    maxBody: maxBodyBytes,
    maxMemory: maxMemoryBytes,
    ...(rate !== null && { rate }),
    ...(perOriginRate !== null && { perOriginRate }),
  };
}

/** The work of the rows that are not done, in order. */
export async function* jobsOf(
  rows: AsyncIterable<PlannedRow>,
  done: Parts['done'],
  jobOf: Prepared['jobOf'],
): AsyncGenerator<Job> {
  let index = -1;
  for await (const row of rows) {
    index++;
    if (done.has(index)) continue;
    yield jobOf({ index, ...row });
  }
}

/** The rows that are not done, in pieces of `chunkRows` places. */
export async function* chunksOf(
  rows: AsyncIterable<PlannedRow>,
  done: Parts['done'],
  chunkRows: number,
): AsyncGenerator<Chunk> {
  let chunk: { chunk: number; rows: ChunkRow[] } = { chunk: 0, rows: [] };
  let index = 0;
  for await (const row of rows) {
    const at = Math.floor(index / chunkRows);
    if (at !== chunk.chunk) {
      if (chunk.rows.length > 0) yield chunk;
      chunk = { chunk: at, rows: [] };
    }
    if (!done.has(index)) chunk.rows.push({ index, ...row });
    index++;
  }
  if (chunk.rows.length > 0) yield chunk;
}

function jobOf({ index, data, whole }: ChunkRow, ask: Ask): Job {
  const asked = whole === null ? SECRETS_GONE : ask.ask(whole);
  if ('error' in asked) return { index, data, error: asked.error };
  return { index, data, ...asked, secrets: longestFirst(asked.secrets) };
}

const SECRETS_GONE = {
  error: 'the source of the rows has no such row any more, so its secret columns are not known',
};

/** So that a secret that contains another one is replaced first. */
function longestFirst(secrets: readonly string[]): readonly string[] {
  return secrets.length < 2 ? secrets : [...new Set(secrets)].sort((one, other) => other.length - one.length);
}
