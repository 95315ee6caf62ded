/** BullMQ on either server: what differs between Redis and PostgreSQL is in here. */
import {
  createPostgresBackend,
  type PostgresConnectionOptions,
  type Processor,
  Queue,
  type QueueBaseOptions,
  type RedisOptions,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { NAMESPACE, type QueueServer } from '../servers/server.ts';
import { type ChunkJob, QUEUE } from './job.ts';

type Own<Options> = Omit<Options, 'connection' | 'prefix'>;

export function bullQueue(server: QueueServer): Queue<ChunkJob> {
  // abreast does not read its events.
  const own = { streams: { events: { maxLen: 100 } } };
  return made(
    server,
    (redis) => new Queue(QUEUE, { ...redis, ...own }),
    (postgres) =>
      new Queue(QUEUE, { ...postgres, ...own }, createPostgresBackend) as unknown as Queue<ChunkJob>,
  );
}

export function bullWorker(
  server: QueueServer,
  process: Processor<ChunkJob>,
  own: Own<WorkerOptions>,
): Worker<ChunkJob> {
  return made(
    server,
    (redis) => new Worker(QUEUE, process, { ...redis, ...own }),
    (postgres) =>
      new Worker(
        QUEUE,
        process,
        { ...postgres, ...own },
        createPostgresBackend,
      ) as unknown as Worker<ChunkJob>,
  );
}

function made<Made extends { on(event: 'error', listener: () => void): unknown }>(
  { address, connection }: QueueServer,
  onRedis: (options: QueueBaseOptions & { prefix: string }) => Made,
  onPostgres: (options: QueueBaseOptions<PostgresConnectionOptions>) => Made,
): Made {
  const it =
    address.kind === 'redis'
      ? onRedis({ connection: connection as RedisOptions, prefix: NAMESPACE })
      : onPostgres({ connection: connection as PostgresConnectionOptions });
  // Without a listener BullMQ prints its errors. The ledger reports a server that is away; BullMQ retries the rest.
  it.on('error', () => {});
  return it;
}
