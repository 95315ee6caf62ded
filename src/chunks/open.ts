import type { ErrorCode } from '../fetch/index.ts';
import { type ChunkRow, howOf, type Prepared, prepared, ReportError } from '../report/index.ts';
import type { SharedRun } from './description.ts';
import { ChunkEngine } from './engine.ts';
import type { ChunkDone, ChunkFetcher, FetcherOptions } from './fetcher.ts';
import type { ChunkRef } from './names.ts';

/** Starts an engine for one request of a run. @throws ReportError for a request that can't be prepared */
export async function openChunkFetcher(
  shared: SharedRun,
  request: string,
  options: FetcherOptions,
): Promise<ChunkFetcher> {
  const of = shared.report.requests.find(({ name }) => name === request);
  if (of === undefined) throw new ReportError(`${shared.report.file}: there is no request '${request}'.`);
  const { authorities } = shared.description;
  const pem = Object.hasOwn(authorities, request) ? authorities[request] : undefined;
  return new ChunkEngine(shared, request, await prepared(of, shared.report, pem), options);
}

/**
 * Writes a file of error results for a chunk that can't be fetched, so that its rows are not lost. A file that is there
 * already stays. @throws StorageError, StoreError
 */
export async function failChunk(
  shared: SharedRun,
  { request, ...chunk }: ChunkRef,
  rows: AsyncIterable<ChunkRow>,
  { code, text }: { readonly code: ErrorCode; readonly text: string },
  options: Pick<FetcherOptions, 'worker' | 'scratch'>,
): Promise<ChunkDone> {
  const of = shared.report.requests.find(({ name }) => name === request)!;
  const ready: Prepared = {
    how: howOf(of, shared.report, { ca: null }),
    jobOf: ({ index, data }) => ({ index, data, error: text, code }),
  };
  const fetcher = new ChunkEngine(shared, request, ready, { ...options, limits: { concurrency: 1 } });
  try {
    return await fetcher.fetch({ ...chunk, rows });
  } finally {
    await fetcher.close();
  }
}
