import { queueAddress } from '../address.ts';
import type { QueueServer } from './server.ts';

/** Connects to the server of a queue: `redis://…` or `postgres://…`. @throws QueueError */
export async function openServer(url: string): Promise<QueueServer> {
  const address = queueAddress(url);
  if (address.kind === 'redis') return (await import('./redis.ts')).openRedis(address);
  return (await import('./postgres.ts')).openPostgres(address);
}
