import type { Queue } from 'bullmq';
import { asked } from '../error.ts';
import { goodbye } from '../goodbye.ts';
import type { QueueServer } from '../servers/server.ts';
import { bullQueue } from './bull.ts';
import { type ChunkJob, idOf, MOST_FAILED } from './job.ts';

/** A chunk that no worker gets any more. */
export interface FailedChunk {
  readonly job: ChunkJob;
  readonly reason: string;
}

/** Of runs that nobody continues. */
const FAILED_KEPT_S = 7 * 24 * 3600;
/** Failed chunks that are looked at together. */
const FAILED_AT_ONCE = 1000;

/**
 * The queue, as the coordinator sees it; methods throw a ServerError. It does not tell which chunks are done: BullMQ's events
 * on PostgreSQL leave some out (6.7.0), because they do not become visible in the order of their numbers.
 */
export class ChunkQueue {
  readonly #queue: Queue<ChunkJob>;

  constructor(server: QueueServer) {
    this.#queue = bullQueue(server);
  }

  /** Adds chunks; one that is in the queue already stays as it is. */
  async add(jobs: readonly ChunkJob[]): Promise<void> {
    await asked(
      this.#queue.addBulk(
        jobs.map((data) => ({
          name: 'chunk',
          data,
          opts: {
            jobId: idOf(data),
            attempts: MOST_FAILED,
            removeOnComplete: true,
            removeOnFail: { age: FAILED_KEPT_S },
          },
        })),
      ),
    );
  }

  /** Whether a chunk waits in the queue, or is with a worker. */
  async has(chunk: Omit<ChunkJob, 'storage'>): Promise<boolean> {
    return (await asked(this.#queue.getJob(idOf(chunk)))) !== undefined;
  }

  /** The chunks of a run that failed for good: they ended their workers, or each worker failed with them. */
  async failed(run: string): Promise<readonly FailedChunk[]> {
    const jobs = await asked(this.#queue.getFailed(0, FAILED_AT_ONCE));
    return jobs
      .filter(({ data }) => data.run === run)
      .map(({ data, failedReason }) => ({ job: data, reason: failedReason ?? '' }));
  }

  /** Takes a chunk out, unless a worker has it. */
  async remove(chunk: Omit<ChunkJob, 'storage'>): Promise<void> {
    await asked(this.#queue.remove(idOf(chunk)));
  }

  async close(): Promise<void> {
    if (!(await goodbye(this.#queue.close()))) await goodbye(this.#queue.disconnect());
  }
}
