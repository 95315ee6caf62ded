/** What goes through the queue for a chunk: where it is, and nothing of what is in it. */
export interface ChunkJob {
  readonly run: string;
  readonly request: string;
  readonly chunk: number;
  readonly round: number;
  /** URL of the storage that has the run. */
  readonly storage: string;
}

/** The same chunk always has the same id, so that it is in the queue once. BullMQ forbids colons. */
export function idOf({ run, request, chunk, round }: Omit<ChunkJob, 'storage'>): string {
  return `${run}/${request}/${chunk}-${round}`;
}

/** All runs share one queue, and all workers take from it. */
export const QUEUE = 'chunks';

/** A chunk that failed because of its worker is given to another one; a chunk that ended this many workers is not. */
export const MOST_FAILED = 3;
/** As many workers may die of a chunk before the last one. */
export const MOST_STALLED = 2;
