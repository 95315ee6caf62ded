import type { ConnectionOptions, PostgresConnectionOptions } from 'bullmq';
import type { QueueAddress } from '../address.ts';
import type { Documents } from './documents.ts';

/** The server of a queue, which can be reached and used. */
export interface QueueServer {
  readonly address: QueueAddress;
  readonly documents: Documents;
  /** How BullMQ connects to it. */
  readonly connection: ConnectionOptions | PostgresConnectionOptions;
  /** Locks of jobs are held by the clocks of the workers, not by the server's: a clock that is wrong loses them. */
  readonly locksByOwnClock: boolean;
  close(): Promise<void>;
}

/** Everything of ours on the server is below this name: keys of Redis, or a schema of PostgreSQL. */
export const NAMESPACE = 'abreast';

/** A server that does not answer within this time counts as one that is not there. */
export const ANSWER_MS = 5000;
