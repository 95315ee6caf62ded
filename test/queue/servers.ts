/** The servers of a queue that a test runs on: the same test for each of them. */
import { type TestContext, test } from 'node:test';
import { openServer } from '../../src/queue/servers/open.ts';
import type { QueueServer } from '../../src/queue/servers/server.ts';
import { temporaryFolder } from '../folder.ts';
import { type Daemon, NO_POSTGRES, NO_REDIS, startPostgres, startRedis } from '../servers/index.ts';

const SERVERS = [
  { name: 'Redis', skip: NO_REDIS, start: startRedis },
  { name: 'PostgreSQL', skip: NO_POSTGRES, start: startPostgres },
];

/** What a test has begun is ended when it is over: the last first, since what uses a server is begun after it. */
export interface Ends {
  after(end: () => unknown): void;
}

/** A test on Redis and on PostgreSQL. */
export function onBoth(name: string, run: (t: Ends, daemon: Daemon) => Promise<void>): void {
  for (const server of SERVERS)
    test(`${name} (${server.name})`, { skip: server.skip }, async () => {
      await using stack = new AsyncDisposableStack();
      const daemon = await server.start();
      stack.defer(() => daemon.close());
      const after = (end: () => unknown) =>
        stack.defer(async () => {
          await end();
        });
      await run({ after }, daemon);
    });
}

/** A connection that is closed before its server ends. */
export async function open(t: Ends, { url }: Daemon): Promise<QueueServer> {
  const server = await openServer(url);
  t.after(() => server.close());
  return server;
}

/** A folder that is gone when the test is over. */
export function folderOf(t: Ends): string {
  return temporaryFolder(t as TestContext);
}
