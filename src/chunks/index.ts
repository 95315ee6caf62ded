/**
 * A run that many processes fetch, in chunks: its description, a file of each chunk, and bringing those home.
 *
 * 1. `report` lets a `Distribution` fetch instead of its own engine. It describes the run at a storage
 *    (`description.ts`: the report's text, no value of a variable) and divides the rows of a request into chunks.
 * 2. A process that fetches opens a `ChunkFetcher` (`open.ts`, `fetcher.ts`). It has one engine for one request
 *    (`engine.ts`) and any number of chunks at once (`active-chunk.ts`). The jobs of the next chunk follow those of the one
 *    before (`job-sequence.ts`), so that no slot is idle at the end of a chunk. The results of a chunk are spooled to files
 *    of its own (`spool.ts`), with the records of the connections that it used (`connections.ts`).
 * 3. When all rows of a chunk have all their results, its file (`format.ts`, `writer.ts`) is written to the storage, once. Before
 *    that the storage has nothing of the chunk, so a process may die at any time.
 * 4. A `Collector` brings the file home: the results become a part of the run's folder, complete or not at all. Then it
 *    reports counts and records to the watcher. The next invocation reports them again, and fetches nothing again.
 * 5. `shard.ts` fetches every N-th chunk without a coordinator, `gather.ts` brings the chunks of all shards home.
 *    `planned.ts` makes sure that all of them read the same rows.
 */
export { chunkRowsFor } from './chunk-size.ts';
export { type Collected, type CollectedOrder, Collector, listChunks } from './collector.ts';
export {
  describeRun,
  openSharedRun,
  type RunDescription,
  readRun,
  refuseUnshareable,
  type SharedRun,
  shareRun,
} from './description.ts';
export { ChunkError, type ChunkFault } from './error.ts';
export type { ChunkDone, ChunkFetcher, ChunkRows, FetcherOptions } from './fetcher.ts';
export type { Clock, Worker } from './format.ts';
export { GatherDistribution } from './gather.ts';
export { type ChunkRef, chunkName, rowsName, runName } from './names.ts';
export { failChunk, openChunkFetcher } from './open.ts';
export { readChunkRows, writeChunkRows } from './rows.ts';
export { runOfShards, type Shard, ShardDistribution } from './shard.ts';
