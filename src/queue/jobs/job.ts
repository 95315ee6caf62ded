/** A chunk in the queue: its name and place, without its rows. */
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

/** A chunk goes to another worker after a failure, until it has failed this often. */
export const MOST_FAILED = 3;
/** So many workers may die with a chunk before the last one. */
export const MOST_STALLED = 2;
