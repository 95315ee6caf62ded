import { failChunk, readChunkRows, type SharedRun, type Worker } from '../../chunks/index.ts';
import type { FailedChunk } from '../jobs/chunk-queue.ts';

/**
 * Leaves a file of errors for a chunk that no worker gets any more: its rows are not lost. Returns what people should know.
 * `rows`: of the whole request. @throws StorageError, StoreError
 */
export async function failLost(
  { job, reason }: FailedChunk,
  rows: number,
  {
    shared,
    worker,
    scratch,
  }: { readonly shared: SharedRun; readonly worker: Worker; readonly scratch: string },
): Promise<string> {
  const { request, chunk, round } = job;
  const { chunkRows, run } = shared.description;
  const why = whyFailed(reason);
  const ref = { request, chunk, round };
  await failChunk(
    shared,
    ref,
    readChunkRows(shared.storage, run, ref),
    { code: 'chunk-failed', text: `its chunk was given up: ${why}` },
    { worker, scratch },
  );
  const last = Math.min((chunk + 1) * chunkRows, rows);
  return `chunk ${chunk} of '${request}' (rows ${chunk * chunkRows + 1} to ${last} of '${request}') was given up: ${why}`;
}

/** What BullMQ says, in our words. */
function whyFailed(reason: string): string {
  return /stalled/.test(reason)
    ? 'every worker that took it ended before it was whole'
    : `${reason} (each time)`;
}
