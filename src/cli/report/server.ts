import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A test server in a process of its own: what it does costs the run no time of its thread. */
export interface OwnServer extends AsyncDisposable {
  readonly url: string;
}

/** Runs `abreast serve` until it is disposed of; it ends with this process, however that ends. */
export async function startOwnServer(host: string): Promise<OwnServer> {
  // In a group of its own, so that a Ctrl-C for the run leaves it to what is in flight.
  const child = fork(process.argv[1]!, ['serve', '--json', '--host', host], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    detached: true,
  });
  const exit = once(child, 'exit');
  const lines = createInterface({ input: child.stdout! });
  const [first] = (await Promise.race([once(lines, 'line'), exit.then(() => [null])])) as [string | null];
  if (first === null) throw new Error('the test server did not start');
  const { httpUrl } = JSON.parse(first) as { httpUrl: string };
  return {
    url: httpUrl,
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await exit;
    },
  };
}
