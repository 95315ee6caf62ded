/** Why a chunk has no results. */
export type ChunkFault =
  | 'given-up' // the fetcher was stopped or aborted before the chunk was whole
  | 'no-rows' // its rows are not in the storage
  | 'no-run' // the run is not in the storage
  | 'damaged' // its file can't be read
  | 'other-run'; // its file is of something else

/** What is wrong with a chunk. The message is shown to the user as it is. */
export class ChunkError extends Error {
  override readonly name = 'ChunkError';
  readonly code: ChunkFault;

  constructor(code: ChunkFault, text: string, cause?: unknown) {
    super(text, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
