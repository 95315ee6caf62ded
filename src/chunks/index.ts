/** A run that many processes fetch, in chunks: its description, a file of each chunk, and bringing those home. */
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
export {
  type ChunkDone,
  type ChunkFetcher,
  type ChunkRows,
  type FetcherOptions,
  failChunk,
  openChunkFetcher,
} from './fetcher.ts';
export type { Clock, Worker } from './format.ts';
export { GatherDistribution } from './gather.ts';
export { type ChunkRef, chunkName, rowsName, runName } from './names.ts';
export { readChunkRows, writeChunkRows } from './rows.ts';
export { runOfShards, type Shard, ShardDistribution } from './shard.ts';
